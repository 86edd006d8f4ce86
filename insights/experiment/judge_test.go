package experiment

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
)

// running returns a trial with opens as the primary metric and complaints as guardrail.
func running(opensA, opensB, complaintsA, complaintsB, n float64) Trial {
	t := pair(proportion(opensA, n), proportion(opensB, n))
	t.Arms["a"].Metrics["complaint"] = proportion(complaintsA, n)
	t.Arms["b"].Metrics["complaint"] = proportion(complaintsB, n)
	t.Guardrails = []Guardrail{{Metric: "complaint"}}
	t.TargetEffect = 0.02
	return t
}

func TestVerdicts(t *testing.T) {
	young := running(1000, 1300, 0, 0, 10000)
	young.ConversionWindow.Set("10d")
	halfYoung := running(1000, 1300, 0, 0, 10000)
	arm := halfYoung.Arms["b"]
	arm.YoungUsers = 5001
	halfYoung.Arms["b"] = arm
	gap := running(1000, 1300, 0, 0, 10000)
	gap.DataGap = true
	crossed := running(1000, 1300, 0, 0, 10000)
	crossed.CrossoverUsers = 201
	early := running(1000, 1300, 0, 0, 10000)
	early.Now = early.Started.Add(71 * time.Hour)
	uneven := running(1000, 1300, 0, 0, 10000)
	uneven.PlannedSplit = map[string]float64{"a": 0.6, "b": 0.4}
	three := running(1000, 1300, 0, 0, 10000)
	three.Arms["c"] = three.Arms["a"]

	for _, x := range []struct {
		name  string
		trial Trial
		want  Verdict
		says  string
	}{
		{"winner", running(1000, 1300, 0, 0, 10000), Ship, "arm b wins"},
		{"winner that annoys", running(1000, 1300, 20, 35, 10000), Review, "complaint may be worse"},
		{"harm", running(1000, 1300, 10, 90, 10000), StopHarm, "does harm"},
		{"loser", running(1300, 1000, 0, 0, 10000), StopLoser, "arm b loses"},
		{"no difference", running(1000, 1003, 0, 0, 10000), NoMeaningfulDifference, "no difference that matters"},
		{"undecided", running(100, 110, 0, 0, 1000), Continue, "at the present rate"},
		{"few users", running(20, 30, 0, 0, 149), Collecting, "149 users"},
		{"few outcomes", running(9, 30, 0, 0, 1000), Collecting, "9 outcomes"},
		{"early", early, Collecting, "at least 3 days"},
		{"immature", young, Immature, "have 10 days to respond"},
		{"mostly young", halfYoung, Immature, "5001 of the 10000"},
		{"gap", gap, Invalid, "counts are missing"},
		{"crossed", crossed, Invalid, "more than one arm"},
		{"uneven", uneven, Invalid, "planned split"},
		{"all converted", running(1000, 1000, 0, 0, 1000), Collecting, "all users are alike"},
		{"nobody", running(0, 0, 0, 0, 0), Collecting, "0 users"},
		{"one of two variants wins", three, Ship, "arm c: no_meaningful_difference"},
	} {
		r := Judge(x.trial)
		if r.Verdict != x.want || !strings.Contains(r.Reason, x.says) {
			t.Errorf("%s: %s, %s", x.name, r.Verdict, r.Reason)
		}
		encoded(t, r)
	}
}

// encoded fails the test if the result is not JSON, as with a NaN.
func encoded(t *testing.T, r Result) string {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatalf("%+v: %v", r, err)
	}
	return string(text)
}

// Comparisons are given whatever the verdict.
func TestInvalidStillCompares(t *testing.T) {
	trial := running(1000, 1300, 3, 4, 10000)
	trial.DataGap = true
	if r := Judge(trial); len(r.Comparisons) != 2 || r.Comparisons[0].Sequential.CI == nil {
		t.Errorf("%+v", r.Comparisons)
	}
}

// Whatever the numbers are, the result is JSON and gives its reason.
func FuzzJudge(f *testing.F) {
	f.Add(100.0, 10.0, 3.0, 4.0, 5.0, 6.0, 7.0, 200.0)
	f.Add(150.0, 150.0, 150.0, 150.0, 150.0, 150.0, 150.0, 150.0)
	f.Add(1e300, math.NaN(), math.Inf(1), -1.0, 1e-300, 0.0, 5e15, 1e40)
	f.Fuzz(func(t *testing.T, n, a, b, c, d, e, g, m float64) {
		trial := pair(proportion(a, n), proportion(b, m))
		first, second := trial.Arms["a"].Metrics, trial.Arms["b"].Metrics
		first["mean"], second["mean"] = mean(n, a, b), mean(m, c, d)
		first["ratio"] = Metric{Kind: Ratio, N: users(n), NumSum: a, NumSumSq: b, DenSum: c, DenSumSq: d, Cross: e,
			Covariate: &Covariate{Sum: g, SumSquares: m, CrossNum: a, CrossDen: b}}
		second["ratio"] = Metric{Kind: Ratio, N: users(m), NumSum: b, NumSumSq: a, DenSum: d, DenSumSq: c, Cross: g,
			Covariate: &Covariate{Sum: a, SumSquares: b, CrossNum: c, CrossDen: d}}
		trial.Secondary, trial.TargetEffect = []string{"mean"}, e
		trial.Guardrails = []Guardrail{{Metric: "ratio", MarginAbsolute: &g}}
		r := Judge(trial)
		if r.Verdict == "" || r.Reason == "" || !json.Valid([]byte(encoded(t, r))) {
			t.Errorf("%+v", r)
		}
	})
}
