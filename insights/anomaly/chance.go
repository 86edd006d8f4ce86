package anomaly

import (
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// distance returns how far the observation is from what is expected, in standard
// deviations, negative below. What was normal before the present regime is near.
func (d *Detector) distance(e expectation, o observation) float64 {
	z := (o.value - e.middle) / e.scale
	if d.counts {
		d.recent.add(o.t, o.value, max(e.mean, 0))
		if e.mean < lowVolume {
			z = d.rare(e)
		}
	}
	if p := min(max(e.middle, 0), 1); o.trials > 0 && o.trials*p*(1-p) < lowVolume {
		exact := binomialDistance(math.Round(o.value*o.trials), o.trials, min(max(p, leastShare), 1-leastShare))
		z = math.Copysign(min(abs(z), abs(exact)), z)
	}
	if b := d.models.before; b.known && abs(o.value-b.middle) < calmScore*max(b.scale, d.floor(b.middle)) {
		d.back++
		return clamp(z, calmScore/2)
	}
	d.back = 0
	return z
}

// sudden returns the distance from the last points where that is less. In the first days
// nobody knows whether the series has a trend, and only what is sudden is far away.
func (d *Detector) sudden(z, value float64) float64 {
	last := slices.Clone(d.values[max(0, len(d.values)-suddenPoints):])
	var m model
	m.summarize(last)
	near := (value - m.middle) / max(m.scale, d.floor(m.middle))
	return clamp(z, abs(near))
}

// widest is the longest window over which rare events are added up.
const widest = 15 * time.Minute

// recent holds the counts of the last 15 minutes and what was expected of them.
type recent struct {
	times            []int64
	counts, expected []float64
}

func (r *recent) add(t int64, count, expected float64) {
	r.times, r.counts, r.expected = append(r.times, t), append(r.counts, count), append(r.expected, expected)
	first := 0
	for r.times[first] <= t-int64(widest) {
		first++
	}
	r.times, r.counts, r.expected = r.times[first:], r.counts[first:], r.expected[first:]
}

// within returns the sums over the last part of the window.
func (r *recent) within(window time.Duration) (count, expected float64) {
	now := r.times[len(r.times)-1]
	for i := len(r.times) - 1; i >= 0 && r.times[i] > now-int64(window); i-- {
		count, expected = count+r.counts[i], expected+r.expected[i]
	}
	return count, expected
}

// rare returns the distance of a count of rare events: it adds up 1, 5 or 15 minutes until
// at least ten events are expected, and gives the normal quantile of the exact Poisson
// tail. Where the series varies more than chance alone, the distance is as much smaller.
func (d *Detector) rare(e expectation) float64 {
	var count, expected float64
	for _, window := range []time.Duration{time.Minute, 5 * time.Minute, widest} {
		if count, expected = d.recent.within(window); expected >= lowVolume {
			break
		}
	}
	excess := math.Sqrt(max(e.mean, 1e-3)) / max(e.scale, math.Sqrt(max(e.mean, 1e-3)))
	if e.mean < 1 {
		excess = 1 // the floor of the scale exceeds chance
	}
	return poissonDistance(count, expected) * excess
}

// poissonDistance returns the standard normal quantile at which the tail beyond it has the
// probability of a count as extreme, P(X ≥ count) or P(X ≤ count), of a Poisson
// distribution: the regularized incomplete gamma function (Abramowitz and Stegun 26.4.21).
// It is 0 in the middle.
func poissonDistance(count, mean float64) float64 {
	mean = max(mean, 1e-3)
	var tail, sign float64
	if count > mean {
		tail, sign = mathext.GammaIncReg(count, mean), 1
	} else {
		tail, sign = mathext.GammaIncRegComp(math.Floor(count)+1, mean), -1
	}
	tail = max(tail, 1e-300)
	if tail >= 0.5 {
		return 0
	}
	return -sign * distuv.UnitNormal.Quantile(tail)
}

// leastShare keeps an expected share away from 0 and 1, where nothing else could happen.
const leastShare = 1e-3

// chance returns the standard deviation of a share of trials by chance alone.
func (e expectation) chance(trials float64) float64 {
	if trials <= 0 {
		return 0
	}
	p := min(max(e.middle, leastShare), 1-leastShare)
	return math.Sqrt(p * (1 - p) / trials)
}

// binomialDistance returns the standard normal quantile at which the tail beyond it has the
// probability of successes as extreme in n trials: the regularized incomplete beta function
// (Abramowitz and Stegun 26.5.24). It is 0 in the middle.
func binomialDistance(successes, n, p float64) float64 {
	var tail, sign float64
	switch {
	case successes > n*p:
		tail, sign = mathext.RegIncBeta(successes, n-successes+1, p), 1
	case successes >= n:
		return 0
	default:
		tail, sign = mathext.RegIncBeta(n-successes, successes+1, 1-p), -1
	}
	if tail = max(tail, 1e-300); tail >= 0.5 {
		return 0
	}
	return -sign * distuv.UnitNormal.Quantile(tail)
}

// bounds returns the band in which no anomaly begins. The band of rare counts has the exact
// Poisson tails.
func (d *Detector) bounds(e expectation) (lower, upper float64) {
	under, over := d.events.width()
	lower, upper = e.middle-under*e.scale, e.middle+over*e.scale
	if d.counts && e.mean < lowVolume {
		upper = max(upper, math.Ceil(e.mean))
		for needed := min(over, rarest); poissonDistance(upper+1, e.mean) < needed; {
			upper++
		}
	}
	return d.within(min(lower, e.middle)), d.within(max(upper, e.middle))
}

// rarest limits how improbable a count must be, in standard deviations.
const rarest = 20

// restore returns to what was normal before the present regime.
func (d *Detector) restore() {
	d.forgetRegime(len(d.times) - d.back + 1)
	d.models.forget()
	d.back = 0
}

// zeros watches runs of zeros.
type zeros struct {
	steps    int
	longest  int
	surprise float64
}

// observe counts the run of zeros that the observation continues, and reports whether it is
// a full stop. The probability of a run is the product of the shares of zeros at the same
// phase.
func (z *zeros) observe(d *Detector, e expectation, o observation) bool {
	if o.value != 0 {
		if d.events.reason == "" {
			z.longest = max(z.longest, z.steps)
		}
		z.steps, z.surprise = 0, 0
		return false
	}
	z.steps++
	z.surprise -= math.Log(max(e.zeros, 1/float64(e.points+1)))
	return z.steps >= zeroSteps && z.surprise > zeroSurprise && float64(z.steps) > zeroFactor*float64(z.longest)
}
