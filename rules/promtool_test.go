package rules

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"belfry/cmd/prove/rules/cases"
	"belfry/cmd/prove/rules/proof"
	"belfry/deploy/stack"
)

func promtoolProgram(t *testing.T) string {
	t.Helper()
	programs, err := stack.Ensure(t.Context(), "", t.Output(), stack.Promtool)
	if err != nil {
		t.Fatal(err)
	}
	return programs[stack.Promtool]
}

func promtool(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), promtoolProgram(t), args...).CombinedOutput()
	if err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestPromtoolCheck(t *testing.T) {
	promtool(t, append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, glob(t, "notification-*.yaml")...)...)
}

func TestPromtoolCases(t *testing.T) {
	program, rules := promtoolProgram(t), generated(t)
	for _, f := range caseFiles(t) {
		t.Run(filepath.Base(f.Path), func(t *testing.T) {
			t.Parallel()
			if err := proof.Promtool(t.Context(), program, rules, []*cases.File{f}); err != nil {
				t.Error(err)
			}
		})
	}
}

// Every rule is shown by a case, and of its edits a sample is noticed; `make
// test-rules` tries them all.
func TestCasesProveRules(t *testing.T) {
	report, err := proof.Prove(t.Context(), generated(t), caseFiles(t), proof.Options{Every: mutantsEvery})
	if err != nil {
		t.Fatal(err)
	}
	report.Print(t.Output())
	if !report.Proven() {
		t.Error("the cases do not prove the rules: see above")
	}
}

func generated(t *testing.T) *cases.Rules {
	t.Helper()
	files, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := cases.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func caseFiles(t *testing.T) []*cases.File {
	t.Helper()
	files, err := proof.ReadFiles("testdata/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return files
}
