package simulate

import (
	"cmp"
	"slices"
	"time"

	"belfry/exporter/catalog"
)

// lifecycle plans what will happen to one notification. A preference change without a
// notification and a component's report are lifecycles of one step.
type lifecycle struct {
	number uint64 // in the order in which they start
	due    int64  // when its next step reaches the stream
	key    uint64 // where its random numbers begin
	begun  int64  // when it was sent, suppressed or reported, in nanoseconds since 1970

	user                   int
	userID, notificationID string
	channel                *channel
	channelIndex           int
	template               *template
	campaign               string
	enrollment
	first  int    // the provider of the first attempt
	reason string // why it is suppressed
	change string // of a preference
	node   *node  // of a report

	steps  []step // by the time received
	next   uint8  // the step to come
	events uint8  // how many different events it has
}

// step describes one event of a lifecycle, as it reaches the stream.
type step struct {
	at, received int64 // when it happened, when the stream gets it
	kind         catalog.EventType
	// number identifies the event in its lifecycle. A duplicate has that of its event.
	number    uint8
	duplicate bool

	provider, attempt int
	failure           *failure
	hard              bool // a bounce that is final
	machine           bool // an open or a click by a program
	named             bool // a preference change that names the notification
}

// What happens to events between the platform and the stream.
const (
	// lostSents never arrive; delayedSents arrive after their deliveries.
	lostSents, delayedSents = 0.0006, 0.004
	// slowEvents take seconds to minutes, stuckEvents up to hours.
	slowEvents, stuckEvents = 0.006, 0.0003
	// repeatedEvents reach the stream a second time.
	repeatedEvents = 0.008
	// lastDuplicate limits the delay after which providers repeat a webhook.
	lastDuplicate = 29 * time.Hour
	// attention says how long after sent users react. A few react after the attribution
	// window of 7 days.
	attention = 6*24*time.Hour + 12*time.Hour
)

// add plans an event and when it reaches the stream.
func (s *Simulator) add(l *lifecycle, st step) {
	d := s.dice
	st.number = l.events
	l.events++
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

// travel returns how long an event takes to reach the stream. Senders are closer to it
// than providers' webhooks and users' phones.
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

// repeatAfter returns how long after an event its duplicate comes. age is that of the
// notification: the duplicate comes soon if the exporter will forget it soon.
func (s *Simulator) repeatAfter(age time.Duration) time.Duration {
	d := s.dice
	switch longest := 2 * time.Minute; {
	case age > attention || d.chance(0.6):
		return d.scattered(time.Second, longest)
	default:
		return d.scattered(longest, lastDuplicate)
	}
}

// sortSteps sorts the steps by arrival.
func (l *lifecycle) sortSteps() {
	slices.SortFunc(l.steps, func(a, b step) int {
		return cmp.Or(cmp.Compare(a.received, b.received), cmp.Compare(a.number, b.number))
	})
}
