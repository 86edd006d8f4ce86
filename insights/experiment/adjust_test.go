package experiment

import (
	"math"
	"math/rand/v2"
	"testing"
)

// person holds what one user did: c before the experiment, x sends, y outcomes.
type person struct{ c, x, y float64 }

// sumUp returns the sums of a metric over persons.
func sumUp(kind Kind, persons []person) Metric {
	m := Metric{Kind: kind, N: users(float64(len(persons))), Covariate: &Covariate{}}
	for _, p := range persons {
		m.Covariate.Sum += p.c
		m.Covariate.SumSquares += p.c * p.c
		m.Covariate.CrossNum += p.c * p.y
		if kind == Mean {
			m.Sum += p.y
			m.SumSquares += p.y * p.y
			continue
		}
		m.NumSum += p.y
		m.NumSumSq += p.y * p.y
		m.DenSum += p.x
		m.DenSumSq += p.x * p.x
		m.Cross += p.x * p.y
		m.Covariate.CrossDen += p.c * p.x
	}
	return m
}

// crowd returns users whose outcome depends on c.
func crowd(dice *rand.Rand, n int, lift float64) []person {
	all := make([]person, n)
	for i := range all {
		c := float64(dice.IntN(10))
		x := float64(1 + dice.IntN(6))
		y := 0.0
		for range int(x) {
			if dice.Float64() < 0.1+c*0.05+lift {
				y++
			}
		}
		all[i] = person{c, x, y}
	}
	return all
}

// Source: GrowthBook, gbstats (github.com/growthbook/growthbook, packages/stats), tests/test_gbstats.py,
// test_analyze_metric_df_ra: the effect is -0.281707154 of control's mean 0.099966678, and the standard deviation of
// the variant's adjusted values is 0.423529598 (test_three_armed_cuped_baseline_stats_hardcoded, variation 1). θ is of
// both arms as one sample there, too. The sums are made up, such as no users have.
func TestAdjustPublished(t *testing.T) {
	a, b := mean(3001, 300, 600), mean(3000, 222, 555)
	a.Covariate = &Covariate{Sum: 210, SumSquares: 415, CrossNum: -20}
	b.Covariate = &Covariate{Sum: 120, SumSquares: 405, CrossNum: -10}
	got := adjust(a, b, 222./3000-300./3001, 0.011098406)
	agree(t, "effect", got.Effect/(300./3001), -0.281707154, 5.1e-10)
	ofA, ofB := linearised(a), linearised(b)
	left := func(l linear) float64 { return l.zz - 2*got.Theta*l.cz + got.Theta*got.Theta*l.cc }
	agree(t, "deviation", math.Sqrt(left(ofB)), 0.423529598, 5.1e-10)
	agree(t, "se", got.SE, math.Sqrt(left(ofA)/3001+left(ofB)/3000), 1e-12)
}

// Four users per arm, by hand. Means: ȳ 2 and 4, c̄ 2 and 3. As one sample: Σc 20, Σc² 60,
// Σy 24, Σcy 72, so 7 s_cc = 60 − 20²/8 = 10, 7 s_cy = 72 − 20·24/8 = 12 and θ = 1.2.
func TestAdjustByHand(t *testing.T) {
	a := sumUp(Mean, []person{{1, 1, 1}, {1, 1, 1}, {3, 1, 3}, {3, 1, 3}})
	b := sumUp(Mean, []person{{2, 1, 4}, {2, 1, 2}, {4, 1, 4}, {4, 1, 6}})
	got := adjust(a, b, 2, math.Sqrt((4.0/3+8.0/3)/4))
	agree(t, "θ", got.Theta, 1.2, 1e-12)
	agree(t, "effect", got.Effect, 2-1.2*1, 1e-12)
	// (4/3 − 2.4·4/3 + 1.44·4/3)/4 of a, and (8/3 − 2.4·4/3 + 1.44·4/3)/4 of b.
	agree(t, "se", got.SE, 0.6, 1e-12)
	agree(t, "removed", got.VarianceRemoved, 0.64, 1e-12)
}

// The adjustment from sums is the one from users, one by one, as it is defined.
func TestAdjustFromUsers(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for _, kind := range []Kind{Mean, Ratio} {
		arms := [2][]person{crowd(dice, 400, 0), crowd(dice, 300, 0.03)}
		var value [2]float64
		var z, c [2][]float64
		for i, arm := range arms {
			z[i], c[i], value[i] = linearOf(kind, arm)
		}
		theta := cov(join(c), join(z)) / cov(join(c), join(c))
		square := 0.0
		for i := range arms {
			square += (cov(z[i], z[i]) - 2*theta*cov(c[i], z[i]) + theta*theta*cov(c[i], c[i])) / float64(len(c[i]))
		}
		plain := math.Sqrt(cov(z[0], z[0])/400 + cov(z[1], z[1])/300)
		got := compared(t, pair(sumUp(kind, arms[0]), sumUp(kind, arms[1])))
		agree(t, "plain se", *got.SE, plain, 1e-12)
		agree(t, "θ", got.Adjusted.Theta, theta, 1e-12)
		agree(t, "effect", got.Adjusted.Effect, value[1]-value[0]-theta*(avg(c[1])-avg(c[0])), 1e-12)
		agree(t, "se", got.Adjusted.SE, math.Sqrt(square), 1e-12)
		if s := got.Sequential.CI; math.Abs((s[0]+s[1])/2-got.Adjusted.Effect) > 1e-12 {
			t.Errorf("the sequence is around %v, not the adjusted effect %v", (s[0]+s[1])/2, got.Adjusted.Effect)
		}
	}
}

func linearOf(kind Kind, arm []person) (z, c []float64, value float64) {
	var x, y []float64
	for _, p := range arm {
		x, y, c = append(x, p.x), append(y, p.y), append(c, p.c)
	}
	if kind == Mean {
		return y, c, avg(y)
	}
	r := avg(y) / avg(x)
	for i := range x {
		z = append(z, (y[i]-r*x[i])/avg(x))
	}
	return z, c, r
}

func join(arms [2][]float64) []float64 { return append(append([]float64(nil), arms[0]...), arms[1]...) }

func avg(x []float64) (mean float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	return mean
}

func cov(x, y []float64) (sum float64) {
	mx, my := avg(x), avg(y)
	for i := range x {
		sum += (x[i] - mx) * (y[i] - my)
	}
	return sum / float64(len(x)-1)
}

func TestConstantCovariateAdjustsNothing(t *testing.T) {
	a, b := crowd(rand.New(rand.NewPCG(3, 4)), 200, 0), crowd(rand.New(rand.NewPCG(5, 6)), 200, 0)
	for i := range a {
		a[i].c, b[i].c = 3, 3
	}
	got := compared(t, pair(sumUp(Ratio, a), sumUp(Ratio, b)))
	if got.Adjusted.Theta != 0 || got.Adjusted.Effect != *got.Effect || got.Adjusted.SE != *got.SE {
		t.Errorf("%+v beside %v ± %v", got.Adjusted, *got.Effect, *got.SE)
	}
}

func TestUnequalCovariatesAreInvalid(t *testing.T) {
	a, b := crowd(rand.New(rand.NewPCG(3, 4)), 500, 0), crowd(rand.New(rand.NewPCG(5, 6)), 500, 0)
	for i := range b {
		b[i].c++
	}
	if r := Judge(pair(sumUp(Mean, a), sumUp(Mean, b))); r.Verdict != Invalid {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}
