package partition

import (
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/exposure"
	"belfry/exporter/metrics"
	"belfry/exporter/state"
)

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
	n.hold.ReleaseExisting(n.fold.Created())
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
	n.mistakes.told = n.fold.Mistakes()
	n.asBefore = asBefore{}
	n.gate.Altered, n.kept = false, false
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

// shown says what the ledger has to record, and whether a checkpoint has counts of the
// stream.
type shown struct {
	place state.Place
	hold  *exposure.Hold
	kept  bool
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
	return part, shown{n.place, hold, n.kept}, true
}
