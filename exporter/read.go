package exporter

import (
	"context"
	"errors"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/zeebo/xxh3"

	"belfry/exporter/metrics"
	"belfry/exporter/state"
	"belfry/nats"
)

// retryAfter is how long a partition waits before it reads again after an error.
const retryAfter = time.Second

// fenceError says that the stream is not the one that was folded so far.
type fenceError struct{ what string }

func (e *fenceError) Error() string { return e.what }

// haltError says that the partition must stop until a person has decided.
type haltError struct{ what string }

func (e *haltError) Error() string { return e.what }

// run reads the partition until ctx ends, again and again from where it was.
func (p *partition) run(ctx context.Context, nc *natsgo.Conn) error {
	for ctx.Err() == nil {
		err := p.read(ctx, nc)
		var fence *fenceError
		var halt *haltError
		switch {
		case ctx.Err() != nil:
		case errors.As(err, &fence):
			p.brokenFence.Store(true)
			if p.options.OnFenceMismatch != NewEpoch {
				p.halt(fence.what + "; the stream was deleted, or its server restored from an older copy, since it was last read: " +
					"start with --on-fence-mismatch=new-epoch to count the stream as it is now, from 0")
				break
			}
			if err := p.beginEpoch(fence); err != nil {
				return err
			}
			continue
		case errors.As(err, &halt):
			p.halt(halt.what)
		case p.store.Err() != nil:
			p.halt(p.store.Err().Error() + "; restore the directory from a backup, or remove it to count the stream from its beginning")
		default:
			p.log.Warn("reading stopped, trying again", "err", err)
		}
		if p.halted.Load() != nil {
			<-ctx.Done()
		}
		pause(ctx, retryAfter)
	}
	return nil
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// halt stops the partition for good. Its numbers stay as they are.
func (p *partition) halt(why string) {
	p.halted.Store(&why)
	p.log.Error("partition is halted: " + why)
}

// read makes sure that the stream is the right one and reads it until
// something is in doubt.
func (p *partition) read(ctx context.Context, nc *natsgo.Conn) error {
	if err := nats.EnsureStreams(ctx, nc, *p.streams.Load()); err != nil {
		return err
	}
	if err := p.checkFence(ctx, nc); err != nil {
		return err
	}
	from := p.processed.Load() + 1
	err := nats.Read(ctx, nc, nats.ReadOptions{Stream: p.stream, From: from, Opened: p.opened}, p.take)
	var start *nats.StartError
	if errors.As(err, &start) {
		return &fenceError{start.Error()}
	}
	return err
}

// checkFence compares the last folded message with what the stream holds at
// its sequence. JetStream itself would take any position in any stream.
func (p *partition) checkFence(ctx context.Context, nc *natsgo.Conn) error {
	p.mu.Lock()
	place, target := p.place, p.target
	p.mu.Unlock()
	stream, err := nats.Info(ctx, nc, p.stream)
	if err != nil {
		return err
	}
	if err := sameStream(place, target, stream); err != nil {
		return err
	}
	if place.Sequence == 0 {
		return p.lostBeforeFirst(target, stream)
	}
	m, err := nats.Get(ctx, nc, p.stream, place.Sequence)
	switch {
	case errors.Is(err, nats.ErrMessageNotFound) && stream.FirstSequence > place.Sequence:
		return nil // it has expired; Opened counts what expired after it
	case errors.Is(err, nats.ErrMessageNotFound):
		p.log.Warn("the last folded message was deleted from the stream; nothing else speaks against the stream", "place", place.String())
		return nil
	case err != nil:
		return err
	}
	if !place.Same(state.Place{Time: m.Time, Hash: xxh3.Hash(m.Data)}) {
		return &fenceError{fmt.Sprintf("the message at %s, the last one folded, is another one now", place)}
	}
	return nil
}

// lostBeforeFirst counts what is gone of a stream that was shown from, before
// a first checkpoint could be written.
func (p *partition) lostBeforeFirst(target state.Place, stream nats.StreamState) error {
	if target.Sequence == 0 || stream.FirstSequence <= 1 {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.countLost(stream.FirstSequence - 1)
}

// sameStream compares what is known of the stream with what it says of itself.
func sameStream(place, target state.Place, stream nats.StreamState) error {
	for _, known := range [...]state.Place{place, target} {
		switch {
		case known == (state.Place{}):
		case known.Created != 0 && known.Created != stream.Created.UnixNano():
			return &fenceError{fmt.Sprintf("the stream that was folded was created %s, this one %s",
				time.Unix(0, known.Created).UTC().Format(time.RFC3339), stream.Created.UTC().Format(time.RFC3339))}
		case known.Sequence > stream.LastSequence:
			return &fenceError{fmt.Sprintf("the stream ends at sequence %d, but was known up to %s", stream.LastSequence, known)}
		}
	}
	return nil
}

// opened learns where the stream stands when reading begins. On the very first
// reading everything that is in the stream already is folded before anything
// is shown, so that an old backlog does not look like a burst.
func (p *partition) opened(s nats.StreamState) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := sameStream(p.place, p.target, s); err != nil {
		return err // it was exchanged since the fence was checked
	}
	p.place.Created = s.Created.UnixNano()
	p.last.Store(max(s.LastSequence, p.place.Sequence))
	if !p.shown && p.target == (state.Place{}) {
		p.target = state.Place{Created: p.place.Created, Sequence: s.LastSequence}
		if s.FirstSequence > s.LastSequence {
			p.target.Sequence = 0 // nothing is left to wait for
		}
	}
	if p.place.Sequence > 0 {
		// Messages that are gone at the beginning; those gone further in show
		// as gaps between sequences.
		if lost := s.Lost(p.place.Sequence); lost > 0 {
			p.place.Sequence += lost
			p.processed.Store(p.place.Sequence)
			if err := p.countLost(lost); err != nil {
				return err
			}
		}
	}
	p.showFrom(p.place.Sequence)
	return nil
}

// beginEpoch takes the stream as it is now: all numbers start over at 0, which
// rate and increase take for the counter reset that it is. The records stay, so
// that events that were counted before are known again.
func (p *partition) beginEpoch(why *fenceError) error {
	p.log.Error("a new epoch begins: all counters of the partition start over at 0", "because", why.what)
	p.mu.Lock()
	p.state.StartOver()
	p.place, p.target, p.shown = state.Place{}, state.Place{}, false
	p.hold = metrics.NewHold(p.options.Hold)
	p.processed.Store(0)
	p.mu.Unlock()
	p.marking.Lock()
	p.mark = state.Place{}
	err := p.store.RemoveMark()
	p.marking.Unlock()
	if err != nil {
		return err
	}
	if err := p.checkpoint(); err != nil {
		return err
	}
	p.brokenFence.Store(false)
	return nil
}
