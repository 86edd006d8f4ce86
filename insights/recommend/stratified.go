package recommend

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// stratified compares two arms within strata.
type stratified struct {
	// ahead reports that the first arm does better.
	ahead bool
	// odds holds the common odds ratio with its interval, nil where it is not finite.
	odds   *Estimate
	pValue float64 // two-sided, of no difference in any stratum
}

// compare estimates the common odds ratio of two arms by
// N. Mantel and W. Haenszel, "Statistical aspects of the analysis of data from
// retrospective studies of disease", Journal of the National Cancer Institute 22
// (1959), 719-748, with the variance of its logarithm by J. Robins, N. Breslow and
// S. Greenland, Biometrics 42 (1986), 311-323. The p-value is that of the
// Cochran-Mantel-Haenszel test without continuity correction. The design effect
// widens both.
func compare(a, b arm, effect float64) stratified {
	var t tables
	for s := range a.strata {
		t.add(a.strata[s], b.strata[s])
	}
	result := stratified{ahead: t.r > t.s, pValue: 1}
	if t.variance > 0 {
		square := (t.observed - t.expected) * (t.observed - t.expected) / t.variance / effect
		result.pValue = distuv.ChiSquared{K: 1}.Survival(square)
	}
	if t.r > 0 && t.s > 0 {
		spread := t.pr/(2*t.r*t.r) + (t.ps+t.qr)/(2*t.r*t.s) + t.qs/(2*t.s*t.s)
		factor := math.Exp(distuv.UnitNormal.Quantile((1+intervalLevel)/2) * math.Sqrt(spread*effect))
		odds := t.r / t.s
		result.odds = &Estimate{odds, odds / factor, odds * factor}
	}
	return result
}

// tables sums what the estimates need of the 2×2 tables of all strata, in the
// notation of Robins, Breslow and Greenland.
type tables struct {
	r, s, pr, ps, qr, qs         float64
	observed, expected, variance float64
}

func (t *tables) add(one, two count) {
	n := one.n + two.n
	if one.n == 0 || two.n == 0 {
		return
	}
	// An answer that came in the next stratum must not make a count negative.
	a, c := math.Min(one.x, one.n), math.Min(two.x, two.n)
	b, d := one.n-a, two.n-c
	p, q, r, s := (a+d)/n, (b+c)/n, a*d/n, b*c/n
	t.r, t.s = t.r+r, t.s+s
	t.pr, t.ps, t.qr, t.qs = t.pr+p*r, t.ps+p*s, t.qr+q*r, t.qs+q*s
	t.observed += a
	t.expected += one.n * (a + c) / n
	if n > 1 {
		t.variance += one.n * two.n * (a + c) * (b + d) / (n * n * (n - 1))
	}
}
