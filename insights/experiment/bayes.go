package experiment

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// liftPrior is the standard deviation of the prior of a relative lift: before the data,
// two in three lifts are believed to be below 30 %.
const liftPrior = 0.3

// lift returns the posterior probability that an arm is better than control, and the
// expected loss of choosing it, from its relative effect and standard error. sign is −1
// where less is better. Both are on the metric's own scale: of a control below 0, a
// negative lift is more.
//
// Source: the conjugate normal model, as in Gelman et al.: Bayesian Data Analysis, 3rd
// edition, section 2.5; the loss as in Stucchio: Bayesian A/B testing at VWO (2015).
func lift(effect, se, control, sign float64) (chance, loss float64) {
	weight := liftPrior * liftPrior / (liftPrior*liftPrior + se*se)
	mean := sign * control * weight * effect
	deviation := math.Abs(control) * se * math.Sqrt(weight)
	z := mean / deviation
	chance = distuv.UnitNormal.CDF(z)
	return chance, max(0, deviation*distuv.UnitNormal.Prob(z)-mean*distuv.UnitNormal.CDF(-z))
}
