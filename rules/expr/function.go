package expr

import (
	"fmt"
	"slices"

	"belfry/exporter/catalog"
)

// Quantile returns the q-quantile of classic buckets, which must still have the
// label Le, interpolated within a bucket. It is absent, not NaN, where nothing was
// observed.
func Quantile(q float64, buckets Operand) Expr {
	of := buckets.operand()
	e := Expr{
		node:   call{"histogram_quantile", []node{number(q), of.node}},
		labels: of.labels.without([]*catalog.Label{Le}),
		err:    of.err,
	}
	if e.err == nil && !slices.Contains(of.labels.known, Le) {
		e.err = fmt.Errorf("quantile of %s: no label %q: keep it when aggregating the buckets", of, Le.Name)
	}
	return e.Ge(Num(0)) // drops NaN
}

// Absent returns one element of value 1 when the selector finds nothing, with the
// labels that it matches by equality.
func Absent(selected Operand) Expr {
	of := selected.operand()
	e := Expr{node: call{"absent", []node{of.node}}, err: of.err}
	s, ok := of.node.(selector)
	if !ok && e.err == nil {
		e.err = fmt.Errorf("absent of %s: use a selector, whose labels are known", of)
	}
	for _, m := range s.where {
		if m.operator == "=" {
			e.labels.known = append(e.labels.known, m.label)
		}
	}
	return e
}

// Vector returns one element without labels.
func Vector(x float64) Expr { return Expr{node: call{"vector", []node{number(x)}}} }

// Abs returns the absolute value of each element.
func Abs(of Operand) Expr { return function("abs", of) }

// Sgn returns 1 for each element above 0, -1 for each below, and 0 for 0.
func Sgn(of Operand) Expr { return function("sgn", of) }

// Sqrt returns the square root of each element.
func Sqrt(of Operand) Expr { return function("sqrt", of) }

// Timestamp returns the time of each element's sample, in seconds since 1970. Of a
// selector that is when the sample was written, of other expressions the time of
// evaluation.
func Timestamp(of Operand) Expr { return function("timestamp", of) }

// Aligned returns what the expression was at the multiple of step since 1970, in UTC, that
// is in the window until ago; nothing if there is none. A rule that is evaluated as often as
// the window is long yields each multiple once, whatever the offset of its group. The
// window must not be longer than the step.
func Aligned(of Operand, within, step, ago Window) Expr {
	e := checked(of, "aligned", within, step, ago)
	if e.err == nil && within.Duration() > step.Duration() {
		e.err = fmt.Errorf("%s aligned: window %s is longer than step %s", e, within, step)
	}
	e.node = call{"sum_over_time", []node{subquery{e.node, within, step, ago}}}
	return e
}

// Greatest returns the greatest value that the expression had at the multiples of step within
// the window. For a series that is read as it is use [MaxOverTime], which reads less.
func Greatest(of Operand, within, step Window) Expr {
	e := checked(of, "at its greatest", within, step)
	e.node = call{"max_over_time", []node{subquery{of: e.node, window: within, step: step}}}
	return e
}

// checked returns the operand, which is mistaken if one of the windows is: the text says what
// it was to become.
func checked(of Operand, what string, windows ...Window) Expr {
	e := of.operand()
	for _, w := range windows {
		if err := w.check(); err != nil && e.err == nil {
			e.err = fmt.Errorf("%s %s: %w", e, what, err)
		}
	}
	return e
}

// ClampMin raises elements below the bound to it.
func ClampMin(of Operand, least float64) Expr { return function("clamp_min", of, number(least)) }

// ClampMax lowers elements above the bound to it.
func ClampMax(of Operand, most float64) Expr { return function("clamp_max", of, number(most)) }

// Mark adds a label to every element, with a value that tells it from the elements
// of another vector in a union.
func Mark(of Operand, l *catalog.Label, value string) Expr {
	e := of.operand()
	e.node = call{"label_replace", []node{e.node, quoted(l.Name), quoted(value), quoted(""), quoted("")}}
	e.labels.known = append(slices.Clone(e.labels.known), l)
	return e
}

// Joined puts the values of two labels into the first of them, one behind the other. An
// element that lacks one of them has the other's value.
func Joined(of Operand, into, behind *catalog.Label) Expr {
	e := of.operand()
	if e.err == nil {
		if err := e.labels.missing([]*catalog.Label{into, behind}); err != nil {
			e.err = fmt.Errorf("join labels of %s: %w", e, err)
		}
	}
	e.node = call{"label_join", []node{e.node, quoted(into.Name), quoted(""), quoted(into.Name), quoted(behind.Name)}}
	return e
}

func function(name string, of Operand, args ...node) Expr {
	e := of.operand()
	if e.err == nil && e.scalar {
		e.err = fmt.Errorf("%s of the scalar %s", name, e)
	}
	e.node = call{name, append([]node{e.node}, args...)}
	return e
}
