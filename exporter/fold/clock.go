package fold

import (
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

const (
	// MaxStep limits how far one message moves the time by which records expire. It is
	// longer than the silence of a long weekend.
	MaxStep = 4 * 24 * time.Hour
	// MaxJump limits how far ahead of that time the stream's time gets. It is well below
	// UserLifetime, so that nobody expires who was just seen.
	MaxJump = 180 * 24 * time.Hour
	// Witnesses says how many messages, one after the other, must agree before it moves
	// further.
	Witnesses = 16
)

// Clock keeps the stream's time. One message with a wrong time must not do lasting harm:
// records would expire, and what is measured against the stream's time would be wrong
// until the stream has caught up. So a jump ahead is taken back when the messages that
// follow say otherwise, and records do not expire by it before enough of them agree.
//
// A clock depends on the messages alone, so a replay keeps the same time. Times are
// nanoseconds since 1970.
type Clock struct {
	// Now holds the stream's time, 0 before the first event.
	Now int64
	// Latest holds the time by which records are filed and expire. It never falls, because
	// what has expired does not come back.
	Latest int64
	// Highest holds the greatest Now so far, which may have been taken back.
	Highest int64
	// Before holds the stream's time before a jump that is not confirmed, 0 for none.
	Before int64
	// Agreed counts the messages that agreed with Now, since the jump if there was one, at
	// most Witnesses.
	Agreed int
	// Doubted counts the messages in a row that are too far ahead of Now, or too far behind
	// it if Behind is set. Nearest holds the one of their times that is nearest to Now.
	Doubted int
	Behind  bool
	Nearest int64
}

// Observe moves the stream's time to that of a message, which may lie as far as step
// after it. It reports whether the message agrees. One that is further ahead is a jump, if
// it is not beyond MaxJump: then Witnesses messages in a row have to say so.
// One that is more than behind before it disagrees, or more than a step while a jump is
// not confirmed; as many of them in a row as agreed before take the time back.
func (c *Clock) Observe(t int64, step, behind time.Duration) (agrees bool) {
	if c.Before != 0 {
		behind = min(behind, step)
	}
	switch {
	case c.Now == 0:
		c.Latest = t
	case t-c.Latest > int64(MaxJump):
		return c.doubt(t, false, Witnesses)
	case c.Now-t > int64(behind):
		return c.doubt(t, true, c.Agreed)
	case t-c.Now > int64(step) && c.Before == 0:
		c.Before, c.Agreed = c.Now, 0
	}
	c.Now, c.Agreed, c.Doubted = max(c.Now, t), min(c.Agreed+1, Witnesses), 0
	c.Highest = max(c.Highest, c.Now)
	if c.Agreed == Witnesses {
		c.Before = 0
	}
	if c.Before == 0 {
		c.Latest = max(c.Latest, c.Now)
	}
	return true
}

// doubt remembers a time that disagrees. After enough of them the stream's time moves
// there. It returns false.
func (c *Clock) doubt(t int64, behind bool, enough int) bool {
	switch {
	case c.Doubted == 0 || c.Behind != behind:
		c.Doubted, c.Behind, c.Nearest = 0, behind, t
	case behind:
		c.Nearest = max(c.Nearest, t)
	default:
		c.Nearest = min(c.Nearest, t)
	}
	if c.Doubted++; c.Doubted < enough {
		return false
	}
	c.Now, c.Before, c.Agreed, c.Doubted = c.Nearest, 0, enough, 0
	c.Latest, c.Highest = max(c.Latest, c.Now), max(c.Highest, c.Now)
	return false
}

// admit measures the event's age against the time when the stream got it, and moves the
// stream's time. An event that is too old or too far ahead moves it nowhere.
func (s *State) admit(m Message) *event.Rejection {
	e, t := &s.current, m.Time
	if t == 0 {
		t = e.ReceivedAt
	}
	if t == 0 {
		return s.admitRecorded(e)
	}
	rejection := s.opts.Window.Check(e, t)
	switch {
	case rejection == nil:
		s.doubtUnless(s.keepTime(t, MaxStep))
		return nil
	case s.clock.Now != 0 && t-s.clock.Now > int64(MaxStep) && e.Time < t && s.keepTime(e.Time, MaxStep):
		s.doubtUnless(false) // the stream's own time is wrong: the event's decides
		return nil
	}
	return rejection
}

// admitRecorded admits an event that does not say when the stream got it, by the stream's
// time after it.
func (s *State) admitRecorded(e *event.Event) *event.Rejection {
	agrees := s.keepTime(e.Time, s.opts.Window.MaxAge)
	if rejection := s.opts.Window.CheckRecorded(e, s.clock.Now); rejection != nil {
		return rejection
	}
	s.doubtUnless(agrees)
	return nil
}

// keepTime moves the stream's time, and reports whether t agrees with it.
func (s *State) keepTime(t int64, step time.Duration) (agrees bool) {
	before := s.clock
	agrees = s.clock.Observe(t, step, s.opts.Window.MaxAge)
	s.passed(&before)
	return agrees
}

// doubtUnless counts an accepted event whose time does not agree.
func (s *State) doubtUnless(agrees bool) {
	if !agrees {
		s.mistakes.Doubts++
		s.add(catalog.EventsTimeDoubted, 1)
	}
}

// passed does what is due when the stream's time has changed.
func (s *State) passed(before *Clock) {
	if first := FirstLiveMonth(s.clock.Latest); first != FirstLiveMonth(before.Latest) {
		s.population.expire(first)
	}
	if s.clock.Now != before.Now {
		s.table.SetTime(s.clock.Now)
	}
	s.table.SetToday(s.clock.Latest)
}
