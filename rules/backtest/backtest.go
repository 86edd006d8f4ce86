// Package backtest finds out when an alerting rule would have fired. It evaluates
// the rule on the history of a Prometheus server, as the server would have, and
// lists the messages that Alertmanager would have sent. So the noise of a rule is
// known before it wakes anybody.
//
//	rules, err := backtest.Read(file)
//	result, err := backtest.Run(ctx, prometheus, rules[0], from, to)
//	messages := routes.Messages(result)
//
// The states pending and firing are those that Prometheus computes from the same
// samples, with the rule's for and keep_firing_for, at the group's interval. There
// are three limits. A series of a recording rule that did not exist is missing;
// Result lists such series. A rule that reads ALERTS sees the alerts that really
// existed. And Prometheus evaluates each group at its own offset within the
// interval, so only one of the two may notice a condition that holds for less than
// an interval.
package backtest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"belfry/rules/expr"
)

// Result says what a rule would have done in a time range.
type Result struct {
	Rule     Rule
	From, To time.Time
	Step     time.Duration
	// Alerts that were at least pending, in the order of their labels.
	Alerts []Alert
	// Missing lists the selectors of the rule's expression that match no sample in
	// the whole range, other than those of ALERTS.
	Missing []string
}

// Alert lists the states of one alert.
type Alert struct {
	// Labels of the alert, with alertname and the labels of the rule.
	Labels map[string]string
	Spans  []Span
}

// Span is a time in one state.
type Span struct {
	State State
	// From may be before the range of the result. To is zero if the state did not
	// end.
	From, To time.Time
	// Low and High bound what the expression returned meanwhile. They are NaN while only
	// keep_firing_for kept the alert.
	Low, High float64
}

// State of an alert, as in the label alertstate of ALERTS.
type State string

// The states of an active alert.
const (
	Pending State = "pending"
	Firing  State = "firing"
)

// Lasted returns the duration of the span, up to end if the state did not end.
func (s Span) Lasted(end time.Time) time.Duration {
	if s.To.IsZero() {
		return end.Sub(s.From)
	}
	return s.To.Sub(s.From)
}

// History provides the samples.
type History interface {
	// QueryRange evaluates an expression at every step of a range, inclusive, and
	// returns the times at which each element was in the result, with its values.
	QueryRange(ctx context.Context, promQL string, from, to time.Time, step time.Duration) ([]Series, error)
	// Has reports whether the selector matches any sample in the range.
	Has(ctx context.Context, selector string, from, to time.Time) (bool, error)
}

// Series is an element of a result, with the times at which it was in the result,
// in order, and its value at each.
type Series struct {
	Labels map[string]string
	At     []time.Time
	Values []float64
}

// points limits the steps of a query. Prometheus's own limit is 11,000.
const points = 10_000

// Run evaluates a rule on a history. It begins early enough that an alert that
// fires at from has been pending for the rule's for. A step of 0 means the rule's
// interval.
func Run(ctx context.Context, history History, rule Rule, from, to time.Time, step time.Duration) (*Result, error) {
	if step == 0 {
		step = rule.Interval
	}
	if step <= 0 || !to.After(from) {
		return nil, fmt.Errorf("evaluate %s from %s to %s every %s: "+
			"the range must end after it begins, and the step must be positive",
			rule.Name, from.Format(time.RFC3339), to.Format(time.RFC3339), step)
	}
	r := &Result{Rule: rule, From: from, To: to, Step: step}
	alerts := map[string]*alertState{}
	begin := from.Add(-rule.For - rule.KeepFiringFor).Truncate(step)
	for at := begin; !at.After(to); at = at.Add(points * step) {
		last := at.Add((points - 1) * step)
		if last.After(to) {
			last = to
		}
		series, err := history.QueryRange(ctx, rule.Expr, at, last, step)
		if err != nil {
			return nil, fmt.Errorf("evaluate %s: %w", rule.Name, err)
		}
		if err := rule.advance(alerts, series, at, last, step); err != nil {
			return nil, err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(alerts)) {
		if spans := alerts[key].spansSince(from); len(spans) > 0 {
			r.Alerts = append(r.Alerts, Alert{Labels: alerts[key].labels, Spans: spans})
		}
	}
	return r, r.findMissing(ctx, history, begin)
}

// advance updates every alert with the results of one query.
func (rule Rule) advance(alerts map[string]*alertState, series []Series, from, to time.Time, step time.Duration) error {
	present := map[string]Series{}
	for _, s := range series {
		labels := rule.label(s.Labels)
		key := fmt.Sprint(labels) // fmt orders maps by key
		if _, twice := present[key]; twice {
			return fmt.Errorf("evaluate %s: several elements of the result make the same alert %s: "+
				"Prometheus could not evaluate the rule", rule.Name, key)
		}
		present[key] = s
		if alerts[key] == nil {
			alerts[key] = &alertState{rule: rule, labels: labels}
		}
	}
	for key, m := range alerts {
		s := present[key]
		for at := from; !at.After(to); at = at.Add(step) {
			if len(s.At) == 0 || !s.At[0].Equal(at) {
				m.evaluate(at, false)
				continue
			}
			m.evaluate(at, true)
			m.note(s.Values[0])
			s.At, s.Values = s.At[1:], s.Values[1:]
		}
	}
	return nil
}

// label returns the labels of the alert of an element of the result.
func (rule Rule) label(of map[string]string) map[string]string {
	labels := maps.Clone(of)
	if labels == nil {
		labels = map[string]string{}
	}
	delete(labels, "__name__")
	maps.Copy(labels, rule.Labels)
	labels["alertname"] = rule.Name
	return labels
}

// findMissing finds the selectors that match nothing.
func (r *Result) findMissing(ctx context.Context, history History, begin time.Time) error {
	selectors, err := r.Rule.selectors()
	if err != nil {
		return err
	}
	for _, s := range selectors {
		if s.name == expr.Alerts.Name {
			continue // that no alert fired is an answer
		}
		has, err := history.Has(ctx, s.text, begin.Add(-s.back), r.To)
		if err != nil {
			return fmt.Errorf("look for %s: %w", s.text, err)
		}
		if !has {
			r.Missing = append(r.Missing, s.text)
		}
	}
	return nil
}
