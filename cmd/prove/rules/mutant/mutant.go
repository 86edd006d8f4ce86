// Package mutant makes the edits of a rule that its cases must notice.
//
// A mutant is a rule with one change: to a number, a window, a comparison, a
// label, or without an operand. With the mutant in the rule files, some case must
// fail. If none does, either a case is missing or that part of the rule has no
// effect. An edit that Prometheus would not load, or that does not change the
// text, is not a mutant.
package mutant

import (
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"belfry/cmd/prove/rules/cases"
)

// Mutant is a rule with one change.
type Mutant struct {
	Rule *cases.Rule // the changed rule; its ID is the original's
	// With lists other rules that repeat the expression, with the same change.
	With []*cases.Rule
	// Kind names what was changed, such as threshold or window.
	Kind string
	// Before and After show the change with some of the text around it.
	Before, After string
	// Wanted describes a case that would tell the mutant from the rule.
	Wanted string
}

// String identifies the mutant among those of its rule.
func (m Mutant) String() string { return m.Kind + ": " + m.Before + " -> " + m.After }

// Labels returns the labels of the series of a name. Grouping by a label that no
// series has would change nothing.
type Labels func(series string) []string

// Of returns the mutants of a rule, always in the same order. If a part of its
// expression repeats the whole expression of another rule, only the other rule's
// mutants change that part.
func Of(r *cases.Rule, labels Labels, repeats Repeats) []Mutant {
	root, err := cases.Parser.ParseExpr(r.Expr.String())
	if err != nil {
		panic(fmt.Sprintf("%s: its printed expression cannot be parsed: %v", r.ID, err)) // a fault of Prometheus
	}
	f := &factory{rule: r, root: root, labels: labels, repeats: repeats, seen: map[string]bool{}}
	f.shared, f.original = share(root), root.String()
	f.seen[f.original] = true
	f.walk(&f.root, nil)
	f.durations()
	f.removed()
	f.number()
	return f.made
}

// factory changes the expression in place, records its text, and reverts the
// change.
type factory struct {
	rule     *cases.Rule
	root     parser.Expr
	original string
	labels   Labels
	repeats  Repeats
	seen     map[string]bool
	made     []Mutant
	// shared holds what occurs twice in root, if anything, and walked whether its edits
	// are made. While they are, within holds its text.
	shared *parser.ParenExpr
	within string
	walked bool
}

// note adds a mutant with the expression as it is now.
func (f *factory) note(kind, wanted string) {
	text := f.root.String()
	if f.seen[text] {
		return
	}
	f.seen[text] = true
	expr, err := cases.Parser.ParseExpr(text)
	if err != nil {
		return // Prometheus would not load it
	}
	before, after := difference(f.original, text)
	if f.within != "" {
		before, after = difference(f.within, f.shared.Expr.String())
	}
	f.made = append(f.made, Mutant{f.rule.Edited(expr), f.repeats.edited(f.rule, expr), kind, before, after, wanted})
}

// set adds a mutant in which v replaces the value at place.
func set[T any](f *factory, place *T, v T, kind, wanted string) {
	old := *place
	*place = v
	f.note(kind, wanted)
	*place = old
}

// walk visits every expression with the expressions around it, outermost first.
func (f *factory) walk(place *parser.Expr, around []parser.Expr) {
	if f.repeats.elsewhere(f.rule, *place) {
		return
	}
	if f.shared != nil && *place == f.shared {
		if f.walked {
			return
		}
		f.within, f.walked = f.shared.Expr.String(), true
		defer func() { f.within = "" }()
	}
	f.mutate(place, around)
	around = append(around[:len(around):len(around)], *place)
	for _, child := range children(*place) {
		f.walk(child, around)
	}
}

func (f *factory) mutate(place *parser.Expr, around []parser.Expr) {
	switch e := (*place).(type) {
	case *parser.AggregateExpr:
		f.aggregation(e, around)
	case *parser.BinaryExpr:
		f.operands(place, e)
		f.operator(e)
		f.matching(e)
	case *parser.Call:
		f.function(place, e, around)
	case *parser.MatrixSelector:
		f.window(&e.Range)
	case *parser.NumberLiteral:
		f.value(e, around)
	case *parser.StringLiteral:
		set(f, &e.Val, e.Val+"_", "string", "a series on which "+e.Val+" has an effect")
	case *parser.SubqueryExpr:
		f.window(&e.Range)
		f.scaled(&e.Step, "step", "values between the steps of the subquery that matter")
		f.offset(&e.OriginalOffset)
	case *parser.UnaryExpr:
		set(f, place, e.Expr, "sign", "the value itself, or that it fires")
	case *parser.VectorSelector:
		f.matchers(e)
		f.offset(&e.OriginalOffset)
	}
}

// durations halves, doubles and removes the alert's for and keep_firing_for,
// unless the number of evaluations stays the same.
func (f *factory) durations() {
	change := func(name string, pick func(*cases.Rule) *time.Duration, wanted string) {
		before := *pick(f.rule)
		for _, after := range []time.Duration{before / 2, before * 2, 0} {
			if before == 0 || evaluations(before, f.rule.Interval) == evaluations(after, f.rule.Interval) {
				continue
			}
			m := Mutant{f.rule.Edited(f.rule.Expr), nil, name, model.Duration(before).String(),
				model.Duration(after).String(), wanted}
			*pick(m.Rule) = after
			f.made = append(f.made, m)
		}
	}
	change("for", func(r *cases.Rule) *time.Duration { return &r.For },
		"the last evaluation at which it is still pending, and the first at which it fires")
	change("keep_firing_for", func(r *cases.Rule) *time.Duration { return &r.KeepFiringFor },
		"the last evaluation at which it still fires after its condition is gone, and the first at which it does not")
}

// evaluations returns how many intervals a duration spans, rounded up.
func evaluations(d, interval time.Duration) int {
	return int((d + interval - 1) / max(interval, 1))
}

// removed adds a mutant that never has a result.
func (f *factory) removed() {
	nothing, err := cases.Parser.ParseExpr("vector(0) > 0")
	if err != nil {
		panic(err) // it is a constant
	}
	f.made = append(f.made, Mutant{
		Rule: f.rule.Edited(nothing), Kind: "rule", Before: "the rule", After: "nothing",
		Wanted: "the series has a value, or the alert fires",
	})
}

// number numbers mutants that look the same because the changed text occurs more
// than once.
func (f *factory) number() {
	times := map[string]int{}
	for i := range f.made {
		m := &f.made[i]
		times[m.String()]++
		if n := times[m.String()]; n > 1 {
			m.After += fmt.Sprintf(" (place %d)", n)
		}
	}
}

// context sets how many characters are shown on either side of a change.
const context = 28

// difference returns the part in which two texts differ, with context and whole
// words.
func difference(before, after string) (string, string) {
	head := 0
	for head < len(before) && head < len(after) && before[head] == after[head] {
		head++
	}
	tail := 0
	for tail < len(before)-head && tail < len(after)-head && before[len(before)-1-tail] == after[len(after)-1-tail] {
		tail++
	}
	head, tail = max(0, head-context), max(0, tail-context)
	for head > 0 && !strings.ContainsRune(" (){},", rune(before[head-1])) {
		head--
	}
	for tail > 0 && !strings.ContainsRune(" (){},", rune(before[len(before)-tail])) {
		tail--
	}
	if head <= len("…") { // an ellipsis would not be shorter
		head = 0
	}
	if tail <= len("…") {
		tail = 0
	}
	cut := func(s string) string {
		middle := s[head : len(s)-tail]
		if head > 0 {
			middle = "…" + middle
		}
		if tail > 0 {
			middle += "…"
		}
		return middle
	}
	return cut(before), cut(after)
}
