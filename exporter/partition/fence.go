package partition

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zeebo/xxh3"

	"belfry/exporter/state"
	"belfry/nats"
)

// checkFence compares the last folded message and the last shown one with what
// the stream holds at their sequences. JetStream itself accepts any position in
// any stream.
func (r *reader) checkFence(ctx context.Context) error {
	stream, err := nats.Info(ctx, r.nc, r.stream)
	if err != nil {
		return err
	}
	place, target := r.numbers.locate(stream)
	if err := sameStream(place, target, stream); err != nil {
		return err
	}
	there, err := r.compare(ctx, place)
	if err != nil {
		return err
	}
	if !there && place.Sequence >= stream.FirstSequence {
		r.options.Log.Warn("the last folded message was deleted from the stream; otherwise the stream matches",
			"place", place.String())
	}
	return r.lowerTarget(ctx, max(place.Sequence, stream.FirstSequence-1), target)
}

// locate returns how far the stream is folded and where its numbers may be shown.
// When it is read for the first time, these are its present beginning and end:
// the backlog is folded before anything is shown, so that it does not look like a
// burst of traffic. They are also where the numbers may be shown if what was shown
// is unknown.
func (n *numbers) locate(s nats.StreamState) (place, target state.Place) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.place.Created == 0 {
		n.place = state.Place{Created: s.Created.UnixNano(), Sequence: s.Lost(0)}
		n.gate.Target = state.Place{Created: n.place.Created, Sequence: s.LastSequence}
	}
	if n.gate.Guessed && n.gate.Target == (state.Place{}) {
		n.gate.Target = state.Place{Created: n.place.Created, Sequence: max(s.LastSequence, n.place.Sequence)}
		n.asBefore.until = min(n.asBefore.until, n.gate.Target.Sequence)
	}
	return n.place, n.gate.Target
}

// sameStream returns a fenceError unless both places can lie in the stream.
func sameStream(place, target state.Place, stream nats.StreamState) error {
	for _, known := range [...]state.Place{place, target} {
		switch {
		case known == (state.Place{}):
		case known.Created != 0 && known.Created != stream.Created.UnixNano():
			return &fenceError{fmt.Sprintf("the stream that was folded was created %s, this one %s",
				time.Unix(0, known.Created).UTC().Format(time.RFC3339), stream.Created.UTC().Format(time.RFC3339))}
		case known.Sequence > stream.LastSequence:
			return &fenceError{fmt.Sprintf("the stream ends at sequence %d, but was known up to %s",
				stream.LastSequence, known)}
		}
	}
	return nil
}

// compare returns a fenceError if the stream has a different message at a known
// place. there is false if it has none.
func (r *reader) compare(ctx context.Context, known state.Place) (there bool, err error) {
	if known.Sequence == 0 {
		return true, nil
	}
	m, err := nats.Get(ctx, r.nc, r.stream, known.Sequence)
	switch {
	case errors.Is(err, nats.ErrMessageNotFound):
		return false, nil
	case err != nil:
		return false, err
	case known.Hash != 0 && !known.Same(state.Place{Time: m.Time, Hash: xxh3.Hash(m.Data)}):
		return true, &fenceError{fmt.Sprintf("the message at %s is not the one that was folded", known)}
	}
	return true, nil
}

// lowerTarget checks that the stream still has the message at the target, which
// the fold must reach. If not, it lowers the target to the last message that is
// left above the sequence behind; otherwise the numbers would wait for a message
// that never comes.
func (r *reader) lowerTarget(ctx context.Context, behind uint64, target state.Place) error {
	for target.Sequence > behind {
		there, err := r.compare(ctx, target)
		if err != nil {
			return err
		}
		if there {
			break
		}
		target.Sequence, target.Hash = target.Sequence-1, 0
	}
	r.numbers.lowerTarget(target)
	return nil
}

func (n *numbers) lowerTarget(target state.Place) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.gate.Lower(target)
}

// opened records the state of the stream when reading begins.
func (n *numbers) opened(s nats.StreamState) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := sameStream(n.place, n.gate.Target, s); err != nil {
		return err // it was replaced since the fence was checked
	}
	n.stream, n.seenAt, n.other = s, time.Now(), false
	if !n.gate.Open {
		n.options.Log.Info(LogCatchingUp, "sequence", n.place.Sequence, "target", n.gate.Target.Sequence)
	}
	// These messages are gone from the beginning of the stream. Those gone
	// further on show as gaps between sequences.
	if err := n.skip(n.place.Sequence + s.Lost(n.place.Sequence)); err != nil {
		return err
	}
	n.gaps.log(n.options.Log, n.seenAt, n.place.Sequence >= s.LastSequence)
	return n.tryShow(n.place.Sequence)
}
