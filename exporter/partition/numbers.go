package partition

import (
	"fmt"
	"sync"
	"time"

	"github.com/zeebo/xxh3"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/exposure"
	"belfry/exporter/fold"
	"belfry/exporter/metrics"
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
	place    state.Place // of the last folded message
	end      uint64      // sequence of the last known message of the stream
	lost     uint64
	foldedAt time.Time // wall clock of the last fold
	gate     exposure.Gate
	hold     *exposure.Hold
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
	n.end = newest.Sequence + newest.Pending
	n.foldedAt = time.Now()
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
	rejection := n.fold.Fold(fold.Message{Data: m.Data, Time: at})
	if err := n.store.Err(); err != nil {
		return nil, err
	}
	n.place = state.Place{Created: n.place.Created, Sequence: m.Sequence, Time: m.Time, Hash: xxh3.Hash(m.Data)}
	return rejection, nil
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
	n.options.Log.Error("events are lost: the stream dropped them before they were read; "+
		"raise its max_age or max_bytes, or shorten the exporter's downtime", "lost", lost, "after", n.place.Sequence)
	n.lost += lost
	n.gate.Lost(n.place.Sequence)
	n.place.Sequence = to
	return nil
}

// tryShow opens the gate if the fold has reached its target with this sequence.
// When nothing was ever shown, the series that exist by then show their values at
// once; later ones are held at 0 first. The caller holds n.mu.
func (n *numbers) tryShow(sequence uint64) error {
	if !n.gate.Reached(sequence) {
		return nil
	}
	if n.gate.Altered {
		if err := n.startOver("what was shown cannot be folded again as it was"); err != nil {
			return err
		}
	}
	n.hold.ReleaseExisting(n.fold.Sets())
	n.gate.Open = true
	n.options.Log.Info(LogShown, "sequence", sequence)
	return nil
}

// startOver resets all counters to 0, which rate and increase take for the
// counter reset that it is. The records stay, so that events are not counted
// twice. The caller holds n.mu.
func (n *numbers) startOver(why string) (err error) {
	n.options.Log.Error("all counters of the partition start over at 0", "because", why)
	n.fold.StartOver()
	n.gate.Altered = false
	n.hold, err = n.ledger.StartOver()
	return err
}

// beginEpoch resets all counters and forgets the place, for a stream that has not
// been read yet.
func (n *numbers) beginEpoch(why string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	err := n.startOver(why)
	n.place, n.gate = state.Place{}, exposure.Gate{}
	return err
}

// shown says what the ledger has to record.
type shown struct {
	place state.Place
	hold  *exposure.Hold
}

// part copies the numbers for an exposition. ok is false if the gate is shut or
// the store has failed.
func (n *numbers) part(now time.Time) (part metrics.Part, as shown, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.gate.Open || n.store.Err() != nil {
		return part, as, false
	}
	// The stream's time stands still when no message comes, but gauges must go
	// stale all the same.
	silence := int64(now.Sub(n.foldedAt))
	hold, at := n.hold, now.UnixNano()
	part = metrics.Part{
		Snapshot: n.fold.Snapshot(), Now: n.fold.Now() + max(0, silence),
		Released: func(f *catalog.Family, series int) int { return hold.Released(f, series, at) },
	}
	return part, shown{n.place, hold}, true
}

// next returns the sequence of the first message to fold.
func (n *numbers) next() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.place.Sequence + 1
}

// setEnd records the last sequence of the stream.
func (n *numbers) setEnd(sequence uint64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.end = sequence
}

// fault returns the error that the store failed with, nil if it works.
func (n *numbers) fault() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.store.Err()
}

func (n *numbers) close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.store.Close()
}
