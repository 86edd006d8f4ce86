package mutant_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/cmd/prove/rules/cases"
	"belfry/cmd/prove/rules/mutant"
)

func rules(t *testing.T, content string) []*cases.Rule {
	t.Helper()
	loaded, err := cases.Load(map[string][]byte{"rules.yaml": []byte("groups: [{name: g, interval: 10s, rules: [" +
		content + "]}]")})
	if err != nil {
		t.Fatal(err)
	}
	return loaded.All
}

func series(string) []string { return []string{"__name__", "channel", "env", "le", "stage"} }

func of(t *testing.T, r *cases.Rule, repeats mutant.Repeats) []string {
	t.Helper()
	var all []string
	for _, m := range mutant.Of(r, series, repeats) {
		all = append(all, m.String())
	}
	return all
}

func TestMutants(t *testing.T) {
	for _, c := range []struct {
		expr string
		want []string
	}{
		{"x > 0.8", []string{
			"filter: x > 0.8 -> x", "comparison: x > 0.8 -> x >= 0.8", "comparison: x > 0.8 -> x < 0.8",
			"threshold: x > 0.8 -> x > 0.4", "threshold: x > 0.8 -> x > 0.72", "threshold: x > 0.8 -> x > 0.88",
			"threshold: x > 0.8 -> x > 1.6",
		}},
		{"x == bool 0", []string{"comparison: x == bool 0 -> x != bool 0", "bool: x == bool 0 -> x == 0",
			"number: x == bool 0 -> x == bool 1"}},
		{"a or b", []string{"branch: a or b -> a", "branch: a or b -> b"}},
		{"a and on (env) b", []string{"branch: a and on (env) b -> a", "branch: a and on (env) b -> b",
			"matching: a and on (env) b -> a and on () b"}},
		{"a unless on () b", []string{"branch: a unless on () b -> a", "matching: a unless on () b -> a unless b"}},
		{"a unless min_over_time(b[2m])", []string{ // its value does not matter
			"branch: a unless min_over_time(b[2m]) -> a",
			"window: a unless min_over_time(b[2m]) -> a unless min_over_time(b[1m])",
			"window: a unless min_over_time(b[2m]) -> a unless min_over_time(b[4m])",
		}},
		{"sum_over_time(a[2m:2m])", []string{ // the sum of one value, and its mean
			"window: sum_over_time(a[2m:2m]) -> sum_over_time(a[1m:2m])",
			"window: sum_over_time(a[2m:2m]) -> sum_over_time(a[4m:2m])",
			"step: sum_over_time(a[2m:2m]) -> sum_over_time(a[2m:1m])",
			"step: sum_over_time(a[2m:2m]) -> sum_over_time(a[2m:4m])",
		}},
		{"a / on (env) group_left (stage) b", []string{
			"operator: a / on (env) group_left (stage) b -> a * on (env) group_left (stage) b",
			"matching: a / on (env) group_left (stage) b -> a / on () group_left (stage) b",
			"group: a / on (env) group_left (stage) b -> a / on (env) group_left () b",
			"group: a / on (env) group_left (stage) b -> a / on (env) b",
		}},
		{"max_over_time(x[2m] offset 30s)", []string{
			"function: max_over_time(x[2m] offset 30s) -> min_over_time(x[2m] offset 30s)",
			"window: max_over_time(x[2m] offset 30s) -> max_over_time(x[1m] offset 30s)",
			"window: max_over_time(x[2m] offset 30s) -> max_over_time(x[4m] offset 30s)",
			"offset: max_over_time(x[2m] offset 30s) -> max_over_time(x[2m] offset 15s)",
			"offset: max_over_time(x[2m] offset 30s) -> max_over_time(x[2m] offset 1m)",
			"offset: max_over_time(x[2m] offset 30s) -> max_over_time(x[2m])",
		}},
		{"avg_over_time(x[2m:30s])", []string{
			"function: avg_over_time(x[2m:30s]) -> max_over_time(x[2m:30s])",
			"window: avg_over_time(x[2m:30s]) -> avg_over_time(x[1m:30s])",
			"window: avg_over_time(x[2m:30s]) -> avg_over_time(x[4m:30s])",
			"step: avg_over_time(x[2m:30s]) -> avg_over_time(x[2m:15s])",
			"step: avg_over_time(x[2m:30s]) -> avg_over_time(x[2m:1m])",
		}},
		{`x{stage=~"a|b",fault!="c"}`, []string{
			`matcher: x{fault!="c",stage=~"a|b"} -> x{stage=~"a|b"}`,
			`matcher: x{fault!="c",stage=~"a|b"} -> x{fault="c",stage=~"a|b"}`,
			`matcher: x{fault!="c",stage=~"a|b"} -> x{fault!="c"}`,
			`matcher: x{fault!="c",stage=~"a|b"} -> x{fault!="c",stage!~"a|b"}`,
			`matcher: x{fault!="c",stage=~"a|b"} -> x{fault!="c",stage=~"b"}`,
			`matcher: x{fault!="c",stage=~"a|b"} -> x{fault!="c",stage=~"a"}`,
		}},
		{`x{code=~"(?i:a\\.1|b.*)"}`, []string{
			`matcher: x{code=~"(?i:a\\.1|b.*)"} -> x`,
			`matcher: x{code=~"(?i:a\\.1|b.*)"} -> x{code!~"(?i:a\\.1|b.*)"}`,
			`matcher: x{code=~"(?i:a\\.1|b.*)"} -> x{code=~"(?i:b.*)"}`,
			`matcher: x{code=~"(?i:a\\.1|b.*)"} -> x{code=~"(?i:a\\.1)"}`,
		}},
		{"sum without (stage, le) (x)", []string{
			"aggregation: sum without (stage, le) (x) -> max without (stage, le) (x)",
			"grouping: sum without (stage, le) (x) -> sum without (le) (x)",
			"grouping: sum without (stage, le) (x) -> sum without (stage) (x)",
			"grouping: sum without (stage, le) (x) -> sum without (stage, le, channel) (x)",
			"grouping: sum without (stage, le) (x) -> sum without (stage, le, env) (x)",
		}},
		{"-clamp_min(x, 3)", []string{
			"sign: -clamp_min(x, 3) -> clamp_min(x, 3)", "function: -clamp_min(x, 3) -> -clamp_max(x, 3)",
			"function: -clamp_min(x, 3) -> -x",
			"number: -clamp_min(x, 3) -> -clamp_min(x, 1.5)", "number: -clamp_min(x, 3) -> -clamp_min(x, 6)",
		}},
		{`label_join(x, "a", "", "b")`, []string{
			`string: label_join(x, "a", "", "b") -> label_join(x, "a_", "", "b")`,
			`string: label_join(x, "a", "", "b") -> label_join(x, "a", "_", "b")`,
			`string: label_join(x, "a", "", "b") -> label_join(x, "a", "", "b_")`,
		}},
		// Changes without an effect are left out.
		{"histogram_quantile(0.5, sum by (le) (rate(x[1m])))", []string{
			"number: histogram_quantile(0.5, sum by (le) (rate(x[1m]))) -> " +
				"histogram_quantile(0.25, sum by (le) (rate(x[1m])))",
			"number: histogram_quantile(0.5, sum by (le) (rate(x[1m]))) -> " +
				"histogram_quantile(1, sum by (le) (rate(x[1m])))",
			"aggregation: histogram_quantile(0.5, sum by (le) (rate(x[1m]))) -> " +
				"histogram_quantile(0.5, max by (le) (rate(x[1m])))",
			"grouping: histogram_quantile(0.5, sum by (le) (rate(x[1m]))) -> histogram_quantile(0.5, sum(rate(x[1m])))",
			"grouping: histogram_quantile(0.5, sum by (le) (rate(x[1m]))) -> " +
				"histogram_quantile(0.5, sum by (le, channel) (rate(x[1m])))",
			"grouping: histogram_quantile(0.5, sum by (le) (rate(x[1m]))) -> " +
				"histogram_quantile(0.5, sum by (le, env) (rate(x[1m])))",
			"grouping: histogram_quantile(0.5, sum by (le) (rate(x[1m]))) -> " +
				"histogram_quantile(0.5, sum by (le, stage) (rate(x[1m])))",
			"window: histogram_quantile(0.5, sum by (le) (rate(x[1m]))) -> " +
				"histogram_quantile(0.5, sum by (le) (rate(x[30s])))",
			"window: histogram_quantile(0.5, sum by (le) (rate(x[1m]))) -> " +
				"histogram_quantile(0.5, sum by (le) (rate(x[2m])))",
		}},
		{`sum without (stage) (x{stage="a"})`, []string{
			`grouping: sum without (stage) (x{stage="a"}) -> sum without () (x{stage="a"})`,
			`grouping: sum without (stage) (x{stage="a"}) -> sum without (stage, channel) (x{stage="a"})`,
			`grouping: sum without (stage) (x{stage="a"}) -> sum without (stage, env) (x{stage="a"})`,
			`grouping: sum without (stage) (x{stage="a"}) -> sum without (stage, le) (x{stage="a"})`,
			`matcher: sum without (stage) (x{stage="a"}) -> sum without (stage) (x)`,
			`matcher: sum without (stage) (x{stage="a"}) -> sum without (stage) (x{stage!="a"})`,
		}},
	} {
		t.Run(c.expr, func(t *testing.T) {
			got := of(t, rules(t, "{record: r, expr: '"+c.expr+"'}")[0], mutant.Repeats{})
			if diff := cmp.Diff(append(c.want, "rule: the rule -> nothing"), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// What goes on while the condition of its begin holds has both changed at once.
func TestAConditionThatOccursTwice(t *testing.T) {
	r := rules(t, `{alert: A, expr: (a > 1 unless b) unless c or (a > 1 unless b) and d}`)[0]
	got := map[string]string{}
	for _, m := range mutant.Of(r, series, mutant.Repeats{}) {
		got[m.String()] = m.Rule.Expr.String()
	}
	for change, want := range map[string]string{
		"threshold: a > 1 unless b -> a > 2 unless b": "(a > 2 unless b) unless c or (a > 2 unless b) and d",
		"branch: a > 1 unless b -> a > 1":             "(a > 1) unless c or (a > 1) and d",
	} {
		if got[change] != want {
			t.Errorf("%s makes %q, want %q", change, got[change], want)
		}
	}
	for _, outside := range []string{
		"(a > 1 unless b) unless c", "(a > 1 unless b) and d", "(a > 1 unless b) unless c or d",
		"(a > 1 unless b) or (a > 1 unless b) and d", "(a > 1 unless b) unless c or (a > 1 unless b)",
	} {
		if !slices.Contains(slices.Collect(maps.Values(got)), outside) {
			t.Errorf("no edit makes %s", outside)
		}
	}
	for change, expr := range got {
		if strings.Contains(expr, "a > 1") && strings.Contains(expr, "a > 2") {
			t.Errorf("%s changes one of two", change)
		}
	}
}

// Durations change only if the number of evaluations does.
func TestDurations(t *testing.T) {
	got := of(t, rules(t, "{alert: A, expr: up, for: 10s, keep_firing_for: 40s}")[0], mutant.Repeats{})
	want := []string{
		"for: 10s -> 20s", "for: 10s -> 0s",
		"keep_firing_for: 40s -> 20s", "keep_firing_for: 40s -> 1m20s", "keep_firing_for: 40s -> 0s",
		"rule: the rule -> nothing",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// An expression that several rules repeat changes in all of them.
func TestRepeatedExpressions(t *testing.T) {
	all := rules(t, `{alert: A, expr: x > 0 and y}, {record: c, expr: "group(x > 0 and y) or z"}, {record: d, expr: y}`)
	repeats := mutant.FindRepeats(all)
	for _, r := range all {
		switch r.Name {
		case "A":
			m := mutant.Of(r, series, repeats)[0]
			if len(m.With) != 1 || m.With[0].Expr.String() != "group((x > 0)) or z" || m.Rule.Expr.String() != "x > 0" {
				t.Errorf("the first mutant is %s, with %v", m.Rule.Expr, m.With)
			}
		case "c":
			if all := strings.Join(of(t, r, repeats), "\n"); strings.Contains(all, "threshold") ||
				!strings.Contains(all, "branch: group(x > 0 and y) or z -> z") {
				t.Errorf("the record's own mutants are\n%s", all)
			}
		}
	}
}
