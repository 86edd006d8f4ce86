package query

import (
	"context"
	"slices"
	"sync"
	"time"

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
// It reads what is recorded once for the days of UTC and the hours of the clock that the
// period covers, where that is complete, and the increases of every five minutes for the
// rest.
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
	runs, a, err := s.plan(ctx, edges)
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
	e := r.sum(v, by, where)
	of := rangeQuestion{question: question{e.String(), r.last().UnixNano()}}
	return s.sealed(ctx, r, v, of, func() (Matrix, error) {
		found, err := s.Instant(ctx, e, r.last())
		m := Matrix{Answer: found.Answer}
		for _, e := range found.Values {
			m.Series = append(m.Series, Series{e.Labels, []Point{{r.last(), e.Value}}})
		}
		return m, err
	})
}

// one returns the expression for each piece of the run.
func (r run) one(v rules.Volume, where []expr.Matcher) expr.Expr {
	return expr.SumOverTime(r.of(v), justUnder(r.length), where...)
}

// sum returns the expression for all pieces of the run, at its end.
func (r run) sum(v rules.Volume, by []*catalog.Label, where []expr.Matcher) expr.Expr {
	whole := r.length * time.Duration(len(r.pieces))
	return expr.Sum(expr.SumOverTime(r.of(v), justUnder(whole), where...)).By(by...)
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
