package cases_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"belfry/deploy/stack"
	"belfry/rules/ruletest/cases"
	"belfry/rules/ruletest/mutant"
)

// promtool runs a file's cases on rules and returns what it finds wrong.
func promtool(t *testing.T, program string, rules *cases.Rules, f *cases.File) string {
	path, err := rules.Promtool(f, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(context.Background(), program, "test", "rules", path).CombinedOutput()
	if err != nil {
		return string(out)
	}
	return ""
}

// Whatever edit of a rule: promtool and this package say the same of the cases.
func TestPromtoolAgrees(t *testing.T) {
	programs, err := stack.Ensure(t.Context(), "", t.Output(), stack.Promtool)
	if err != nil {
		t.Fatal(err)
	}
	pattern, rulePath := "testdata/cases.yaml", "testdata/rules.yaml"
	if p := os.Getenv("AGREE_CASES"); p != "" {
		pattern, rulePath = p, os.Getenv("AGREE_RULES")
	}
	contents := map[string][]byte{}
	rp, _ := filepath.Glob(rulePath)
	for _, p := range rp {
		contents[p], err = os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
	}
	rules, err := cases.Load(contents)
	if err != nil {
		t.Fatal(err)
	}
	fp, _ := filepath.Glob(pattern)
	for _, p := range fp {
		f, err := cases.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, programs[stack.Promtool], rules, f)
	}
}

func agree(t *testing.T, program string, rules *cases.Rules, f *cases.File) {
	var runs []*cases.Run
	for _, c := range f.Cases {
		run, err := rules.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, run)
	}
	if wrong := promtool(t, program, rules, f); wrong != "" {
		t.Fatalf("promtool finds cases wrong that hold here:\n%s", wrong)
	}
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, r := range rules.All {
		needed := false
		for _, run := range runs {
			needed = needed || run.Needs(r)
		}
		if !needed {
			continue
		}
		for _, m := range mutant.Of(r, func(string) []string { return []string{"channel", "job"} }, mutant.Repeats{}) {
			t.Run(f.Path+"/"+r.ID+"/"+m.String(), func(t *testing.T) {
				t.Parallel()
				slots <- struct{}{}
				defer func() { <-slots }()
				var here []string
				for _, run := range runs {
					if !run.Needs(r) {
						continue
					}
					if err := run.Catches(t.Context(), m.Rule); err != nil {
						here = append(here, run.Name+": "+err.Error())
					}
				}
				there := promtool(t, program, rules.With(m.Rule), f)
				if (len(here) == 0) != (there == "") {
					t.Errorf("%s\nhere: %s\npromtool: %s", m.Rule.Expr, strings.Join(here, "\n"), there)
				}
			})
		}
	}
}
