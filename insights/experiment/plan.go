package experiment

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/strict"
	"belfry/insights/strictjson"
)

// Example holds a file of plans with comments that document every key.
//
//go:embed experiments.example.yaml
var Example []byte

// Plan is what was decided on an experiment before it started. experiments.example.yaml
// documents each field.
type Plan struct {
	Name              string             `yaml:"name" strict:"verbatim" json:"name"`
	Control           string             `yaml:"control" strict:"verbatim" json:"control"`
	Split             map[string]float64 `yaml:"split" strict:"share" json:"split"`
	PlannedUsers      int                `yaml:"planned_users" json:"planned_users"`
	TargetEffect      float64            `yaml:"target_effect" json:"target_effect"`
	Alpha             float64            `yaml:"alpha" json:"alpha"`
	Primary           string             `yaml:"primary" json:"primary"`
	Secondary         []string           `yaml:"secondary" json:"secondary"`
	Guardrails        []PlanGuardrail    `yaml:"guardrails" json:"guardrails"`
	ConversionWindow  model.Duration     `yaml:"conversion_window" json:"conversion_window"`
	Started           Instant            `yaml:"started" json:"started"`
	Ends              *Instant           `yaml:"ends" json:"ends"`
	VarianceReduction string             `yaml:"variance_reduction" json:"variance_reduction"`
}

// PlanGuardrail is a metric that a variant must not harm, see [Guardrail].
type PlanGuardrail struct {
	Metric         string   `yaml:"metric" json:"metric"`
	MarginRelative *float64 `yaml:"margin_relative" strict:"share" json:"margin_relative"`
	MarginAbsolute *float64 `yaml:"margin_absolute" strict:"share" json:"margin_absolute"`
	Bad            string   `yaml:"bad" json:"bad"`
}

// The values of VarianceReduction.
const (
	CUPED = "cuped"
	None  = "none"
)

// defaultWindow is the conversion window of a plan that names none.
const defaultWindow = model.Duration(7 * 24 * time.Hour)

// Instant is a time that a file gives as RFC 3339, or as a date in UTC.
type Instant struct{ time.Time }

// UnmarshalText reads the time.
func (i *Instant) UnmarshalText(text []byte) error {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, string(text)); err == nil {
			i.Time = at.UTC()
			return nil
		}
	}
	return fmt.Errorf("invalid time %q: use RFC 3339, such as 2026-03-01T00:00:00Z, or a date", text)
}

// plans is a file of plans.
type plans struct {
	Experiments []Plan `yaml:"experiments"`
}

// LoadPlans reads a file of plans; without a path there are none. The error has a line
// for every mistake in the file.
func LoadPlans(path string) ([]Plan, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load the plans of experiments: %w", err)
	}
	return ParsePlans(path, text)
}

// ParsePlans reads the text of a file of plans. Messages about it begin with name.
func ParsePlans(name string, text []byte) ([]Plan, error) {
	var file plans
	d := strict.Decode(name, text, &file)
	seen := map[string]string{}
	for i := range file.Experiments {
		check := planCheck{d, &file.Experiments[i], fmt.Sprintf("experiments[%d]", i)}
		check.complete()
		check.all(seen)
	}
	return file.Experiments, d.Err()
}

// complete fills in what the file leaves out.
func (c planCheck) complete() {
	p := c.plan
	if !c.Has(c.path + ".alpha") {
		p.Alpha = DefaultAlpha
	}
	if !c.Has(c.path + ".conversion_window") {
		p.ConversionWindow = defaultWindow
	}
	if !c.Has(c.path + ".variance_reduction") {
		p.VarianceReduction = CUPED
	}
	if !c.Has(c.path + ".guardrails") {
		p.Guardrails = p.defaultGuardrails()
	}
	for i, g := range p.Guardrails {
		if g.Bad == "" {
			p.Guardrails[i].Bad = measured(g.Metric).Bad
		}
	}
}

// defaultGuardrails returns those of a plan that names none: the ones that the plan does
// not use otherwise.
func (p *Plan) defaultGuardrails() []PlanGuardrail {
	var all []PlanGuardrail
	for _, metric := range []string{"opt_out", "complaint", "bounce"} {
		if metric != p.Primary && !slices.Contains(p.Secondary, metric) {
			all = append(all, PlanGuardrail{Metric: metric, Bad: measured(metric).Bad})
		}
	}
	return all
}

// Trial returns the plan as a trial without counts.
func (p *Plan) Trial() Trial {
	t := Trial{Experiment: p.Name, Control: p.Control, PlannedSplit: p.Split, TargetEffect: p.TargetEffect,
		Alpha: p.Alpha, ConversionWindow: p.ConversionWindow, Started: p.Started.Time, Primary: p.Primary,
		Secondary: p.Secondary, PlannedUsers: strictjson.Count(p.plannedPerComparison())}
	for _, g := range p.Guardrails {
		t.Guardrails = append(t.Guardrails, Guardrail(g))
	}
	return t
}

// plannedPerComparison returns N*, the planned users of control and of a variant of mean
// size: the plan counts the users of all arms.
func (p *Plan) plannedPerComparison() float64 {
	if p.PlannedUsers == 0 || len(p.Split) < 2 {
		return DefaultPlannedUsers
	}
	control := p.Split[p.Control]
	return float64(p.PlannedUsers) * (control + (1-control)/float64(len(p.Split)-1))
}

// Fingerprint identifies what must not change while the experiment runs: all of the plan.
func (p *Plan) Fingerprint() string {
	text, err := json.Marshal(p)
	if err != nil {
		return "" // a plan that was loaded has only finite numbers
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}

// Changed returns an error with a line for each plan that differs from the one before,
// although the experiment has started: looking at the data must not change the question.
// A plan with a new name or a new start begins afresh.
func Changed(before, after []Plan, now time.Time) error {
	var mistakes []error
	for _, old := range before {
		same := func(p Plan) bool { return p.Name == old.Name && p.Started.Equal(old.Started.Time) }
		i := slices.IndexFunc(after, same)
		if i < 0 || old.Started.After(now) || old.Fingerprint() == after[i].Fingerprint() {
			continue
		}
		mistakes = append(mistakes, fmt.Errorf("experiment %q: the plan changed after the start on %s (%s): "+
			"undo the change, or set a new start", old.Name, old.Started.Format(time.RFC3339),
			list(old.differences(&after[i]))))
	}
	return errors.Join(mistakes...)
}

// differences returns the keys whose values differ.
func (p *Plan) differences(other *Plan) []string {
	values := func(p *Plan) (all map[string]json.RawMessage) {
		text, err := json.Marshal(p)
		if err != nil || json.Unmarshal(text, &all) != nil {
			return nil // as in Fingerprint
		}
		return all
	}
	a, b := values(p), values(other)
	same := func(key string) bool { return string(a[key]) == string(b[key]) }
	return slices.DeleteFunc(slices.Sorted(maps.Keys(a)), same)
}
