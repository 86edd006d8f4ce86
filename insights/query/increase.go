package query

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"golang.org/x/sync/errgroup"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Increase returns how much a volume grew from one time to another, by the labels:
// exactly what was counted in between, as far as it was recorded. The times must be
// multiples of five minutes. What an increase that is recorded at a time covers is
// before it: from is left out and to is included.
//
// It reads the recorded days, hours and increases that cover the period, so that a
// year takes a few hundred samples of each series.
func (s *Source) Increase(
	ctx context.Context, v rules.Volume, from, to time.Time, by []*catalog.Label, where ...expr.Matcher,
) (Vector, error) {
	t, err := s.Buckets(ctx, v, []time.Time{from, to}, by, where...)
	result := Vector{Answer: t.Answer}
	for _, r := range t.Rows {
		result.Values = append(result.Values, Value{r.Labels, r.Values[0]})
	}
	return result, err
}

// Buckets returns how much a volume grew between each edge and the next. The edges
// must ascend and be multiples of five minutes. See [Source.Increase], whose result
// for the whole time is the sum of the buckets.
//
// The server adds up buckets of many days, so that a year by month has twelve points of
// each series, not 365.
func (s *Source) Buckets(
	ctx context.Context, v rules.Volume, edges []time.Time, by []*catalog.Label, where ...expr.Matcher,
) (Table, error) {
	t := Table{Edges: edges}
	runs, a, err := s.plan(ctx, v, edges)
	t.Join(a)
	if err != nil {
		return t, err
	}
	var lock sync.Mutex
	found := make([]Matrix, len(runs))
	group, ctx := errgroup.WithContext(ctx)
	for i, r := range runs {
		group.Go(func() error {
			m, err := s.grown(ctx, r, v, by, where)
			lock.Lock()
			defer lock.Unlock()
			found[i] = m
			return err
		})
	}
	err = group.Wait()
	rows := map[string]*Row{}
	for i, r := range runs {
		t.Join(found[i].Answer)
		r.add(rows, found[i], len(edges)-1)
	}
	for _, key := range sortedKeys(rows) {
		t.Rows = append(t.Rows, *rows[key])
	}
	return t, err
}

// grown returns a point for each piece of a run, or one for all if they are in one
// bucket.
func (s *Source) grown(
	ctx context.Context, r run, v rules.Volume, by []*catalog.Label, where []expr.Matcher,
) (Matrix, error) {
	if a, nothing, err := s.silent(ctx, r); nothing || err != nil {
		return Matrix{Answer: a}, err
	}
	if r.buckets() > 1 {
		e := expr.Sum(r.one(v, where)).By(by...)
		of := rangeQuestion{question{e.String(), r.first().UnixNano()}, r.last().UnixNano(), r.length}
		return s.sealed(ctx, r, v, of, func() (Matrix, error) { return s.Range(ctx, e, r.first(), r.last(), r.length) })
	}
	promQL, at, err := r.sum(v, by, where)
	if err != nil {
		return Matrix{}, err
	}
	of := rangeQuestion{question: question{promQL, at.UnixNano()}}
	return s.sealed(ctx, r, v, of, func() (Matrix, error) {
		found, err := s.instant(ctx, promQL, at)
		m := Matrix{Answer: found.Answer}
		for _, e := range found.Values {
			m.Series = append(m.Series, Series{e.Labels, []Point{{r.last(), e.Value}}})
		}
		return m, err
	})
}

// one returns the expression for each piece of the run.
func (r run) one(v rules.Volume, where []expr.Matcher) expr.Expr {
	if r.sums.Name != "" {
		return expr.LastOverTime(r.sums, expr.Window(model.Duration(tile).String()), where...)
	}
	return expr.SumOverTime(v.Increase5m, justUnder(r.length), where...)
}

// sum returns a query for the sum over all pieces of the run, and when to evaluate it.
func (r run) sum(v rules.Volume, by []*catalog.Label, where []expr.Matcher) (promQL string, at time.Time, err error) {
	whole := r.length * time.Duration(len(r.pieces))
	if r.sums.Name == "" {
		of := expr.Sum(expr.SumOverTime(v.Increase5m, justUnder(whole), where...)).By(by...)
		return of.String(), r.last(), of.Err()
	}
	one := expr.Sum(r.one(v, where)).By(by...)
	if err := one.Err(); err != nil || len(r.pieces) == 1 {
		return one.String(), r.last(), err
	}
	inner, at := aligned(r.one(v, where), r.last(), r.length)
	names := make([]string, len(by))
	for i, l := range by {
		names[i] = l.Name
	}
	return fmt.Sprintf("sum by (%s) (sum_over_time(%s[%s:%s]))", strings.Join(names, ", "), inner, justUnder(whole),
		model.Duration(r.length)), at, nil
}

// add adds the points of an answer to the buckets of their pieces.
func (r run) add(rows map[string]*Row, m Matrix, buckets int) {
	for _, series := range m.Series {
		key := series.Labels.key()
		if rows[key] == nil {
			rows[key] = &Row{series.Labels, make([]float64, buckets)}
		}
		for _, p := range series.Points {
			n := int(p.At.Sub(r.first()) / r.length)
			rows[key].Values[r.pieces[n].bucket] += p.Value
		}
	}
}

func sortedKeys[V any](of map[string]V) []string {
	keys := make([]string, 0, len(of))
	for key := range of {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
