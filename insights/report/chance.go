package report

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"belfry/insights/experiment"
)

// steps holds what happened in each step of a period: y of x, such as delivered of sent.
// Without x, y is compared per step.
type steps struct{ y, x []float64 }

// difference is how a ratio, or a sum, differs between two periods.
type difference struct {
	Now, Before float64
	// By is Now-Before, with the standard error SE of the given degrees of freedom.
	By, SE, Free float64
	P            float64
}

// leastSteps is how many steps a period must have to know how much they vary.
const leastSteps = 5

// compare estimates a difference from how much the steps of both periods vary among
// themselves: hours, days or weeks and not notifications, whose outcomes depend on each
// other, so that millions of them would make every difference certain.
//
// Ratios are linearised (the delta method). If the steps of the two periods are at the same
// phase of a day or a week, they are compared in pairs, which leaves out what the time of day
// does; otherwise the two periods are independent samples (Welch). It reports false where
// nothing is known.
func compare(now, before steps, paired bool) (difference, bool) {
	z1, r1, ok1 := now.linear()
	z0, r0, ok0 := before.linear()
	if !ok1 || !ok0 {
		return difference{}, false
	}
	d := difference{Now: r1, Before: r0, By: r1 - r0}
	if paired && len(z1) == len(z0) {
		pairs := make([]float64, len(z1))
		for i := range pairs {
			pairs[i] = z1[i] - z0[i]
		}
		d.SE, d.Free = math.Sqrt(stat.Variance(pairs, nil)/float64(len(pairs))), float64(len(pairs)-1)
	} else {
		v1, v0 := stat.Variance(z1, nil)/float64(len(z1)), stat.Variance(z0, nil)/float64(len(z0))
		d.SE = math.Sqrt(v1 + v0)
		d.Free = (v1 + v0) * (v1 + v0) / (v1*v1/float64(len(z1)-1) + v0*v0/float64(len(z0)-1))
	}
	if !(d.SE > 0) || math.IsNaN(d.Free) || math.IsInf(d.Free, 0) {
		return d, false // nothing varies: counts of nothing, or a constant
	}
	d.P = 2 * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: d.Free}.Survival(math.Abs(d.By)/d.SE)
	return d, true
}

// linear returns for each step by how much it moves the ratio of the sums, or the mean, and
// that ratio or mean.
func (s steps) linear() (z []float64, ratio float64, ok bool) {
	n := len(s.y)
	if n < leastSteps {
		return nil, 0, false
	}
	if s.x == nil {
		return s.y, floats.Sum(s.y) / float64(n), true
	}
	all := floats.Sum(s.x)
	if !(all > 0) {
		return nil, 0, false
	}
	ratio = floats.Sum(s.y) / all
	z = make([]float64, n)
	for i := range z {
		z[i] = (s.y[i] - ratio*s.x[i]) * float64(n) / all
	}
	return z, ratio, true
}

// within returns the interval of the difference at a level such as 0.95.
func (d difference) within(level float64) (low, high float64) {
	half := d.SE * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: d.Free}.Quantile(1-(1-level)/2)
	return d.By - half, d.By + half
}

// falseShare is the share of what is called a change that may be chance.
const falseShare = 0.05

// beyondChance returns which of the differences remain when so many were looked at: at most
// 5 % of them are expected to be chance (Benjamini and Hochberg). The level is that of
// intervals for those that are picked, of which at most 5 % miss (Benjamini and Yekutieli
// 2005).
func beyondChance(p []float64) (which []int, level float64) {
	for i, adjusted := range experiment.BenjaminiHochberg(p) {
		if adjusted <= falseShare {
			which = append(which, i)
		}
	}
	return which, 1 - falseShare*float64(len(which))/float64(max(len(p), 1))
}

// plus adds two courses of the same steps; the first may be missing.
func plus(a, b []float64) []float64 {
	if a == nil {
		return slices.Clone(b)
	}
	total := slices.Clone(a)
	for i := range total {
		total[i] += b[i]
	}
	return total
}
