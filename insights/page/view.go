package page

import (
	"belfry/insights/display"
	"time"
)

// Anomalous counts the series that are outside their band now.
func (v view) Anomalous() (n int) {
	for _, w := range v.Anomalies.Items {
		if w.Anomalous {
			n++
		}
	}
	return n
}

// Decided counts the experiments whose verdict asks somebody to act.
func (v view) Decided() (n int) {
	for _, e := range v.Experiments.Items {
		if display.VerdictOf(e.Verdict).Tone != "" {
			n++
		}
	}
	return n
}

// Age says how old the newest data was when the page was computed.
func (v view) Age() string { return display.Age(v.Now.Sub(v.Newest)) }

// machine writes a time for programs.
func machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// effectBar draws the effect that a recommendation rests on.
func effectBar(r display.Recommendation) *drawing {
	return bars([]display.Comparison{{
		Arm: r.Subject, Metric: r.Effect.Name, Unit: r.Effect.Unit, Effect: r.Effect.Value, Range: r.Effect.Range,
	}})[0]
}
