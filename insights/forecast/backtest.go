package forecast

import (
	"cmp"
	"math"
	"slices"
)

// Parameters of the backtest.
const (
	// origins is from how many times in the past each candidate forecasts.
	origins = 24
	// maxAhead limits how far it forecasts there.
	maxAhead = 2016
	// leastGain is by how much a candidate must be better than the simpler ones before it.
	leastGain = 0.02
)

// run holds the forecasts that a candidate made of the recent past.
type run struct {
	name string
	// makers forecast together: the mean of theirs is the forecast.
	makers []candidate
	// ahead holds the forecasts from each origin.
	ahead [][]float64
	off   float64
}

// contest holds what happened after each origin, and the forecast that was off least.
type contest struct {
	starts []int
	actual [][]float64 // NaN where unknown
	best   run
	errors [][]float64 // absolute errors of the best, by steps ahead less 1
	tried  bool
}

// compete lets all candidates, and the mean of the two best, forecast the recent past, and
// keeps the best. Where the history is too short, the first candidate wins.
func (h *history) compete(candidates []candidate, season, horizon int) contest {
	starts, ahead := starts(len(h.actual), season, horizon)
	c := contest{starts: starts, best: run{name: candidates[0].name, makers: candidates[:1]}}
	for _, start := range starts {
		c.actual = append(c.actual, h.actual[start:start+ahead])
	}
	if len(starts) == 0 || !c.known() {
		return c
	}
	c.tried = true
	runs := make([]run, 0, len(candidates)+1)
	for _, one := range candidates {
		r := run{name: one.name, makers: []candidate{one}}
		for _, start := range starts {
			r.ahead = append(r.ahead, r.forecast(h, start, ahead))
		}
		r.off = c.off(r.ahead)
		runs = append(runs, r)
	}
	runs = append(runs, c.mean(runs))
	c.best = runs[0]
	for _, r := range runs[1:] {
		if r.off < (1-leastGain)*c.best.off {
			c.best = r
		}
	}
	c.errors = c.distances(c.best.ahead)
	return c
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

// known reports whether anything is known of what happened.
func (c *contest) known() bool {
	for _, actual := range c.actual {
		if slices.ContainsFunc(actual, func(x float64) bool { return !math.IsNaN(x) }) {
			return true
		}
	}
	return false
}

// off returns the mean absolute error of forecasts from all origins.
func (c *contest) off(ahead [][]float64) float64 {
	sum, n := 0.0, 0.0
	for _, errors := range c.distances(ahead) {
		for _, e := range errors {
			sum, n = sum+e, n+1
		}
	}
	return sum / n
}

// distances returns the absolute errors of forecasts by steps ahead less 1.
func (c *contest) distances(ahead [][]float64) [][]float64 {
	errors := make([][]float64, len(ahead[0]))
	for k, actual := range c.actual {
		for i, x := range actual {
			if !math.IsNaN(x) {
				errors[i] = append(errors[i], math.Abs(x-ahead[k][i]))
			}
		}
	}
	return errors
}

// mean returns the mean of the two runs that were off least: errors of different models
// cancel in part (Bates and Granger 1969).
func (c *contest) mean(runs []run) run {
	sorted := slices.Clone(runs)
	slices.SortStableFunc(sorted, func(a, b run) int { return cmp.Compare(a.off, b.off) })
	a, b := sorted[0], sorted[1]
	for _, r := range sorted[1:] {
		if r.makers[0].kind != a.makers[0].kind {
			b = r
			break
		}
	}
	m := run{name: a.name + "+" + b.name, makers: append(slices.Clone(a.makers), b.makers...)}
	for k := range a.ahead {
		m.ahead = append(m.ahead, meanOf(a.ahead[k], b.ahead[k]))
	}
	m.off = c.off(m.ahead)
	return m
}

func meanOf(series ...[]float64) []float64 {
	mean := make([]float64, len(series[0]))
	for _, s := range series {
		for i, x := range s {
			mean[i] += x / float64(len(series))
		}
	}
	return mean
}

// forecast forecasts the next n values after the first so many of a history.
func (r run) forecast(h *history, known, n int) []float64 {
	var all [][]float64
	for _, one := range r.makers {
		values := h.whole
		if one.cleans {
			values = h.clean
		}
		all = append(all, one.forecast(values[:known], n))
	}
	return meanOf(all...)
}

// cleans reports whether a maker leaves anomalies out.
func (r run) cleans() bool {
	return slices.ContainsFunc(r.makers, func(c candidate) bool { return c.cleans })
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
	m := c.best.off / scale
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
