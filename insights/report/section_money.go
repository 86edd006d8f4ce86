package report

import (
	"cmp"
	"slices"

	"belfry/insights/analytics"
	"belfry/insights/display"
	"belfry/rules"
)

// money shows cost and revenue by channel, and by currency, which do not add up.
func (c *composer) money() ([]Block, string) {
	cost, revenue := moneyOf(c.Analytics, costOf), moneyOf(c.Analytics, revenueOf)
	if len(cost) == 0 && len(revenue) == 0 {
		return nil, "No event carried a cost or a value."
	}
	queries := c.from(rules.CostVolume, rules.ValueVolume)
	total := Figures{Queries: queries}
	for _, m := range cost {
		total.Items = append(total.Items, moneyFigure("Cost", m))
	}
	for _, m := range revenue {
		total.Items = append(total.Items, moneyFigure("Revenue of conversions", m))
	}
	for _, m := range cost {
		if f := perThousand(c.Analytics, m); f.Value != nil {
			total.Items = append(total.Items, f)
		}
	}
	t := Table{Title: "By channel", Queries: queries, Columns: []Column{
		words("Channel"), words("Currency"), figures("Cost"), figures("Revenue"),
	}}
	returns := slices.ContainsFunc(c.Analytics.ChannelMetrics, func(ch analytics.Channel) bool {
		return ch.ROI.Value != nil
	})
	if returns {
		t.Columns = append(t.Columns, figures("Return on cost"))
	}
	for _, ch := range c.Analytics.ChannelMetrics {
		for _, currency := range currencies(ch) {
			row := []Cell{
				text(display.ChannelName(ch.Channel)), text(currency),
				number(moneyIn("Cost", ch.Cost, currency)), number(moneyIn("Revenue", ch.Revenue, currency)),
			}
			if returns {
				row = append(row, number(roi(ch)))
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return []Block{total, t}, ""
}

// roi is the return on cost of a channel, where it has one currency.
func roi(ch analytics.Channel) display.Figure {
	return display.Figure{Name: "Return on cost", Unit: display.Share, Value: ch.ROI.Value,
		Previous: ch.ROI.Previous, Reason: ch.ROI.Reason}
}

func costOf(ch analytics.Channel) []analytics.Money    { return ch.Cost }
func revenueOf(ch analytics.Channel) []analytics.Money { return ch.Revenue }

// moneyOf adds up amounts over the channels, the largest first.
func moneyOf(a *analytics.Analytics, of func(analytics.Channel) []analytics.Money) (all []analytics.Money) {
	for _, ch := range a.ChannelMetrics {
		for _, m := range of(ch) {
			i := slices.IndexFunc(all, func(x analytics.Money) bool { return x.Currency == m.Currency })
			if i < 0 {
				i = len(all)
				all = append(all, analytics.Money{Currency: m.Currency})
			}
			add(&all[i].Amount.Value, m.Amount.Value)
			add(&all[i].Amount.Previous, m.Amount.Previous)
		}
	}
	all = slices.DeleteFunc(all, func(m analytics.Money) bool { return m.Amount.Value == nil || *m.Amount.Value == 0 })
	for i := range all {
		if m := &all[i].Amount; m.Previous != nil && *m.Previous != 0 {
			m.Change = new((*m.Value - *m.Previous) / *m.Previous)
		}
	}
	slices.SortStableFunc(all, func(a, b analytics.Money) int { return cmp.Compare(*b.Amount.Value, *a.Amount.Value) })
	return all
}

func add(to **float64, x *float64) {
	switch {
	case x == nil:
	case *to == nil:
		*to = new(*x)
	default:
		*to = new(**to + *x)
	}
}

// moneyFigure shows an amount. More or less of it is neither good nor bad by itself.
func moneyFigure(name string, m analytics.Money) display.Figure {
	return display.Figure{Name: name, Unit: display.Money(m.Currency), Value: m.Amount.Value,
		Previous: m.Amount.Previous, Reason: m.Amount.Reason}
}

func moneyIn(name string, all []analytics.Money, currency string) display.Figure {
	for _, m := range all {
		if m.Currency == currency {
			return moneyFigure(name, m)
		}
	}
	return display.Figure{Name: name, Unit: display.Money(currency), Reason: "none reported"}
}

// perThousand is what a thousand deliveries cost in a currency.
func perThousand(a *analytics.Analytics, m analytics.Money) display.Figure {
	f := display.Figure{Name: "Cost per thousand delivered", Unit: display.Money(m.Currency),
		Reason: "nothing was delivered"}
	of := func(amount, delivered *float64) *float64 {
		if amount == nil || delivered == nil || *delivered == 0 {
			return nil
		}
		return new(*amount / *delivered * 1000)
	}
	f.Value = of(m.Amount.Value, a.Counts.Delivered.Value)
	f.Previous = of(m.Amount.Previous, a.Counts.Delivered.Previous)
	return f
}

func currencies(ch analytics.Channel) (all []string) {
	for _, list := range [][]analytics.Money{ch.Cost, ch.Revenue} {
		for _, m := range list {
			some := m.Amount.Value != nil && *m.Amount.Value != 0
			if some && !slices.Contains(all, m.Currency) {
				all = append(all, m.Currency)
			}
		}
	}
	return all
}
