package truth

import (
	"slices"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// A message moves the time by which things are forgotten by no more than maxStep, and the
// stream's time by no more than maxJump from there, unless as many as witnesses in a row
// agree.
const (
	maxStep   = 4 * 24 * time.Hour
	maxJump   = 180 * 24 * time.Hour
	witnesses = 16
)

// inTime reports whether the event's time is close enough to that at which the stream
// got it, and moves the stream's time. Recorded input says when that was in receivedAt,
// or else has only the times of its events, which may then lead by as much as they may
// lag.
func (p *partition) inTime(e *event.Event, received int64) bool {
	if received == 0 {
		received = e.ReceivedAt
	}
	if received == 0 {
		agrees := p.agrees(e.Time, maxAge)
		inTime := e.Time-p.now <= int64(maxAge) && p.now-e.Time <= int64(maxAge)
		p.doubtUnless(agrees || !inTime)
		return inTime
	}
	if received-e.Time <= int64(maxAge) && e.Time-received <= int64(maxLead) {
		p.doubtUnless(p.agrees(received, maxStep))
		return true
	}
	if p.now == 0 || received <= p.now+int64(maxStep) || e.Time > received || !p.agrees(e.Time, maxStep) {
		return false
	}
	p.doubtUnless(false)
	return true
}

// doubtUnless counts an accepted event whose time does not agree.
func (p *partition) doubtUnless(agrees bool) {
	if !agrees {
		p.add(catalog.EventsTimeDoubted, 1)
	}
}

// agrees moves the stream's time to t, and reports whether t is not too far from it.
// step says how far apart two messages usually are at most.
func (p *partition) agrees(t int64, step time.Duration) bool {
	lag := maxAge
	if p.left != 0 {
		lag = min(lag, step)
	}
	tooFar, tooOld := p.now != 0 && t-p.latest > int64(maxJump), p.now-t > int64(lag)
	if tooFar || tooOld {
		p.doubt(t, tooFar)
		return false
	}
	if p.now != 0 && t-p.now > int64(step) && p.left == 0 {
		p.left, p.agreed = p.now, 0
	}
	p.agreed, p.doubted, p.now = p.agreed+1, nil, max(p.now, t)
	if p.agreed >= witnesses {
		p.left = 0
	}
	if p.left == 0 || p.latest == 0 {
		p.forgetUntil(p.now)
	}
	return true
}

// doubt remembers a time too far away. When enough in a row are, they are right.
func (p *partition) doubt(t int64, tooFar bool) {
	if len(p.doubted) > 0 && p.doubted[0] > p.now != tooFar {
		p.doubted = nil
	}
	p.doubted = append(p.doubted, t)
	enough, right := witnesses, slices.Min(p.doubted)
	if !tooFar {
		enough, right = min(p.agreed, witnesses), slices.Max(p.doubted)
	}
	if len(p.doubted) < enough {
		return
	}
	p.now, p.left, p.agreed, p.doubted = right, 0, enough, nil
	p.forgetUntil(right)
}
