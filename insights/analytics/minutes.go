package analytics

import (
	"context"
	"fmt"
	"slices"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/query"
)

// errNoSamples says that only increases were recorded. Without it nothing would look like 0.
var errNoSamples = fmt.Errorf("there are no samples of %s, which counts by the minute come from: choose a longer "+
	"granularity, or let the server have what is scraped", catalog.Stages.Name)

// minutes counts by the minute from raw samples, since increases are recorded every
// five. The edges bound stretches of tiles that may be published.
func (c *computation) minutes(ctx context.Context, b breakdown, edges []time.Time) (query.Table, query.Vector, error) {
	c.note("by the minute, counts are sums of raw samples, and late by up to a scrape; " +
		"breakdowns other than by channel and category are from increases recorded every five minutes")
	all := []time.Time{c.old.From}
	for t := c.span.From; !t.After(c.span.To); t = t.Add(time.Minute) {
		all = append(all, t)
	}
	found, err := c.Deltas(ctx, catalog.Stages, utc(all), b.by(), readable)
	c.asked(found.Answer)
	if err == nil && len(found.Rows) == 0 {
		err = errNoSamples
	}
	before := query.Vector{}
	for i, r := range found.Rows {
		before.Values = append(before.Values, query.Value{Labels: r.Labels, Value: r.Values[0]})
		found.Rows[i].Values = r.Values[1:]
	}
	found.Edges = all[1:]
	return c.join(b, found, edges), before, err
}

// join joins minutes of fewer users than the floor with their neighbors between two
// edges.
func (c *computation) join(b breakdown, t query.Table, edges []time.Time) query.Table {
	people := c.current().peopleOf(b, t)
	_, narrow := c.dimension()
	w := &watch{floor: c.request.floor(), hidden: map[part]map[string]bool{}, seen: []seen{{months, t.Edges, people}}}
	var kept []int
	for i := 1; i < len(edges); i++ {
		first, _ := slices.BinarySearchFunc(t.Edges, edges[i-1], time.Time.Compare)
		last, _ := slices.BinarySearchFunc(t.Edges, edges[i], time.Time.Compare)
		p := part{0, first, last}
		open, hidden := w.open(p), w.hiddenIn(p)
		whole := slices.ContainsFunc(narrow, func(group string) bool { return hidden[group] })
		for at := first; at < last; at++ {
			if at == first || open[at-first] && !whole {
				kept = append(kept, at)
			}
		}
	}
	return regroup(t, append(kept, len(t.Edges)-1))
}

// regroup adds up the buckets of a table between the edges that are kept.
func regroup(t query.Table, kept []int) query.Table {
	joined := query.Table{Answer: t.Answer}
	for _, at := range kept {
		joined.Edges = append(joined.Edges, t.Edges[at])
	}
	for _, r := range t.Rows {
		values := make([]float64, len(kept)-1)
		for i := range values {
			for _, v := range r.Values[kept[i]:kept[i+1]] {
				values[i] += v
			}
		}
		joined.Rows = append(joined.Rows, query.Row{Labels: r.Labels, Values: values})
	}
	return joined
}

// categoriesByMinute counts categories from raw samples, so that they add up to the
// total.
func (c *computation) categoriesByMinute(ctx context.Context) error {
	if len(c.request.Channels) > 0 {
		return errByChannel
	}
	b := byCategory
	t, err := c.Deltas(ctx, catalog.Stages, utc([]time.Time{c.old.From, c.span.From, c.span.To}), b.by(), readable)
	c.asked(t.Answer)
	if err != nil {
		return err
	}
	var now, before query.Vector
	for _, r := range t.Rows {
		before.Values = append(before.Values, query.Value{Labels: r.Labels, Value: r.Values[0]})
		now.Values = append(now.Values, query.Value{Labels: r.Labels, Value: r.Values[1]})
	}
	released, err := c.judge(ctx, b, now, before)
	c.answer.CategoryMetrics = categoriesOf(released.rows)
	c.withheld("category_metrics", released)
	return err
}

// withheld notes what a breakdown leaves out.
func (c *computation) withheld(name string, r result) {
	if r.withheld.Groups == 0 {
		return
	}
	if len(r.rows) == 0 {
		c.note("no group of %s is published: %s", name, r.withheld.Reason)
	}
	c.Lock()
	defer c.Unlock()
	c.answer.Withheld[name] = r.withheld
}
