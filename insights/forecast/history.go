package forecast

import (
	"math"
	"slices"
	"time"

	"belfry/insights/anomaly"
	"belfry/insights/series"
)

// history holds a series at regular steps.
type history struct {
	// actual holds what was measured, NaN where nothing was. whole has these gaps filled, and
	// clean has the anomalies filled, too.
	actual, whole, clean []float64
	last                 time.Time
	step                 time.Duration
	anomalies            int
	// positive and shares say that no value was negative, or that all were between 0
	// and 1.
	positive, shares bool
}

// regular puts the points on steps that end with the last. The gaps are not yet filled.
func regular(points []series.Point, step time.Duration) *history {
	h := &history{last: points[len(points)-1].At, step: step, positive: true, shares: !series.Counts(points)}
	n := int(min(int64(h.last.Sub(points[0].At)/step)+1, maxHistory))
	h.actual = slices.Repeat([]float64{math.NaN()}, n)
	h.clean = slices.Clone(h.actual)
	for i, v := range anomaly.Detect(points, step) {
		p := points[i]
		h.positive = h.positive && p.Value >= 0
		h.shares = h.shares && p.Value >= 0 && p.Value <= 1
		back := int64(math.Round(float64(h.last.Sub(p.At)) / float64(step)))
		if back >= int64(n) {
			continue
		}
		h.actual[n-1-int(back)] = p.Value
		if v.Anomalous {
			h.anomalies++
		} else {
			h.clean[n-1-int(back)] = p.Value
		}
	}
	h.whole = slices.Clone(h.actual)
	return h
}

// within moves a value into the range that the history was always in.
func (h *history) within(x float64) float64 {
	if h.positive {
		x = max(x, 0)
	}
	if h.shares {
		x = min(x, 1)
	}
	return min(max(x, -math.MaxFloat64), math.MaxFloat64)
}

// fill replaces what is not known by the value a season before, or after, or by the
// nearest before or after.
func fill(values []float64, season int) {
	known := func(i int) bool { return i >= 0 && i < len(values) && !math.IsNaN(values[i]) }
	for _, lag := range []int{season, -season, 1, -1} {
		for k := range values {
			i := k
			if lag < 0 {
				i = len(values) - 1 - k
			}
			if !known(i) && known(i-lag) {
				values[i] = values[i-lag]
			}
		}
	}
}
