package experiment

import (
	"math"
	"testing"
)

// Source: GrowthBook, gbstats, tests/frequentist/test_tests.py, which implement the
// sequence of Waudby-Smith et al.: TestSequentialTTest and TestSequentialOneSided…; tests/test_gbstats.py,
// test_analyze_metric_df_sequential, for the always-valid p-value.
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

	c := compared(t, pair(mean(100, 270, 848.79), mean(120, 300, 869)))
	s.planned = 600
	lift, se := *c.Relative.Effect, *c.Relative.SE
	agree(t, "lift", lift, -0.074074074, 5e-10)
	agree(t, "low", lift-s.half(se, 220), -0.233322085, 5e-10)
	agree(t, "p", s.pValue(lift, se, 220), 0.892332229, 5e-10)

	trial := pair(mean(3000, 1396.87, 52377.9767), mean(3461, 2422.7, 134698.29))
	for _, arm := range trial.Arms {
		arm.Metrics["g"] = arm.Metrics["m"]
	}
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

// Source: CPrior (github.com/guillermo-navas-palencia/cprior), tests/test_beta.py: test_beta_ab_probability and
// test_beta_ab_expected_loss of Beta(40, 60) and Beta(70, 90), and test_beta_small…; GrowthBook, tests/bayesian/
// test_tests.py until 2023, for the loss of 51 against 49 of 100: 0.01912.
func TestBetas(t *testing.T) {
	chance, loss := beats(beta{39, 59}, beta{69, 89})
	agree(t, "chance", chance, 0.7262717462, 5.1e-11)
	agree(t, "loss", loss, 0.0106119843, 5.1e-11)
	for _, x := range []struct{ a0, b0, a1, b1, chance float64 }{
		{10, 50, 60, 250, 0.7088919200},
		{600, 550, 52, 60, 0.1223144258},
		{1000, 900, 1200, 1000, 0.8898254504},
		{1000, 900, 1200, 800, 0.9999982656},
	} {
		chance, _ := beats(beta{x.a0 - 1, x.b0 - 1}, beta{x.a1 - 1, x.b1 - 1})
		agree(t, "chance", chance, x.chance, 1e-10)
	}
	_, loss = beats(beta{49, 51}, beta{51, 49})
	agree(t, "loss", loss, 0.01912, 5e-6)
}

// Source: Miller's closed sum, formula (6) of Formulas for Bayesian A/B testing, computed
// here with logarithms of gamma functions.
func TestBetasBySum(t *testing.T) {
	for _, x := range [][4]float64{{49, 51, 51, 49}, {20, 80, 30, 70}, {0, 10, 0, 10}, {10, 0, 10, 0}, {0, 50, 1, 39},
		{500, 4500, 560, 4440}, {3, 1e6, 9, 20}, {1, 3, 999, 1}} {
		chance, _ := beats(beta{x[0], x[1]}, beta{x[2], x[3]})
		agree(t, "chance", chance, millers(x[0]+1, x[1]+1, x[2]+1, x[3]+1), 1e-8)
	}
	chance, loss := beats(beta{1e15, 1e15}, beta{1e15, 1e15})
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
