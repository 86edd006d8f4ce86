package query

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/common/model"

	"belfry/rules/expr"
)

// Mean returns the mean of the values that an expression has at from, and then at every
// step until to. A series without a value at a time is left out there. It is the mean of
// each series of [Source.Range], computed by the server. It returns nothing if to is
// before from.
func (s *Source) Mean(ctx context.Context, e expr.Expr, from, to time.Time, step time.Duration) (Vector, error) {
	if step <= 0 {
		return Vector{}, fmt.Errorf("query the mean of %s: invalid step %s: use a step above 0", e, step)
	}
	if to.Before(from) {
		return Vector{}, nil
	}
	more := to.Sub(from) / step
	last := from.Add(more * step)
	if more == 0 {
		return s.Instant(ctx, e, last)
	}
	inner, at := aligned(e, last, step)
	if err := inner.Err(); err != nil {
		return Vector{}, err
	}
	promQL := fmt.Sprintf("avg_over_time((%s)[%s:%s])", inner, justUnder((more+1)*step), model.Duration(step))
	return s.instant(ctx, promQL, at)
}

// aligned returns the expression of the time last at a later time. A subquery is
// evaluated at multiples of its step since 1970, whatever the time of the query.
func aligned(e expr.Expr, last time.Time, step time.Duration) (inner expr.Expr, at time.Time) {
	later := step - time.Duration(last.UnixNano()%int64(step))
	return e.Offset(expr.Window(model.Duration(later).String())), last.Add(later)
}
