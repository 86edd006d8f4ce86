package experiment

import (
	"fmt"
	"math"
)

// adjust removes from the difference of two arms what a covariate explains that was
// known before the exposure.
//
// θ = s_cz/s_cc over the users of both arms as one sample; the effect becomes
// Δ − θ(c̄_b − c̄_a), and its variance Σ (s_zz − 2θ s_cz + θ² s_cc)/n over the arms.
//
// Source: Deng, Xu, Kohavi, Walker: Improving the sensitivity of online controlled
// experiments by utilizing pre-experiment data, WSDM 2013; for ratios, Deng, Knoblich,
// Lu 2018, see of.
func adjust(a, b Metric, effect, se float64) Adjusted {
	pooled := pool(a, b)
	if pooled.cc == 0 {
		return Adjusted{Effect: effect, SE: se}
	}
	theta := pooled.cz / pooled.cc
	square := 0.0
	for _, m := range []Metric{a, b} {
		l := linearised(m)
		left := l.zz - 2*theta*l.cz + theta*theta*l.cc
		if left <= rounding*l.zz {
			left = 0
		}
		square += left / float64(m.N)
	}
	return Adjusted{
		Theta:           theta,
		Effect:          effect - theta*(b.covariateMean()-a.covariateMean()),
		SE:              math.Sqrt(square),
		VarianceRemoved: 1 - square/(se*se),
	}
}

// pool returns the (co)variances over the users of both arms as one sample. A ratio
// is linearised in each arm first, where z has a mean of 0.
func pool(a, b Metric) linear {
	n := float64(a.N + b.N)
	var z, c, cc, cz float64
	for _, m := range []Metric{a, b} {
		c += m.Covariate.Sum
		cc += m.Covariate.SumSquares
		if m.Kind == Mean {
			z += m.Sum
			cz += m.Covariate.CrossNum
		} else {
			cz += linearised(m).cz * float64(m.N-1)
		}
	}
	return linear{cz: covariance(n, cz, c, z), cc: spread(n, cc, c)}
}

func (m Metric) covariateMean() float64 { return m.Covariate.Sum / float64(m.N) }

// unequal is the p-value below which a covariate, known before the exposure, is
// distributed too unequally for chance.
const unequal = 0.001

// imbalance says why the covariate of two arms shows that users were not assigned
// by chance, or returns "".
func imbalance(metric, arm string, a, b Metric) string {
	if a.Covariate == nil || b.Covariate == nil || a.N < 2 || b.N < 2 {
		return ""
	}
	difference := b.covariateMean() - a.covariateMean()
	square := linearised(a).cc/float64(a.N) + linearised(b).cc/float64(b.N)
	p := 0.0
	switch {
	case difference == 0:
		return ""
	case square > 0:
		p = twoSided(difference / math.Sqrt(square))
	}
	if p >= unequal {
		return ""
	}
	return fmt.Sprintf("before the experiment, users of %s already differed from control: the covariate of %s is "+
		"%s there and %s in control (p %s), so users were not assigned by chance", arm, metric,
		number(b.covariateMean()), number(a.covariateMean()), probability(p))
}
