package view

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// Together is the number of concurrent queries: browsers open six connections to a
// server.
const Together = 6

// Answer has the result of one query of a panel.
type Answer struct {
	Panel  Panel
	Query  Query
	Series []Series
	Took   time.Duration
}

// Opened has a dashboard and the answers to all its queries.
type Opened struct {
	Dashboard
	Screen Screen
	// Offered are the values that each variable offers.
	Offered map[string][]string
	Answers []Answer      // in the order of the panels and their queries
	Took    time.Duration // from opening to the last answer, variables included
}

// Of returns the answers to a panel's queries.
func (o Opened) Of(p Panel) []Answer {
	var own []Answer
	for _, a := range o.Answers {
		if a.Panel.ID == p.ID {
			own = append(own, a)
		}
	}
	return own
}

// named returns the dashboard with the chosen values in place of variables in titles.
func (d Dashboard) named(chosen map[string]string) Dashboard {
	d.Panels = slices.Clone(d.Panels)
	for i := range d.Panels {
		p := &d.Panels[i]
		p.Title = p.name(p.Title, chosen)
		p.Targets = slices.Clone(p.Targets)
		for j := range p.Targets {
			p.Targets[j].LegendFormat = p.name(p.Targets[j].LegendFormat, chosen)
		}
	}
	return d
}

// name replaces the variables in a text, and leaves what is none.
func (p Panel) name(text string, chosen map[string]string) string {
	values := p.with(chosen)
	return variable.ReplaceAllStringFunc(text, func(found string) string {
		if value, ok := values[found[1:]]; ok && value != "" {
			return value
		}
		return found
	})
}

// Open sends all queries that Grafana sends when it opens the dashboard. It stops at
// the first query that fails.
func (d Dashboard) Open(ctx context.Context, source Source, s Screen) (Opened, error) {
	began := time.Now()
	o := Opened{Dashboard: d, Screen: s}
	chosen, offered, err := d.Choose(ctx, source, s)
	if err != nil {
		return o, err
	}
	o.Dashboard, o.Offered = d.repeated(offered).named(chosen), offered
	if s.First {
		o.Panels = slices.DeleteFunc(o.Panels, func(p Panel) bool { return p.Closed })
	}
	for _, panel := range o.Panels {
		queries, err := panel.Queries(s, chosen)
		if err != nil {
			return o, err
		}
		for _, q := range queries {
			o.Answers = append(o.Answers, Answer{Panel: panel, Query: q})
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(Together)
	for i := range o.Answers {
		a := &o.Answers[i]
		group.Go(func() (err error) {
			asked := time.Now()
			a.Series, err = source.Ask(ctx, a.Query)
			a.Took = time.Since(asked)
			return err
		})
	}
	err = group.Wait()
	o.Took = time.Since(began)
	return o, err
}
