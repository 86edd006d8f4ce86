package recommend

import (
	"math"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat/distuv"
)

// posterior returns the distribution of an arm's rate, given the prior of its
// channel: a Beta distribution, as in A. Gelman et al., "Bayesian Data Analysis", 3rd
// edition (2013), section 2.4. The counts weigh less by the design effect.
func (p Prior) posterior(c count, effect float64) distuv.Beta {
	return distuv.Beta{Alpha: p.Alpha + c.x/effect, Beta: p.Beta + (c.n-c.x)/effect}
}

// interval returns the mean of a rate and its central interval.
func interval(d distuv.Beta) Estimate {
	tail := (1 - intervalLevel) / 2
	return Estimate{d.Mean(), d.Quantile(tail), d.Quantile(1 - tail)}
}

// integrationPoints are enough for eight digits: the integrands are smooth.
const integrationPoints = 120

// negligible bounds the probability that lies outside the range of an integral.
const negligible = 1e-9

// chanceBest returns the probability that a rate exceeds all its rivals, the integral
// of its density times their distribution functions.
func chanceBest(d distuv.Beta, rivals []distuv.Beta) float64 {
	chance := quad.Fixed(func(x float64) float64 { return d.Prob(x) * allBelow(rivals, x) },
		d.Quantile(negligible), d.Quantile(1-negligible), integrationPoints, quad.Legendre{}, 1)
	return min(max(chance, 0), 1)
}

// expectedLoss returns by how much the best rival exceeds a rate on average, where it
// does: E max(0, max rivals − rate), the integral of P(rate ≤ x < max rivals). See
// C. Stucchio, "Bayesian A/B Testing at VWO" (2015), section 3.
func expectedLoss(d distuv.Beta, rivals []distuv.Beta) float64 {
	low, high := d.Quantile(negligible), d.Quantile(1-negligible)
	top := high
	for _, r := range rivals {
		top = math.Max(top, r.Quantile(1-negligible))
	}
	exceeds := func(x float64) float64 { return d.CDF(x) * (1 - allBelow(rivals, x)) }
	loss := quad.Fixed(exceeds, low, high, integrationPoints, quad.Legendre{}, 1)
	if top > high {
		loss += quad.Fixed(exceeds, high, top, integrationPoints, quad.Legendre{}, 1)
	}
	return max(loss, 0)
}

// allBelow returns the probability that all rates are at most x.
func allBelow(rates []distuv.Beta, x float64) float64 {
	product := 1.0
	for _, r := range rates {
		product *= r.CDF(x)
	}
	return product
}

// difference returns the rate less the mean rate of the rest, whose rates weigh as
// much as they count, by the normal approximation of the difference.
func difference(d distuv.Beta, rest []distuv.Beta, weights []float64) (mean Estimate, of Estimate) {
	var total, average, variance float64
	for _, w := range weights {
		total += w
	}
	for i, r := range rest {
		share := weights[i] / total
		average += share * r.Mean()
		variance += share * share * r.Variance()
	}
	around := func(value, variance float64) Estimate {
		half := distuv.UnitNormal.Quantile((1+intervalLevel)/2) * math.Sqrt(variance)
		return Estimate{value, value - half, value + half}
	}
	return around(average, variance), around(d.Mean()-average, variance+d.Variance())
}
