package forecast

import (
	"math"
	"slices"
	"time"
)

// leastCorrelation is the autocorrelation at which a series has a season.
const leastCorrelation = 0.3

// seasons returns the season of the history in steps: the likely one of which the next season
// differs least, if it has a clear autocorrelation; else 1. It returns all seasons that may
// compete, that one first.
func (h *history) seasons() (season int, all []int) {
	season, least := 1, math.Inf(1)
	for _, m := range h.likely() {
		if 2*m > len(h.clean) {
			continue
		}
		all = append(all, m)
		off, correlation := h.repeats(m)
		if correlation >= leastCorrelation && off < 0.97*least {
			season, least = m, off
		}
	}
	all = slices.DeleteFunc(append(all, 1), func(m int) bool { return m == season })
	return season, append([]int{season}, all...)
}

// likely lists the seasons that are likely, the shorter first.
func (h *history) likely() []int {
	const day = 24 * time.Hour
	var seasons []int
	for _, period := range []time.Duration{day, 7 * day, 365 * day} {
		m := int(math.Round(float64(period) / float64(h.step)))
		if period < 365*day && period%h.step != 0 || period == 365*day && m != 12 {
			continue
		}
		if m >= 2 {
			seasons = append(seasons, m)
		}
	}
	return seasons
}

// repeats returns how much values differ from those m steps before, in the mean, and the
// autocorrelation at that lag, both of the values less a straight line.
func (h *history) repeats(m int) (off, correlation float64) {
	flat := h.detrended()
	var sum, product, square, n float64
	for i := m; i < len(flat); i++ {
		a, b := flat[i-m], flat[i]
		if math.IsNaN(a) || math.IsNaN(b) {
			continue
		}
		n++
		sum += math.Abs(a - b)
		product += a * b
		square += (a*a + b*b) / 2
	}
	if n == 0 || square == 0 {
		return math.Inf(1), 0
	}
	return sum / n, product / square
}

// detrended returns the values less their least-squares line.
func (h *history) detrended() []float64 {
	var n, x, y, xx, xy float64
	for i, v := range h.clean {
		if !math.IsNaN(v) {
			t := float64(i)
			n, x, y, xx, xy = n+1, x+t, y+v, xx+t*t, xy+t*v
		}
	}
	slope := 0.0
	if d := n*xx - x*x; d > 0 {
		slope = (n*xy - x*y) / d
	}
	flat := make([]float64, len(h.clean))
	for i, v := range h.clean {
		flat[i] = v - (y-slope*x)/n - slope*float64(i)
	}
	return flat
}
