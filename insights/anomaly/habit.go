package anomaly

import "slices"

// window holds the last distances.
type window struct{ z, sorted []float64 }

// add appends a distance and keeps the last n.
func (w *window) add(z float64, n int) {
	w.z = append(w.z, z)
	w.z = w.z[max(0, len(w.z)-n):]
	w.sorted = append(w.sorted[:0], w.z...)
	slices.Sort(w.sorted)
}

// reached returns the score that two of three of the last n distances reached on the side
// of the sign; 0 for fewer than n.
func (w *window) reached(n int, sign float64) float64 {
	if len(w.z) < n {
		return 0
	}
	third := min((n+2)/3, n-1)
	if sign < 0 {
		third = n - 1 - third
	}
	return max(0, sign*w.sorted[third])
}

// habit remembers how far the scores of a series go now and then.
type habit struct {
	peaks   []peak
	current peak
}

// peak holds the highest score of one excursion.
type peak struct {
	t     int64
	score float64
}

// observe follows the present excursion above the least score.
func (h *habit) observe(t, step int64, score, least float64) {
	switch c := &h.current; {
	case score >= least:
		c.t, c.score = t, max(c.score, score)
	case c.score > 0 && t-c.t > max(int64(apart), 3*step):
		h.peaks = append(h.peaks, *c)
		*c = peak{}
	}
	first := 0
	for first < len(h.peaks) && t-h.peaks[first].t > habitSpan(step) {
		first++
	}
	h.peaks = h.peaks[first:]
}

// score returns the score that the series reached more often than habitTimes in the span,
// or proportionally less often where less is known, but at least once.
func (h *habit) score(t, known, span int64) float64 {
	rank := 1 + int(habitTimes*min(1, float64(known)/float64(span)))
	if len(h.peaks) < rank {
		return 0
	}
	highest := make([]float64, len(h.peaks))
	for i, p := range h.peaks {
		highest[i] = p.score
	}
	slices.Sort(highest)
	return highest[len(highest)-rank]
}

// accept makes a score a habit at once.
func (h *habit) accept(t int64, score float64) {
	for range habitTimes + 1 {
		h.peaks = append(h.peaks, peak{t, score})
	}
	h.current = peak{}
}
func habitSpan(step int64) int64 { return max(int64(habitTime), habitLeastSteps*step) }
