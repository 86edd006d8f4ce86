package recommend

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// confirm sizes the test of a difference between two proportions, from the variances
// under the null and the alternative: J. L. Fleiss, B. Levin and M. C. Paik,
// "Statistical Methods for Rates and Proportions", 3rd edition (2003), formula 4.14.
func confirm(baseline, effect float64) *Test {
	other := baseline + effect
	mean := (baseline + other) / 2
	null := distuv.UnitNormal.Quantile(1-alpha/2) * math.Sqrt(2*mean*(1-mean))
	alternative := distuv.UnitNormal.Quantile(power) * math.Sqrt(baseline*(1-baseline)+other*(1-other))
	users := int(math.Ceil(math.Pow((null+alternative)/effect, 2)))
	return &Test{Baseline: baseline, Effect: effect, PerArm: users, Total: 2 * users}
}
