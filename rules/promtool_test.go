package rules

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"belfry/deploy/stack"
)

func promtool(t *testing.T, args ...string) {
	t.Helper()
	programs, err := stack.Ensure(t.Context(), "", t.Output(), stack.Promtool)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), programs[stack.Promtool], args...).CombinedOutput()
	if err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestPromtoolCheck(t *testing.T) {
	promtool(t, append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, glob(t, "*.yaml")...)...)
}

func TestPromtoolCases(t *testing.T) {
	for _, path := range glob(t, "testdata/*.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			promtool(t, "test", "rules", "--diff", path)
		})
	}
}

// Every recorded series and every alert occurs in a case; an alert in one where
// it fires and in one where it does not.
func TestPromtoolCasesCoverEveryRule(t *testing.T) {
	var cases strings.Builder
	for _, path := range glob(t, "testdata/*.yaml") {
		cases.WriteString(read(t, path))
	}
	for _, r := range Recorded() {
		if !strings.Contains(cases.String(), r.Name+`"`) && !strings.Contains(cases.String(), r.Name+"{") {
			t.Errorf("no case expects the series %s", r.Name)
		}
	}
	for _, a := range Alerts() {
		if !strings.Contains(cases.String(), "alertname: "+a.Name+"\n        exp_alerts:") {
			t.Errorf("%s fires in no case", a.Name)
		}
		if a.DetectsWithin > 0 && !strings.Contains(cases.String(), "alertname: "+a.Name+"}") {
			t.Errorf("%s stays quiet in no case", a.Name)
		}
	}
}
