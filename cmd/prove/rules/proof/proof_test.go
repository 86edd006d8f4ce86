package proof

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/cmd/prove/rules/cases"
)

var update = flag.Bool("update", false, "rewrite the expected reports")

func load(t *testing.T) (*cases.Rules, []*cases.File) {
	t.Helper()
	rules, err := cases.Load(map[string][]byte{"rules.yaml": []byte(read(t, "testdata/rules.yaml"))})
	if err != nil {
		t.Fatal(err)
	}
	files, err := ReadFiles("testdata/cases.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return rules, files
}

// The report names rules without a case, edits that no case notices with the
// missing case, and mistakes in the lists of equivalents.
func TestReport(t *testing.T) {
	rules, files := load(t)
	for name, o := range map[string]Options{
		"all":  {},
		"slow": {Only: func(r *cases.Rule) bool { return r.ID == "Slow" }},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := Prove(t.Context(), rules, files, o)
			if err != nil {
				t.Fatal(err)
			}
			if report.Proven() {
				t.Error("the report says that all is proven")
			}
			var b bytes.Buffer
			report.Print(&b)
			got := regexp.MustCompile(`in [0-9.]+m?s`).ReplaceAllString(b.String(), "in TIME")
			path := "testdata/" + name + ".txt"
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(read(t, path), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A sample tries every nth mutant, and the report counts those that were tried.
func TestSample(t *testing.T) {
	rules, files := load(t)
	all, err := Prove(t.Context(), rules, files, Options{})
	if err != nil {
		t.Fatal(err)
	}
	some, err := Prove(t.Context(), rules, files, Options{Every: 7})
	if err != nil {
		t.Fatal(err)
	}
	if want := (all.Mutants + 6) / 7; some.Mutants != want {
		t.Errorf("%d of %d mutants were tried, want %d", some.Mutants, all.Mutants, want)
	}
}

// There is no proof if a case does not hold for the rules as they are.
func TestCasesMustHold(t *testing.T) {
	_, files := load(t)
	broken := strings.Replace(read(t, "testdata/rules.yaml"), "rate1m < 1", "rate1m < 0.1", 1)
	rules, err := cases.Load(map[string][]byte{"rules.yaml": []byte(broken)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Prove(t.Context(), rules, files, Options{})
	if err == nil || !strings.Contains(err.Error(), `testdata/cases.yaml, "one channel is slow":`) {
		t.Errorf("got %v", err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
