package cases_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/cmd/prove/rules/cases"
)

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cases.yaml")
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFilesThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"rule files": {"rule_files: [a.yaml]\ntests: []", "field rule_files not found"},
		"expression": {"tests: [{promql_expr_test: [{expr: 'sum(', eval_time: 1m}]}]", "sum( at 1m: "},
		"sample labels": {"tests: [{promql_expr_test: [{expr: up, eval_time: 1m, " +
			"exp_samples: [{labels: '{', value: 1}]}]}]", "labels {: "},
		"start": {"tests: [{start_timestamp: noon}]", "start_timestamp: "},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := cases.ReadFile(write(t, c.content))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestCasesThatDoNotHold(t *testing.T) {
	rules := load(t, "testdata/rules.yaml")
	for name, c := range map[string]struct{ test, want string }{
		"expression": {`
    input_series: [{series: 'x_total{job="a"}', values: '0+60x9'}]
    promql_expr_test:
      - {expr: 'job:x:rate1m', eval_time: 1m, exp_samples: [{labels: 'job:x:rate1m{job="a"}', value: 2}]}`,
			`  job:x:rate1m at 1m:
  - {__name__="job:x:rate1m", job="a"} 2
  + {__name__="job:x:rate1m", job="a"} 6`},
		"alert": {`
    input_series: [{series: 'job:x:rate1m{job="a"}', values: '3x9'}]
    alert_rule_test:
      - eval_time: 1m
        alertname: Twice
        exp_alerts: [{exp_labels: {job: a, severity: info}, exp_annotations: {summary: s}}]`,
			`  Twice at 1m:
  - {alertname="Twice", job="a", severity="info"}
  -   summary: "s"
  + {alertname="Twice", job="a", severity="warning"}`},
		"no alert": {`
    alert_rule_test: [{eval_time: 1m, alertname: Twice, exp_alerts: [{exp_labels: {job: a}}]}]`,
			`  Twice at 1m:
  - {alertname="Twice", job="a"}
  + nothing`},
		"given and written": {`
    input_series: [{series: 'x_total{job="a"}', values: '0+60x9'}, {series: 'job:x:rate1m{job="a"}', values: '1x9'}]
    promql_expr_test: [{expr: 'job:x:rate1m', eval_time: 1m}]`,
			`{__name__="job:x:rate1m", job="a"} is written by the rule job:x:rate1m, ` +
				`and is also an input series or written by another rule: ` +
				`give the case only what the rule reads, or only what it writes`},
		"native histogram": {`
    input_series: [{series: x_total, values: '{{schema:0 sum:1 count:1 buckets:[1]}}'}]
    promql_expr_test: [{expr: 'job:x:rate1m', eval_time: 1m}]`,
			`input series x_total: native histograms are not supported: use classic buckets`},
		"evaluation": {`
    input_series:
      - {series: 'job:x:rate1m{job="a",env="b"}', values: '1x9'}
      - {series: 'job:x:rate1m{job="a",env="c"}', values: '1x9'}
    promql_expr_test: [{expr: 'sum(job:x:rate1m) / on (job) job:x:rate1m', eval_time: 1m}]`,
			`found duplicate series for the match group`},
	} {
		t.Run(name, func(t *testing.T) {
			const head = "evaluation_interval: 10s\ntests:\n  - name: case\n    interval: 10s"
			f := readFile(t, write(t, head+c.test+"\n"))
			_, err := rules.Run(t.Context(), f.Cases[0])
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got\n%v\nwant in it\n%s", err, c.want)
			}
		})
	}
}

// Rules with the same name are identified by the labels in which they differ.
func TestRulesAreIdentified(t *testing.T) {
	var ids []string
	for _, r := range load(t, "testdata/rules.yaml").All {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	want := []string{
		"Slow", "Stuck", `Twice{severity="critical"}`, `Twice{severity="warning"}`,
		`condition{rule="high"}`, `condition{rule="low"}`,
		"job:x:max2m", "job:x:range", "job:x:rate1m", "job:x_per_max:ratio", "seconds",
	}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Error(diff)
	}
}

// A case shows only the rules that it asks for, not all that it evaluates.
func TestShown(t *testing.T) {
	rules, f := load(t, "testdata/rules.yaml"), readFile(t, "testdata/cases.yaml")
	shown := map[string]cases.Shown{}
	for _, c := range f.Cases {
		run, err := rules.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rules.All {
			shown[r.ID] = shown[r.ID].Or(run.Shows(r))
		}
	}
	for id, want := range map[string]cases.Shown{
		"job:x:max2m":                {},
		"job:x:range":                {Value: true},
		"Slow":                       {Value: true, Text: true, Quiet: true},
		`Twice{severity="critical"}`: {Value: true, Text: true},
	} {
		got := shown[id]
		if !strings.Contains(id, ":") {
			if got != want {
				t.Errorf("%s: %+v, want %+v", id, got, want)
			}
		} else if got.Value != want.Value {
			t.Errorf("%s: %+v, want the value %t", id, got, want.Value)
		}
	}
}
