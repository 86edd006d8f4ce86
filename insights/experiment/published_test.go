package experiment

import (
	"math"
	"testing"
	"time"

	"belfry/insights/strictjson"
)

// agree fails the test if a figure differs from a published one by more than half of
// the last digit that was published, or as much as within says.
func agree(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s = %v, published is %v", what, got, want)
	}
}

func users(n float64) strictjson.Count { return strictjson.Count(n) }

func proportion(x, n float64) Metric { return Metric{Kind: Proportion, X: users(x), N: users(n)} }

func mean(n, sum, squares float64) Metric {
	return Metric{Kind: Mean, N: users(n), Sum: sum, SumSquares: squares}
}

// pair returns a trial of two arms with one metric that has run for a week.
func pair(a, b Metric) Trial {
	started := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	arm := func(m Metric) Arm { return Arm{Users: m.N, Metrics: map[string]Metric{"m": m}} }
	return Trial{Experiment: "x", Control: "a", Primary: "m", Started: started, Now: started.AddDate(0, 0, 7),
		Arms: map[string]Arm{"a": arm(a), "b": arm(b)}}
}

// compared returns the only comparison of two arms.
func compared(t *testing.T, trial Trial) Comparison {
	t.Helper()
	r := Judge(trial)
	if len(r.Comparisons) != 1 {
		t.Fatalf("%d comparisons: %s", len(r.Comparisons), r.Reason)
	}
	return r.Comparisons[0]
}

// Source: influentialpoints.com/notes/n9rmf3.htm (R, prop.test without correction): X-squared = 6.1026,
// p-value = 0.01350, interval from 0.03074072 to 0.23838896, of the proportions 0.4392523 and 0.3046875.
func TestTwoProportions(t *testing.T) {
	c := compared(t, pair(proportion(39, 128), proportion(94, 214)))
	agree(t, "z²", *c.Z**c.Z, 6.1026, 5e-5)
	agree(t, "p", *c.PValue, 0.01350, 5e-6)
	agree(t, "low", c.CI[0], 0.03074072, 5e-9)
	agree(t, "high", c.CI[1], 0.23838896, 5e-9)
}

// Source: R, DescTools, tests/misc.R (github.com/AndriSignorell/DescTools), method score, after
// lexjansen.com/wuss/2016/127_Final_Paper_PDF.pdf, for the first four, of which three are in Newcombe 1998, table II,
// method 10, like the last five. All sources publish 4 decimals.
func TestNewcombe(t *testing.T) {
	for _, x := range []struct{ x1, n1, x2, n2, low, high float64 }{
		{56, 70, 48, 80, 0.0524, 0.3339},
		{9, 10, 3, 10, 0.1705, 0.8090},
		{10, 10, 0, 20, 0.6791, 1},
		{84, 101, 89, 105, -0.1177, 0.0851},
		{6, 7, 2, 7, 0.0582, 0.8062},
		{5, 56, 0, 29, -0.0381, 0.1926},
		{0, 10, 0, 20, -0.1611, 0.2775},
		{0, 10, 0, 10, -0.2775, 0.2775},
		{10, 10, 0, 10, 0.6075, 1},
	} {
		got := newcombe(x.x2, x.n2, x.x1, x.n1, 0.05)
		agree(t, "low", got[0], x.low, 5.1e-5)
		agree(t, "high", got[1], x.high, 5.1e-5)
	}
}

// Source: R, Student's sleep data, t.test(extra ~ group): t = -1.8608, p-value = 0.07939, interval from -3.3654832 to
// 0.2054832; the help of afex, R/compare.2.vectors.R (github.com/singmann/afex), prints t = -1.860813 and
// p = 0.07939414.
func TestWelch(t *testing.T) {
	c := compared(t, pair(mean(10, 23.3, 90.37), mean(10, 7.5, 34.43)))
	agree(t, "t", *c.Z, -1.860813, 5e-7)
	agree(t, "p", *c.PValue, 0.07939414, 5e-9)
	agree(t, "low", c.CI[0], -3.3654832, 5e-8)
	agree(t, "high", c.CI[1], 0.2054832, 5e-8)
}

// Source: GrowthBook, gbstats (github.com/growthbook/growthbook, packages/stats), tests/frequentist/test_tests.py:
// test_two_sided_ttest and test_two_sided_ttest_binom, relative effects; test_two_sided_ttest_absolute for the p-value
// of the absolute one.
func TestRelativeLift(t *testing.T) {
	c := compared(t, pair(mean(3407, 1396.87, 52377.9767), mean(3461, 2422.7, 134698.29)))
	agree(t, "lift", *c.Relative.Effect, 0.70732, 5e-6)
	agree(t, "se", *c.Relative.SE, 0.37879, 5e-6)
	agree(t, "low", c.Relative.CI[0], -0.03526, 5e-6)
	agree(t, "high", c.Relative.CI[1], 1.44989, 5e-6)
	agree(t, "p", *c.PValue, 0.02016, 5e-6)

	c = compared(t, pair(proportion(14, 28), proportion(16, 30)))
	agree(t, "se", *c.Relative.SE, 0.2717, 5e-6)
	agree(t, "low", c.Relative.CI[0], -0.47767, 5e-6)
	agree(t, "high", c.Relative.CI[1], 0.61101, 5e-6)
}

// Source: GrowthBook, gbstats, tests/test_gbstats.py, test_get_metric_dfs_frequentist_ratio: the relative effect of two
// ratios and its p-value. The sums are made up, such as no users have.
func TestRatioByDeltaMethod(t *testing.T) {
	var arms [2]estimate
	for i, m := range []Metric{
		{Kind: Ratio, N: 100, NumSum: 270, NumSumSq: 848.79, DenSum: 510, DenSumSq: 810, Cross: -900},
		{Kind: Ratio, N: 120, NumSum: 300, NumSumSq: 869, DenSum: 500, DenSumSq: 800, Cross: -905},
	} {
		e, err := of(m)
		if err != nil {
			t.Fatal(err)
		}
		arms[i] = e
	}
	a, b := arms[0], arms[1]
	c := comparing{Comparison: &Comparison{}, trial: &Trial{Alpha: 0.05}, ea: a, eb: b}
	c.relative()
	agree(t, "ratio", a.value, 0.529411765, 5e-10)
	agree(t, "lift", *c.Relative.Effect, 0.133333333, 5e-10)
	law := welch(a.square(), a.n, b.square(), b.n)
	agree(t, "p", law.pValue(*c.Relative.Effect / *c.Relative.SE), 0.610663339, 5e-10)
}

// Source: Mendenhall, Scheaffer, Ott: Elementary Survey Sampling, example 6.2 (sugar per
// weight of ten oranges): r = 0.05655, and with τ_x = 1800 a bound of 2 standard errors on
// the total of 6.31. Here the same oranges are one arm.
func TestRatioOfOranges(t *testing.T) {
	sugar := []float64{.021, .030, .025, .022, .033, .027, .019, .021, .023, .025}
	weight := []float64{.40, .48, .43, .42, .50, .46, .39, .41, .42, .44}
	e, err := of(ratioOf(sugar, weight))
	if err != nil {
		t.Fatal(err)
	}
	agree(t, "ratio", e.value, 0.05655, 5e-6)
	agree(t, "bound", 2*1800*math.Sqrt(e.square()), 6.31, 5e-3)
}

func ratioOf(y, x []float64) Metric {
	m := Metric{Kind: Ratio, N: users(float64(len(x)))}
	for i := range x {
		m.NumSum += y[i]
		m.NumSumSq += y[i] * y[i]
		m.DenSum += x[i]
		m.DenSumSq += x[i] * x[i]
		m.Cross += x[i] * y[i]
	}
	return m
}

// Source: SciPy, help of scipy.stats.chisquare: 3.5 and 0.62338762774958223 for these counts, of which 16, 16, 16, 16,
// 16 and 8 are expected, and 2.0 and 0.84914503608460956 for equal shares. Wikipedia, Sample ratio mismatch, publishes 3
// digits, and Kohavi, Tang, Xu: Trustworthy online controlled experiments, chapter 21, 2.
func TestSampleRatio(t *testing.T) {
	counts := []float64{16, 18, 16, 14, 12, 12}
	chi2, p, _ := sampleRatio(counts, []float64{2. / 11, 2. / 11, 2. / 11, 2. / 11, 2. / 11, 1. / 11})
	agree(t, "χ²", chi2, 3.5, 1e-12)
	agree(t, "p", p, 0.62338762774958223, 1e-12)
	chi2, p, _ = sampleRatio(counts, []float64{1. / 6, 1. / 6, 1. / 6, 1. / 6, 1. / 6, 1. / 6})
	agree(t, "χ²", chi2, 2, 1e-12)
	agree(t, "p", p, 0.84914503608460956, 1e-12)

	half := []float64{0.5, 0.5}
	chi2, p, ok := sampleRatio([]float64{600, 400}, half)
	agree(t, "χ²", chi2, 40, 1e-12)
	agree(t, "p", p*1e10, 2.54, 5e-3)
	_, p, _ = sampleRatio([]float64{821588, 815482}, half)
	agree(t, "p", p*1e6, 1.8, 5e-2)
	if _, _, expected := sampleRatio([]float64{7, 8}, half); !ok || expected {
		t.Error("8 users are expected for the test")
	}
}
