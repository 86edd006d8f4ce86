package verdicts

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"text/template"

	"belfry/insights/experiment"
)

// expected is what must become of each variant.
var expected = map[string]map[string]experiment.Verdict{
	"exp_subject": {"b": experiment.Ship},
	"exp_icon":    {"bell": experiment.Continue},
	"exp_cta":     {"green": experiment.Invalid, "arrow": experiment.Invalid},
	"exp_urgency": {"urgent": experiment.StopHarm},
}

// plansText plans the simulator's experiments. Opt-outs are rare, so that their margins are
// wide.
var plansText = template.Must(template.New("plans").Parse(`experiments:
{{- range .Plans }}
  - name: {{ .Name }}
    control: control
    split: {{ .Split }}
    planned_users: {{ $.Users }}
    started: {{ $.Started }}
    primary: {{ .Primary }}
    target_effect: 0.01
    guardrails: [{metric: opt_out, margin_absolute: 0.03}]
    conversion_window: 12h
{{- end }}
`))

// planned describes an experiment in the file of plans.
type planned struct{ Name, Split, Primary string }

var plannedExperiments = []planned{
	{"exp_subject", "{control: 0.5, b: 0.5}", "open"},
	{"exp_cta", "{control: 0.34, green: 0.33, arrow: 0.33}", "click"},
	{"exp_icon", "{control: 0.5, bell: 0.5}", "open"},
	{"exp_urgency", "{control: 0.5, urgent: 0.5}", "open"},
}

// writePlans writes the file of plans below the directory and returns its path.
func (p proof) writePlans(dir string) (string, error) {
	var text bytes.Buffer
	err := plansText.Execute(&text, map[string]any{
		"Plans": plannedExperiments, "Users": p.users, "Started": p.started().Format("2006-01-02T15:04:05Z"),
	})
	if err != nil {
		return "", fmt.Errorf("write the plans: %w", err)
	}
	path := filepath.Join(dir, "experiments.yaml")
	return path, os.WriteFile(path, text.Bytes(), 0o600)
}
