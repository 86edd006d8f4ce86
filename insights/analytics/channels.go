package analytics

import (
	"context"
	"fmt"
	"math"
	"strings"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/rules"
)

// channels adds times, errors and money to the channels that are published.
func (c *computation) channels(ctx context.Context) error {
	if len(c.request.Categories) > 0 {
		return errByCategory
	}
	delivery, err := c.means(ctx, rules.LatencySumVolume, rules.LatencyVolume, catalog.LabelChannel, everything)
	if err != nil {
		return err
	}
	errors, earlier, err := c.both(ctx, rules.FaultVolume, perChannel)
	if err != nil {
		return err
	}
	cost, err := c.money(ctx, rules.CostVolume)
	if err != nil {
		return err
	}
	revenue, err := c.money(ctx, rules.ValueVolume)
	if err != nil {
		return err
	}
	for i := range c.answer.ChannelMetrics {
		m := &c.answer.ChannelMetrics[i]
		m.AverageDeliveryTime = delivery(m.Channel)
		m.ErrorRate = compare(errorRate(errors, m.Channel, m.Counts.Delivered.Value),
			errorRate(earlier, m.Channel, m.Counts.Delivered.Previous))
		m.Cost, m.Revenue = cost.of(m.Channel), revenue.of(m.Channel)
		m.ROI = roi(m.Cost, m.Revenue)
	}
	return nil
}

// errorRate returns the share of attempts that failed or bounced.
func errorRate(errors query.Vector, channel string, delivered *float64) number {
	if delivered == nil {
		return unknown("withheld")
	}
	n, _ := errors.Find(query.Labels{catalog.LabelChannel.Name: channel})
	if n+*delivered == 0 {
		return unknown("no attempt succeeded or failed")
	}
	return known(n / (n + *delivered))
}

// amounts holds money by channel and currency.
type amounts struct{ now, before query.Vector }

func (c *computation) money(ctx context.Context, v rules.Volume) (amounts, error) {
	now, before, err := c.both(ctx, v, []*catalog.Label{catalog.LabelChannel, catalog.LabelCurrency}, c.where()...)
	return amounts{now, before}, err
}

// of returns the amounts of a channel.
func (a amounts) of(channel string) []Money {
	all := []Money{}
	currencies := map[string]bool{}
	for _, v := range []query.Vector{a.now, a.before} {
		for _, e := range v.Values {
			if e.Labels.Of(catalog.LabelChannel) == channel {
				currencies[e.Labels.Of(catalog.LabelCurrency)] = true
			}
		}
	}
	for _, currency := range sortedKeys(currencies) {
		labels := query.Labels{catalog.LabelChannel.Name: channel, catalog.LabelCurrency.Name: currency}
		now, _ := a.now.Find(labels)
		before, _ := a.before.Find(labels)
		all = append(all, Money{currency, compare(known(cents(now)), known(cents(before)))})
	}
	return all
}

// cents rounds to a millionth, which hides that sums of money are not exact.
func cents(amount float64) float64 { return math.Round(amount*1e6) / 1e6 }

// roi returns the return on what sending cost, where both are in one currency.
func roi(cost, revenue []Money) Figure {
	of := func(amount func(Figure) *float64) number {
		spent, where, reason := only(cost, amount, "cost")
		if reason != "" {
			return unknown("%s", reason)
		}
		earned, there, reason := only(revenue, amount, "revenue")
		switch {
		case reason != "":
			return unknown("%s", reason)
		case where != there:
			return unknown("the cost is in %s and the revenue in %s", where, there)
		}
		return known((earned - spent) / spent)
	}
	return compare(of(func(f Figure) *float64 { return f.Value }), of(func(f Figure) *float64 { return f.Previous }))
}

// only returns the only amount above 0, or a reason why there is none.
func only(all []Money, amount func(Figure) *float64, what string) (sum float64, currency, reason string) {
	var currencies []string
	for _, m := range all {
		if v := amount(m.Amount); v != nil && *v > 0 {
			sum = *v
			currencies = append(currencies, m.Currency)
		}
	}
	switch len(currencies) {
	case 0:
		return 0, "", "no " + what + " was reported"
	case 1:
		return sum, currencies[0], ""
	}
	return 0, "", fmt.Sprintf("the %s is in %s, which do not add up", what, strings.Join(currencies, " and "))
}
