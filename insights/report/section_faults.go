package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"belfry/insights/anomaly"
	"belfry/insights/display"
	"belfry/insights/watched"
	"belfry/rules/settings"
)

// budgets shows how each channel stands against its objectives.
func (c *composer) budgets() ([]Block, string) {
	if reason := reasonOf(c.Objectives.Status); reason != "" {
		return nil, reason
	}
	if len(c.Objectives.All) == 0 {
		return nil, "No objective has been measured yet: there is less than three days of history."
	}
	t := Table{Queries: c.refer(c.Objectives.Queries), Columns: []Column{
		words("Channel"), figures("Objective"), figures("Reached in 30 days"), figures("Error budget left"),
		figures("Latency budget left"),
	}, Note: "Budgets are of the 30 days to the end of the period, and compared with the beginning of the period."}
	left := Bars{Title: "Error budget left, by channel", Unit: display.Share, Queries: t.Queries}
	const young = "less than three days of history"
	for _, o := range c.Objectives.All {
		budget := optional("Error budget left", display.Share, o.Budget, young)
		budget.Previous = o.Earlier
		t.Rows = append(t.Rows, []Cell{
			text(display.ChannelName(o.Channel)),
			number(optional("Objective", display.Share, o.Target, "no objective is set")),
			number(optional("Reached in 30 days", display.Share, o.Reached, "nothing was sent")), number(budget),
			number(optional("Latency budget left", display.Share, o.Latency, young)),
		})
		if budget.Value != nil {
			budget.Name = display.ChannelName(o.Channel)
			left.Items = append(left.Items, budget)
		}
	}
	if len(left.Items) == 0 {
		return []Block{t}, ""
	}
	return []Block{t, left}, ""
}

// promised is within which time a fault is to be resolved.
const promised = 15 * time.Minute

// about names the alert and what it is about, without the prefix that all alerts have.
func (a alert) about() string {
	name := strings.TrimPrefix(a.Name, settings.Prefix)
	var of []string
	if a.Channel != "" {
		of = append(of, display.ChannelName(a.Channel))
	}
	if a.Provider != "" {
		of = append(of, a.Provider)
	}
	if len(of) == 0 {
		return name
	}
	return name + " on " + strings.Join(of, ", ")
}

func severityLabel(severity string) display.Label {
	switch settings.Severity(severity) {
	case settings.Emergency, settings.Critical:
		return display.Label{Word: severity, Sign: "!", Tone: "bad"}
	case settings.Warning:
		return display.Label{Word: severity, Sign: "?", Tone: "warn"}
	}
	return display.Label{Word: severity, Sign: "·"}
}

// fired shows which alerts fired, and how long it took to resolve them.
func (c *composer) fired() ([]Block, string) {
	if reason := reasonOf(c.Alerts.Status); reason != "" {
		return nil, reason
	}
	if len(c.Alerts.All) == 0 {
		return nil, "No alert fired."
	}
	queries := c.refer(c.Alerts.Queries)
	pages := slices.DeleteFunc(slices.Clone(c.Alerts.All), func(a alert) bool { return !a.pages() })
	blocks := []Block{Figures{Items: resolved(c.Alerts.All, pages), Queries: queries}}
	shown, note := shorten(worstFirst(c.Alerts.All), c.Definition.top(), "alerts, the most urgent and longest first")
	note = join(note, fmt.Sprintf("Times are to %s. A fault lasts as long as its condition; the alert fires longer, "+
		"by its cooldown.", length(c.Alerts.Step)))
	t := Table{Queries: queries, Note: note, Columns: []Column{
		words("Alert"), words("Severity"), words("Began"), figures("Fired after"), figures("Lasted"),
	}}
	for _, a := range shown {
		lasted := duration("Lasted", a.took())
		if a.GoesOn {
			lasted = display.Figure{Name: "Lasted", Unit: display.Seconds, Reason: "it still fires"}
		}
		t.Rows = append(t.Rows, []Cell{
			text(a.about()), text(a.Severity), text(c.at(a.Began)),
			number(duration("Fired after", max(0, a.Fired.Sub(a.Began)))),
			number(lasted),
		})
	}
	return append(blocks, t), ""
}

// worstFirst orders alerts by urgency and then by how long they lasted.
func worstFirst(all []alert) []alert {
	order := slices.Clone(all)
	rank := func(a alert) int { return slices.Index(settings.Severities(), a.Severity) }
	slices.SortStableFunc(order, func(a, b alert) int {
		if by := rank(b) - rank(a); by != 0 {
			return by
		}
		return int(b.took() - a.took())
	})
	return order
}

// resolved returns how many alerts there were and how long pages took to resolve.
func resolved(all, pages []alert) []display.Figure {
	items := []display.Figure{
		{Name: "Alerts", Unit: display.Count, Value: new(float64(len(all))), Good: display.Down},
		{Name: "Of these pages", Unit: display.Count, Value: new(float64(len(pages))), Good: display.Down},
	}
	var took []float64
	inTime := 0.0
	for _, a := range pages {
		if a.GoesOn {
			continue
		}
		took = append(took, a.took().Seconds())
		if a.took() <= promised {
			inTime++
		}
	}
	if len(took) == 0 {
		return items
	}
	slices.Sort(took)
	inTimeShare := inTime / float64(len(took))
	return append(items,
		display.Figure{Name: "Median time to resolve a page", Unit: display.Seconds, Value: new(median(took))},
		display.Figure{Name: "Resolved within " + length(promised), Unit: display.Share, Value: &inTimeShare},
	)
}

// median returns the median of sorted numbers.
func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// timeline tells what happened one after the other, for an incident.
func (c *composer) timeline() ([]Block, string) {
	if reason := reasonOf(c.Alerts.Status); reason != "" {
		return nil, reason
	}
	blocks := c.moments()
	if len(c.Pulse.Errors) > 0 && reasonOf(c.Pulse.Status) == "" {
		blocks = append(blocks, Course{Title: "Error rate by channel", Unit: display.Share, Series: c.Pulse.Errors,
			Queries: c.refer(c.Pulse.Queries)})
	}
	return blocks, ""
}

// moments tells when alerts began and ended.
func (c *composer) moments() []Block {
	if len(c.Alerts.All) == 0 {
		return []Block{Prose{"No alert fired. If something was wrong, no alert found it."}}
	}
	type moment struct {
		at   time.Time
		item Finding
	}
	var all []moment
	for _, a := range c.Alerts.All {
		all = append(all, moment{a.Began, Finding{
			Label: severityLabel(a.Severity), Title: fmt.Sprintf("%s: %s begins", c.at(a.Began), a.about()),
			Text: fmt.Sprintf("The alert fires %s later.", length(max(0, a.Fired.Sub(a.Began)))),
		}})
		if !a.GoesOn {
			all = append(all, moment{a.Ended, Finding{
				Label: display.Label{Word: "resolved", Sign: "✓", Tone: "good"},
				Title: fmt.Sprintf("%s: %s is over", c.at(a.Ended), a.about()),
				Text:  fmt.Sprintf("It lasted %s.", length(a.took())),
			}})
		}
	}
	slices.SortStableFunc(all, func(a, b moment) int { return a.at.Compare(b.at) })
	list := Findings{Queries: c.refer(c.Alerts.Queries)}
	shown, note := shorten(all, 4*c.Definition.top(), "moments")
	for _, m := range shown {
		list.Items = append(list.Items, m.item)
	}
	if note == "" {
		return []Block{list}
	}
	return []Block{list, Prose{note}}
}

// unusual shows the anomalies of the period.
func (c *composer) unusual() ([]Block, string) {
	if reason := reasonOf(c.Anomalies.Status); reason != "" {
		return nil, reason
	}
	if len(c.Anomalies.Episodes) == 0 {
		return nil, fmt.Sprintf("None: all %d watched series were as at the same time of earlier weeks.",
			c.Anomalies.Watched)
	}
	byScore := slices.Clone(c.Anomalies.Episodes)
	size := func(e anomaly.Episode) float64 { return (e.To.Sub(e.From) + watched.Step).Hours() * e.Score }
	slices.SortStableFunc(byScore, func(a, b anomaly.Episode) int { return cmp.Compare(size(b), size(a)) })
	shown, note := shorten(byScore, c.Definition.top(), "anomalies, the largest first")
	t := Table{Queries: c.refer(c.Anomalies.Queries), Columns: []Column{
		words("Series"), words("Channel"), words("Began"), figures("Lasted"), figures("Was"), words("Expected"),
	}, Note: join(note, "Expected is what the same time of earlier weeks leads to expect, at the worst moment.")}
	for _, e := range shown {
		title, unit := display.SeriesTitle(e.Series), display.SeriesUnit(e.Series)
		if e.Series == watched.Volume {
			title, unit = sentPerHour, display.Count
			e.Worst.Value = hourOf(e.Worst.Value)
			e.Worst.Lower, e.Worst.Upper = hoursOf(e.Worst.Lower), hoursOf(e.Worst.Upper)
		}
		expected := "not known"
		if e.Worst.Lower != nil && e.Worst.Upper != nil {
			expected = display.Between(*e.Worst.Lower, *e.Worst.Upper, unit)
		}
		t.Rows = append(t.Rows, []Cell{
			text(title), text(display.ChannelName(e.Channel)), text(c.at(e.From)),
			number(duration("Lasted", max(e.To.Sub(e.From), watched.Step))),
			number(display.Figure{Name: "Was", Unit: unit, Value: new(e.Worst.Value)}), text(expected),
		})
	}
	return []Block{t}, ""
}
