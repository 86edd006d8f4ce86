package exposure

import "belfry/exporter/state"

// Gate keeps the numbers of a partition off the exposition until the fold has
// reached what was shown before. For a stream that is read for the first time, it
// waits for the end that the stream had then. A Gate has no lock of its own: the
// lock of the fold guards it. The zero Gate is shut and has no target yet.
type Gate struct {
	// Target names the place in the stream where the gate opens. It has a hash if
	// its message was folded before, as those of a mark and a checkpoint were.
	Target state.Place
	// Open says that the numbers may be shown.
	Open bool
	// Guessed says that the mark is missing: what was shown is unknown, and the target is
	// the end that the stream had at the start, which lies behind it.
	Guessed bool
	// Altered says that the fold cannot reach the numbers that were shown before,
	// so that the counters must start over.
	Altered bool
}

// Reached reports whether the gate is shut and the fold reaches its target with
// this sequence.
func (g *Gate) Reached(sequence uint64) bool {
	return !g.Open && sequence >= g.Target.Sequence && g.Target != state.Place{}
}

// Lost records that messages after a sequence are gone. If the fold has not yet
// reached what was shown before, the numbers are altered.
func (g *Gate) Lost(behind uint64) {
	if !g.Open && g.wasShown() && behind < g.Target.Sequence {
		g.Altered = true
	}
}

// wasShown reports whether numbers up to the target may have been shown.
func (g *Gate) wasShown() bool { return g.Target.Hash != 0 || g.Guessed }

// Lower moves the target of a shut gate back to an earlier place, because its
// message is gone from the stream.
func (g *Gate) Lower(target state.Place) {
	if g.Open || target.Sequence >= g.Target.Sequence {
		return
	}
	if g.wasShown() {
		g.Altered = true
	}
	g.Target = target
}
