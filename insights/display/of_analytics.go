package display

import (
	"strings"

	"belfry/insights/analytics"
)

// OfAnalytics shows analytics as an overview: its totals and rates with their courses,
// and each channel.
func OfAnalytics(a *analytics.Analytics) Overview {
	o := Overview{From: a.TimeRange.From, To: a.TimeRange.To}
	o.Note, o.Queries = strings.Join(Sentences(append([]string{a.Status.Reason}, a.Notes...)), " "), a.Queries
	o.Failed = !a.Status.Usable()
	if o.Failed {
		return o
	}
	o.Items = []Figure{
		Total("Notifications sent", a.TotalNotifications).over(a, func(b analytics.Bucket) *float64 { return &b.Sent }),
		Rate("Delivery rate", Up, a.Delivery, a.Counts.Delivered, a.Counts.Sent).
			over(a, func(b analytics.Bucket) *float64 { return b.DeliveryRate }),
		Rate("Open rate", Up, a.Open, a.Counts.Opened, a.Counts.Delivered).
			over(a, func(b analytics.Bucket) *float64 { return b.OpenRate }),
		Rate("Click rate", Up, a.Click, a.Counts.Clicked, a.Counts.Delivered).
			over(a, func(b analytics.Bucket) *float64 { return b.ClickRate }),
		Rate("Click-to-open rate", Up, a.ClickToOpen, a.Counts.Clicked, a.Counts.Opened).
			over(a, func(b analytics.Bucket) *float64 { return ratio(b.Clicked, b.Opened) }),
		Rate("Conversion rate", Up, a.Conversion, a.Counts.Converted, a.Counts.Delivered).
			over(a, func(b analytics.Bucket) *float64 { return b.ConversionRate }),
		Rate("Failure rate", Down, a.Failure, analytics.Figure{}, a.Counts.Sent).
			over(a, func(b analytics.Bucket) *float64 { return ratio(b.Failed+b.Bounced, b.Sent) }),
		Rate("Opt-out rate", Down, Quotient(a.Counts.OptedOut, a.Counts.Delivered), a.Counts.OptedOut,
			a.Counts.Delivered).over(a, func(b analytics.Bucket) *float64 { return ratio(b.OptedOut, b.Delivered) }),
	}
	for _, c := range a.ChannelMetrics {
		o.Channels = append(o.Channels, Channel{Name: c.Channel, Figures: []Figure{
			Total("Sent", c.Volume),
			Rate("Delivery rate", Up, c.Delivery, c.Counts.Delivered, c.Counts.Sent),
			Rate("Engagement rate", Up, c.Engagement, c.Counts.Engaged, c.Counts.Delivered),
			{Name: "Mean delivery time", Unit: Seconds, Good: Down, Value: c.AverageDeliveryTime.Value,
				Previous: c.AverageDeliveryTime.Previous, Reason: c.AverageDeliveryTime.Reason},
			Rate("Error rate", Down, c.ErrorRate, analytics.Figure{}, attempts(c.Counts)),
			Cost(c.Cost),
		}})
	}
	return o
}

// Total shows a count.
func Total(name string, f analytics.Figure) Figure {
	return Figure{Name: name, Unit: Count, Value: f.Value, Previous: f.Previous, Reason: f.Reason}
}

// Rate returns a rate with the interval of its counts, as far as they are known.
func Rate(name string, good Good, rate, successes, of analytics.Figure) Figure {
	if successes.Value == nil && rate.Value != nil && of.Value != nil {
		successes.Value = new(*rate.Value * *of.Value)
	}
	return Figure{Name: name, Unit: Share, Good: good, Value: rate.Value, Previous: rate.Previous, Reason: rate.Reason,
		Range: proportion(successes.Value, of.Value)}
}

// attempts counts what the error rate is a share of.
func attempts(c analytics.Counts) analytics.Figure {
	all := 0.0
	for _, f := range []analytics.Figure{c.Failed, c.Bounced, c.Delivered} {
		if f.Value == nil {
			return analytics.Figure{}
		}
		all += *f.Value
	}
	return analytics.Figure{Value: &all}
}

// Cost shows what a channel costs in its first currency, and says if there are others.
func Cost(all []analytics.Money) Figure {
	if len(all) == 0 {
		return Figure{Name: "Cost", Reason: "no event carried a cost"}
	}
	amount := all[0].Amount
	f := Figure{Name: "Cost", Unit: Money(all[0].Currency), Good: Down, Value: amount.Value, Previous: amount.Previous,
		Reason: amount.Reason}
	if len(all) > 1 {
		f.Name = "Cost in the first currency"
	}
	return f
}

// over adds the course of a figure over the period.
func (f Figure) over(a *analytics.Analytics, value func(analytics.Bucket) *float64) Figure {
	for _, b := range a.Series {
		f.History = append(f.History, Point{At: b.From, Value: value(b)})
	}
	return f
}

// ratio returns a share, nil where there is none.
func ratio(x, of float64) *float64 {
	if of <= 0 {
		return nil
	}
	return new(x / of)
}

// Quotient divides the figures of both periods.
func Quotient(x, of analytics.Figure) analytics.Figure {
	f := analytics.Figure{Reason: "nothing was delivered"}
	if x.Value != nil && of.Value != nil {
		f.Value = ratio(*x.Value, *of.Value)
	}
	if x.Previous != nil && of.Previous != nil {
		f.Previous = ratio(*x.Previous, *of.Previous)
	}
	return f
}
