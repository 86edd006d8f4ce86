package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"belfry/exporter/simulate"
)

// demoPlan says what the demo's plan of a simulated experiment decides: the metric, and
// the smallest difference that matters. Opting out is the guardrail of all.
type demoPlan struct {
	primary, secondary string
	targetEffect       float64
}

// demoPlans holds the plans by experiment.
var demoPlans = map[string]demoPlan{
	"exp_subject": {"open", "click", 0.02},
	"exp_cta":     {"click", "open", 0.01},
	"exp_icon":    {"open", "click", 0.005},
	"exp_urgency": {"open", "click", 0.02},
}

// writePlans writes the plans of the simulated experiments and returns the file. Plans
// that the data directory has stay: their experiments go on.
func (s *system) writePlans() (string, error) {
	file := filepath.Join(s.dir, "experiments.yaml")
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	var b strings.Builder
	b.WriteString("experiments:\n")
	for _, x := range simulate.Experiments() {
		p := demoPlans[x.ID]
		fmt.Fprintf(&b, `    # %s: %s
  - name: %s
    control: %s
    split: {%s}
    primary: %s
    secondary: [%s, value]
    target_effect: %g
    planned_users: %d
    guardrails: [{metric: opt_out, margin_absolute: 0.01}]
    conversion_window: 1d
    started: %s
`, x.Category+" on "+strings.Join(x.Channels, " and "), x.Truth, x.ID, x.Arms[0].Name, equalShares(x.Arms), p.primary,
			p.secondary, p.targetEffect, simulate.DefaultUsers, s.trialsFrom.UTC().Format(time.RFC3339))
	}
	return file, writeFile(file, []byte(b.String()))
}

// equalShares returns the split of arms that have the same share of users.
func equalShares(arms []simulate.Arm) string {
	var all []string
	for _, a := range arms {
		all = append(all, fmt.Sprintf("%s: %.4g", a.Name, 1/float64(len(arms))))
	}
	return strings.Join(all, ", ")
}
