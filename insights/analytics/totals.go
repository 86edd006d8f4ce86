package analytics

import (
	"context"
	"fmt"
	"slices"
	"time"

	"belfry/insights/query"
	"belfry/rules"
)

// dimension returns what the totals are read by: channels, or categories if the
// request is narrowed to some.
func (c *computation) dimension() (b breakdown, narrow []string) {
	if len(c.request.Categories) > 0 {
		return byCategory, c.request.Categories
	}
	return breakdown{volume: rules.StageVolume, rows: perChannel}, c.request.Channels
}

// totals moves the period to where it may begin and end, decides which channels are
// published, and adds up the total and the series.
func (c *computation) totals(ctx context.Context) error {
	b, narrow := c.dimension()
	g := c.request.Granularity
	edges := g.edges(c.span.From, c.span.To)
	w, err := c.watch(ctx, b, c.current(), edges...)
	if err != nil {
		return err
	}
	shut := shutFor(w, narrow)
	if err := c.move(shut); err != nil {
		return err
	}
	c.old = c.span.before(g)
	earlier, err := c.watch(ctx, b, c.previous(), c.old.From, c.old.To)
	if err != nil {
		return err
	}
	edges = slices.DeleteFunc(edges, func(t time.Time) bool {
		return !t.After(c.span.From) || !t.Before(c.span.To) || shut(t)
	})
	edges = append(append([]time.Time{c.span.From}, edges...), c.span.To)
	series, before, err := c.buckets(ctx, b, edges)
	if err != nil {
		return err
	}
	return c.settle(b, w, earlier, narrow, series, before)
}

// shutFor returns whether a total may not be cut at a time: that of all, or that of
// some groups, each of which can be asked for alone.
func shutFor(w *watch, narrow []string) func(time.Time) bool {
	return func(t time.Time) bool {
		if w.closed(t) {
			return true
		}
		hidden := w.cutAt(t)
		return slices.ContainsFunc(narrow, func(group string) bool { return hidden[group] })
	}
}

// move moves the ends of the period back to times at which it may be cut, unless that
// makes it quite another period.
func (c *computation) move(shut func(time.Time) bool) error {
	asked := c.span
	for _, end := range []*time.Time{&c.span.From, &c.span.To} {
		for shut(*end) {
			*end = startOf(end.Add(-1), levelOf(*end))
		}
	}
	if !c.span.To.After(asked.From) || c.span.length() > 2*asked.length() {
		c.span = asked
		return errWithheld(fmt.Sprintf("a part of the period from %s to %s is about fewer than %d users, of one group or "+
			"of all: ask for whole days or months", asked.From.Format(time.RFC3339), asked.To.Format(time.RFC3339),
			int(c.request.floor())))
	}
	if c.span != asked {
		c.note("the period was moved from %s – %s, since parts of fewer than %d users are not published",
			asked.From.Format(time.RFC3339), asked.To.Format(time.RFC3339), int(c.request.floor()))
	}
	return nil
}

// errWithheld says why the whole answer is withheld.
type errWithheld string

func (e errWithheld) Error() string { return string(e) }

// buckets counts cells by the buckets of the series, and in the period before.
func (c *computation) buckets(ctx context.Context, b breakdown, edges []time.Time) (query.Table, query.Vector, error) {
	if c.request.Granularity == Minute {
		return c.minutes(ctx, b, edges)
	}
	series, err := c.Buckets(ctx, b.volume, utc(edges), b.by(), b.readable())
	c.asked(series.Answer)
	if err != nil {
		return series, query.Vector{}, err
	}
	before, err := c.count(ctx, b, c.old)
	c.asked(before.Answer)
	return series, before, err
}
