package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"belfry/insights/display"
	"belfry/insights/query"
	"belfry/rules"
	"belfry/rules/expr"
)

// composer writes a document from facts.
type composer struct {
	*Facts
	doc Document
}

// Compose writes a report from facts. Equal facts make equal documents.
func Compose(f *Facts) Document {
	d := f.Definition
	c := &composer{Facts: f, doc: Document{
		Name: d.Name, Title: d.Title, From: f.Period.From, To: f.Period.To, Period: f.Period.Words(),
		GeneratedAt: f.Made, Subject: d.subject(),
	}}
	if !alone(f.Analytics) {
		c.doc.Before = f.Before.Words()
	}
	c.problems()
	for _, name := range d.Sections {
		s := Section{Key: name, Title: titles[name]}
		s.Blocks, s.Reason = writers[name](c)
		if len(s.Blocks) == 0 && s.Reason == "" {
			s.Reason = "There is nothing to show."
		}
		c.doc.Sections = append(c.doc.Sections, s)
	}
	c.doc.Headline = c.headline()
	return c.doc
}

// subject says what the report is narrowed to.
func (d Definition) subject() string {
	var of []string
	if d.Experiment != "" {
		of = append(of, d.Experiment)
	}
	for _, channel := range d.Channels {
		of = append(of, display.ChannelName(channel))
	}
	return strings.Join(of, ", ")
}

// titles are those of the sections.
var titles = map[string]string{
	summary: "In short", totals: "Totals and rates", objectives: "Objectives and error budgets", channels: "Channels",
	templates: "Templates", deliverability: "Deliverability", money: "Cost and revenue", experiments: "Experiments",
	anomalies: "Anomalies", alerts: "Alerts", timeline: "What happened", forecasts: "Forecast",
	recommendations: "Recommendations",
}

// writers write the sections, or say why there is nothing.
var writers map[string]func(*composer) ([]Block, string)

func init() {
	writers = map[string]func(*composer) ([]Block, string){
		summary: (*composer).summary, totals: (*composer).totals, objectives: (*composer).budgets,
		channels: (*composer).channels, templates: (*composer).templates, deliverability: (*composer).deliverability,
		money: (*composer).money, experiments: (*composer).trials, anomalies: (*composer).unusual,
		alerts: (*composer).fired, timeline: (*composer).timeline, forecasts: (*composer).ahead,
		recommendations: (*composer).advice,
	}
}

// problems says what a reader must know before the figures.
func (c *composer) problems() {
	a := c.Analytics
	if a.Status.State != query.OK {
		c.doc.Problems = append(c.doc.Problems, display.Sentence(a.Status.Reason))
	}
	for _, n := range a.Notes {
		c.doc.Problems = append(c.doc.Problems, display.Sentence(n))
	}
	if c.Made.Before(c.Period.To.Add(settling)) {
		c.doc.Problems = append(c.doc.Problems, fmt.Sprintf("The report was made at %s, when the last figures were "+
			"not yet complete.", c.Made.In(c.Period.From.Location()).Format("2 Jan 2006, 15:04")))
	}
}

// refer returns the numbers of queries in the appendix.
func (c *composer) refer(queries []string) []int {
	var numbers []int
	for _, q := range queries {
		n := slices.Index(c.doc.Queries, q)
		if n < 0 {
			n = len(c.doc.Queries)
			c.doc.Queries = append(c.doc.Queries, q)
		}
		if !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// from returns the numbers of those queries of the analytics that read one of the volumes.
func (c *composer) from(volumes ...rules.Volume) []int {
	var queries []string
	for _, q := range c.Analytics.Queries {
		if slices.ContainsFunc(volumes, func(v rules.Volume) bool {
			return slices.ContainsFunc([]expr.Recorded{v.Increase5m, v.IncreaseHour, v.IncreaseDay},
				func(r expr.Recorded) bool {
					return r.Name != "" && strings.Contains(q, r.Name)
				})
		}) {
			queries = append(queries, q)
		}
	}
	return c.refer(queries)
}

// reasonOf returns the reason of a status as a sentence, empty if it is usable.
func reasonOf(s query.Status) string {
	if s.Usable() {
		return ""
	}
	if s.Reason == "" {
		return fmt.Sprintf("The question was not answered: %s.", s.State)
	}
	return display.Sentence(s.Reason)
}

// at writes a time in the zone of the report.
func (c *composer) at(t time.Time) string {
	t = t.In(c.Period.From.Location())
	short := c.Period.To.Sub(c.Period.From) <= 36*time.Hour
	if short && t.Format(time.DateOnly) == c.Period.From.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2 Jan, 15:04")
}

// length writes how long something took.
func length(d time.Duration) string { return display.Write(d.Seconds(), display.Seconds) }

// duration returns how long something took as a figure.
func duration(name string, d time.Duration) display.Figure {
	return display.Figure{Name: name, Unit: display.Seconds, Value: new(d.Seconds())}
}

func text(t string) Cell           { return Cell{Text: t} }
func number(f display.Figure) Cell { return Cell{Figure: &f} }
func words(name string) Column     { return Column{Name: name} }
func figures(name string) Column   { return Column{Name: name, Numbers: true} }
func optional(name string, u display.Unit, x *float64, reason string) display.Figure {
	return display.Figure{Name: name, Unit: u, Value: x, Reason: reason}
}

// shorten returns the first rows of many, and says how many there are.
func shorten[T any](all []T, top int, what string) ([]T, string) {
	if len(all) <= top {
		return all, ""
	}
	return all[:top], fmt.Sprintf("The first %d of %d %s.", top, len(all), what)
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
