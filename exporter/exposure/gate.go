package exposure

import "belfry/exporter/state"

// Gate keeps the numbers of a partition off the exposition until the fold has
// reached what was shown before or, for a stream that is read for the first
// time, the end that the stream had then. It has no lock: the lock of the fold
// guards it. The zero Gate is shut and has no target yet.
type Gate struct {
	// Target is where in the stream the gate opens. It has a hash where it is a
	// mark or a checkpoint, the place of a message that was folded before.
	Target state.Place
	// Open lets the numbers be shown.
	Open bool
	// Altered says that the fold will not reach the numbers that were shown
	// before, so that they have to start over.
	Altered bool
}

// Reached reports whether the fold, at a sequence, has come to the target of a
// gate that is still shut.
func (g *Gate) Reached(sequence uint64) bool {
	return !g.Open && sequence >= g.Target.Sequence && g.Target != state.Place{}
}

// Lost notes that messages behind a sequence are gone. Where the fold was still
// on its way back to what was shown before, the numbers are altered.
func (g *Gate) Lost(behind uint64) {
	if !g.Open && g.Target.Hash != 0 && behind < g.Target.Sequence {
		g.Altered = true
	}
}

// Lower gives a gate that is still shut a target nearer than the present one,
// whose message is gone from the stream.
func (g *Gate) Lower(target state.Place) {
	if g.Open || target.Sequence >= g.Target.Sequence {
		return
	}
	if g.Target.Hash != 0 {
		g.Altered = true
	}
	g.Target = target
}
