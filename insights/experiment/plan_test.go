package experiment

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
)

func load(t *testing.T, text string) ([]Plan, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "experiments.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return LoadPlans(path)
}

func TestExampleIsAPlan(t *testing.T) {
	all, err := load(t, string(Example))
	if err != nil || len(all) != 1 {
		t.Fatalf("%d plans: %v", len(all), err)
	}
	trial := all[0].Trial()
	if trial.PlannedUsers != 20000 || len(trial.Guardrails) != 2 || trial.Guardrails[0].Bad != Up {
		t.Errorf("%+v", trial)
	}
}

func TestWithoutAFileThereAreNoPlans(t *testing.T) {
	if all, err := LoadPlans(""); len(all) > 0 || err != nil {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := LoadPlans(filepath.Join(t.TempDir(), "none.yaml")); err == nil {
		t.Error("a file that does not exist was read")
	}
}

const short = `
experiments:
  - {name: x, control: a, split: {a: 0.5, b: 0.25, c: 0.25}, planned_users: 8000, primary: open, started: 2026-03-01}
`

func TestDefaultsOfPlans(t *testing.T) {
	all, err := load(t, short)
	if err != nil {
		t.Fatal(err)
	}
	trial := all[0].Trial()
	if trial.PlannedUsers != 8000*0.75 { // control, and one of two variants
		t.Errorf("N* is %v", trial.PlannedUsers)
	}
	var guardrails []string
	for _, g := range trial.Guardrails {
		guardrails = append(guardrails, g.Metric)
	}
	if diff := cmp.Diff([]string{"opt_out", "complaint", "bounce"}, guardrails); diff != "" {
		t.Error(diff)
	}
	if all[0].Alpha != DefaultAlpha || all[0].ConversionWindow != defaultWindow || all[0].VarianceReduction != CUPED {
		t.Errorf("%+v", all[0])
	}
}

func TestMistakesInPlans(t *testing.T) {
	_, err := load(t, `
experiments:
  - name: x
    control: z
    split: {a: 50, b: 0.5}
    primary: opens
    secondary: [click, click]
    guardrails: [{metric: click}, {metric: complaint, bad: sideways, margin_relative: -1}]
    started: yesterday
    ends: 2026-03-01
    alpha: 5
    planned_users: 0
    target_effect: -0.1
    variance_reduction: always
  - name: x
    split: {a: 1}
    control: a
`)
	want := `experiments.yaml:4:14: experiments[0].control: unknown arm "z" (valid: a, b)
experiments.yaml:5:16: experiments[0].split.a: 50 is out of range: use a share between 0 and 1, such as 0.5
experiments.yaml:6:14: experiments[0].primary: unknown metric "opens"; did you mean "open"? (valid: open, click, conversion, value, open_users, click_users, conversion_users, opt_out, complaint, bounce, soft_bounce)
experiments.yaml:7:24: experiments[0].secondary[1]: "click" is already secondary: name each metric once
experiments.yaml:8:27: experiments[0].guardrails[0].metric: "click" is already secondary: name each metric once
experiments.yaml:8:60: experiments[0].guardrails[1].bad: unknown direction "sideways" (valid: up, down)
experiments.yaml:8:87: experiments[0].guardrails[1].margin_relative: -1 is out of range: use 0 or more, such as 0.1
experiments.yaml:9:14: experiments[0].started: invalid time "yesterday": use RFC 3339, such as 2026-03-01T00:00:00Z, or a date
experiments.yaml:11:12: experiments[0].alpha: 5 is out of range: use a probability below 0.5, such as 0.05
experiments.yaml:12:20: experiments[0].planned_users: 0 is out of range: use 1 or more, or leave it out
experiments.yaml:13:20: experiments[0].target_effect: -0.1 is out of range: use the smallest absolute difference that matters, such as 0.01
experiments.yaml:14:25: experiments[0].variance_reduction: unknown method "always" (valid: cuped, none)
experiments.yaml:15:5: experiments[1].primary: is missing: name the metric that decides
experiments.yaml:15:5: experiments[1].started: is missing: set when the experiment starts, such as 2026-03-01T00:00:00Z
experiments.yaml:15:11: experiments[1].name: "x" is already the name of experiments[0]
experiments.yaml:16:5: experiments[1].split: control and at least one variant are needed
experiments.yaml:16:16: experiments[1].split.a: 1 is out of range: use a share between 0 and 1, such as 0.5`
	if err == nil {
		t.Fatal("no mistake was found")
	}
	var got []string
	for line := range strings.Lines(err.Error()) {
		got = append(got, line[strings.LastIndex(line[:strings.Index(line, ".yaml")], "/")+1:])
	}
	if diff := cmp.Diff(want, strings.TrimSpace(strings.Join(got, ""))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestChangesToARunningPlanAreRefused(t *testing.T) {
	before, err := load(t, short)
	if err != nil {
		t.Fatal(err)
	}
	running := before[0].Started.Add(time.Hour)
	change := func(from, to string) []Plan {
		after, err := load(t, strings.Replace(short, from, to, 1))
		if err != nil {
			t.Fatal(err)
		}
		return after
	}
	if err := Changed(before, change("planned_users: 8000", "planned_users: 9000"), running); err == nil ||
		!strings.Contains(err.Error(), `experiment "x": the plan changed after the start on 2026-03-01T00:00:00Z (planned_users)`) {
		t.Errorf("more users: %v", err)
	}
	for name, after := range map[string][]Plan{
		"nothing": change("", ""), "a new name": change("name: x", "name: y"), "the end": nil,
		"a new start": change("started: 2026-03-01", "started: 2026-03-02"),
	} {
		if err := Changed(before, after, running); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	early := before[0].Started.Add(-time.Hour)
	if err := Changed(before, change("primary: open", "primary: click"), early); err != nil {
		t.Errorf("before the start: %v", err)
	}
}

// A plan can name what the catalogue lists, and nothing else.
func TestMetricsAreThoseOfTheCatalogue(t *testing.T) {
	var names []string
	for _, m := range Metrics {
		names = append(names, m.Name)
	}
	if !slices.Equal(names, catalog.ExperimentMetrics) {
		t.Errorf("metrics %v, the catalogue lists %v", names, catalog.ExperimentMetrics)
	}
}
