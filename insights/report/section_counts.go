package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"belfry/insights/analytics"
	"belfry/insights/display"
	"belfry/rules"
)

// totals shows what was counted in the whole period, and its course.
func (c *composer) totals() ([]Block, string) {
	o := display.OfAnalytics(c.Analytics)
	queries := c.from(rules.StageVolume)
	for i := range o.Items {
		o.Items[i].History = nil // the charts show it
		o.Items[i] = c.judged(o.Items[i], together)
	}
	volume := Course{Title: "Notifications", Unit: display.Count, Queries: queries, Series: []Line{
		c.line("Sent", func(b analytics.Bucket) *float64 { return &b.Sent }),
		c.line("Delivered", func(b analytics.Bucket) *float64 { return &b.Delivered }),
		c.line("Engaged", func(b analytics.Bucket) *float64 { return &b.Engaged }),
	}}
	delivery := Course{Title: "Delivery rate", Unit: display.Share, Queries: queries, Series: []Line{
		c.line("Delivered per sent", func(b analytics.Bucket) *float64 { return b.DeliveryRate }),
	}}
	reactions := Course{Title: "Open and click rate", Unit: display.Share, Queries: queries, Series: []Line{
		c.line("Open rate", func(b analytics.Bucket) *float64 { return b.OpenRate }),
		c.line("Click rate", func(b analytics.Bucket) *float64 { return b.ClickRate }),
	}}
	blocks := []Block{Figures{Items: o.Items, Queries: queries}}
	if len(c.Analytics.Series) > 1 {
		blocks = append(blocks, volume, delivery, reactions)
	}
	return blocks, ""
}

// line returns the course of a figure over the period.
func (c *composer) line(name string, of func(analytics.Bucket) *float64) Line {
	l := Line{Name: name}
	for _, b := range c.Analytics.Series {
		l.Points = append(l.Points, display.Point{At: b.From, Value: of(b)})
	}
	return l
}

// judged leaves a change unjudged unless it is known to be beyond chance: what is only up or
// down must not look better or worse.
func (c *composer) judged(f display.Figure, channel string) display.Figure {
	if !c.Moves.beyond(f.Name, channel) || c.Period.like(c.Before) != c.Before {
		f.Good = display.NotJudged
	}
	return f
}

// unjudged shows a figure whose change is not compared with chance.
func unjudged(f display.Figure) Cell {
	f.Good = display.NotJudged
	return number(f)
}

// channels shows how each channel fared.
func (c *composer) channels() ([]Block, string) {
	o := display.OfAnalytics(c.Analytics)
	if len(o.Channels) == 0 {
		return nil, withheldReason(c.Analytics, "channel_metrics", "Nothing was sent on any channel.")
	}
	currency := ""
	if cost := moneyOf(c.Analytics, costOf); len(cost) > 0 {
		currency = cost[0].Currency
	}
	t := Table{
		Columns: []Column{words("Channel")}, Note: c.withheldNote("channel_metrics"),
		Queries: c.from(rules.StageVolume, rules.LatencySumVolume, rules.LatencyVolume, rules.FaultVolume,
			rules.CostVolume),
	}
	engaged := Bars{Title: "Engagement rate by channel", Unit: display.Share, Queries: c.from(rules.StageVolume)}
	for i, one := range o.Channels {
		row := []Cell{text(display.ChannelName(one.Name))}
		for _, f := range one.Figures[:len(one.Figures)-1] { // the last is the cost
			f = c.judged(f, one.Name)
			row = append(row, number(f))
			if f.Name == engagementRate && f.Value != nil && *f.Value > 0 {
				f.Name = display.ChannelName(one.Name)
				engaged.Items = append(engaged.Items, f)
			}
		}
		if currency != "" {
			row = append(row, number(moneyIn("Cost, "+currency, c.Analytics.ChannelMetrics[i].Cost, currency)))
		}
		t.Rows = append(t.Rows, row)
	}
	for _, cell := range t.Rows[0][1:] {
		t.Columns = append(t.Columns, figures(cell.Figure.Name))
	}
	blocks := []Block{t}
	if len(engaged.Items) > 1 {
		blocks = append(blocks, engaged)
	}
	return blocks, ""
}

// engagementRate is what package display calls it.
const engagementRate = "Engagement rate"

// withheldNote says how many groups of a breakdown are withheld, and why.
func (c *composer) withheldNote(breakdown string) string {
	w, ok := c.Analytics.Withheld[breakdown]
	if !ok || w.Groups == 0 {
		return ""
	}
	return fmt.Sprintf("%s withheld: %s.", display.Counted(w.Groups, "group is", "groups are"), w.Reason)
}

// withheldReason says why a breakdown has no rows.
func withheldReason(a *analytics.Analytics, breakdown, otherwise string) string {
	if s, ok := a.Sections[breakdown]; ok && s.Reason != "" {
		return display.Sentence(s.Reason)
	}
	if w, ok := a.Withheld[breakdown]; ok && w.Groups > 0 {
		return fmt.Sprintf("All %d groups are withheld: %s.", w.Groups, w.Reason)
	}
	return otherwise
}

// leastJudged is how many deliveries a template must have to be called best or worst.
const leastJudged = 1000

// templates shows the templates that sent most, and which people answer best and worst.
func (c *composer) templates() ([]Block, string) {
	all := c.Analytics.TemplateMetrics
	if len(all) == 0 {
		return nil, withheldReason(c.Analytics, "template_metrics", "No notification names a template.")
	}
	queries := c.from(rules.TemplateVolume)
	shown, note := shorten(all, c.Definition.top(), "templates, by volume")
	t := Table{Queries: queries, Note: join(note, c.withheldNote("template_metrics")), Columns: []Column{
		words("Template"), figures("Sent"), figures("Delivery rate"), figures("Engagement rate"),
		figures("Conversion rate"),
		figures("Opt-out rate"), words("Experiment"),
	}}
	for _, m := range shown {
		verdict := ""
		if m.Experiment != nil {
			verdict = m.Experiment.ID + ": " + display.VerdictOf(m.Experiment.Verdict).Word
		}
		t.Rows = append(t.Rows, []Cell{
			text(templateName(m)), number(display.Total("Sent", m.Volume)),
			unjudged(display.Rate("Delivery rate", display.Up, m.Delivery, m.Counts.Delivered, m.Counts.Sent)),
			unjudged(engagement(m)),
			unjudged(display.Rate("Conversion rate", display.Up, m.Conversion, m.Counts.Converted, m.Counts.Delivered)),
			unjudged(optOuts(m.Counts)), text(verdict),
		})
	}
	blocks := []Block{t}
	if best := c.ranked(all); len(best.Items) > 1 {
		best.Queries = queries
		blocks = append(blocks, best)
	}
	return blocks, ""
}

// templateName names a template, with its id where that is something else: versions of a template
// often have one name.
func templateName(m analytics.Template) string {
	if m.TemplateName == m.TemplateID {
		return m.TemplateID
	}
	return fmt.Sprintf("%s (%s)", m.TemplateName, m.TemplateID)
}

func engagement(m analytics.Template) display.Figure {
	return display.Rate(engagementRate, display.Up, m.Engagement, m.Counts.Engaged, m.Counts.Delivered)
}

// optOuts is the share of deliveries that a user opted out after.
func optOuts(n analytics.Counts) display.Figure {
	return display.Rate("Opt-out rate", display.Down, display.Quotient(n.OptedOut, n.Delivered), n.OptedOut,
		n.Delivered)
}

// ranked compares the templates with enough deliveries: the best and the worst of them.
func (c *composer) ranked(all []analytics.Template) Bars {
	b := Bars{Title: "Engagement rate by template, best and worst", Unit: display.Share}
	for _, m := range all {
		f := engagement(m)
		f.Good = display.NotJudged
		if f.Value != nil && m.Counts.Delivered.Value != nil &&
			*m.Counts.Delivered.Value >= leastJudged {
			f.Name = templateName(m)
			b.Items = append(b.Items, f)
		}
	}
	slices.SortStableFunc(b.Items, func(x, y display.Figure) int { return cmp.Compare(*y.Value, *x.Value) })
	if top := c.Definition.top() / 2; len(b.Items) > 2*top {
		b.Items = slices.Concat(b.Items[:top], b.Items[len(b.Items)-top:])
	}
	return b
}

// deliverability shows how notifications fared at each provider, and whose fault errors were.
func (c *composer) deliverability() ([]Block, string) {
	all := c.Analytics.ProviderMetrics
	if len(all) == 0 {
		return nil, withheldReason(c.Analytics, "provider_metrics", "No provider had anything to deliver.")
	}
	queries := c.from(rules.ProviderVolume, rules.ErrorVolume)
	shown, note := shorten(all, c.Definition.top(), "providers, by volume")
	t := Table{Queries: queries, Note: join(note, c.withheldNote("provider_metrics")), Columns: []Column{
		words("Provider"), figures("Sent first"), figures("Delivered per attempt"), figures("Bounced"),
		figures("Complained"),
	}}
	attempts := Bars{Title: "Delivered per attempt, by provider", Unit: display.Share, Queries: queries}
	for _, p := range shown {
		perAttempt := display.Figure{Name: "Delivered per attempt", Unit: display.Share,
			Value: p.DeliveredPerAttempt.Value, Previous: p.DeliveredPerAttempt.Previous,
			Reason: p.DeliveredPerAttempt.Reason}
		t.Rows = append(t.Rows, []Cell{
			text(p.Provider), number(display.Total("Sent first", p.Volume)), number(perAttempt),
			unjudged(display.Rate("Bounced", display.Down, p.Bounce, p.Counts.Bounced, p.Counts.Sent)),
			unjudged(display.Rate("Complained", display.Down, p.Complaint, p.Counts.Complained, p.Counts.Delivered)),
		})
		if perAttempt.Value != nil {
			perAttempt.Name = p.Provider
			attempts.Items = append(attempts.Items, perAttempt)
		}
	}
	blocks := []Block{t}
	if len(attempts.Items) > 1 {
		blocks = append(blocks, attempts)
	}
	return append(blocks, c.faults()...), ""
}

// faults shows whose fault errors were.
func (c *composer) faults() []Block {
	if len(c.Errors.All) == 0 {
		return nil
	}
	shown, note := shorten(c.Errors.All, c.Definition.top(), "kinds of errors")
	if c.Errors.Withheld > 0 {
		note = join(note, fmt.Sprintf("%s withheld: fewer than %d errors, or the next-smallest beside one of these.",
			display.Counted(c.Errors.Withheld, "row is", "rows are"), c.Analytics.PrivacyFloor))
	}
	t := Table{Title: "Failed and bounced attempts, by whose fault it is", Note: note,
		Queries: c.refer(c.Errors.Queries),
		Columns: []Column{words("Channel"), words("Fault of"), figures("Errors")}}
	for _, e := range shown {
		t.Rows = append(t.Rows, []Cell{text(display.ChannelName(e.Channel)), text(faultName(e.Fault)), number(e.Count)})
	}
	return []Block{t}
}

func faultName(fault string) string {
	switch fault {
	case "recipient":
		return "the recipient, such as an address that does not exist"
	case "provider":
		return "the provider"
	case "platform":
		return "the own platform"
	}
	return "not known"
}

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
	returns := slices.ContainsFunc(c.Analytics.ChannelMetrics, func(ch analytics.Channel) bool { return ch.ROI.Value != nil })
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
			some := m.Amount.Value != nil && math.Abs(*m.Amount.Value) > 0
			if some && !slices.Contains(all, m.Currency) {
				all = append(all, m.Currency)
			}
		}
	}
	return all
}

// join joins sentences, leaving out the empty.
func join(sentences ...string) string {
	all := ""
	for _, s := range sentences {
		switch {
		case s == "":
		case all == "":
			all = s
		default:
			all += " " + s
		}
	}
	return all
}
