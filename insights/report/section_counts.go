package report

import (
	"cmp"
	"fmt"
	"slices"

	"belfry/insights/analytics"
	"belfry/insights/display"
	"belfry/insights/experiment"
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
		figures("Conversion rate"), figures("Opt-out rate"),
	}}
	tried := slices.ContainsFunc(shown, func(m analytics.Template) bool { return c.verdictOn(m) != "" })
	if tried {
		t.Columns = append(t.Columns, words("Experiment"))
	}
	for _, m := range shown {
		row := []Cell{
			text(templateName(m)), number(display.Total("Sent", m.Volume)),
			unjudged(display.Rate("Delivery rate", display.Up, m.Delivery, m.Counts.Delivered, m.Counts.Sent)),
			unjudged(engagement(m)),
			unjudged(display.Rate("Conversion rate", display.Up, m.Conversion, m.Counts.Converted, m.Counts.Delivered)),
			unjudged(optOuts(m.Counts)),
		}
		if tried {
			row = append(row, text(c.verdictOn(m)))
		}
		t.Rows = append(t.Rows, row)
	}
	blocks := []Block{t}
	if best := c.ranked(all); len(best.Items) > 1 {
		best.Queries = queries
		blocks = append(blocks, best)
	}
	return blocks, ""
}

// verdictOn says what the experiment has come to in which a template is an arm, empty if there
// is none.
func (c *composer) verdictOn(m analytics.Template) string {
	j, arm := experiment.OfArm(c.Experiments, m.TemplateID)
	if arm == nil {
		return ""
	}
	return j.Experiment + ": " + display.VerdictOf(string(arm.Verdict)).Word
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
		if f.Value != nil && m.Counts.Delivered.Value != nil && *m.Counts.Delivered.Value >= leastJudged {
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
