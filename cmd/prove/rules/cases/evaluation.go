package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/template"
)

// evaluation evaluates the rules of a case, some of them edited.
type evaluation struct {
	*Run
	edited map[int]*Rule // by index
	above  store
	done   map[int]*outcome
	// replaced marks the rules whose series above replace those of the run.
	replaced map[int]bool
}

// outcome holds the results of a rule for all times of a case.
type outcome struct {
	series []*series
	firing map[int64][]string // alerts at the times that the case asks for
}

func (w *evaluation) rule(i int) *Rule {
	if edited := w.edited[i]; edited != nil {
		return edited
	}
	return w.rules.All[i]
}

// evaluate evaluates the rules of a component for all times. It fails if
// Prometheus could not evaluate a rule.
func (w *evaluation) evaluate(ctx context.Context, part component) error {
	r := w.rule(part.rules[0])
	if part.inStep {
		if w.readsOnlyItself(r, part) {
			if found, err := w.evaluateByGuess(ctx, r); found || err != nil {
				return err
			}
		}
		return w.evaluateInStep(ctx, part.rules)
	}
	o, err := w.outcomeOf(ctx, r, w.view(len(w.rules.All), 0))
	if err == nil {
		w.finish(r.index, o)
	}
	return err
}

// outcomeOf evaluates a rule for all times at once.
func (w *evaluation) outcomeOf(ctx context.Context, r *Rule, v *view) (*outcome, error) {
	end := w.start.Add(w.end.Truncate(w.step))
	q, err := w.file.engine.NewRangeQuery(ctx, v, nil, r.promQL, w.start, end, w.step)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.ID, err)
	}
	defer q.Close()
	matrix, err := q.Exec(ctx).Matrix()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.ID, err)
	}
	out := newRecording(r.index, w.step)
	if r.Alert {
		return w.alertsOf(ctx, newAlerting(r, w.query(v)), out, matrix)
	}
	if err := out.addMatrix(r, matrix, end.UnixMilli()); err != nil {
		return nil, err
	}
	return &outcome{series: out.all()}, nil
}

// alertsOf evaluates an alert with the results of its expression.
func (w *evaluation) alertsOf(
	ctx context.Context, state *alerting, out *recording, matrix promql.Matrix,
) (*outcome, error) {
	firing := map[int64][]string{}
	next := make([]int, len(matrix))
	for t := range w.times() {
		var condition promql.Vector
		for k, s := range matrix {
			if next[k] < len(s.Floats) && s.Floats[next[k]].T == t {
				condition = append(condition, promql.Sample{Metric: s.Metric, F: s.Floats[next[k]].F})
				next[k]++
			}
		}
		if len(condition) == 0 && len(state.active) == 0 && len(out.live) == 0 {
			continue
		}
		written, err := state.evaluate(ctx, t, condition)
		if err != nil {
			return nil, err
		}
		out.add(t, written)
		if w.asked[t] {
			firing[t] = state.firing(ctx)
		}
	}
	return &outcome{series: out.all(), firing: firing}, nil
}

// evaluateInStep evaluates rules that read each other or a later rule, one time
// after another.
func (w *evaluation) evaluateInStep(ctx context.Context, part []int) error {
	outs, states := map[int]*recording{}, map[int]*alerting{}
	views, queries := map[int]*view{}, map[int]template.QueryFunc{}
	for _, i := range part {
		outs[i] = newRecording(i, w.step)
		outs[i].into = w.above
		w.replaced[i] = true
		views[i] = w.view(i, 0)
		queries[i] = w.query(views[i])
		states[i] = newAlerting(w.rule(i), queries[i])
		w.done[i] = &outcome{firing: map[int64][]string{}}
	}
	for t := range w.times() {
		for _, i := range part {
			r := w.rule(i)
			views[i].now = t
			v, err := queries[i](ctx, r.promQL, time.UnixMilli(t))
			if err != nil {
				return fmt.Errorf("%s: %w", r.ID, err)
			}
			var written []promql.Sample
			if r.Alert {
				written, err = states[i].evaluate(ctx, t, v)
			} else {
				written, err = r.name(v)
			}
			if err != nil {
				return err
			}
			outs[i].add(t, written)
			if r.Alert && w.asked[t] {
				w.done[i].firing[t] = states[i].firing(ctx)
			}
		}
	}
	for _, i := range part {
		w.done[i].series = outs[i].all()
	}
	return nil
}

// finish makes the outcome of a rule visible to other rules.
func (w *evaluation) finish(i int, o *outcome) {
	w.done[i] = o
	w.replaced[i] = true
	w.above.add(o.series...)
}

func (w *evaluation) view(later int, now int64) *view {
	return &view{base: w.store, above: w.above, replaced: w.replaced, later: later, now: now}
}

// query returns a function for instant queries, as rules and templates need it.
func (w *evaluation) query(v *view) template.QueryFunc {
	return func(ctx context.Context, promQL string, t time.Time) (promql.Vector, error) {
		q, err := w.file.engine.NewInstantQuery(ctx, v, nil, promQL, t)
		if err != nil {
			return nil, err
		}
		defer q.Close()
		result := q.Exec(ctx)
		if result.Err != nil {
			return nil, result.Err
		}
		switch v := result.Value.(type) {
		case promql.Vector:
			return slices.Clone(v), nil
		case promql.Scalar:
			return promql.Vector{promql.Sample{T: v.T, F: v.V}}, nil
		}
		return nil, errors.New("the result is neither a vector nor a scalar")
	}
}

// name sets the name and labels of a recorded series.
func (r *Rule) name(v promql.Vector) ([]promql.Sample, error) {
	for i := range v {
		v[i].Metric = r.metric(v[i].Metric)
	}
	if v.ContainsSameLabelset() {
		return nil, fmt.Errorf("%s: several elements of the result have the same labels", r.ID)
	}
	return v, nil
}

func (r *Rule) metric(of labels.Labels) labels.Labels {
	b := labels.NewBuilder(of).Set(model.MetricNameLabel, r.Name)
	for name, v := range r.Labels {
		b.Set(name, v)
	}
	return b.Labels()
}
