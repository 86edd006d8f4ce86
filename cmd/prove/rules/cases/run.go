package cases

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Run is a case whose rules have been evaluated and whose expectations hold. It is
// safe for concurrent use.
type Run struct {
	*Case
	// Took says how long the run took. Trying an edit does not take longer.
	Took time.Duration

	rules    *Rules
	step     time.Duration
	plan     []component
	store    store            // input series and what rules wrote
	outcomes map[int]*outcome // by rule
	asked    map[int64]bool   // times of alert tests
	subjects [][]int          // the rules that each test asks for, alert tests first
}

// Run evaluates the rules that a case needs and checks its expectations. The error
// joins all that do not hold.
func (rs *Rules) Run(ctx context.Context, c *Case) (*Run, error) {
	began := time.Now()
	given, err := c.given()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c, err)
	}
	r := &Run{
		Case: c, rules: rs, step: time.Duration(c.file.EvaluationInterval),
		plan: rs.plan(rs.needed(c)), store: given, asked: map[int64]bool{},
	}
	for _, t := range c.AlertTests {
		r.asked[t.step] = true
		r.subjects = append(r.subjects, rs.alerts(t.Alertname))
	}
	for _, t := range c.ExprTests {
		r.subjects = append(r.subjects, rs.readBy(t.parsed))
	}
	w := r.evaluation(nil)
	for _, part := range r.plan {
		if err := w.evaluate(ctx, part); err != nil {
			return nil, fmt.Errorf("%s: %w", c, errors.Join(r.merge(w.above), err))
		}
	}
	r.outcomes = w.done
	if err := r.merge(w.above); err != nil {
		return nil, fmt.Errorf("%s: %w", c, err)
	}
	var failures []error
	for k := range r.subjects {
		failures = append(failures, r.evaluation(nil).check(ctx, k))
	}
	if err := errors.Join(failures...); err != nil {
		return nil, fmt.Errorf("%s:\n%w", c, err)
	}
	r.Took = time.Since(began)
	return r, nil
}

// merge adds what rules wrote to the input series. A series must have one writer:
// in Prometheus, the samples of two would be out of order.
func (r *Run) merge(written store) error {
	for name, all := range written {
		for _, s := range all {
			same := func(o *series) bool { return labels.Equal(o.labels, s.labels) }
			if slices.ContainsFunc(r.store[name], same) {
				return fmt.Errorf("%s is written by the rule %s, and is also an input series or written by another "+
					"rule: give the case only what the rule reads, or only what it writes",
					s.labels, r.rules.All[s.owner].ID)
			}
			r.store.add(s)
		}
	}
	return nil
}

func (r *Run) evaluation(edited map[int]*Rule) *evaluation {
	return &evaluation{Run: r, edited: edited, above: store{}, done: map[int]*outcome{}, replaced: map[int]bool{}}
}

// times returns the times of the evaluations in milliseconds.
func (r *Run) times() iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for at := time.Duration(0); at <= r.end; at += r.step {
			if !yield(r.start.Add(at).UnixMilli()) {
				return
			}
		}
	}
}

// Needs reports whether the case evaluates the rule.
func (r *Run) Needs(rule *Rule) bool { return r.outcomes[rule.index] != nil }

// Asks reports whether the case asks for the rule by name.
func (r *Run) Asks(rule *Rule) bool {
	return slices.ContainsFunc(r.subjects, func(rules []int) bool { return slices.Contains(rules, rule.index) })
}

// Labels adds the labels of the case's series to names, by name of the series.
func (r *Run) Labels(names map[string]map[string]bool) {
	for name, all := range r.store {
		if names[name] == nil {
			names[name] = map[string]bool{}
		}
		for _, s := range all {
			s.labels.Range(func(l labels.Label) { names[name][l.Name] = true })
		}
	}
}

// Edited returns the rule with another expression.
func (r *Rule) Edited(expr parser.Expr) *Rule {
	edited := *r
	edited.Expr, edited.promQL = expr, expr.String()
	return &edited
}

// Catches runs the case with edited rules instead of the originals. It returns the
// first expectation that no longer holds, or nil if the case does not notice the
// edit.
func (r *Run) Catches(ctx context.Context, edited ...*Rule) error {
	w := r.evaluation(map[int]*Rule{})
	changed, pending := map[int]bool{}, map[int]bool{}
	for _, rule := range edited {
		w.edited[rule.index] = rule
		maps.Copy(pending, r.rules.readers[rule.index])
	}
	checked := make([]bool, len(r.subjects))
	for _, part := range r.plan {
		if !part.any(pending) {
			continue
		}
		if err := w.reevaluate(ctx, part, changed); err != nil {
			return err
		}
		for _, i := range part.rules {
			delete(pending, i)
		}
		for k, subjects := range r.subjects {
			if !checked[k] && anyOf(subjects, changed) && !anyOf(subjects, pending) {
				checked[k] = true
				if err := w.check(ctx, k); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// reevaluate evaluates a component if one of its rules is edited or reads a changed
// rule, and adds the rules whose outcome differs to changed.
func (w *evaluation) reevaluate(ctx context.Context, part component, changed map[int]bool) error {
	affected := w.readsAny(part, changed)
	for _, i := range part.rules {
		if edited := w.edited[i]; edited != nil {
			affected = true
			part.inStep = len(part.rules) > 1 || readsLater(i, w.rules.readBy(edited.Expr))
		}
	}
	if !affected {
		return nil
	}
	if err := w.evaluate(ctx, part); err != nil {
		return err
	}
	for _, i := range part.rules {
		if w.done[i].same(w.outcomes[i]) {
			w.discard(i)
		} else {
			changed[i] = true
		}
	}
	return nil
}

func (r *Run) readsAny(part component, of map[int]bool) bool {
	return slices.ContainsFunc(part.rules, func(i int) bool { return anyOf(r.rules.reads[i], of) })
}

func anyOf(rules []int, of map[int]bool) bool {
	return slices.ContainsFunc(rules, func(i int) bool { return of[i] })
}
