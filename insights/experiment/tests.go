package experiment

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// twoSided returns the two-sided p-value of a standard normal statistic.
func twoSided(z float64) float64 { return min(1, 2*distuv.UnitNormal.Survival(math.Abs(z))) }

// quantile returns the standard normal quantile of a probability.
func quantile(p float64) float64 { return distuv.UnitNormal.Quantile(p) }

// pooledZ returns the statistic of the test of equal proportions, with the variance
// under equality. It returns false if all users are alike.
//
// Source: Fleiss, Levin, Paik: Statistical Methods for Rates and Proportions, 3rd
// edition, section 3.2, without continuity correction.
func pooledZ(xa, na, xb, nb float64) (float64, bool) {
	p := (xa + xb) / (na + nb)
	if p <= 0 || p >= 1 {
		return 0, false
	}
	return (xb/nb - xa/na) / math.Sqrt(p*(1-p)*(1/na+1/nb)), true
}

// newcombe returns the hybrid score interval of pb − pa.
//
// Source: Newcombe: Interval estimation for the difference between independent
// proportions, Statistics in Medicine 17 (1998), method 10.
func newcombe(xa, na, xb, nb, alpha float64) Interval {
	z := quantile(1 - alpha/2)
	a, b := xa/na, xb/nb
	wa, wb := ScoreInterval(xa, na, z), ScoreInterval(xb, nb, z)
	return Interval{
		b - a - math.Hypot(b-wb[0], wa[1]-a),
		b - a + math.Hypot(wb[1]-b, a-wa[0]),
	}
}

// ScoreInterval returns the score interval of the proportion of x among n, at z standard
// errors. It stays within 0 and 1.
//
// Source: Wilson: Probable inference, the law of succession, and statistical
// inference, JASA 22 (1927).
func ScoreInterval(x, n, z float64) Interval {
	p, zz := x/n, z*z
	center, half := 2*n*p+zz, z*math.Sqrt(zz+4*n*p*(1-p))
	return Interval{max(0, (center-half)/(2*(n+zz))), min(1, (center+half)/(2*(n+zz)))}
}

// law is the distribution of a statistic: Student's t, or normal for infinite
// degrees of freedom.
type law struct{ freedom float64 }

// normal is the law for large samples.
var normal = law{math.Inf(1)}

// welch returns the law of a difference of means with variances va and vb.
//
// Source: Welch: The generalization of Student's problem when several different
// population variances are involved, Biometrika 34 (1947).
func welch(va, na, vb, nb float64) law {
	d := va*va/(na-1) + vb*vb/(nb-1)
	if d == 0 {
		return normal
	}
	return law{(va + vb) * (va + vb) / d}
}

// isNormal reports whether the law is normal, or cannot be told from it.
func (l law) isNormal() bool { return l.freedom > 1e7 }

func (l law) pValue(statistic float64) float64 {
	if l.isNormal() {
		return twoSided(statistic)
	}
	return min(1, 2*distuv.StudentsT{Mu: 0, Sigma: 1, Nu: l.freedom}.Survival(math.Abs(statistic)))
}

// interval returns the 1 − α interval of an effect.
func (l law) interval(effect, se, alpha float64) Interval {
	q := quantile(1 - alpha/2)
	if !l.isNormal() {
		q = distuv.StudentsT{Mu: 0, Sigma: 1, Nu: l.freedom}.Quantile(1 - alpha/2)
	}
	return Interval{effect - q*se, effect + q*se}
}

// sampleRatio tests the arms' sizes against their planned shares by χ². It returns
// false with fewer than 8 users expected in an arm.
//
// Source: Pearson (1900); for its use on experiments, Fabijan et al.: Diagnosing
// sample ratio mismatch in online controlled experiments, KDD 2019.
func sampleRatio(users, shares []float64) (chi2, p float64, ok bool) {
	total := 0.0
	for _, n := range users {
		total += n
	}
	for i, n := range users {
		expected := total * shares[i]
		if expected < leastExpected {
			return 0, 0, false
		}
		chi2 += (n - expected) * (n - expected) / expected
	}
	return chi2, distuv.ChiSquared{K: float64(len(users) - 1)}.Survival(chi2), true
}

// leastExpected is how many users a χ² test expects in each arm.
const leastExpected = 8
