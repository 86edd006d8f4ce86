package backtest

import (
	"math"
	"time"
)

// alertState follows one alert of a rule, as Prometheus's AlertingRule.Eval does.
type alertState struct {
	rule   Rule
	labels map[string]string

	state       State // empty for inactive
	activeSince time.Time
	keptSince   time.Time // when the condition ceased to hold
	spans       []Span
}

// evaluate updates the state at an evaluation.
func (m *alertState) evaluate(at time.Time, holds bool) {
	switch {
	case holds && m.state == "":
		m.activeSince, m.keptSince = at, time.Time{}
		m.enter(Pending, at)
	case holds:
		m.keptSince = time.Time{}
	case m.state == "":
		return
	case !m.kept(at):
		m.enter("", at)
		return
	}
	if m.state == Pending && at.Sub(m.activeSince) >= m.rule.For {
		m.enter(Firing, at)
	}
}

// kept reports whether keep_firing_for keeps the alert firing.
func (m *alertState) kept(at time.Time) bool {
	if m.state != Firing || m.rule.KeepFiringFor == 0 {
		return false
	}
	if m.keptSince.IsZero() {
		m.keptSince = at
	}
	return at.Sub(m.keptSince) < m.rule.KeepFiringFor
}

// enter ends the current state and begins another. A state that began at the same
// time is dropped.
func (m *alertState) enter(state State, at time.Time) {
	if last := len(m.spans) - 1; m.state != "" {
		m.spans[last].To = at
		if m.spans[last].From.Equal(at) {
			m.spans = m.spans[:last]
		}
	}
	if m.state = state; state != "" {
		m.spans = append(m.spans, Span{State: state, From: at, Low: math.NaN(), High: math.NaN()})
	}
}

// note extends the bounds of the present span.
func (m *alertState) note(value float64) {
	s := &m.spans[len(m.spans)-1]
	if math.IsNaN(s.Low) || value < s.Low {
		s.Low = value
	}
	if math.IsNaN(s.High) || value > s.High {
		s.High = value
	}
}

// spansSince returns the spans that had not ended by then.
func (m *alertState) spansSince(from time.Time) []Span {
	for i, s := range m.spans {
		if s.To.IsZero() || s.To.After(from) {
			return m.spans[i:]
		}
	}
	return nil
}
