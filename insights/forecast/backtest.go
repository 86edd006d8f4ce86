package forecast

import (
	"math"
	"slices"
)

// Parameters of the backtest.
const (
	// origins is from how many times in the past each model forecasts.
	origins = 8
	// maxAhead limits how far it forecasts there.
	maxAhead = 2016
	// leastErrors is how many errors an interval needs.
	leastErrors = 20
)

// contest holds the model that won and its errors, by how many steps ahead they are.
type contest struct {
	model  model
	errors [][]float64 // absolute errors, by steps ahead less 1
	mean   float64
	tried  bool
}

// compete lets all models forecast the recent past, and returns the best. Where the history
// is too short, the seasonal naive model wins.
func compete(values []float64, season, horizon int) contest {
	starts, ahead := starts(len(values), season, horizon)
	best := contest{model: models[0]}
	if len(starts) == 0 {
		return best
	}
	for _, m := range models {
		if c := backtest(m, values, season, ahead, starts); !best.tried || c.mean < 0.99*best.mean {
			best = c
		}
	}
	return best
}

// starts returns the lengths of the histories from which to forecast, and how far.
func starts(n, season, horizon int) (lengths []int, ahead int) {
	least := max(2*season, 4)
	ahead = min(horizon, maxAhead, max(1, (n-least)/2))
	stride := max(1, ahead/2, min(season, n/(2*origins)))
	for end := n - ahead; end >= least && len(lengths) < origins; end -= stride {
		lengths = append(lengths, end)
	}
	return lengths, ahead
}

// backtest forecasts from each start.
func backtest(m model, values []float64, season, ahead int, starts []int) contest {
	c := contest{model: m, errors: make([][]float64, ahead), tried: true}
	for _, start := range starts {
		for i, x := range m.forecast(values[:start], season, ahead) {
			off := math.Abs(values[start+i] - x)
			c.errors[i] = append(c.errors[i], off)
			c.mean += off / float64(len(starts)*ahead)
		}
	}
	return c
}

// mase returns the mean error, over that of repeating the season before.
func (c contest) mase(values []float64, season int) (*float64, string) {
	if !c.tried {
		return nil, "the history is too short for a backtest"
	}
	scale := naiveError(values, season)
	if scale == 0 {
		return nil, "every season repeats the one before exactly"
	}
	m := c.mean / scale
	return &m, ""
}

// naiveError returns the mean absolute difference of values a season apart.
func naiveError(values []float64, season int) float64 {
	sum := 0.0
	for i := season; i < len(values); i++ {
		sum += math.Abs(values[i]-values[i-season]) / float64(len(values)-season)
	}
	return sum
}

// width returns half the width of the interval i+1 steps ahead. It holds the share of the
// backtest's errors of about as many steps ahead, with the correction for a finite
// sample of conformal prediction (Lei et al. 2018). Farther ahead than the backtest it
// grows with the square root of the time.
func (c contest) width(values []float64, season, i int, share float64) float64 {
	if !c.tried {
		return spread(values, season) * quantileOf(share) * math.Sqrt(float64(1+i/season))
	}
	at := min(i, len(c.errors)-1)
	var errors []float64
	for reach := 0; len(errors) < leastErrors && reach < len(c.errors); reach++ {
		errors = errors[:0]
		for k := max(0, at-reach-at/4); k <= min(len(c.errors)-1, at+reach+at/4); k++ {
			errors = append(errors, c.errors[k]...)
		}
	}
	slices.Sort(errors)
	n := float64(len(errors))
	w := 0.0
	if rank := int(math.Ceil((n + 1) * share)); rank <= len(errors) {
		w = errors[rank-1]
	} else {
		w = max(errors[len(errors)-1], spread(values, season)*quantileOf(share))
	}
	return w * math.Sqrt(float64(i+1)/float64(at+1))
}

// spread returns a standard deviation from the differences of values a season apart, or of
// neighbors where there is no season before.
func spread(values []float64, season int) float64 {
	if season >= len(values) {
		season = 1
	}
	return naiveError(values, season) * math.Sqrt(math.Pi/2)
}

// quantileOf returns the two-sided quantile of a t distribution with 3 degrees of freedom:
// little is known where it is needed.
func quantileOf(share float64) float64 {
	if share > 0.9 {
		return 3.182
	}
	return 1.638
}
