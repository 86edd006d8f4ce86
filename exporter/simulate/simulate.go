package simulate

import (
	"math"
	"math/rand/v2"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/truth"
)

// Message holds one message as the stream gets it.
type Message struct {
	// JSON holds the event, without receivedAt and a line end. The next call of Next
	// overwrites it.
	JSON []byte
	// ReceivedAt says when the stream gets it. It never goes back.
	ReceivedAt time.Time
	// EventID identifies the event. A duplicate has that of its event.
	EventID string
	Type    catalog.EventType
	// Key determines the partition: the user, or the component.
	Key string
	// Duplicate marks a message that repeats an earlier one byte for byte. Publish it
	// without Nats-Msg-Id, so that it reaches the stream.
	Duplicate bool
}

// Simulator makes up one message after the other. It must not be used by two
// goroutines at once.
type Simulator struct {
	config    Config
	incidents incidents
	people    *population
	nodes     []node
	rhythm    rhythm

	arrivals *rand.Rand // when notifications are sent
	dice     *dice      // everything else, from points of their own
	arrival  int64      // when the next notification is due
	report   int        // the node that reports next
	from     int64      // what is over before is not emitted
	end      int64      // nothing is received from here on

	experimentsFrom int64 // before that nobody is in one

	pending queue
	free    []*lifecycle
	started uint64 // lifecycles so far

	broadcasts []broadcast // the latest

	event   event.Event // the facts of the present message
	json    writer
	scratch [64]byte
	emitted int          // messages so far
	truth   *truth.Truth // nil without Count
}

// New starts a simulation. Errors say which setting is wrong and what is expected.
func New(c Config) (*Simulator, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	start := c.Start.UnixNano()
	s := &Simulator{
		config: c, incidents: schedule(c.Incidents, c.Start), people: newPopulation(c.Users, mix(c.Seed, ofDevices)),
		nodes: newNodes(start), dice: newDice(), end: math.MaxInt64,
		experimentsFrom: start + int64(c.ExperimentsAfter),
	}
	s.arrivals = rand.New(rand.NewPCG(s.seedOf(ofArrivals), 0))
	if c.Duration > 0 {
		s.end = start + int64(c.Duration)
	}
	if c.Lead > 0 {
		s.from = start
	}
	s.arrival = s.nextArrival(start - int64(c.Lead))
	return s, nil
}

// Next makes up the next message. When the simulation is over it returns false and does
// not change m.
func (s *Simulator) Next(m *Message) bool {
	if _, more := s.NextAt(); !more {
		return false
	}
	l := s.pending[0]
	s.emit(m, l, &l.steps[l.next])
	s.advance()
	return true
}

// NextAt returns when the next message will be received, for callers that wait before
// taking it. It returns false when the simulation is over.
func (s *Simulator) NextAt() (time.Time, bool) {
	if s.config.Events > 0 && s.emitted >= s.config.Events {
		return time.Time{}, false
	}
	s.startDue()
	due := s.pending[0].due
	return time.Unix(0, due).UTC(), due < s.end
}

// Start returns when the simulation begins.
func (s *Simulator) Start() time.Time { return s.config.Start }

// Count starts to count what a correct exporter must show after the messages.
// Call it before the first Next; it takes as much time as making the messages.
func (s *Simulator) Count() *truth.Truth {
	o := truth.Options{Partitions: s.config.Partitions, Faults: faults, Optional: map[*catalog.Family]bool{}}
	for _, f := range catalog.Optional() {
		o.Optional[f] = true
	}
	s.truth = truth.New(o)
	s.truth.Seed, s.truth.From, s.truth.To = s.config.Seed, s.config.Start, s.config.Start
	return s.truth
}

// startDue begins all that is due before the first step in the queue.
func (s *Simulator) startDue() {
	for {
		n := &s.nodes[s.report]
		now := min(s.arrival, n.next)
		if len(s.pending) > 0 && s.pending[0].due <= now {
			return
		}
		if now == n.next {
			s.planReport(n)
			s.report = (s.report + 1) % len(s.nodes)
			continue
		}
		s.start(s.arrival)
		s.arrival = s.nextArrival(s.arrival)
	}
}

// emit writes a step as a message, and counts it if somebody asked for the truth.
func (s *Simulator) emit(m *Message, l *lifecycle, st *step) {
	e := &s.event
	p := s.describe(e, l, st)
	s.json.event(s, e, l, st, p)
	s.emitted++
	if s.truth != nil {
		s.truth.Add(e, st.received)
	}
	if st.kind == catalog.EventPreferenceChanged && !st.duplicate {
		s.people.setPreference(l.user, l.channelIndex, l.change == "opt_in")
	}
	*m = Message{
		JSON: s.json.b, ReceivedAt: time.Unix(0, st.received).UTC(), EventID: e.ID,
		Type: e.Type, Key: e.Key(), Duplicate: st.duplicate,
	}
}

// receivedAtLayout keeps the nanoseconds, so that a file and a stream have the same
// time.
const receivedAtLayout = "2006-01-02T15:04:05.000000000Z07:00"

// AppendNDJSON appends the message as a line of recorded input: the event with
// receivedAt among its fields.
func (m *Message) AppendNDJSON(b []byte) []byte {
	b = append(b, `{"receivedAt":"`...)
	b = m.ReceivedAt.AppendFormat(b, receivedAtLayout)
	b = append(b, `",`...)
	b = append(b, m.JSON[1:]...)
	return append(b, '\n')
}
