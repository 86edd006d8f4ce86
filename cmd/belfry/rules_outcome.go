package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/rules/backtest"
)

// backtested holds the outcome of a rule, and its notifications.
type backtested struct {
	*backtest.Result
	messages []backtest.Message
}

// print writes the outcome for people.
func (o backtested) print(w io.Writer) {
	fmt.Fprintf(w, "%s, %s: %s to %s, every %s\n", o.Rule.Name, dash(o.severity()),
		stamp(o.From), stamp(o.To), model.Duration(o.Step))
	for _, a := range o.Alerts {
		fmt.Fprintf(w, "  %s\n", o.describe(a))
		for _, s := range a.Spans {
			open := ""
			if s.To.IsZero() {
				open = ", and still is"
			}
			fmt.Fprintf(w, "    %s  %-7s  %s%s%s\n", stamp(s.From), s.State, lasting(s.Lasted(o.To)), open, o.howFar(s))
		}
	}
	fired, lasted, inVain := o.totals()
	switch {
	case fired+inVain == 0:
		fmt.Fprintln(w, "  never pending, never firing")
	case inVain == 0:
		fmt.Fprintf(w, "  fired %s, %s in all\n", times(fired), lasting(lasted))
	default:
		fmt.Fprintf(w, "  fired %s, %s in all; %s pending without firing\n",
			times(fired), lasting(lasted), times(inVain))
	}
	sent, repeats := o.notifications()
	for _, receiver := range slices.Sorted(maps.Keys(sent)) {
		repeated := ""
		if n := repeats[receiver]; n > 0 {
			repeated = fmt.Sprintf(", %s of them because it went on", strings.TrimSuffix(times(n), " times"))
		}
		fmt.Fprintf(w, "  would have notified %s %s%s\n", receiver, times(sent[receiver]), repeated)
	}
	if len(o.Missing) > 0 {
		fmt.Fprintf(w, "  no samples of %s in this history: the result does not cover them\n",
			strings.Join(o.Missing, ", "))
	}
}

// howFar says how far the value was over the threshold, or below it, if the rule has one.
func (o backtested) howFar(s backtest.Span) string {
	limit, known := o.Rule.Limit()
	switch {
	case math.IsNaN(s.Low):
		return ""
	case known && limit.Below && s.Low <= limit.Threshold:
		return fmt.Sprintf(", down to %.4g (threshold %.4g)", s.Low, limit.Threshold)
	case known && !limit.Below && s.High >= limit.Threshold:
		return fmt.Sprintf(", up to %.4g (threshold %.4g)", s.High, limit.Threshold)
	case s.Low == s.High:
		return fmt.Sprintf(", value %.4g", s.Low)
	}
	return fmt.Sprintf(", values %.4g to %.4g", s.Low, s.High)
}

// finite returns a pointer to a value that JSON can hold, or nil.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// describe returns the labels of an alert that do not come from the rule itself.
func (o backtested) describe(a backtest.Alert) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(a.Labels)) {
		if _, given := o.Rule.Labels[name]; !given && name != "alertname" {
			all = append(all, fmt.Sprintf("%s=%q", name, a.Labels[name]))
		}
	}
	if len(all) == 0 {
		return "without labels"
	}
	return strings.Join(all, " ")
}

// totals returns how often and how long the rule fired, and how often it was pending
// without firing.
func (o backtested) totals() (fired int, lasted time.Duration, inVain int) {
	for _, a := range o.Alerts {
		for i, s := range a.Spans {
			switch {
			case s.State == backtest.Firing:
				fired++
				lasted += s.Lasted(o.To)
			case !s.To.IsZero() && (i+1 == len(a.Spans) || !a.Spans[i+1].From.Equal(s.To)):
				inVain++
			}
		}
	}
	return fired, lasted, inVain
}

func (o backtested) severity() string { return o.Rule.Labels[catalog.LabelSeverity.Name] }

// notifications counts the messages by receiver, and the repetitions among them.
func (o backtested) notifications() (all, repeats map[string]int) {
	all, repeats = map[string]int{}, map[string]int{}
	for _, m := range o.messages {
		all[m.Receiver]++
		if m.Again {
			repeats[m.Receiver]++
		}
	}
	return all, repeats
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// outcomeJSON is the outcome of a rule for programs.
type outcomeJSON struct {
	Rule     string        `json:"rule"`
	Severity string        `json:"severity,omitempty"`
	From     string        `json:"from"`
	To       string        `json:"to"`
	Step     float64       `json:"stepSeconds"`
	Alerts   []alertJSON   `json:"alerts"`
	Messages []messageJSON `json:"messages"`
	Missing  []string      `json:"missing"`
}

type alertJSON struct {
	Labels map[string]string `json:"labels"`
	Spans  []spanJSON        `json:"spans"`
}

type spanJSON struct {
	State   backtest.State `json:"state"`
	From    string         `json:"from"`
	To      string         `json:"to,omitempty"`
	Seconds float64        `json:"seconds"`
	// Low and High are left out while only keep_firing_for kept the alert.
	Low  *float64 `json:"low,omitempty"`
	High *float64 `json:"high,omitempty"`
}

type messageJSON struct {
	At       string            `json:"at"`
	Receiver string            `json:"receiver"`
	Group    map[string]string `json:"group"`
	Again    bool              `json:"again"`
}

// printOutcomes writes the outcomes as JSON, one object a line.
func printOutcomes(w io.Writer, outcomes []backtested) error {
	encoder := json.NewEncoder(w)
	for _, o := range outcomes {
		out := outcomeJSON{
			Rule: o.Rule.Name, Severity: o.severity(), From: stamp(o.From), To: stamp(o.To), Step: o.Step.Seconds(),
			Alerts: []alertJSON{}, Messages: []messageJSON{}, Missing: append([]string{}, o.Missing...),
		}
		for _, a := range o.Alerts {
			own := alertJSON{Labels: a.Labels}
			for _, s := range a.Spans {
				span := spanJSON{
					State: s.State, From: stamp(s.From), Seconds: s.Lasted(o.To).Seconds(),
					Low: finite(s.Low), High: finite(s.High),
				}
				if !s.To.IsZero() {
					span.To = stamp(s.To)
				}
				own.Spans = append(own.Spans, span)
			}
			out.Alerts = append(out.Alerts, own)
		}
		for _, m := range o.messages {
			out.Messages = append(out.Messages, messageJSON{stamp(m.At), m.Receiver, m.Group, m.Again})
		}
		if err := encoder.Encode(out); err != nil {
			return err
		}
	}
	return nil
}
