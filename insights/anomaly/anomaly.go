// Package anomaly says when a series is not what it usually is at this time of the day
// and week.
//
// It expects the median of the same phase of the last weeks, or days where no more is
// known, and measures distance in robust standard deviations. A breach that lasts and a
// single point much farther away begin an anomaly, unless the series goes that far now and
// then by habit. What happens in an anomaly is not learned. If it lasts longer than a day,
// it becomes the new normal.
//
// Everything is causal: what is said about a point depends on the points before it and
// on itself, and a longer series repeats what was said about its beginning. One
// configuration serves all series.
package anomaly

import (
	"math"
	"time"

	"belfry/insights/series"
)

// Verdict says what was expected of a point, and whether it is anomalous. Where Known is
// false nothing was expected and the numbers are 0; Reason says why. All numbers are
// finite.
type Verdict struct {
	Known bool
	// Expected is the value that was expected. A value between Lower and Upper begins
	// no anomaly, however long it lasts. None is below 0 if no value was so far, and
	// above 1 if the values are shares.
	Expected, Lower, Upper float64
	// Score is the distance from Expected in robust standard deviations, never negative.
	Score     float64
	Anomalous bool
	// Reason explains an anomaly, or why nothing was expected; else it is empty.
	Reason string
}

// The reasons for saying nothing.
const (
	ReasonWarmUp    = "warm-up"
	ReasonNoHistory = "too little history at this time of the day"
	ReasonReset     = "counter reset"
	reasonOrder     = "not later than the row before"
)

// Detector judges the points of one series as they come. A Detector must not be used by
// several goroutines at once.
type Detector struct {
	history
	models models
	events events
	zeros  zeros
	recent recent
	// back counts the last points that were as before the present regime.
	back int
	// longest is the longest gap between points so far.
	longest time.Duration
}

// New returns the detector for a series with the given step, the usual distance of its
// points.
func New(step time.Duration) *Detector {
	step = max(step, time.Nanosecond)
	d := &Detector{history: history{step: int64(step), counts: true, shares: true}}
	d.models.forget()
	return d
}

// Detect judges each point by the points before it. Points are in order of time, each
// time once. A step of 0 means the usual distance of the points in the warm-up. If the
// series looks like a counter, which only grows between resets, its growth is judged.
func Detect(points []series.Point, step time.Duration) []Verdict {
	warm := points[:warmUp(points)]
	if step <= 0 {
		step = series.Step(warm)
	}
	if isCounter(warm) {
		return detectGrowth(points, step)
	}
	d := New(step)
	verdicts := make([]Verdict, len(points))
	for i, p := range points {
		verdicts[i] = d.Observe(p)
	}
	return verdicts
}

// warmUp returns how many points lie in the warm-up.
func warmUp(points []series.Point) int {
	for i, p := range points {
		if !inWarmUp(i, p.At.Sub(points[0].At)) {
			return i
		}
	}
	return len(points)
}

// inWarmUp reports whether the point with the index i is too early to judge.
func inWarmUp(i int, known time.Duration) bool { return i < warmUpPoints || known < warmUpTime }

// Observe judges a point by the points before it, and then learns it. Points come in order
// of time; one that is not later than the last is not judged and not learned.
func (d *Detector) Observe(p series.Point) Verdict { return d.ObserveShare(p, 0) }

// ObserveShare judges like Observe a point whose value is the share of trials that
// succeeded. Chance is taken into account: few trials vary more. It treats the point like
// any other if trials is 0.
func (d *Detector) ObserveShare(p series.Point, trials float64) Verdict {
	t := p.At.UnixNano()
	if n := len(d.times); n > 0 && t <= d.times[n-1] {
		return Verdict{Reason: reasonOrder}
	}
	d.begin(t, p.Value)
	warm := inWarmUp(len(d.times), time.Duration(t-d.start))
	level := d.level(t)
	d.models.expect(&d.history, t, level)

	v := Verdict{Reason: ReasonWarmUp}
	learned := observation{
		t: t, value: p.Value, level: level, trials: trials, normal: true, moderate: p.Value,
	}
	if e, ok := d.models.choose(&d.history); ok {
		e.scale = math.Hypot(e.scale, e.chance(trials))
		v, learned = d.judge(e, learned, warm)
	} else if !warm {
		v.Reason = ReasonNoHistory
	}
	if gap, stopped := d.gap(t); stopped && !warm && !v.Anomalous {
		v.Anomalous, v.Reason = true, "no samples for "+span(gap)
	}
	d.learn(learned)
	return v
}

// judge compares the observation with what is expected, and returns the verdict and how
// to learn the observation.
func (d *Detector) judge(e expectation, o observation, warm bool) (Verdict, observation) {
	z := d.distance(e, o)
	if !d.models.of[dailyLeveled].known {
		z = d.sudden(z, o.value)
	}
	v := Verdict{Known: true, Expected: d.within(e.middle), Score: abs(z)}
	o.moderate = e.middle + e.scale*clamp(z, moderation)
	stopped := d.zeros.observe(d, e, o)
	d.events.observe(d.step, o.t, o.t-d.start, z, stopped, warm)
	v.Lower, v.Upper = d.bounds(e)
	switch {
	case d.events.lasts(o.t, d.step):
		d.accept(o.t)
	case d.back >= returnPoints:
		d.restore()
	}
	if reason := d.events.reason; reason != "" && !warm {
		v.Anomalous, v.Reason = true, reason
		o.normal, o.moderate = false, e.middle
	}
	if warm {
		return Verdict{Reason: ReasonWarmUp}, o
	}
	if o.normal {
		d.models.learn(o.value, d.step)
	}
	return v, o
}

// accept makes what has happened since the anomaly began the new normal.
func (d *Detector) accept(t int64) {
	d.relearn(d.events.since)
	d.back = 0
	d.models.forget()
	d.events.accept(t)
	d.zeros = zeros{}
}

// gap returns the time since the last point, and whether the series had stopped in
// it: for longer than the stop time, and longer than ever before.
func (d *Detector) gap(t int64) (time.Duration, bool) {
	if len(d.times) == 0 {
		return 0, false
	}
	gap := time.Duration(t - d.times[len(d.times)-1])
	stopped := gap > d.stopTime() && gap > d.longest
	d.longest = max(d.longest, gap)
	return gap, stopped
}

// stopTime returns how long samples must be missing before a series has stopped.
func (d *Detector) stopTime() time.Duration { return max(stopSteps*time.Duration(d.step), stopLeast) }

// Missing judges a series whose last point is past: whether by now it has stopped.
func (d *Detector) Missing(now time.Time) (reason string, stopped bool) {
	n := len(d.times)
	if n == 0 || inWarmUp(n, now.Sub(time.Unix(0, d.start))) {
		return "", false
	}
	gap := time.Duration(now.UnixNano() - d.times[n-1])
	return "no samples for " + span(gap), gap > d.stopTime() && gap > d.longest
}
