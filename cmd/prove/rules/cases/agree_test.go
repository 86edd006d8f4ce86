package cases_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"belfry/cmd/prove/rules/cases"
	"belfry/cmd/prove/rules/mutant"
	"belfry/deploy/stack"
)

// promtool tries each nth mutant.
const every = 4

// Of whatever edit of a rule, promtool and this package say the same.
func TestPromtoolAgrees(t *testing.T) {
	programs, err := stack.Ensure(t.Context(), "", t.Output(), stack.Promtool)
	if err != nil {
		t.Fatal(err)
	}
	program, rules, f := programs[stack.Promtool], load(t, "testdata/rules.yaml"), readFile(t, "testdata/cases.yaml")
	var runs []*cases.Run
	for _, c := range f.Cases {
		run, err := rules.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, run)
	}
	if wrong := promtool(t, program, rules, f); wrong != "" {
		t.Fatalf("cases that hold here fail in promtool:\n%s", wrong)
	}
	labels := func(string) []string { return []string{"instance", "job"} }
	var mutants []mutant.Mutant
	for _, r := range rules.All {
		mutants = append(mutants, mutant.Of(r, labels, mutant.Repeats{})...)
	}
	caught := 0
	for i := 0; i < len(mutants); i += every {
		m := mutants[i]
		var here []string
		for _, run := range runs {
			if err := run.Catches(t.Context(), m.Rule); err != nil {
				here = append(here, run.Name+": "+err.Error())
			}
		}
		if there := promtool(t, program, rules.With(m.Rule), f); (len(here) == 0) != (there == "") {
			t.Errorf("%s: %s\nhere: %s\npromtool: %s", m.Rule.ID, m, strings.Join(here, "\n"), there)
		}
		caught += min(len(here), 1)
	}
	if tried := (len(mutants) + every - 1) / every; caught == 0 || caught == tried {
		t.Errorf("%d of %d mutants are caught: the test compares nothing", caught, tried)
	}
}

// promtool runs a file's cases on rules and returns the failures.
func promtool(t *testing.T, program string, rules *cases.Rules, f *cases.File) string {
	t.Helper()
	path, err := rules.Promtool(f, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program, "test", "rules", path).CombinedOutput()
	if err != nil {
		return string(out)
	}
	return ""
}

func load(t testing.TB, path string) *cases.Rules {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := cases.Load(map[string][]byte{path: content})
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func readFile(t testing.TB, path string) *cases.File {
	t.Helper()
	f, err := cases.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
