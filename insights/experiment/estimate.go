package experiment

import (
	"errors"
	"math"
)

// estimate holds what an arm says about a metric: its value, and the variance of a
// user's contribution to it. The value's own variance is that over n.
type estimate struct{ n, value, variance float64 }

// square returns the variance of the value.
func (e estimate) square() float64 { return e.variance / e.n }

// What keeps a value from being known.
var (
	errNoUsers = errors.New("has no users")
	errOneUser = errors.New("needs at least 2 users to know a variance")
	errNoSends = errors.New("has a denominator of 0")
)

// of returns the estimate of a metric.
//
// Source for ratios: Deng, Knoblich, Lu: Applying the delta method in metric
// analytics, KDD 2018, section 2.
func of(m Metric) (estimate, error) {
	n := float64(m.N)
	if n == 0 {
		return estimate{}, errNoUsers
	}
	if m.Kind == Proportion {
		p := float64(m.X) / n
		return estimate{n, p, p * (1 - p)}, nil
	}
	if m.Kind == Ratio && m.DenSum == 0 {
		return estimate{}, errNoSends
	}
	if n < 2 {
		return estimate{}, errOneUser
	}
	if m.Kind == Mean {
		return estimate{n, m.Sum / n, spread(n, m.SumSquares, m.Sum)}, nil
	}
	z := linearised(m)
	return estimate{n, m.NumSum / m.DenSum, z.zz}, nil
}

// covariance returns the sample covariance, with n−1, from a sum of products and two
// sums.
func covariance(n, products, a, b float64) float64 { return math.FMA(-a/n, b, products) / (n - 1) }

// rounding is the share of a sum of squares below which a variance is only
// rounding: the sums have 16 digits.
const rounding = 1e-13

// spread returns the sample variance. A variance that rounding could have made is 0.
func spread(n, squares, sum float64) float64 {
	v := covariance(n, squares, sum, sum)
	if v*(n-1) <= rounding*squares {
		return 0
	}
	return v
}

// linear holds the (co)variances over an arm's users of z, to which a metric is
// linear, and of the covariate c.
type linear struct{ zz, cz, cc float64 }

// linearised returns them: z = y for a mean, and z = (y − R x)/x̄ for a ratio.
func linearised(m Metric) linear {
	n := float64(m.N)
	var c Covariate
	if m.Covariate != nil {
		c = *m.Covariate
	}
	cc := spread(n, c.SumSquares, c.Sum)
	if m.Kind == Mean {
		return linear{spread(n, m.SumSquares, m.Sum), covariance(n, c.CrossNum, c.Sum, m.Sum), cc}
	}
	r, mean := m.NumSum/m.DenSum, m.DenSum/n
	zz := m.NumSumSq - 2*r*m.Cross + r*r*m.DenSumSq // Σz = 0, since Σy = RΣx
	if zz <= rounding*(m.NumSumSq+r*r*m.DenSumSq) {
		zz = 0
	}
	cz := (c.CrossNum - r*c.CrossDen) / mean / (n - 1)
	return linear{zz / (mean * mean) / (n - 1), cz, cc}
}

// outcomes returns how many outcomes a metric has, +Inf where its sums do not say.
func (m Metric) outcomes() float64 {
	switch {
	case m.Kind == Proportion:
		return float64(m.X)
	case m.Kind == Ratio:
		return m.NumSum
	case m.Outcomes != nil:
		return float64(*m.Outcomes)
	}
	return math.Inf(1)
}
