package exporter

import (
	"context"
	"errors"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/zeebo/xxh3"

	messages "belfry/exporter/partition"
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
	said := ""
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
			p.beginEpoch(fence)
			continue
		case errors.As(err, &halt):
			p.halt(halt.what)
		case p.fault() != nil:
			p.haltOnFault()
		case err.Error() != said:
			said = err.Error()
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
	if p.halted.CompareAndSwap(nil, &why) {
		p.log.Error("partition is halted: " + why)
	}
}

// fault returns what is wrong with the partition's store, nil while it works.
func (p *partition) fault() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.store.Err()
}

// haltOnFault halts the partition because its store does not work. Its numbers
// are withheld, for some of them may be made up.
func (p *partition) haltOnFault() {
	p.halt(p.fault().Error() + "; restore the directory from a backup, or remove it to count the stream from its beginning")
}

// read makes sure that the stream is the right one and reads it until
// something is in doubt.
func (p *partition) read(ctx context.Context, nc *natsgo.Conn) error {
	if !nc.IsConnected() {
		return nats.ErrDisconnected
	}
	if err := p.makeRoom(); err != nil {
		return errors.Join(err, p.lookAhead(ctx, nc))
	}
	if err := nats.EnsureStreams(ctx, nc, *p.streams.Load()); err != nil {
		return err
	}
	if err := p.checkFence(ctx, nc); err != nil {
		return err
	}
	if err := p.letters.resume(ctx, nc); err != nil {
		p.log.Warn("some dead letters may be written twice", "err", err)
	}
	from := p.processed.Load() + 1
	err := nats.Read(ctx, nc, nats.ReadOptions{Stream: p.stream, From: from, Opened: p.opened}, p.take)
	var start *nats.StartError
	if errors.As(err, &start) {
		return &fenceError{start.Error()}
	}
	return err
}

// lookAhead learns how much waits in the stream while it is not read.
func (p *partition) lookAhead(ctx context.Context, nc *natsgo.Conn) error {
	stream, err := nats.Info(ctx, nc, p.stream)
	if err == nil {
		p.last.Store(max(stream.LastSequence, p.processed.Load()))
	}
	return err
}

// checkFence compares the last folded message, and the last one that was shown,
// with what the stream holds at their sequences. JetStream itself would take any
// position in any stream.
func (p *partition) checkFence(ctx context.Context, nc *natsgo.Conn) error {
	stream, err := nats.Info(ctx, nc, p.stream)
	if err != nil {
		return err
	}
	place, target := p.places(stream)
	if err := sameStream(place, target, stream); err != nil {
		return err
	}
	there, err := p.compare(ctx, nc, place)
	if err != nil {
		return err
	}
	if !there && place.Sequence >= stream.FirstSequence {
		p.log.Warn("the last folded message was deleted from the stream; nothing else speaks against the stream", "place", place.String())
	}
	return p.aim(ctx, nc, max(place.Sequence, stream.FirstSequence-1), target)
}

// places returns what is known of the stream. At first sight that is where it
// stands now: everything that is in it already is folded before anything is
// shown, so that an old backlog does not look like a burst.
func (p *partition) places(s nats.StreamState) (place, target state.Place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.place.Created == 0 {
		p.place = state.Place{Created: s.Created.UnixNano(), Sequence: s.Lost(0)}
		p.target = state.Place{Created: p.place.Created, Sequence: s.LastSequence}
		p.processed.Store(p.place.Sequence)
	}
	return p.place, p.target
}

// compare compares a message that is known with what the stream holds there.
func (p *partition) compare(ctx context.Context, nc *natsgo.Conn, known state.Place) (there bool, err error) {
	if known.Sequence == 0 {
		return true, nil
	}
	m, err := nats.Get(ctx, nc, p.stream, known.Sequence)
	switch {
	case errors.Is(err, nats.ErrMessageNotFound):
		return false, nil
	case err != nil:
		return false, err
	case known.Hash != 0 && !known.Same(state.Place{Time: m.Time, Hash: xxh3.Hash(m.Data)}):
		return true, &fenceError{fmt.Sprintf("the message at %s is another one now", known)}
	}
	return true, nil
}

// aim looks whether the message at the target, which the fold has to reach, is
// there and the same. Where it is gone, the last one that is there behind a
// sequence becomes the target, lest the numbers wait for a message that never comes.
func (p *partition) aim(ctx context.Context, nc *natsgo.Conn, behind uint64, target state.Place) error {
	reach := target
	for reach.Sequence > behind {
		there, err := p.compare(ctx, nc, reach)
		if err != nil {
			return err
		}
		if there {
			break
		}
		reach.Sequence, reach.Hash = reach.Sequence-1, 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if reach.Sequence < target.Sequence && !p.shown {
		p.altered = p.altered || target.Hash != 0
		p.target = reach
	}
	return nil
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

// opened learns where the stream stands when reading begins.
func (p *partition) opened(s nats.StreamState) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := sameStream(p.place, p.target, s); err != nil {
		return err // it was exchanged since the fence was checked
	}
	p.last.Store(max(s.LastSequence, p.place.Sequence))
	if !p.shown {
		p.log.Info(messages.LogCatchingUp, "sequence", p.place.Sequence, "target", p.target.Sequence)
	}
	// Messages that are gone at the beginning; those gone further in show as
	// gaps between sequences.
	if err := p.skip(p.place.Sequence + s.Lost(p.place.Sequence)); err != nil {
		return err
	}
	return p.showFrom(p.place.Sequence)
}

// beginEpoch takes the stream as it is now: all numbers start over at 0. Events
// that were counted before are known again.
func (p *partition) beginEpoch(why *fenceError) {
	p.mu.Lock()
	err := p.startOver(why.what)
	p.place, p.target, p.shown = state.Place{}, state.Place{}, false
	p.processed.Store(0)
	p.mu.Unlock()
	p.marking.Lock()
	p.mark = state.Place{}
	err = errors.Join(err, p.store.RemoveMark())
	p.marking.Unlock()
	if err := errors.Join(err, p.checkpoint()); err != nil {
		p.log.Warn("the new epoch is not on disk; a restart now would begin another one", "err", err)
	}
	p.brokenFence.Store(false)
}
