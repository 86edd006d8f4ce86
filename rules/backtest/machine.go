package backtest

import "time"

// machine is one alert of a rule in the course of time. It does what
// AlertingRule.Eval of Prometheus does.
type machine struct {
	rule   Rule
	labels map[string]string

	state       State // empty for inactive
	activeSince time.Time
	keptSince   time.Time // since when the condition no longer holds
	spans       []Span
}

// evaluate is one evaluation, at which the condition holds or does not.
func (m *machine) evaluate(at time.Time, holds bool) {
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

// kept reports whether an alert outlives its condition.
func (m *machine) kept(at time.Time) bool {
	if m.state != Firing || m.rule.KeepFiringFor == 0 {
		return false
	}
	if m.keptSince.IsZero() {
		m.keptSince = at
	}
	return at.Sub(m.keptSince) < m.rule.KeepFiringFor
}

// enter ends the present state and begins another. A state that began at the
// same moment was none.
func (m *machine) enter(state State, at time.Time) {
	if last := len(m.spans) - 1; m.state != "" {
		m.spans[last].To = at
		if m.spans[last].From.Equal(at) {
			m.spans = m.spans[:last]
		}
	}
	if m.state = state; state != "" {
		m.spans = append(m.spans, Span{State: state, From: at})
	}
}

// spansSince are the spans that had not ended by then.
func (m *machine) spansSince(from time.Time) []Span {
	for i, s := range m.spans {
		if s.To.IsZero() || s.To.After(from) {
			return m.spans[i:]
		}
	}
	return nil
}
