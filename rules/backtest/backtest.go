// Package backtest says when an alerting rule would have fired: it evaluates
// the rule over what a Prometheus already knows, as Prometheus would have, and
// counts the messages that Alertmanager would have sent. So the noise of a rule
// is seen before anybody is woken by it.
//
//	rules, err := backtest.Read(file)
//	result, err := backtest.Run(ctx, prometheus, rules[0], from, to)
//	messages := routes.Messages(result)
//
// It promises what Prometheus does with the same samples: the states pending
// and firing by the rule's for and keep_firing_for, evaluated at the group's
// own interval. It can promise no more than the history holds. A series that a
// recording rule would have written, had it been there, is missing; Result
// names those. A rule that reads ALERTS reads of alerts that were really there.
// And Prometheus evaluates a group at a moment of its own within the interval,
// so that a condition which holds for less than one interval may be caught by
// one and missed by the other.
package backtest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Result is what became of a rule over a time.
type Result struct {
	Rule     Rule
	From, To time.Time
	Step     time.Duration
	// Alerts are those that were at least pending, by their labels.
	Alerts []Alert
	// Missing are the selectors of the rule's expression that found no sample in
	// the whole time.
	Missing []string
}

// Alert is what one set of labels went through.
type Alert struct {
	// Labels are the alert's own, with alertname and those of the rule.
	Labels map[string]string
	Spans  []Span
}

// Span is a stretch of time in one state.
type Span struct {
	State State
	// From is when it began, which may be before the time that was asked for. To
	// is when it ended; zero where it had not.
	From, To time.Time
}

// State is that of an alert, as the series ALERTS has it.
type State string

// The states of an alert that has one.
const (
	Pending State = "pending"
	Firing  State = "firing"
)

// Lasted is how long the span lasted within a time that ends then.
func (s Span) Lasted(end time.Time) time.Duration {
	if s.To.IsZero() {
		return end.Sub(s.From)
	}
	return s.To.Sub(s.From)
}

// History is where the samples come from.
type History interface {
	// QueryRange evaluates an expression from the first time to the last, at
	// every step, and returns when each element of the result was there.
	QueryRange(ctx context.Context, promQL string, from, to time.Time, step time.Duration) ([]Series, error)
	// Has reports whether any sample of the selector lies in the time.
	Has(ctx context.Context, selector string, from, to time.Time) (bool, error)
}

// Series is one element of a result, by its labels without the name, with the
// times at which it was there, in order.
type Series struct {
	Labels map[string]string
	At     []time.Time
}

// points is how many steps one query asks for; Prometheus answers no more than
// 11,000.
const points = 10_000

// Run evaluates a rule over history. It begins so much earlier that an alert
// that fires at from has its whole pending time behind it. A step of 0 is the
// rule's own interval.
func Run(ctx context.Context, history History, rule Rule, from, to time.Time, step time.Duration) (*Result, error) {
	if step == 0 {
		step = rule.Interval
	}
	if step <= 0 || !to.After(from) {
		return nil, fmt.Errorf("evaluate %s from %s to %s every %s: want a time that ends after it begins, and a step", rule.Name, from, to, step)
	}
	r := &Result{Rule: rule, From: from, To: to, Step: step}
	alerts := map[string]*machine{}
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

// advance takes every alert through the steps of one query.
func (rule Rule) advance(alerts map[string]*machine, series []Series, from, to time.Time, step time.Duration) error {
	present := map[string][]time.Time{}
	for _, s := range series {
		labels := rule.label(s.Labels)
		key := fmt.Sprint(labels) // fmt orders maps by key
		if _, twice := present[key]; twice {
			return fmt.Errorf("evaluate %s: two elements of the result make the same alert %s; Prometheus would refuse to evaluate it", rule.Name, key)
		}
		present[key] = s.At
		if alerts[key] == nil {
			alerts[key] = &machine{rule: rule, labels: labels}
		}
	}
	for key, m := range alerts {
		times := present[key]
		for at := from; !at.After(to); at = at.Add(step) {
			holds := len(times) > 0 && times[0].Equal(at)
			if holds {
				times = times[1:]
			}
			m.evaluate(at, holds)
		}
	}
	return nil
}

// label gives an element of the rule's result the labels of its alert.
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

// findMissing asks which of the selectors found nothing at all.
func (r *Result) findMissing(ctx context.Context, history History, begin time.Time) error {
	selectors, err := r.Rule.selectors()
	if err != nil {
		return err
	}
	for _, s := range selectors {
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
