package analytics

import (
	"context"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/rules"
	"belfry/rules/expr"
)

// meanOf returns the mean over both periods of what is recorded as means over an hour,
// by the label. It takes one mean for each hour.
func (c *computation) meanOf(ctx context.Context, of expr.Recorded, by *catalog.Label) (map[string]Figure, error) {
	hour := expr.LastOverTime(of, "10m")
	return c.compareBy(ctx, by, func(ctx context.Context, in Span) (query.Vector, error) {
		step := min(time.Hour, in.length())
		mean := func(e expr.Expr) (query.Vector, error) {
			return c.Mean(ctx, e, in.From.Add(step).UTC(), in.To.UTC(), step)
		}
		v, err := mean(hour)
		if err != nil || distinct(v, by) {
			return v, err
		}
		return mean(expr.Max(hour).By(by)) // the greatest of several, which takes the server longer
	})
}

// distinct reports whether each value of a label is that of one element.
func distinct(v query.Vector, by *catalog.Label) bool { return len(valuesBy(v, by)) == len(v.Values) }

// atEnd returns what an expression was at the end of both periods, by the label.
func (c *computation) atEnd(ctx context.Context, of expr.Expr, by *catalog.Label) (map[string]Figure, error) {
	return c.compareBy(ctx, by, func(ctx context.Context, in Span) (query.Vector, error) {
		return c.Instant(ctx, of, in.To.UTC())
	})
}

// compareBy asks about both periods, and compares the values by the label.
func (c *computation) compareBy(
	ctx context.Context, by *catalog.Label, ask func(context.Context, Span) (query.Vector, error),
) (map[string]Figure, error) {
	now, before, err := c.inBoth(ctx, ask)
	if err != nil {
		return nil, err
	}
	return compareAll(valuesBy(now, by), valuesBy(before, by)), nil
}

func valuesBy(v query.Vector, by *catalog.Label) map[string]number {
	values := map[string]number{}
	for _, e := range v.Values {
		values[e.Labels.Of(by)] = known(e.Value)
	}
	return values
}

func compareAll(now, before map[string]number) map[string]Figure {
	all := map[string]Figure{}
	for _, key := range sortedKeys(now, before) {
		all[key] = compare(orUnknown(now, key), orUnknown(before, key))
	}
	return all
}

func orUnknown(all map[string]number, key string) number {
	if n, ok := all[key]; ok {
		return n
	}
	return unknown("not reported")
}

// figure returns the figure of a key, or that nothing was reported.
func figure(all map[string]Figure, key string) Figure {
	if f, ok := all[key]; ok {
		return f
	}
	return Figure{Reason: "not reported"}
}

// resources computes what components used.
func (c *computation) resources(ctx context.Context, s *System) error {
	var found []map[string]Figure
	for _, of := range []expr.Recorded{rules.CPUHour, rules.MemoryHour, rules.DiskHour, rules.NetworkHour} {
		means, err := c.meanOf(ctx, of, catalog.LabelComponent)
		if err != nil {
			return err
		}
		found = append(found, means)
	}
	for _, component := range sortedKeys(found...) {
		s.Resources = append(s.Resources, Resource{
			component, figure(found[0], component), figure(found[1], component), figure(found[2], component),
			figure(found[3], component),
		})
	}
	return nil
}

// queues computes how full queues were.
func (c *computation) queues(ctx context.Context, s *System) error {
	depth, err := c.meanOf(ctx, rules.QueueHour, catalog.LabelQueue)
	if err != nil {
		return err
	}
	dead, err := c.atEnd(ctx,
		expr.Max(expr.AvgOverTime(catalog.DeadLetters, "5m")).By(catalog.LabelQueue), catalog.LabelQueue)
	if err != nil {
		return err
	}
	now, before := number{reason: "not reported"}, number{reason: "not reported"}
	for _, queue := range sortedKeys(depth, dead) {
		s.Queues = append(s.Queues, Queue{queue, figure(depth, queue), figure(dead, queue)})
		now, before = plus(now, dead[queue].Value), plus(before, dead[queue].Previous)
	}
	s.DeadLetterQueueSize = compare(now, before)
	return nil
}

// plus adds a value, if there is one.
func plus(n number, value *float64) number {
	switch {
	case value == nil:
		return n
	case n.value == nil:
		return known(*value)
	}
	return known(*n.value + *value)
}

// services computes how external services answered.
func (c *computation) services(ctx context.Context, s *System) error {
	latency, err := c.means(ctx, rules.ServiceSumVolume, rules.ServiceCountVolume, catalog.LabelService)
	if err != nil {
		return err
	}
	now, before, err := c.both(ctx, rules.ServiceVolume, []*catalog.Label{catalog.LabelService, catalog.LabelResult})
	if err != nil {
		return err
	}
	quota, err := c.atEnd(ctx,
		expr.Max(expr.LastOverTime(rules.QuotaUsed, "15m")).By(catalog.LabelService), catalog.LabelService)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, v := range []query.Vector{now, before} {
		for _, e := range v.Values {
			names[e.Labels.Of(catalog.LabelService)] = true
		}
	}
	for _, service := range sortedKeys(names) {
		s.Services = append(s.Services, Service{
			service, latency(service), compare(serviceErrors(now, service), serviceErrors(before, service)),
			figure(quota, service),
		})
	}
	return nil
}

// serviceErrors returns the share of a service's requests that failed.
func serviceErrors(requests query.Vector, service string) number {
	of := func(result string) float64 {
		n, _ := requests.Find(query.Labels{catalog.LabelService.Name: service, catalog.LabelResult.Name: result})
		return n
	}
	failed, ok := of("error"), of("success")
	if failed+ok == 0 {
		return unknown("no request was reported")
	}
	return known(failed / (failed + ok))
}
