package anomaly

import (
	"math"
	"sort"
	"time"
)

// history holds the points of a series so far.
type history struct {
	step  int64
	start int64
	// regime is when the present normal began, and former the one before; 0 for the
	// beginning.
	regime, former int64
	times          []int64
	values         []float64
	// levels holds the level before each point, NaN where it was unknown.
	levels []float64
	normal []bool
	// moderate holds the values without what was out of the ordinary, and sums its sums.
	moderate, sums []float64
	// counts and shares say whether the values of the warm-up are whole and not negative,
	// or between 0 and 1.
	counts, shares bool
	// ratio says that the values are known to be shares. below and above say whether a value
	// so far was below 0, or above 1.
	ratio, below, above bool
	// magnitude is the mean distance from zero.
	magnitude float64
}

// observation holds a point and what is learned of it.
type observation struct {
	t            int64
	value, level float64
	trials       float64 // of which the value is a share; 0 for other values
	normal       bool
	moderate     float64
}

// begin notes the kind of series, which the warm-up decides for good: the scores
// of a series must stay comparable.
func (h *history) begin(t int64, value float64) {
	if len(h.times) == 0 {
		h.start = t
	}
	if inWarmUp(len(h.times), time.Duration(t-h.start)) {
		h.counts = h.counts && value >= 0 && value == math.Trunc(value)
		h.shares = h.shares && value >= 0 && value <= 1
	}
}

// learn appends the observation.
func (h *history) learn(o observation) {
	if len(h.sums) == 0 {
		h.sums = []float64{0}
	}
	h.times, h.values, h.levels = append(h.times, o.t), append(h.values, o.value), append(h.levels, o.level)
	h.normal, h.moderate = append(h.normal, o.normal), append(h.moderate, o.moderate)
	h.ratio, h.below, h.above = h.ratio || o.trials > 0, h.below || o.value < 0, h.above || o.value > 1
	h.sums = append(h.sums, h.sums[len(h.sums)-1]+o.moderate)
	weight := max(float64(h.step)/float64(week), 1/float64(len(h.times)))
	h.magnitude += min(weight, 1) * (math.Abs(o.moderate) - h.magnitude)
}

// within moves a number into the range in which all values were so far: what was never
// negative is not expected to be, nor a share to exceed 1. Whole numbers may be counts.
func (h *history) within(x float64) float64 {
	if !h.below {
		x = max(x, 0)
	}
	if !h.above && (h.ratio || h.shares && !h.counts) {
		x = min(x, 1)
	}
	return x
}

// relearn makes all points since a time normal, and begins a regime there.
func (h *history) relearn(since int64) {
	h.former, h.regime = h.regime, since
	for i := h.index(since); i < len(h.times); i++ {
		h.normal[i], h.moderate[i] = true, h.values[i]
		h.sums[i+1] = h.sums[i] + h.values[i]
	}
}

// forgetRegime ends the present regime at the point with the index end: its points are
// normal no more, and count like the level before them.
func (h *history) forgetRegime(end int) {
	first := h.index(h.regime)
	before := h.levels[first]
	if math.IsNaN(before) {
		before = 0
	}
	for i := first; i < len(h.times); i++ {
		if i < end {
			h.normal[i], h.moderate[i] = false, before
		}
		h.sums[i+1] = h.sums[i] + h.moderate[i]
	}
	h.regime = h.former
}

// index returns the position of the first point at t or later.
func (h *history) index(t int64) int {
	return sort.Search(len(h.times), func(i int) bool { return h.times[i] >= t })
}

// level returns the mean of the week before t, or of the whole days that are known of
// the regime; NaN before the first.
func (h *history) level(t int64) float64 {
	known := (t - max(h.start, h.regime)) / int64(day) * int64(day)
	span := min(known, int64(week))
	if span < int64(day) || span < 4*h.step {
		return math.NaN()
	}
	from, to := h.index(t-span), len(h.times)
	if to-from < 3 {
		return math.NaN()
	}
	return (h.sums[to] - h.sums[from]) / float64(to-from)
}

// around appends to found the indexes of the normal points around t that lie between from
// and until. The first one is not before the index cursor, and is returned.
func (h *history) around(found []int, cursor int, t, from, until int64) ([]int, int) {
	share := neighbors * float64(day)
	reach := max(int64(share), h.step/2)
	for least := max(t-reach, from); cursor < len(h.times) && h.times[cursor] < least; {
		cursor++
	}
	last, most := cursor, min(t+reach, until-1)
	for last < len(h.times) && h.times[last] <= most {
		last++
	}
	stride := 1 + (last-cursor-1)/phasePoints
	for i := cursor; i < last; i += stride {
		if h.normal[i] {
			found = append(found, i)
		}
	}
	return found, cursor
}

// samples returns the values of the points found: as they are, or what they differ from their
// level.
func (h *history) samples(found []int, leveled bool, into []float64) []float64 {
	into = into[:0]
	for _, i := range found {
		switch {
		case !leveled:
			into = append(into, h.values[i])
		case !math.IsNaN(h.levels[i]):
			into = append(into, h.values[i]-h.levels[i])
		}
	}
	return into
}

// floor returns the least scale around a value.
func (h *history) floor(middle float64) float64 {
	m := math.Abs(middle)
	least := max(floorShare*m, floorOfMean*h.magnitude, math.SmallestNonzeroFloat32)
	switch {
	case h.shares && m <= 1:
		return max(floorOfShares, min(least, floorShare*math.Sqrt(m*(1-m))))
	case h.counts:
		return max(least, math.Sqrt(max(m, 1)))
	}
	return least
}
