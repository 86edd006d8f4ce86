// Package expr builds PromQL from the values of the catalogue, so that a query
// cannot name a metric or a label that does not exist.
//
//	sent := expr.Rate(catalog.Stages, "5m", expr.Stage(catalog.StageSent))
//	perChannel := expr.Record("notification_sent:rate5m",
//		expr.Sum(sent).Keeping(catalog.LabelChannel))
//	loud := expr.Ratio(failed, perChannel).Gt(expr.Num(0.05))
//
// Mistakes are caught in two ways. The compiler rejects what Go's types tell
// apart: the rate of a gauge, the average over time of a counter. Everything else
// is checked while the expression is built. Each expression knows the labels of
// its result, so it carries an error when it matches or groups by a label that an
// operand lacks, names a value outside a closed set, or joins two vectors with
// different labels. Building never panics, because users' own rules are compiled
// through this package too. [Expr.Err] returns the first mistake, generation stops
// at it, and a test builds every shipped expression.
//
// An expression is immutable. Its text, [Expr.String], depends only on the calls
// that built it, and so is stable from run to run.
package expr

import (
	"errors"
	"fmt"
	"slices"

	"belfry/exporter/catalog"
)

// Expr is a PromQL expression that yields an instant vector or a scalar. Err
// reports the zero value as empty.
type Expr struct {
	node   node
	labels labelSet
	scalar bool
	err    error
}

// Operand is anything that an expression can be built from: an Expr, or a Recorded
// series.
type Operand interface{ operand() Expr }

func (e Expr) operand() Expr {
	if e.node == nil && e.err == nil {
		e.err = errors.New("empty expression")
	}
	return e
}

// Num returns a scalar.
func Num(x float64) Expr { return Expr{node: number(x), scalar: true} }

// Err returns the first mistake in building the expression, or nil.
func (e Expr) Err() error { return e.operand().err }

// String returns the PromQL text. For an expression with a mistake it is not
// PromQL, so that it cannot be used by accident.
func (e Expr) String() string {
	if err := e.Err(); err != nil {
		return fmt.Sprintf("!(%v)", err)
	}
	return text(e.node)
}

// Labels returns the labels that every element of the result has, in the order in
// which a legend or a table names them, without the user's own target labels.
func (e Expr) Labels() []*catalog.Label { return append([]*catalog.Label(nil), e.labels.known...) }

// Series returns the names of the series that the expression reads, in its order.
func (e Expr) Series() []string {
	var all []string
	e.operand().rewrite(nil, func(s selector) (selector, error) {
		all = append(all, s.name)
		return s, nil
	})
	return all
}

// Where narrows every selector that has the matchers' labels, down through
// aggregations and functions, and leaves alone selectors that lack a label. So a
// dashboard filters the same expression that an alert uses. It is a mistake if no
// selector has the label.
func (e Expr) Where(where ...Matcher) Expr {
	e = e.operand()
	for _, m := range where {
		taken := false
		e = e.rewrite(m.err, func(s selector) (selector, error) {
			if !s.labels.has(m.label) {
				return s, nil
			}
			taken = true
			return s.narrow(m), nil
		})
		if e.err == nil && !taken {
			e.err = fmt.Errorf("%s: no selector has the label %q", text(e.node), m.label.Name)
		}
	}
	return e
}

// Replace puts the matcher to in place of from, wherever a selector has that.
func (e Expr) Replace(from, to Matcher) Expr {
	return e.operand().rewrite(to.err, func(s selector) (selector, error) {
		s.where = slices.Clone(s.where)
		for i, m := range s.where {
			if m == from {
				s.where[i] = to
			}
		}
		return s, nil
	})
}

// Offset moves every selector of the expression back in time.
func (e Expr) Offset(back Window) Expr {
	return e.operand().rewrite(back.check(), func(s selector) (selector, error) {
		var err error
		s.offset, err = s.offset.plus(back)
		return s, err
	})
}

// rewrite changes every selector of the expression.
func (e Expr) rewrite(err error, change func(selector) (selector, error)) Expr {
	if e.err != nil {
		return e
	}
	if err != nil {
		e.err = err
		return e
	}
	e.node = e.node.rewrite(func(s selector) selector {
		changed, err := change(s)
		e.err = errors.Join(e.err, err)
		return changed
	})
	return e
}

// firstErr returns the first mistake among the operands.
func firstErr(operands ...Expr) error {
	for _, o := range operands {
		if o.err != nil {
			return o.err
		}
	}
	return nil
}
