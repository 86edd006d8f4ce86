package simulate

import (
	"math"
	"math/rand/v2"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/truth"
)

// Message is one message as the stream gets it.
type Message struct {
	// JSON is the event, without receivedAt and a line end. It is overwritten
	// by the next call of Next.
	JSON []byte
	// ReceivedAt is when the stream gets it; it never goes back.
	ReceivedAt time.Time
	// EventID is that of the event; a duplicate has that of its original.
	EventID string
	Type    catalog.EventType
	// Key is what the partition is computed from: the user, or the component.
	Key string
	// Duplicate marks a message that repeats an earlier one byte for byte. It
	// must reach the stream, so it must be published without Nats-Msg-Id.
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
	end      int64      // nothing is received from here on

	pending queue
	free    []*life
	lives   uint64

	event   event.Event // the facts of the present message
	json    writer
	scratch [64]byte
	emitted int          // messages so far
	truth   *truth.Truth // nil if nobody counts
}

// New begins a simulation. An error says which setting is wrong and what is
// expected.
func New(c Config) (*Simulator, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	start := c.Start.UnixNano()
	s := &Simulator{
		config: c, incidents: schedule(c.Incidents, c.Start), people: newPopulation(c.Users, mix(c.Seed, ofDevices)),
		nodes: newNodes(start), dice: newDice(), end: math.MaxInt64,
	}
	s.arrivals = rand.New(rand.NewPCG(s.seedOf(ofArrivals), 0))
	if c.Duration > 0 {
		s.end = start + int64(c.Duration)
	}
	s.arrival = s.nextArrival(start)
	return s, nil
}

// Next makes up the next message. It returns false, and leaves m alone, when
// the simulation is over.
func (s *Simulator) Next(m *Message) bool {
	if _, more := s.NextAt(); !more {
		return false
	}
	l := s.pending[0]
	s.tell(m, l, &l.steps[l.next])
	s.advance()
	return true
}

// NextAt is when the next message will be received, for whoever wants to wait
// before taking it; false when the simulation is over.
func (s *Simulator) NextAt() (time.Time, bool) {
	if s.config.Events > 0 && s.emitted >= s.config.Events {
		return time.Time{}, false
	}
	s.giveBirth()
	due := s.pending[0].due
	return time.Unix(0, due).UTC(), due < s.end
}

// Start returns when the simulation begins.
func (s *Simulator) Start() time.Time { return s.config.Start }

// Count starts to count what a correct exporter must show after the messages.
// Call it before the first Next; it takes as much time as making the messages.
func (s *Simulator) Count() *truth.Truth {
	s.truth = truth.New(truth.Options{Partitions: s.config.Partitions, Faults: faults})
	s.truth.Seed, s.truth.From, s.truth.To = s.config.Seed, s.config.Start, s.config.Start
	return s.truth
}

// giveBirth begins all that is due before the first step in the queue.
func (s *Simulator) giveBirth() {
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
		s.bear(s.arrival)
		s.arrival = s.nextArrival(s.arrival)
	}
}

// tell writes a step as a message and enters it in the books.
func (s *Simulator) tell(m *Message, l *life, st *step) {
	e := &s.event
	p := s.describe(e, l, st)
	s.json.event(s, e, l, st, p)
	s.emitted++
	if s.truth != nil {
		s.truth.Add(e, st.received)
	}
	if st.kind == catalog.EventPreferenceChanged && !st.duplicate {
		s.people.setMarketing(l.user, l.channelIndex, l.change == "opt_in")
	}
	*m = Message{
		JSON: s.json.b, ReceivedAt: time.Unix(0, st.received).UTC(), EventID: e.ID,
		Type: e.Type, Key: e.Key(), Duplicate: st.duplicate,
	}
}

// receivedAtLayout keeps the nanoseconds, so that a file and a stream tell the
// same time.
const receivedAtLayout = "2006-01-02T15:04:05.000000000Z07:00"

// AppendNDJSON appends the message as a line of recorded input: the event with
// receivedAt beside its other fields.
func (m *Message) AppendNDJSON(b []byte) []byte {
	b = append(b, `{"receivedAt":"`...)
	b = m.ReceivedAt.AppendFormat(b, receivedAtLayout)
	b = append(b, `",`...)
	b = append(b, m.JSON[1:]...)
	return append(b, '\n')
}
