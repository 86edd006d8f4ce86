package query

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"belfry/rules/expr"
	"belfry/rules/promapi"
)

// maxPoints is how many points of a series one query asks for. Prometheus refuses
// more than 11,000.
const maxPoints = 10_000

// Instant evaluates an expression at a time.
func (s *Source) Instant(ctx context.Context, e expr.Expr, at time.Time) (Vector, error) {
	if err := e.Err(); err != nil {
		return Vector{}, err
	}
	return s.instant(ctx, e.String(), at)
}

func (s *Source) instant(ctx context.Context, promQL string, at time.Time) (Vector, error) {
	if s.memory == nil {
		return s.send(ctx, promQL, at)
	}
	return s.memory.instants.recall(question{promQL, at.UnixNano()}, func() (Vector, error) {
		return s.send(ctx, promQL, at)
	})
}

// send sends an instant query.
func (s *Source) send(ctx context.Context, promQL string, at time.Time) (Vector, error) {
	v := Vector{Answer: Answer{Queries: []string{promQL}}}
	value, err := s.ask(ctx, &v.Answer, func(ctx context.Context) (model.Value, v1.Warnings, error) {
		return answered(s.api.Query(ctx, promQL, at))
	})
	if err != nil {
		return v, err
	}
	switch found := value.(type) {
	case *model.Scalar:
		v.keep(found.Value, nil, func(x float64) { v.Values = append(v.Values, Value{Labels{}, x}) })
	case model.Vector:
		for _, e := range found {
			v.keep(e.Value, e.Histogram, func(x float64) { v.Values = append(v.Values, Value{labelsOf(e.Metric), x}) })
		}
	default:
		return v, fmt.Errorf("query %s: the result is a %T, not a vector", promQL, value)
	}
	v.Values = sorted(v.Values, func(v Value) Labels { return v.Labels })
	return v, nil
}

// Range evaluates an expression at from, and then at every step until to. It sends
// several queries where one would have too many points.
func (s *Source) Range(ctx context.Context, e expr.Expr, from, to time.Time, step time.Duration) (Matrix, error) {
	promQL := e.String()
	if err := e.Err(); err != nil {
		return Matrix{}, err
	}
	if step <= 0 {
		return Matrix{}, fmt.Errorf("query %s over a range: invalid step %s: use a step above 0", promQL, step)
	}
	m := Matrix{}
	for ; !from.After(to); from = from.Add(maxPoints * step) {
		last := from.Add((maxPoints - 1) * step)
		if last.After(to) {
			last = to
		}
		part, err := s.ranged(ctx, promQL, v1.Range{Start: from, End: last, Step: step})
		if err != nil {
			return m, err
		}
		m.join(part)
	}
	return m, nil
}

func (s *Source) ranged(ctx context.Context, promQL string, r v1.Range) (Matrix, error) {
	if s.memory == nil {
		return s.sendRange(ctx, promQL, r)
	}
	of := rangeQuestion{question{promQL, r.Start.UnixNano()}, r.End.UnixNano(), r.Step}
	return s.memory.ranges.recall(of, func() (Matrix, error) { return s.sendRange(ctx, promQL, r) })
}

// sendRange sends a query over a range.
func (s *Source) sendRange(ctx context.Context, promQL string, r v1.Range) (Matrix, error) {
	m := Matrix{Answer: Answer{Queries: []string{promQL}}}
	value, err := s.ask(ctx, &m.Answer, func(ctx context.Context) (model.Value, v1.Warnings, error) {
		return answered(s.api.QueryRange(ctx, promQL, r))
	})
	if err != nil {
		return m, err
	}
	found, ok := value.(model.Matrix)
	if !ok {
		return m, fmt.Errorf("query %s over a range: the result is a %T, not a matrix", promQL, value)
	}
	return m, m.fill(found, func(at time.Time) error {
		if at.Sub(r.Start)%r.Step != 0 {
			return fmt.Errorf("query %s over a range: the server answers for %s, which was not asked: "+
				"turn off the alignment of queries (VictoriaMetrics: -search.disableCache)", promQL, at.Format(time.RFC3339))
		}
		return nil
	})
}

// answered drops what is only informative.
func answered(value model.Value, warnings v1.Warnings, _ v1.Infos, err error) (model.Value, v1.Warnings, error) {
	return value, warnings, err
}

// ask runs a query and takes the server's warnings.
func (s *Source) ask(
	ctx context.Context, a *Answer, run func(context.Context) (model.Value, v1.Warnings, error),
) (model.Value, error) {
	bounded, leave, err := s.enter(ctx)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", a.Queries[0], err)
	}
	defer leave()
	value, warnings, err := run(bounded)
	if err != nil {
		switch {
		case errors.Is(err, promapi.ErrUnreachable):
			return nil, err // whatever is asked, so that all questions give one reason
		case errors.Is(err, context.DeadlineExceeded):
			err = context.Cause(bounded)
		}
		return nil, fmt.Errorf("query %s: %w", a.Queries[0], err)
	}
	for _, w := range warnings {
		if !strings.HasPrefix(w, "PromQL ") { // those are about the query, not about missing data
			a.Warnings = append(a.Warnings, w)
		}
	}
	return value, nil
}
