package mutant

import (
	"maps"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// aggregations maps each aggregation to the one that replaces it.
var aggregations = map[parser.ItemType]parser.ItemType{
	parser.SUM: parser.MAX, parser.AVG: parser.MAX, parser.MAX: parser.MIN, parser.MIN: parser.MAX,
	parser.COUNT: parser.SUM, parser.GROUP: parser.SUM, parser.TOPK: parser.BOTTOMK, parser.BOTTOMK: parser.TOPK,
	parser.STDDEV: parser.AVG, parser.STDVAR: parser.STDDEV,
}

// aggregation changes the operator of an aggregation and its labels.
func (f *factory) aggregation(a *parser.AggregateExpr, around []parser.Expr) {
	if op, ok := aggregations[a.Op]; ok && !ofOne(a) && !slices.ContainsFunc(around, timesZero) {
		set(f, &a.Op, op, "aggregation", "two series that are aggregated into one")
	}
	for i, label := range a.Grouping {
		set(f, &a.Grouping, without(a.Grouping, i), "grouping",
			"series with the label "+label+", and the labels of the result")
	}
	if len(a.Grouping) == 0 && !a.Without {
		return // all series into one: what it is matched with decides whether a label more matters
	}
	for _, label := range slices.Sorted(maps.Keys(f.left(a.Expr))) {
		if !slices.Contains(a.Grouping, label) && !again(label, a, around) && matters(label, a, around) {
			more := append(slices.Clone(a.Grouping), label)
			set(f, &a.Grouping, more, "grouping", "series with the label "+label+", and the labels of the result")
		}
	}
}

// matters reports whether a label of an expression's result can have an effect. It
// has none on the right of a set operation that matches other labels.
func matters(label string, e parser.Expr, around []parser.Expr) bool {
	for i := len(around) - 1; i >= 0; i-- {
		if b, ok := around[i].(*parser.BinaryExpr); ok && b.RHS == e &&
			(b.Op == parser.LAND || b.Op == parser.LUNLESS) {
			return slices.Contains(b.VectorMatching.MatchingLabels, label) == b.VectorMatching.On
		}
		e = around[i]
	}
	return true
}

// ofOne reports whether an aggregation makes each result of one series, since it
// drops only labels whose value the selector fixes.
func ofOne(a *parser.AggregateExpr) bool {
	s, ok := a.Expr.(*parser.VectorSelector)
	if !ok || !a.Without || a.Op == parser.COUNT || a.Op == parser.GROUP {
		return false
	}
	return !slices.ContainsFunc(a.Grouping, func(label string) bool {
		return !slices.ContainsFunc(s.LabelMatchers, func(m *labels.Matcher) bool {
			return m.Name == label && m.Type == labels.MatchEqual
		})
	})
}

// again reports whether the same aggregation around this one drops the label too:
// the sum of sums is the sum.
func again(label string, a *parser.AggregateExpr, around []parser.Expr) bool {
	for i := len(around) - 1; i >= 0; i-- {
		switch e := around[i].(type) {
		case *parser.ParenExpr:
		case *parser.AggregateExpr:
			associative := e.Op == parser.SUM || e.Op == parser.MAX || e.Op == parser.MIN
			return associative && e.Op == a.Op && e.Without == slices.Contains(e.Grouping, label)
		default:
			return false
		}
	}
	return false
}

// left returns the labels that elements of an expression may have.
func (f *factory) left(e parser.Expr) map[string]bool {
	all := map[string]bool{}
	switch e := e.(type) {
	case *parser.VectorSelector:
		for _, label := range f.labels(e.Name) {
			all[label] = label != model.MetricNameLabel
		}
		maps.DeleteFunc(all, func(_ string, there bool) bool { return !there })
	case *parser.AggregateExpr:
		all = f.left(e.Expr)
		maps.DeleteFunc(all, func(label string, _ bool) bool { return e.Without == slices.Contains(e.Grouping, label) })
	case *parser.BinaryExpr:
		all = f.left(e.LHS)
		if e.Op != parser.LAND && e.Op != parser.LUNLESS {
			maps.Copy(all, f.left(e.RHS))
		}
	default:
		for child := range parser.ChildrenIter(e) {
			if inner, ok := child.(parser.Expr); ok {
				maps.Copy(all, f.left(inner))
			}
		}
	}
	return all
}
