package query

import (
	"context"
	"fmt"
	"slices"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"golang.org/x/sync/errgroup"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

const (
	// before is how far ahead of a period its counters are read, to know where they
	// stood. A counter that was not seen for longer begins at its first value, which the
	// exporter shows as 0.
	before = 10 * time.Minute
	// moved is how long a counter is silent in one place before a lower value in another
	// place means that it started over. Prometheus looks back as far.
	moved = 5 * time.Minute
	// span is how much time one query for raw samples covers.
	span = time.Hour
)

// places lists the labels that say where a series was scraped. They change when a
// partition moves, and its count goes on.
var places = []string{"instance", "pod", "container", "node"}

// Deltas returns how much a counter grew between each edge and the next, by the
// labels, added up from raw samples and corrected for resets. Counts are whole. The
// edges may be any ascending times; samples are as close as scrapes, so each figure
// may be late by one scrape interval.
//
// It reads every sample: use it for hours, and [Source.Buckets] for more.
func (s *Source) Deltas(
	ctx context.Context, of catalog.Counter, edges []time.Time, by []*catalog.Label, where ...expr.Matcher,
) (Table, error) {
	t := Table{Edges: edges}
	if len(edges) < 2 {
		return t, nil
	}
	if !slices.IsSortedFunc(edges, time.Time.Compare) {
		return t, fmt.Errorf("invalid edges: use times that ascend")
	}
	all, err := s.samples(ctx, expr.Select(of, where...), edges[0].Add(-before), edges[len(edges)-1])
	t.Answer = all.Answer
	if err != nil {
		return t, err
	}
	rows := map[string]*Row{}
	for _, counter := range counters(all.Series) {
		labels := counter[0].Labels.only(by)
		key := labels.key()
		if rows[key] == nil {
			rows[key] = &Row{labels, make([]float64, len(edges)-1)}
		}
		grow(counter, func(at time.Time, by float64) {
			bucket, _ := slices.BinarySearchFunc(edges, at, time.Time.Compare)
			if bucket > 0 && bucket < len(edges) {
				rows[key].Values[bucket-1] += by
			}
		})
	}
	for _, key := range sortedKeys(rows) {
		t.Rows = append(t.Rows, *rows[key])
	}
	return t, nil
}

// samples reads raw samples span by span.
func (s *Source) samples(ctx context.Context, of expr.Expr, from, to time.Time) (Matrix, error) {
	var parts []Matrix
	group, ctx := errgroup.WithContext(ctx)
	n := int((to.Sub(from) + span - 1) / span)
	parts = make([]Matrix, n)
	for i := range n {
		begin := from.Add(time.Duration(i) * span)
		end := begin.Add(span)
		if end.After(to) {
			end = to
		}
		group.Go(func() (err error) {
			parts[i], err = s.raw(ctx, of, begin, end)
			return err
		})
	}
	err := group.Wait()
	var all Matrix
	for _, p := range parts {
		all.join(p)
	}
	return all, err
}

// raw reads the samples of a selector between two times, the first left out. Their times
// are those of the samples.
func (s *Source) raw(ctx context.Context, e expr.Expr, from, to time.Time) (Matrix, error) {
	if err := e.Err(); err != nil {
		return Matrix{}, err
	}
	promQL := fmt.Sprintf("%s[%s]", e, justUnder(to.Sub(from)))
	m := Matrix{Answer: Answer{Queries: []string{promQL}}}
	value, err := s.ask(ctx, &m.Answer, func(ctx context.Context) (model.Value, v1.Warnings, error) {
		return answered(s.api.Query(ctx, promQL, to))
	})
	if err != nil {
		return m, err
	}
	found, ok := value.(model.Matrix)
	if !ok {
		return m, fmt.Errorf("query %s: the result is a %T, not a matrix", promQL, value)
	}
	return m, m.fill(found, func(time.Time) error { return nil })
}

// only returns the values of the labels.
func (l Labels) only(by []*catalog.Label) Labels {
	some := Labels{}
	for _, label := range by {
		some[label.Name] = l[label.Name]
	}
	return some
}

// counters groups series that are one counter in several places.
func counters(series []Series) [][]Series {
	groups := map[string][]Series{}
	for _, one := range series {
		identity := Labels{}
		for name, value := range one.Labels {
			if !slices.Contains(places, name) {
				identity[name] = value
			}
		}
		groups[identity.key()] = append(groups[identity.key()], one)
	}
	var all [][]Series
	for _, key := range sortedKeys(groups) {
		all = append(all, groups[key])
	}
	return all
}

// grow calls add for each step by which a counter grew.
func grow(series []Series, add func(at time.Time, by float64)) {
	type sample struct {
		Point
		place int
	}
	var all []sample
	for i, one := range series {
		for _, p := range one.Points {
			all = append(all, sample{p, i})
		}
	}
	slices.SortStableFunc(all, func(a, b sample) int { return a.At.Compare(b.At) })
	for i, last := 1, 0; i < len(all); i++ {
		now, known := all[i], all[last]
		switch {
		case now.Value >= known.Value:
			add(now.At, now.Value-known.Value)
		case now.place == known.place || now.At.Sub(known.At) > moved:
			add(now.At, now.Value) // it started over at 0
		default:
			continue // an older value in the place that it has left
		}
		last = i
	}
}
