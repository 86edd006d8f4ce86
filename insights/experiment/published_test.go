package experiment

import (
	"math"
	"slices"
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

// Source: Gustavus Adolphus College, MCS 142, "R: 2 proportions" (prop.test without
// correction): X-squared = 5.4979, p-value = 0.01904, interval of prop 1 − prop 2 from
// 0.01512659 to 0.16320674.
func TestTwoProportions(t *testing.T) {
	c := compared(t, pair(proportion(203, 400), proportion(179, 300)))
	agree(t, "z²", *c.Z**c.Z, 5.4979, 5e-5)
	agree(t, "p", *c.PValue, 0.01904, 5e-6)
	agree(t, "low", c.CI[0], 0.01512659, 5e-9)
	agree(t, "high", c.CI[1], 0.16320674, 5e-9)
}

// Source: Newcombe 1998, table II, method 10, columns (a) to (h).
func TestNewcombe(t *testing.T) {
	for _, x := range []struct{ x1, n1, x2, n2, low, high float64 }{
		{56, 70, 48, 80, 0.0524, 0.3339},
		{9, 10, 3, 10, 0.1705, 0.8090},
		{6, 7, 2, 7, 0.0582, 0.8062},
		{5, 56, 0, 29, -0.0381, 0.1926},
		{0, 10, 0, 20, -0.1611, 0.2775},
		{0, 10, 0, 10, -0.2775, 0.2775},
		{10, 10, 0, 20, 0.6791, 1},
		{10, 10, 0, 10, 0.6075, 1},
	} {
		got := newcombe(x.x2, x.n2, x.x1, x.n1, 0.05)
		agree(t, "low", got[0], x.low, 5.1e-5)
		agree(t, "high", got[1], x.high, 5.1e-5)
	}
}

// Source: R, help of t.test, Student's sleep data, t.test(extra ~ group): t = -1.8608,
// p-value = 0.07939, interval from -3.3654832 to 0.2054832.
func TestWelch(t *testing.T) {
	c := compared(t, pair(mean(10, 23.3, 90.37), mean(10, 7.5, 34.43)))
	agree(t, "t", *c.Z, -1.8608, 5e-5)
	agree(t, "p", *c.PValue, 0.07939, 5e-6)
	agree(t, "low", c.CI[0], -3.3654832, 5e-8)
	agree(t, "high", c.CI[1], 0.2054832, 5e-8)
}

// Source: GrowthBook, gbstats, tests/frequentist/test_tests.py: test_two_sided_ttest and
// test_two_sided_ttest_binom, relative effects.
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

// Source: Mendenhall, Scheaffer, Ott: Elementary Survey Sampling, example 6.2 (sugar per
// weight of ten oranges): r = 0.05655, and with τ_x = 1800 a bound of 2 standard errors on
// the total of 6.31. Here the same oranges are one arm.
func TestRatioByDeltaMethod(t *testing.T) {
	sugar := []float64{.021, .030, .025, .022, .033, .027, .019, .021, .023, .025}
	weight := []float64{.40, .48, .43, .42, .50, .46, .39, .41, .42, .44}
	e, err := of(ratioOf(sugar, weight))
	if err != nil {
		t.Fatal(err)
	}
	agree(t, "ratio", e.value, 0.05655, 5e-6)
	agree(t, "bound", 2*1800*math.Sqrt(e.square()), 6.31, 5e-3)
	agree(t, "bound, computed apart", 2*1800*math.Sqrt(e.square()), 6.308491955614809, 1e-9)
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

// Source: Wikipedia, Sample ratio mismatch (600 and 400 users: p = 2.54e-10); Kohavi,
// Tang, Xu: Trustworthy online controlled experiments, chapter 21 (p = 1.8E-6).
func TestSampleRatio(t *testing.T) {
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

// Source: GrowthBook, gbstats, tests/frequentist/test_tests.py, which implement the
// sequence of Waudby-Smith et al.: TestSequentialTTest and TestSequentialOneSided….
func TestSequence(t *testing.T) {
	const n = 3000 + 3461
	s := sequence{0.05, 1000}
	half := s.half(0.33341, n)
	agree(t, "low", 0.50336-half, -0.55844, 5e-5)
	agree(t, "high", 0.50336+half, 1.56516, 5e-5)
	s.planned = 5000
	half = s.half(0.03386, n)
	agree(t, "low", 0.50386-half, 0.40098, 5e-5)
	agree(t, "high", 0.50386+half, 0.60675, 5e-5)

	trial := pair(mean(3000, 1396.87, 52377.9767), mean(3461, 2422.7, 134698.29))
	trial.Arms["a"].Metrics["g"], trial.Arms["b"].Metrics["g"] = trial.Arms["a"].Metrics["m"], trial.Arms["b"].Metrics["m"]
	trial.Guardrails = []Guardrail{{Metric: "g"}}
	g := Judge(trial).Comparisons[1]
	agree(t, "one-sided low", g.Sequential.CI[0], -0.12656844172804982, 1e-10)
	agree(t, "one-sided high", g.Sequential.CI[1], 0.5953217750613832, 1e-10)
}

// The p-value is the α at which the sequence just excludes 0.
func TestSequentialPValue(t *testing.T) {
	for _, x := range []struct{ effect, se, n float64 }{{0.03, 0.0064, 10000}, {-1, 0.3, 400}, {0.02, 0.008, 1e6}} {
		s := sequence{0.05, 5000}
		p := s.pValue(x.effect, x.se, x.n)
		r := rho(0.05, 5000)
		at := x.n*r*r + 1
		half := x.se * math.Sqrt(x.n) * math.Sqrt(2*at/(x.n*x.n*r*r)*math.Log(math.Sqrt(at)/p))
		if p < 1 {
			agree(t, "half", half, math.Abs(x.effect), 1e-12)
		}
		if excludes := s.half(x.se, x.n) < math.Abs(x.effect); excludes != (p < 0.05) {
			t.Errorf("%v: p %v, but excludes: %v", x, p, excludes)
		}
		p = s.oneSidedPValue(math.Abs(x.effect), x.se, x.n)
		r = rho(0.1, 5000)
		at = x.n*r*r + 1
		half = x.se * math.Sqrt(x.n) * math.Sqrt(2*at/(x.n*x.n*r*r)*math.Log(1+math.Sqrt(at)/(2*p)))
		if p < 1 {
			agree(t, "one-sided half", half, math.Abs(x.effect), 1e-12)
		}
	}
}

// Source: Miller's closed sum, formula (6) of Formulas for Bayesian A/B testing, computed
// here with logarithms of gamma functions; GrowthBook, tests/bayesian/test_tests.py, for
// the loss of 51 against 49 of 100: 0.01912.
func TestBetas(t *testing.T) {
	chance, loss := beats(beta{49, 51}, beta{51, 49})
	agree(t, "loss", loss, 0.01912, 5e-6)
	agree(t, "chance", chance, millers(50, 52, 52, 50), 1e-11)
	for _, x := range [][4]float64{{20, 80, 30, 70}, {0, 10, 0, 10}, {10, 0, 10, 0}, {0, 50, 1, 39},
		{500, 4500, 560, 4440}, {3, 1e6, 9, 20}, {1, 3, 999, 1}} {
		chance, _ := beats(beta{x[0], x[1]}, beta{x[2], x[3]})
		agree(t, "chance", chance, millers(x[0]+1, x[1]+1, x[2]+1, x[3]+1), 1e-8)
	}
	chance, loss = beats(beta{1e15, 1e15}, beta{1e15, 1e15})
	agree(t, "chance of equal arms", chance, 0.5, 1e-9)
	agree(t, "their loss", loss, math.Sqrt(2*0.25/2e15)/math.Sqrt(2*math.Pi), 1e-15)
	chance, loss = beats(beta{0, 1e15}, beta{1e15, 0})
	agree(t, "chance", chance, 1, 1e-9)
	agree(t, "loss", loss, 0, 1e-12)
}

// millers returns the chance that B beats A.
func millers(aA, bA, aB, bB float64) float64 {
	lb := func(a, b float64) float64 {
		la, _ := math.Lgamma(a)
		l, _ := math.Lgamma(b)
		lab, _ := math.Lgamma(a + b)
		return la + l - lab
	}
	sum := 0.0
	for i := range int(aB) {
		k := float64(i)
		sum += math.Exp(lb(aA+k, bA+bB) - math.Log(bB+k) - lb(1+k, bB) - lb(aA, bA))
	}
	return sum
}

// With a prior of 0.3 and a lift of 0.1 ± 0.1, by hand: the posterior has a mean of
// 0.1·0.09/0.10 = 0.09 and a deviation of 0.3·0.1/√0.10 = 0.0948683.
func TestLift(t *testing.T) {
	chance, loss := lift(0.1, 0.1, 2, 1)
	agree(t, "chance", chance, 0.828607, 1e-5) // Φ(0.948683)
	agree(t, "loss", loss, 0.0174092, 1e-5)    // 2·(0.0948683·φ(0.948683) − 0.09·Φ(−0.948683))
	worse, _ := lift(0.1, 0.1, -2, 1)
	agree(t, "chance where more means less", worse, 1-chance, 1e-12)
	worse, _ = lift(0.1, 0.1, 2, -1)
	agree(t, "chance where less is better", worse, 1-chance, 1e-12)
}

// Source: Wikipedia, Holm–Bonferroni method, example: 0.01, 0.04, 0.03 and 0.005 become
// 0.03, 0.06, 0.06 and 0.02.
func TestHolm(t *testing.T) {
	for i, p := range Holm([]float64{0.01, 0.04, 0.03, 0.005}) {
		agree(t, "p", p, []float64{0.03, 0.06, 0.06, 0.02}[i], 1e-12)
	}
}

// Source: Benjamini, Hochberg 1995, section 4: of 15 p-values, the first four are
// rejected at 0.05; 4 · 0.0201·15/5 is the first that is not.
func TestBenjaminiHochberg(t *testing.T) {
	p := []float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
		0.6528, 0.7590, 1.000}
	slices.Reverse(p)
	adjusted := BenjaminiHochberg(p)
	slices.Reverse(adjusted)
	for i, want := range []float64{0.0015, 0.0030, 0.0095, 0.0356, 0.0603} {
		agree(t, "p", adjusted[i], want, 5.1e-5)
	}
}

// Source: R, help of power.prop.test: n = 76.7 for 0.50 and 0.75 at a power of 0.90; Fleiss,
// Levin, Paik, section 4.2, for unequal arms.
func TestSampleSize(t *testing.T) {
	for _, x := range []struct {
		o    SizeOptions
		want Size
	}{
		{SizeOptions{0.5, 0.25, 0.05, 0.9, 1}, Size{77, 154}},
		{DefaultSize(0.2, 0.05), Size{1094, 2188}},
		{DefaultSize(0.25, -0.05), Size{1094, 2188}},
		{SizeOptions{0.1, 0.03, 0.05, 0.8, 2}, Size{1350, 4050}},
	} {
		if got, err := SampleSize(x.o); err != nil || got != x.want {
			t.Errorf("%+v: %+v, %v", x.o, got, err)
		}
	}
	for _, o := range []SizeOptions{{}, DefaultSize(10, 2), DefaultSize(0.9, 0.2), DefaultSize(0.1, 0),
		DefaultSize(0.1, math.NaN()), {0.1, 0.02, 0.05, 0.8, math.Inf(1)}, {0.1, 0.02, 0.05, 1, 1}, DefaultSize(0.1, 1e-12)} {
		if got, err := SampleSize(o); err == nil {
			t.Errorf("%+v: %+v", o, got)
		}
	}
}
