package simulate

import (
	"cmp"
	"slices"
	"time"

	"belfry/exporter/catalog"
)

// life is what will happen to one notification. A preference change that names
// no notification and a component's report are lives of one step.
type life struct {
	number uint64 // in the order of birth
	due    int64  // when its next step reaches the stream
	key    uint64 // where its random numbers begin
	begun  int64  // when it was sent, held back or reported, in nanoseconds since 1970

	user                   int
	userID, notificationID string
	channel                *channel
	channelIndex           int
	template               *template
	campaign               string
	enrolment
	first  int    // the provider of the first attempt
	reason string // why it is held back
	change string // of a preference
	node   *node  // of a report

	steps []step // by the time received
	next  uint8  // the step to come
	told  uint8  // how many different events it has
}

// step is one event of a life, as it comes out of the wire.
type step struct {
	at, received int64 // when it happened, when the stream gets it
	kind         catalog.EventType
	// number tells the life's events apart; a duplicate has that of its original.
	number    uint8
	duplicate bool

	provider, attempt int
	failure           *failure
	hard              bool // a bounce that is final
	machine           bool // an open by a program
	named             bool // a preference change that names the notification
}

// How the world between the platform and the stream treats events.
const (
	// lostSents never come; delayedSents come after their deliveries.
	lostSents, delayedSents = 0.0006, 0.004
	// slowEvents take seconds to minutes, stuckEvents up to hours.
	slowEvents, stuckEvents = 0.006, 0.0003
	// repeatedEvents are delivered to the stream a second time.
	repeatedEvents = 0.008
	// lastDuplicate is the longest that providers are known to repeat a webhook after.
	lastDuplicate = 29 * time.Hour
	// attention is how long after sent users still react, but for a few who
	// react after the attribution window of 7 days.
	attention = 6*24*time.Hour + 12*time.Hour
)

// add plans an event and how it travels.
func (s *Simulator) add(l *life, st step) {
	d := s.dice
	st.number = l.told
	l.told++
	if st.kind == catalog.EventSent && d.chance(lostSents) {
		return
	}
	st.received = st.at + int64(s.travel(st.kind))
	l.steps = append(l.steps, st)
	if d.chance(repeatedEvents) {
		st.duplicate = true
		st.received += int64(s.repeatAfter(time.Duration(st.received - l.begun)))
		l.steps = append(l.steps, st)
	}
}

// travel is how long an event takes to the stream. Those who send are closer
// to it than providers' webhooks and users' phones.
func (s *Simulator) travel(kind catalog.EventType) time.Duration {
	d := s.dice
	usual := d.exponential(120 * time.Millisecond)
	switch {
	case kind == catalog.EventSent && d.chance(delayedSents):
		return usual + d.scattered(2*time.Second, 10*time.Minute)
	case kind == catalog.EventSent:
		return usual / 4
	case d.chance(slowEvents):
		return usual + d.scattered(5*time.Second, 10*time.Minute)
	case d.chance(stuckEvents):
		return usual + d.scattered(10*time.Minute, 6*time.Hour)
	}
	return usual
}

// repeatAfter is how long after an event, that came when its notification was
// of the given age, it comes again: soon where the exporter's memory of the
// notification ends.
func (s *Simulator) repeatAfter(age time.Duration) time.Duration {
	d := s.dice
	switch longest := 2 * time.Minute; {
	case age > attention || d.chance(0.6):
		return d.scattered(time.Second, longest)
	default:
		return d.scattered(longest, lastDuplicate)
	}
}

// settle brings the steps of a planned life into the order of arrival.
func (l *life) settle() {
	slices.SortFunc(l.steps, func(a, b step) int {
		return cmp.Or(cmp.Compare(a.received, b.received), cmp.Compare(a.number, b.number))
	})
}
