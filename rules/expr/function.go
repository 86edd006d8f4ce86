package expr

import (
	"fmt"
	"slices"

	"belfry/exporter/catalog"
)

// Quantile is the q-quantile of classic buckets, which must still have the
// label Le, interpolated within a bucket. It is absent, rather than NaN, where
// nothing was observed.
func Quantile(q float64, buckets Operand) Expr {
	of := buckets.operand()
	e := Expr{
		node:   call{"histogram_quantile", []node{number(q), of.node}},
		labels: of.labels.without([]*catalog.Label{Le}),
		err:    of.err,
	}
	if e.err == nil && !slices.Contains(of.labels.known, Le) {
		e.err = fmt.Errorf("quantile of %s: no label %q: aggregate the buckets keeping it", of, Le.Name)
	}
	return e.Ge(Num(0)) // NaN is not
}

// Absent is one element of value 1 when the selector finds nothing, with the
// labels that it asks for by equality.
func Absent(selected Operand) Expr {
	of := selected.operand()
	e := Expr{node: call{"absent", []node{of.node}}, err: of.err}
	s, ok := of.node.(selector)
	if !ok && e.err == nil {
		e.err = fmt.Errorf("absent of %s: want a selector, whose labels can be known", of)
	}
	for _, m := range s.where {
		if m.operator == "=" {
			e.labels.known = append(e.labels.known, m.label)
		}
	}
	return e
}

// Vector is one element without labels.
func Vector(x float64) Expr { return Expr{node: call{"vector", []node{number(x)}}} }
