package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// leastErrors is how many errors an interval needs.
const leastErrors = 40

// widths returns half the widths of the intervals of n steps ahead. Each holds the share of
// the backtest's errors of about as many steps ahead, with the correction for a finite
// sample of conformal prediction (Lei et al. 2018). The errors from one origin go together,
// so that these count as one in the factor of Student's t for a small sample. Intervals never
// become narrower, and farther ahead than the backtest they grow with the square root
// of the time.
func (c contest) widths(values []float64, season, n int, share float64) []float64 {
	widths := make([]float64, n)
	if !c.tried {
		for i := range widths {
			widths[i] = spread(values, season) * quantileOf(share, 3) * math.Sqrt(float64(1+i/season))
		}
		return widths
	}
	factor := quantileOf(share, max(1, float64(len(c.starts))/2)) / quantileOf(share, math.Inf(1))
	least := spread(values, season)
	tried := min(n, len(c.errors))
	for i := range tried {
		widths[i] = factor * c.quantile(i, share, least)
	}
	grow(widths[:tried])
	for i := tried; i < n; i++ {
		widths[i] = widths[tried-1] * math.Sqrt(float64(i+1)/float64(tried))
	}
	return widths
}

// grow replaces values that fall by the mean of their neighbors, as few as make all of them rise:
// isotonic regression by pooling adjacent violators (Barlow et al. 1972).
func grow(x []float64) {
	var means []float64
	var lengths []int
	for _, v := range x {
		mean, length := v, 1
		for k := len(means) - 1; k >= 0 && means[k] > mean; k-- {
			mean = (mean*float64(length) + means[k]*float64(lengths[k])) / float64(length+lengths[k])
			length += lengths[k]
			means, lengths = means[:k], lengths[:k]
		}
		means, lengths = append(means, mean), append(lengths, length)
	}
	x = x[:0]
	for k, mean := range means {
		for range lengths[k] {
			x = append(x, mean)
		}
	}
}

// quantile returns the share's quantile of the errors around the index of a step ahead; with
// few errors at least that of Student's t for a spread.
func (c contest) quantile(at int, share, spread float64) float64 {
	var errors []float64
	for reach := at / 4; ; reach++ {
		errors = errors[:0]
		first, last := max(0, at-reach), min(len(c.errors)-1, at+reach)
		for _, some := range c.errors[first : last+1] {
			errors = append(errors, some...)
		}
		if len(errors) >= leastErrors || first == 0 && last == len(c.errors)-1 {
			break
		}
	}
	slices.Sort(errors)
	if rank := int(math.Ceil(float64(len(errors)+1) * share)); rank <= len(errors) {
		return errors[rank-1]
	}
	return max(errors[len(errors)-1], spread*quantileOf(share, 3))
}

// spread returns a standard deviation from the differences of values a season apart, or of
// neighbors where there is no season before.
func spread(values []float64, season int) float64 {
	if season >= len(values) {
		season = 1
	}
	return naiveError(values, season) * math.Sqrt(math.Pi/2)
}

// quantileOf returns the two-sided quantile of Student's t, which is normal for infinite
// degrees of freedom.
func quantileOf(share, freedom float64) float64 {
	if math.IsInf(freedom, 1) {
		return distuv.UnitNormal.Quantile((1 + share) / 2)
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}.Quantile((1 + share) / 2)
}
