package mutant

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// value halves and doubles a number, and changes a threshold by a tenth too. Zero
// becomes one.
func (f *factory) value(n *parser.NumberLiteral, around []parser.Expr) {
	if n.Val == 0 {
		set(f, &n.Val, 1, "number", "a value between 0 and 1")
		return
	}
	factors, kind := []float64{0.5, 2}, "number"
	if len(around) > 0 {
		if b, ok := around[len(around)-1].(*parser.BinaryExpr); ok && b.Op.IsComparisonOperator() {
			factors, kind = []float64{0.5, 0.9, 1.1, 2}, "threshold"
		}
	}
	for _, factor := range factors {
		v := rounded(n.Val * factor)
		low, high := min(n.Val, v), max(n.Val, v)
		set(f, &n.Val, v, kind, fmt.Sprintf("a value between %v and %v", low, high))
	}
}

// rounded removes the noise of binary fractions, so that 0.8 × 1.1 is 0.88.
func rounded(x float64) float64 {
	decimal, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 12, 64), 64)
	if err != nil || math.IsInf(decimal, 0) {
		return x
	}
	return decimal
}

func (f *factory) window(d *time.Duration) {
	f.scaled(d, "window",
		"what happened earlier than half the window ago, or just before it, differs from what happened within")
}

func (f *factory) scaled(d *time.Duration, kind, wanted string) {
	if *d == 0 {
		return
	}
	set(f, d, *d/2, kind, wanted)
	set(f, d, *d*2, kind, wanted)
}

func (f *factory) offset(d *time.Duration) {
	if *d == 0 {
		return
	}
	const wanted = "what is read is different half, once and twice the offset ago"
	f.scaled(d, "offset", wanted)
	set(f, d, 0, "offset", wanted)
}

// comparisons maps each comparison to those that replace it.
var comparisons = map[parser.ItemType][]parser.ItemType{
	parser.GTR:  {parser.GTE, parser.LSS},
	parser.GTE:  {parser.GTR, parser.LSS},
	parser.LSS:  {parser.LTE, parser.GTR},
	parser.LTE:  {parser.LSS, parser.GTR},
	parser.EQLC: {parser.NEQ},
	parser.NEQ:  {parser.EQLC},
}

var arithmetic = map[parser.ItemType]parser.ItemType{
	parser.ADD: parser.SUB, parser.SUB: parser.ADD, parser.MUL: parser.DIV,
	parser.DIV: parser.MUL, parser.MOD: parser.MUL, parser.POW: parser.MUL, parser.ATAN2: parser.DIV,
}

// operator changes the operator of a comparison or an arithmetic expression.
func (f *factory) operator(b *parser.BinaryExpr) {
	for _, op := range comparisons[b.Op] {
		wanted := "a value on the other side of the threshold"
		if op == parser.GTE || op == parser.LTE || b.Op == parser.GTE || b.Op == parser.LTE {
			wanted += ", and one exactly at it"
		}
		set(f, &b.Op, op, "comparison", wanted)
	}
	if op, ok := arithmetic[b.Op]; ok {
		set(f, &b.Op, op, "operator", "the value itself, with neither operand 0 or 1")
	}
	if b.ReturnBool {
		set(f, &b.ReturnBool, false, "bool", "a comparison that is false")
	}
}

// operands removes one side of a set operation, or the threshold of a comparison.
func (f *factory) operands(place *parser.Expr, b *parser.BinaryExpr) {
	left, right := short(b.LHS), short(b.RHS)
	switch {
	case b.Op == parser.LOR:
		set(f, place, b.LHS, "branch", "only "+right+" holds")
		set(f, place, b.RHS, "branch", "only "+left+" holds")
	case b.Op == parser.LAND:
		set(f, place, b.LHS, "branch", left+" holds and "+right+" does not")
		set(f, place, b.RHS, "branch", right+" holds and "+left+" does not")
	case b.Op == parser.LUNLESS:
		set(f, place, b.LHS, "branch", left+" holds and so does "+right)
	case b.Op.IsComparisonOperator() && !b.ReturnBool:
		kept, scalar := b.LHS, b.LHS.Type() == parser.ValueTypeScalar
		if scalar {
			kept = b.RHS
		}
		set(f, place, kept, "filter", "a value that "+short(b)+" drops")
	}
}

// short returns the text of an expression, truncated if it is long.
func short(e parser.Expr) string {
	text := []rune(strings.Trim(e.String(), "() "))
	if len(text) > 60 {
		return "`" + string(text[:57]) + "…`"
	}
	return "`" + string(text) + "`"
}

// matching changes the labels by which two vectors are matched.
func (f *factory) matching(b *parser.BinaryExpr) {
	m := b.VectorMatching
	if m == nil {
		return
	}
	const wanted = "series that differ in that label alone"
	for i := range m.MatchingLabels {
		set(f, &m.MatchingLabels, without(m.MatchingLabels, i), "matching", wanted)
	}
	if m.On && len(m.MatchingLabels) == 0 {
		set(f, &m.On, false, "matching", "operands whose labels differ")
	}
	for i := range m.Include {
		set(f, &m.Include, without(m.Include, i), "group", "the labels of the result")
	}
	if m.Card == parser.CardManyToOne || m.Card == parser.CardOneToMany {
		card, include := m.Card, m.Include
		m.Card, m.Include = parser.CardOneToOne, nil
		f.note("group", "several series on the side of many")
		m.Card, m.Include = card, include
	}
}

func without(all []string, i int) []string { return slices.Delete(slices.Clone(all), i, i+1) }

// matchers drops and negates each matcher of a selector, and drops each
// alternative of a regular expression.
func (f *factory) matchers(s *parser.VectorSelector) {
	for i, m := range s.LabelMatchers {
		if m.Name == model.MetricNameLabel {
			continue
		}
		dropped := slices.Delete(slices.Clone(s.LabelMatchers), i, i+1)
		set(f, &s.LabelMatchers, dropped, "matcher", "a series with another "+m.Name+", which must not count")
		f.matcher(s, i, opposite[m.Type], m.Value, "a series with the "+m.Name+" "+m.Value)
		if m.Type != labels.MatchRegexp && m.Type != labels.MatchNotRegexp {
			continue
		}
		before, all, behind := alternatives(m.Value)
		for k, left := range all {
			if rest := without(all, k); len(rest) > 0 {
				value := before + strings.Join(rest, "|") + behind
				f.matcher(s, i, m.Type, value, "a series with the "+m.Name+" "+left)
			}
		}
	}
}

// alternatives splits a regular expression at its bars, within the (?i:…) around it if
// it has one. It returns none if a bar may not separate alternatives.
func alternatives(re string) (before string, all []string, behind string) {
	if inner, ok := strings.CutPrefix(re, "(?i:"); ok && strings.HasSuffix(inner, ")") {
		before, re, behind = "(?i:", strings.TrimSuffix(inner, ")"), ")"
	}
	if strings.ContainsAny(re, "()[]") || strings.Contains(re, `\|`) {
		return "", nil, ""
	}
	return before, strings.Split(re, "|"), behind
}

var opposite = map[labels.MatchType]labels.MatchType{
	labels.MatchEqual: labels.MatchNotEqual, labels.MatchNotEqual: labels.MatchEqual,
	labels.MatchRegexp: labels.MatchNotRegexp, labels.MatchNotRegexp: labels.MatchRegexp,
}

func (f *factory) matcher(s *parser.VectorSelector, i int, t labels.MatchType, v, wanted string) {
	changed, err := labels.NewMatcher(t, s.LabelMatchers[i].Name, v)
	if err != nil {
		return // the rest of the regular expression is invalid
	}
	matchers := slices.Clone(s.LabelMatchers)
	matchers[i] = changed
	set(f, &s.LabelMatchers, matchers, "matcher", wanted)
}

// functions maps each function to the one that replaces it.
var functions = map[string]string{
	"rate": "increase", "increase": "rate", "irate": "rate", "delta": "idelta", "changes": "resets",
	"min_over_time": "max_over_time", "max_over_time": "min_over_time", "avg_over_time": "max_over_time",
	"sum_over_time": "avg_over_time", "count_over_time": "sum_over_time", "last_over_time": "max_over_time",
	"stddev_over_time": "avg_over_time", "present_over_time": "sum_over_time",
	"clamp_min": "clamp_max", "clamp_max": "clamp_min", "floor": "ceil", "ceil": "floor",
}

// passing lists the functions that can be replaced by their argument.
var passing = []string{"abs", "ceil", "clamp", "clamp_max", "clamp_min", "exp", "floor", "ln", "round", "sgn", "sqrt"}

func (f *factory) function(place *parser.Expr, c *parser.Call, around []parser.Expr) {
	unchanged := ofOneStep(c) || ofScale(c) && slices.ContainsFunc(around, scaleFree) ||
		slices.ContainsFunc(around, timesZero) || excludes(*place, around)
	if other, ok := functions[c.Func.Name]; ok && !unchanged {
		set(f, &c.Func, parser.Functions[other], "function", "values on which "+c.Func.Name+" and "+other+" differ")
	}
	if slices.Contains(passing, c.Func.Name) {
		set(f, place, c.Args[0], "function", "a value that "+c.Func.Name+" changes")
	}
}

// ofOneStep reports whether a function sees one value of each series, whose sum it is, mean
// and greatest.
func ofOneStep(c *parser.Call) bool {
	if c.Func.Name != "sum_over_time" {
		return false
	}
	steps, ok := c.Args[0].(*parser.SubqueryExpr)
	return ok && steps.Range <= steps.Step
}

// ofScale reports whether a function and the one that replaces it differ only by a
// factor.
func ofScale(c *parser.Call) bool { return c.Func.Name == "rate" || c.Func.Name == "increase" }

// scaleFree reports whether an expression stays the same if all buckets are
// multiplied by a factor, as a quantile does.
func scaleFree(e parser.Expr) bool {
	c, ok := e.(*parser.Call)
	return ok && (c.Func.Name == "histogram_quantile" || c.Func.Name == "histogram_fraction")
}

// excludes reports whether an expression is the right side of unless, of which
// only the labels matter, or decides with others what that is.
func excludes(e parser.Expr, around []parser.Expr) bool {
	for i := len(around) - 1; i >= 0; i-- {
		switch outer := around[i].(type) {
		case *parser.ParenExpr:
			e = outer
			continue
		case *parser.BinaryExpr:
			if set := outer.Op == parser.LUNLESS || outer.Op == parser.LAND; set && outer.LHS == e {
				e = outer
				continue
			}
			return outer.Op == parser.LUNLESS && outer.RHS == e
		}
		return false
	}
	return false
}

// timesZero reports whether an expression is a product with 0, of which only the
// labels matter.
func timesZero(e parser.Expr) bool {
	b, ok := e.(*parser.BinaryExpr)
	if !ok || b.Op != parser.MUL {
		return false
	}
	n, ok := b.RHS.(*parser.NumberLiteral)
	return ok && n.Val == 0
}
