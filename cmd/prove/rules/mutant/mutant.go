// Package mutant makes the edits of a rule that its cases must notice.
//
// A mutant is a rule with one thing changed: a number, a window, a comparison,
// a label, an operand left out. Were it in the rule files instead, some case
// should fail; if none does, either a case is missing or that part of the rule
// is for nothing. What Prometheus refuses to load, and what reads the same as
// before, is no mutant.
package mutant

import (
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"belfry/cmd/prove/rules/cases"
)

// Mutant is a rule with one thing changed.
type Mutant struct {
	Rule *cases.Rule // the changed rule; its ID is the original's
	// With are other rules that repeat the expression, with the same change: an
	// expression that is written once is changed once.
	With []*cases.Rule
	// Kind is what was changed in a word, such as threshold or window.
	Kind string
	// Before and After are the changed place with a little of what is around it.
	Before, After string
	// Wanted describes a case that would tell the mutant from the rule.
	Wanted string
}

// String identifies the mutant among those of its rule.
func (m Mutant) String() string { return m.Kind + ": " + m.Before + " -> " + m.After }

// Labels returns the labels that series of a name have. Grouping by one that no
// series has would change nothing.
type Labels func(series string) []string

// Of returns the mutants of a rule, always the same in the same order. Where
// its expression repeats another rule's whole expression, that part is left to
// the mutants of the other; repeats says which, and which rules repeat it.
func Of(r *cases.Rule, labels Labels, repeats Repeats) []Mutant {
	root, err := cases.Parser.ParseExpr(r.Expr.String())
	if err != nil {
		panic(fmt.Sprintf("%s does not read as it is written: %v", r.ID, err)) // the printer's or parser's fault
	}
	f := &factory{rule: r, root: root, original: root.String(), labels: labels, repeats: repeats, seen: map[string]bool{}}
	f.seen[f.original] = true
	f.walk(&f.root, nil)
	f.durations()
	f.removed()
	f.number()
	return f.made
}

// factory changes the expression in place, notes what it then reads like, and
// changes it back.
type factory struct {
	rule     *cases.Rule
	root     parser.Expr
	original string
	labels   Labels
	repeats  Repeats
	seen     map[string]bool
	made     []Mutant
}

// note makes a mutant of the expression as it is now.
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
	f.made = append(f.made, Mutant{f.rule.Edited(expr), f.repeats.edited(f.rule, expr), kind, before, after, wanted})
}

// set notes a mutant with a value in another's place.
func set[T any](f *factory, place *T, v T, kind, wanted string) {
	old := *place
	*place = v
	f.note(kind, wanted)
	*place = old
}

// walk visits every expression, with those around it, the outermost first.
func (f *factory) walk(place *parser.Expr, around []parser.Expr) {
	if f.repeats.elsewhere(f.rule, *place) {
		return
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

// durations changes the alert's for and keep_firing_for to half, double and
// none, unless that makes the same number of evaluations.
func (f *factory) durations() {
	change := func(name string, pick func(*cases.Rule) *time.Duration, wanted string) {
		before := *pick(f.rule)
		for _, after := range []time.Duration{before / 2, before * 2, 0} {
			if before == 0 || evaluations(before, f.rule.Interval) == evaluations(after, f.rule.Interval) {
				continue
			}
			m := Mutant{f.rule.Edited(f.rule.Expr), nil, name, spell(before), spell(after), wanted}
			*pick(m.Rule) = after
			f.made = append(f.made, m)
		}
	}
	change("for", func(r *cases.Rule) *time.Duration { return &r.For },
		"the last evaluation at which it is still pending, and the first at which it fires")
	change("keep_firing_for", func(r *cases.Rule) *time.Duration { return &r.KeepFiringFor },
		"the last evaluation at which it still fires after its condition is gone, and the first at which it does not")
}

// evaluations is how many intervals a duration spans, rounded up.
func evaluations(d, interval time.Duration) int {
	return int((d + interval - 1) / max(interval, 1))
}

func spell(d time.Duration) string { return model.Duration(d).String() }

// removed leaves the rule without any result.
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

// number tells mutants apart that look the same, because the change and what is
// around it occurs twice.
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

// context is how much of an expression is shown on either side of a change.
const context = 28

// difference returns the part in which two texts differ, widened to whole words
// and a little further.
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
	if head <= len("…") { // the mark would be no shorter
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
