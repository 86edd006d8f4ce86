package partition

import (
	"fmt"
	"sync"
	"time"

	"github.com/zeebo/xxh3"

	"belfry/exporter/event"
	"belfry/exporter/exposure"
	"belfry/exporter/fold"
	"belfry/exporter/state"
	"belfry/nats"
)

// foldAtOnce limits the events that are folded before a waiting scrape gets its
// turn, to a few milliseconds of work.
const foldAtOnce = 500

// numbers hold the fold of a partition, the place in the stream that it has
// reached, and the gate that keeps it off the exposition.
type numbers struct {
	options *Options
	ledger  *exposure.Ledger

	mu       sync.Mutex // guards what follows
	fold     *fold.State
	store    *state.Store
	place    state.Place      // of the last folded message
	stream   nats.StreamState // as last seen
	seenAt   time.Time        // when it was last seen, other than by reading it
	other    bool             // it is not the one that was folded
	lost     uint64
	asBefore asBefore
	foldedAt time.Time // wall clock of the last fold
	mistakes mistakes
	gate     exposure.Gate
	hold     *exposure.Hold
	kept     bool // the latest checkpoint has counts of this stream, since they began
	gaps     gaps
}

// add folds a batch and lets scrapes in between. It passes rejected messages to
// reject.
func (n *numbers) add(batch []nats.Message, reject func(*nats.Message, *event.Rejection)) error {
	start := time.Now()
	for rest := batch; len(rest) > 0; {
		some := min(len(rest), foldAtOnce)
		if err := n.addSome(rest[:some], reject); err != nil {
			return err
		}
		rest = rest[some:]
	}
	n.options.ObserveFold(time.Since(start).Seconds() / float64(len(batch)))
	return nil
}

// addSome folds messages. Scrapes wait for it.
func (n *numbers) addSome(messages []nats.Message, reject func(*nats.Message, *event.Rejection)) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range messages {
		m := &messages[i]
		rejection, err := n.addOne(m)
		if err != nil {
			return err
		}
		if rejection != nil {
			reject(m, rejection)
		}
		if err := n.tryShow(m.Sequence); err != nil {
			return err
		}
	}
	newest := &messages[len(messages)-1]
	n.stream.LastSequence = newest.Sequence + newest.Pending
	n.foldedAt = time.Now()
	n.gaps.log(n.options.Log, n.foldedAt, newest.Pending == 0)
	return nil
}

// addOne folds one message. The caller holds n.mu.
func (n *numbers) addOne(m *nats.Message) (*event.Rejection, error) {
	if err := n.skip(m.Sequence - 1); err != nil {
		return nil, err
	}
	at := m.Time
	if n.options.TrustReceivedAt && m.ReceivedAt > 0 {
		at = m.ReceivedAt
	}
	if n.asBefore.until != 0 && m.Sequence > n.asBefore.until {
		n.countAsBefore(asBefore{})
	}
	if n.asBefore.unbounded && !n.asBefore.orderly(at) {
		n.gate.Altered = true
	}
	rejection := n.fold.Fold(fold.Message{Data: m.Data, Time: at})
	n.reportMistakes(m.Sequence, at)
	if err := n.store.Err(); err != nil {
		return nil, err
	}
	n.place = state.Place{Created: n.place.Created, Sequence: m.Sequence, Time: m.Time, Hash: xxh3.Hash(m.Data)}
	return rejection, nil
}

// asBefore says that events up to a sequence, that of the mark, count as they did in the
// version that has shown them; 0 for none. See the fields of the same names of
// state.Checkpoint.
type asBefore struct {
	until              uint64
	earlier, unbounded bool
	newest             int64 // the greatest time of a message so far, in nanoseconds since 1970
}

// orderly reports whether a message follows those before it as messages usually do, and
// notes its time. Versions that remembered all event ids took the greatest time so far for
// the stream's and rejected events by it, which the present clock does not if that time is
// in doubt: then what they have shown cannot be folded again.
func (b *asBefore) orderly(at int64) bool {
	const late = int64(time.Minute) // as after a change of the stream's leader
	before := b.newest
	b.newest = max(before, at)
	return before == 0 || at >= before-late && at <= before+int64(fold.MaxStep)
}

func (n *numbers) countAsBefore(b asBefore) {
	n.asBefore = b
	n.fold.CountAsBefore(b.earlier)
	n.fold.RememberAll(b.unbounded)
}

// skip counts the messages up to a sequence as lost: they left the stream before
// they were folded. The caller holds n.mu.
func (n *numbers) skip(to uint64) error {
	if to <= n.place.Sequence {
		return nil
	}
	lost := to - n.place.Sequence
	if n.options.OnLostEvents == Halt {
		return &haltError{fmt.Sprintf("%d events are lost, and --on-lost-events=halt; "+
			"start with --on-lost-events=count to continue without them", lost)}
	}
	n.gaps.add(lost, n.place.Sequence, time.Now())
	n.lost += lost
	n.gate.Lost(n.place.Sequence)
	n.place.Sequence = to
	return nil
}

// next returns the sequence of the first message to fold.
func (n *numbers) next() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.place.Sequence + 1
}

// observe records the state of the stream, and whether it is not the one that was
// folded.
func (n *numbers) observe(s nats.StreamState, other bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stream, n.seenAt, n.other = s, time.Now(), other
}

// unread records that the stream was seen, by reading it, until now.
func (n *numbers) unread() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seenAt = time.Now()
	n.gaps.log(n.options.Log, n.seenAt, true)
}

// waiting returns how many messages of the stream are not folded, and the time, in
// nanoseconds since 1970, up to which it is folded: that of the last folded message
// or, if there is none in this stream, of the oldest message. The caller holds n.mu.
func (n *numbers) waiting() (messages uint64, since int64) {
	folded, since := n.place.Sequence, n.place.Time
	if n.other {
		folded, since = 0, 0
	}
	folded += n.stream.Lost(folded)
	if since == 0 && !n.stream.FirstTime.IsZero() {
		since = n.stream.FirstTime.UnixNano()
	}
	return max(n.stream.LastSequence, folded) - folded, since
}

// fault returns the error that the store failed with, nil if it works.
func (n *numbers) fault() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.store.Err()
}

// settle prepares the numbers for the last checkpoint.
func (n *numbers) settle() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fold.Settle()
	n.gaps.logRest(n.options.Log, time.Now())
}

func (n *numbers) close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.store.Close()
}
