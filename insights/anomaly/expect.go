package anomaly

import (
	"math"
	"time"
)

// The models: the same phase of the last days or weeks, as it was, or as it differed from
// the level of its time, which follows trends.
const (
	daily = iota
	dailyLeveled
	weekly
	weeklyLeveled
	modelCount
)

// model holds what one model expects of the next point, and how far it was off lately.
type model struct {
	known         bool
	points        int
	middle, scale float64
	zeros         float64 // share of zeros among the points
	mean          float64
	err, weight   float64
}

// models holds all models, what was normal before the present regime, and the points
// that they look at.
type models struct {
	of     [modelCount]model
	before model

	days, weeks, former phase
	buffer              []float64
}

// expectation holds what the chosen model expects.
type expectation struct {
	model
	scale float64
}

// forget forgets how far the models were off.
func (ms *models) forget() {
	for i := range ms.of {
		ms.of[i].err, ms.of[i].weight = math.NaN(), 0
	}
}

// expect lets each model expect the point at t.
func (ms *models) expect(h *history, t int64, level float64) {
	ms.days.gather(h, t, day, phaseDays, h.regime, math.MaxInt64)
	ms.from(h, daily, &ms.days, level, 1)
	ms.weeks.found = ms.weeks.found[:0]
	if t-h.start >= leastWeeks*int64(week) {
		ms.weeks.gather(h, t, week, phaseWeeks, 0, math.MaxInt64)
	}
	ms.from(h, weekly, &ms.weeks, level, leastWeeks)
	ms.before.known = false
	if h.regime > 0 && t-h.regime < int64(returnTime) {
		ms.former.gather(h, t, day, phaseDays+int(returnTime/day), 0, h.regime)
		ms.summarize(h, &ms.before, &ms.former, false, 1)
	}
}

// from sets a plain model and its leveled one, which follows, from the points of a phase.
func (ms *models) from(h *history, plain int, p *phase, level float64, periods int) {
	ms.summarize(h, &ms.of[plain], p, false, periods)
	m := &ms.of[plain+1]
	m.known = false
	if math.IsNaN(level) {
		return
	}
	ms.summarize(h, m, p, true, periods)
	m.middle, m.mean, m.zeros = m.middle+level, m.mean+level, 0
}

// summarize sets a model from the points of a phase. It is known from three points of
// the least number of periods on.
func (ms *models) summarize(h *history, m *model, p *phase, leveled bool, periods int) {
	ms.buffer = h.samples(p.found, leveled, ms.buffer)
	m.known = len(ms.buffer) > 0 && p.periods >= periods && (periods > 1 || len(ms.buffer) >= 3)
	if m.known {
		m.summarize(ms.buffer)
	}
}

// phase holds the points at the same phase of the last periods.
type phase struct {
	found   []int
	periods int
	cursors []int
}

// gather finds the normal points around the same phase of the last n periods, between
// from and until. Calls come in order of time.
func (p *phase) gather(h *history, t int64, period time.Duration, n int, from, until int64) {
	p.found, p.periods = p.found[:0], 0
	if p.cursors == nil {
		p.cursors = make([]int, n)
	}
	for k := range n {
		had := len(p.found)
		p.found, p.cursors[k] = h.around(p.found, p.cursors[k], t-int64(k+1)*int64(period), from, until)
		if len(p.found) > had {
			p.periods++
		}
	}
}

// summarize sets the median of the samples, the scale 1.4826·MAD, which is the standard
// deviation of a normal distribution (Rousseeuw and Croux 1993), their mean and share of
// zeros. It changes the samples.
func (m *model) summarize(samples []float64) {
	m.points, m.mean, m.zeros = len(samples), 0, 0
	for _, x := range samples {
		m.mean += x / float64(len(samples))
		if x == 0 {
			m.zeros += 1 / float64(len(samples))
		}
	}
	m.middle = median(samples)
	for i, x := range samples {
		samples[i] = math.Abs(x - m.middle)
	}
	m.scale = 1.4826 * median(samples)
}

// choose returns what the model that was off least expects.
func (ms *models) choose(h *history) (e expectation, ok bool) {
	best := -1
	for i := range ms.of {
		if m := &ms.of[i]; m.known && (best < 0 || m.better(&ms.of[best])) {
			best = i
		}
	}
	if best < 0 {
		return e, false
	}
	m := ms.of[best]
	return expectation{model: m, scale: max(m.pooled(), h.floor(m.middle))}, true
}

// better reports whether a was clearly off less than b.
func (a *model) better(b *model) bool {
	if math.IsNaN(a.err) || math.IsNaN(b.err) {
		return math.IsNaN(b.err) && !math.IsNaN(a.err)
	}
	return a.err < 0.97*b.err && a.weight >= 0.1
}

// pooled returns the scale of the phase together with that of all phases: few points
// say little. A mean distance times √(π/2) is the standard deviation of a normal
// distribution.
func (m *model) pooled() float64 {
	if math.IsNaN(m.err) {
		return m.scale
	}
	n := float64(m.points)
	return (n*m.scale + fewPoints*math.Sqrt(math.Pi/2)*m.err) / (n + fewPoints)
}

// learn updates how far each model was off, in a mean that forgets exponentially.
func (ms *models) learn(value float64, step int64) {
	weight := min(1, max(float64(step)/(errorDays*float64(day)), 0.001))
	for i := range ms.of {
		m := &ms.of[i]
		if !m.known {
			continue
		}
		off := math.Abs(value - m.middle)
		if math.IsNaN(m.err) {
			m.err, m.weight = off, weight
			continue
		}
		if m.weight > 20*weight {
			off = min(off, 5*max(m.err, m.scale))
		}
		m.weight += weight
		m.err += max(weight, weight/m.weight) * (off - m.err)
	}
}
