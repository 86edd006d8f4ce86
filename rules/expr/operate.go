package expr

import (
	"fmt"
	"slices"
	"strings"

	"belfry/exporter/catalog"
)

// Grouping holds an aggregation that still lacks its labels.
type Grouping struct {
	operator string
	param    node // nil where the operator takes none
	of       Expr
}

// Sum adds up the elements of each group.
func Sum(of Operand) Grouping { return Grouping{operator: "sum", of: of.operand()} }

// Max takes the greatest element of each group.
func Max(of Operand) Grouping { return Grouping{operator: "max", of: of.operand()} }

// Min takes the least element of each group.
func Min(of Operand) Grouping { return Grouping{operator: "min", of: of.operand()} }

// Avg takes the mean of each group's elements.
func Avg(of Operand) Grouping { return Grouping{operator: "avg", of: of.operand()} }

// Count counts each group's elements.
func Count(of Operand) Grouping { return Grouping{operator: "count", of: of.operand()} }

// Group returns 1 for each group that has an element.
func Group(of Operand) Grouping { return Grouping{operator: "group", of: of.operand()} }

// QuantileOf takes the q-quantile of each group's elements.
func QuantileOf(q float64, of Operand) Grouping {
	return Grouping{operator: "quantile", param: number(q), of: of.operand()}
}

// TopK returns the k greatest elements, whatever their labels; in an instant query,
// the greatest first.
func TopK(k int, of Operand) Expr { return extreme("topk", "greatest", k, of) }

// TopKBy returns the k greatest elements of each group, with all of their labels.
func TopKBy(k int, of Operand, by ...*catalog.Label) Expr {
	grouped := (Grouping{operator: "topk", param: number(k), of: of.operand()}).By(by...)
	grouped.labels = of.operand().labels
	return grouped
}

// BottomK returns the k least elements, whatever their labels; in an instant query, the
// least first.
func BottomK(k int, of Operand) Expr { return extreme("bottomk", "least", k, of) }

func extreme(operator, which string, k int, of Operand) Expr {
	e := of.operand()
	if e.err == nil && e.scalar {
		e.err = fmt.Errorf("the %d %s of the scalar %s", k, which, e)
	}
	e.node = aggregation{operator: operator, param: number(k), of: e.node}
	return e
}

// By groups by the labels and drops all others, the user's own too. Without
// labels there is one group.
func (g Grouping) By(labels ...*catalog.Label) Expr {
	grouping := ""
	if len(labels) > 0 {
		grouping = "by (" + strings.Join(names(labels), ", ") + ")"
	}
	return g.group(grouping, labels, labelSet{known: labels})
}

// Without drops the labels and groups by all others, the user's own included.
func (g Grouping) Without(labels ...*catalog.Label) Expr {
	return g.group("without ("+strings.Join(names(labels), ", ")+")", labels, g.of.labels.without(labels))
}

// Keeping drops every label that the operand is known to have except these, and
// also instance and pod, which change when a partition moves. Labels that the
// user's scrape configuration adds survive. A sum or an extreme with nothing to
// drop is the operand itself. Recorded series are summed this way.
func (g Grouping) Keeping(labels ...*catalog.Label) Expr {
	var gone []*catalog.Label
	for _, l := range append(slices.Clone(g.of.labels.known), Instance, pod) {
		if g.of.labels.has(l) && !slices.Contains(labels, l) {
			gone = append(gone, l)
		}
	}
	merges := g.operator == "sum" || g.operator == "max" || g.operator == "min" || g.operator == "avg"
	if merges && len(gone) == 0 && g.of.err == nil && g.of.labels.missing(labels) == nil {
		return g.of
	}
	slices.SortFunc(gone, func(a, b *catalog.Label) int { return strings.Compare(a.Name, b.Name) })
	grouping := "without (" + strings.Join(names(gone), ", ") + ")"
	return g.group(grouping, labels, labelSet{known: labels, open: g.of.labels.open})
}

func (g Grouping) group(grouping string, needed []*catalog.Label, result labelSet) Expr {
	e := Expr{node: aggregation{g.operator, grouping, g.param, g.of.node}, labels: result, err: g.of.err}
	switch {
	case e.err != nil:
	case g.of.scalar:
		e.err = fmt.Errorf("%s of the scalar %s", g.operator, g.of)
	default:
		if err := g.of.labels.missing(needed); err != nil {
			e.err = fmt.Errorf("%s %s of %s: %w", g.operator, grouping, g.of, err)
		}
	}
	return e
}

// Matching says which elements of two vectors belong together. Without one, two
// vectors must have the same labels.
type Matching struct {
	labels   []*catalog.Label
	ignoring bool // the labels are those that may differ
	many     bool
}

// On matches elements that agree in the labels. On without labels matches every
// element on the left with the one element on the right.
func On(labels ...*catalog.Label) Matching { return Matching{labels: labels} }

// Ignoring matches elements that agree in all labels but these, the user's own
// included: those of two environments stay apart, which On would mix up.
func Ignoring(labels ...*catalog.Label) Matching { return Matching{labels: labels, ignoring: true} }

// GroupLeft lets several elements on the left match one on the right, and keeps
// the labels of the left.
func (m Matching) GroupLeft() Matching {
	m.many = true
	return m
}

func (m Matching) String() string {
	s := "on ("
	if m.ignoring {
		s = "ignoring ("
	}
	s += strings.Join(names(m.labels), ", ") + ")"
	if m.many {
		s += " group_left ()"
	}
	return s
}

// Add returns e + other.
func (e Expr) Add(other Operand, how ...Matching) Expr { return operate(e, "+", other, how) }

// Sub returns e - other.
func (e Expr) Sub(other Operand, how ...Matching) Expr { return operate(e, "-", other, how) }

// Mul returns e * other.
func (e Expr) Mul(other Operand, how ...Matching) Expr { return operate(e, "*", other, how) }

// Div returns e / other. For a share of something that can be 0 use Ratio.
func (e Expr) Div(other Operand, how ...Matching) Expr { return operate(e, "/", other, how) }

// Gt keeps the elements of e that are greater.
func (e Expr) Gt(other Operand, how ...Matching) Expr { return operate(e, ">", other, how) }

// Ge keeps the elements of e that are greater or equal.
func (e Expr) Ge(other Operand, how ...Matching) Expr { return operate(e, ">=", other, how) }

// Lt keeps the elements of e that are less.
func (e Expr) Lt(other Operand, how ...Matching) Expr { return operate(e, "<", other, how) }

// Le keeps the elements of e that are less or equal.
func (e Expr) Le(other Operand, how ...Matching) Expr { return operate(e, "<=", other, how) }

// Ne keeps the elements of e that differ.
func (e Expr) Ne(other Operand, how ...Matching) Expr { return operate(e, "!=", other, how) }

// Eq keeps the elements of e that are equal.
func (e Expr) Eq(other Operand, how ...Matching) Expr { return operate(e, "==", other, how) }

// And keeps the elements of e that have a match.
func (e Expr) And(other Operand, how ...Matching) Expr { return operate(e, "and", other, how) }

// Unless keeps the elements of e that have no match.
func (e Expr) Unless(other Operand, how ...Matching) Expr { return operate(e, "unless", other, how) }

// Or returns e and those elements of other that e has no match for.
func (e Expr) Or(other Operand, how ...Matching) Expr { return operate(e, "or", other, how) }

// Ratio returns a / b where b is above 0: it is absent, not NaN or infinite, where
// there is nothing to take a share of.
func Ratio(a, b Operand, how ...Matching) Expr {
	return a.operand().Div(b.operand().Gt(Num(0)), how...)
}

// ZeroFill returns e, and 0 for each element of like that e lacks.
func ZeroFill(e, like Operand) Expr {
	filled := e.operand().Or(like.operand().Mul(Num(0)))
	if filled.err == nil && !e.operand().labels.equal(like.operand().labels) {
		filled.err = fmt.Errorf("fill %s like %s: labels differ: %s and %s",
			e, like, e.operand().labels, like.operand().labels)
	}
	return filled
}

func operate(left Expr, operator string, other Operand, how []Matching) Expr {
	left = left.operand()
	right := other.operand()
	e := Expr{node: binary{operator: operator, left: left.node, right: right.node}, err: firstErr(left, right)}
	if e.err != nil {
		return e
	}
	if err := e.match(left, operator, right, how); err != nil {
		e.err = fmt.Errorf("%s: %w", text(e.node), err)
	}
	return e
}

// match works out how the operands' elements meet and which labels result.
func (e *Expr) match(left Expr, operator string, right Expr, how []Matching) error {
	set := operator == "and" || operator == "or" || operator == "unless"
	if left.scalar || right.scalar {
		return e.matchScalar(left, right, set, how)
	}
	e.labels = left.labels
	if operator == "or" {
		e.labels = left.labels.and(right.labels)
	}
	switch {
	case len(how) > 1:
		return fmt.Errorf("two ways of matching: use one")
	case len(how) == 0 && operator != "or" && !left.labels.equal(right.labels):
		return fmt.Errorf("labels differ, so nothing would match: %s on the left, %s on the right; use On",
			left.labels, right.labels)
	case len(how) == 0:
		return nil
	}
	m := how[0]
	n := e.node.(binary)
	n.matching = m.String()
	e.node = n
	if set && m.many {
		return fmt.Errorf("%s already takes many on both sides", operator)
	}
	if m.ignoring {
		return e.matchRest(left.labels.without(m.labels), right.labels.without(m.labels), set || m.many)
	}
	if !set && !m.many {
		e.labels = labelSet{known: m.labels}
	}
	if err := left.labels.missing(m.labels); err != nil {
		return fmt.Errorf("left side: %w", err)
	}
	if err := right.labels.missing(m.labels); err != nil {
		return fmt.Errorf("right side: %w", err)
	}
	return nil
}

// matchRest matches operands by the labels that are not ignored.
func (e *Expr) matchRest(left, right labelSet, keepsLeft bool) error {
	if !left.equal(right) {
		return fmt.Errorf("labels that are not ignored differ, so nothing would match: %s on the left, %s on the right",
			left, right)
	}
	if !keepsLeft {
		e.labels = left
	}
	return nil
}

func (e *Expr) matchScalar(left, right Expr, set bool, how []Matching) error {
	if set || len(how) > 0 {
		return fmt.Errorf("a scalar has no labels to match")
	}
	if left.scalar && right.scalar {
		e.scalar = true
		return nil
	}
	e.labels = left.labels
	if left.scalar {
		e.labels = right.labels
	}
	return nil
}
