package anomaly

import (
	"fmt"
	"time"
)

// The ways in which a score begins an anomaly.
const (
	persistent = iota
	lasting
	spike
	ways
)

// base holds the score of each way.
var base = scores{persistentScore, lastingScore, spikeScore}

// events follows the scores of a series, and says when it is in an anomaly.
type events struct {
	reason string // of the present anomaly, empty for none
	since  int64  // when this anomaly or those shortly before it began
	ended  int64
	// uncalm is when the series was last away from what is expected. Of the heldPoints points
	// of the anomaly until then awayPoints were; calmPoints points followed.
	uncalm                             int64
	heldPoints, awayPoints, calmPoints int
	// top holds the highest scores since the anomaly began.
	top         [sides]scores
	needed      [sides]scores
	habits      [sides][ways]habit
	short, long window
	warmed      bool
}

// The sides of what is expected. Each has its own habits: bursts of a latency say
// nothing about values far too low.
const (
	above = iota
	below
	sides
)

// scores holds one score for each way.
type scores [ways]float64

// observe takes the distance of the point at t, of a series that has been known for a
// time. stopped says that the series has stopped.
func (e *events) observe(step, t, known int64, z float64, stopped, warm bool) {
	points := pointsIn(persistentLeast, step, 3, persistentMost)
	hours := pointsIn(lastingSpan, step, lastingLeast, lastingMost)
	e.short.add(z, points)
	e.long.add(z, hours)
	var score [sides]scores
	for side, sign := range [sides]float64{1, -1} {
		score[side] = scores{
			persistent: e.short.reached(points, sign),
			lasting:    e.long.reached(hours, sign),
			spike:      max(0, sign*z),
		}
	}
	if !warm && !e.warmed {
		e.warmed = true
		e.settle(t)
	}
	side, way, breach := e.breach(score, step, t, known)
	if warm {
		return
	}
	e.remember(t, score)
	switch {
	case e.reason != "":
		e.proceed(t, abs(z) >= calmScore || stopped)
		if t-e.uncalm >= e.calm(step, points) {
			e.end(t)
		}
	case stopped:
		e.start(t, "zeros where values are usual")
	case breach >= 1 && (!e.recently(t) || breach > againFactor):
		e.start(t, because(side, way, points, step))
	}
}

// pointsIn returns how many points lie in a span.
func pointsIn(span time.Duration, step int64, least, most int) int {
	return int(min(max((int64(span)+step-1)/step, int64(least)), int64(most)))
}

// because words the reason of an anomaly.
func because(side, way, points int, step int64) string {
	where := [sides]string{"above", "below"}[side]
	switch way {
	case persistent:
		return fmt.Sprintf("far %s expected for %s", where, span(time.Duration(int64(points)*step)))
	case lasting:
		return fmt.Sprintf("%s expected for hours", where)
	}
	return fmt.Sprintf("spike %s expected", where)
}

// span writes a duration in its two largest units.
func span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%dd", d/day)
	case d >= time.Hour:
		return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	case d >= time.Minute:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}

// recently reports whether t is in an anomaly or shortly after one.
func (e *events) recently(t int64) bool {
	return e.reason != "" || e.ended > 0 && t-e.ended < int64(againTime)
}

// start begins an anomaly, or continues one that ended shortly before.
func (e *events) start(t int64, reason string) {
	if !e.recently(t) {
		e.since = t
	}
	e.reason, e.uncalm = reason, t
	e.heldPoints, e.awayPoints, e.calmPoints = 1, 1, 0
}

// proceed notes whether the anomaly goes on.
func (e *events) proceed(t int64, away bool) {
	e.calmPoints++
	if away {
		e.uncalm = t
		e.awayPoints++
		e.heldPoints, e.calmPoints = e.heldPoints+e.calmPoints, 0
	}
}

// calm returns how long the series must be back before the anomaly ends, where a persistent
// breach has so many points.
func (e *events) calm(step int64, points int) int64 {
	if e.heldPoints >= heldPoints && float64(e.awayPoints) >= heldShare*float64(e.heldPoints) {
		return max(int64(heldCalm), heldSteps*step)
	}
	return max(int64(calmTime), int64(points)*step)
}

// end ends the anomaly.
func (e *events) end(t int64) {
	e.reason, e.ended = "", t
	e.short, e.long = window{}, window{}
}

// lasts reports whether the anomaly has lasted so long that it becomes normal.
func (e *events) lasts(t, step int64) bool {
	return e.reason != "" && t-e.since > max(int64(acceptTime), acceptSteps*step)
}

// remember keeps the highest scores of the anomaly, and of those shortly before it.
func (e *events) remember(t int64, score [sides]scores) {
	if !e.recently(t) {
		e.top = score
		return
	}
	for side := range score {
		for way := range score[side] {
			e.top[side][way] = max(e.top[side][way], score[side][way])
		}
	}
}

// accept ends the anomaly, whose scores become a habit.
func (e *events) accept(t int64) {
	for side := range e.habits {
		for way := range e.habits[side] {
			e.habits[side][way].accept(t, e.top[side][way])
		}
	}
	e.end(t)
	e.top = [sides]scores{}
}

// settle makes a habit of what goes on when the warm-up ends.
func (e *events) settle(t int64) {
	for side := range e.habits {
		for way := range e.habits[side] {
			if h := &e.habits[side][way]; h.current.score > 0 {
				h.accept(t, h.current.score)
			}
		}
	}
}

// width returns the scores below and above which a persistent breach needs.
func (e *events) width() (under, over float64) {
	return e.needed[below][persistent], e.needed[above][persistent]
}

// breach returns how far the scores reach what they need, 1 for just, where, and in which
// way.
func (e *events) breach(score [sides]scores, step, t, known int64) (side, way int, breach float64) {
	early := 1 + earlyFactor*max(0, 1-float64(known)/float64(week))
	for s := range score {
		for w, reached := range score[s] {
			h := &e.habits[s][w]
			needed := max(base[w]*early, habitMargin*h.score(t, known, habitSpan(step)))
			h.observe(t, step, reached, base[w]/2)
			e.needed[s][w] = needed
			if reached/needed > breach {
				side, way, breach = s, w, reached/needed
			}
		}
	}
	return side, way, breach
}
