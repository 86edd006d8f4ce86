package partition

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"belfry/exporter/exposure"
	"belfry/nats"
)

// reader reads the stream of a partition during one Run.
type reader struct {
	options *Options
	stream  string
	nc      *natsgo.Conn
	streams *atomic.Pointer[nats.StreamOptions]
	letters *deadLetters

	numbers     *numbers
	ledger      *exposure.Ledger
	checkpoints *checkpointer
	obstacles   *obstacles
}

// retryAfter is how long a reader waits before it reads again after an error.
const retryAfter = time.Second

// fenceError says that the stream is not the one that was folded so far.
type fenceError struct{ what string }

func (e *fenceError) Error() string { return e.what }

// haltError says that the partition must stop until a person has decided.
type haltError struct{ what string }

func (e *haltError) Error() string { return e.what }

// run reads until ctx ends, again and again from where it was.
func (r *reader) run(ctx context.Context) {
	logged := ""
	for ctx.Err() == nil {
		err := r.read(ctx)
		var fence *fenceError
		var halt *haltError
		switch {
		case ctx.Err() != nil:
		case errors.As(err, &fence):
			r.obstacles.brokenFence.Store(true)
			if r.options.OnFenceMismatch == NewEpoch {
				r.beginEpoch(fence)
				continue
			}
			r.halt(fence.what + "; the stream was deleted, or its server restored from an older copy, since it was last read: " +
				"start with --on-fence-mismatch=new-epoch to count the stream as it is now, from 0")
		case errors.As(err, &halt):
			r.halt(halt.what)
		case r.numbers.fault() != nil:
			r.haltOnFault()
		case err.Error() != logged:
			logged = err.Error()
			r.options.Log.Warn("reading stopped, trying again", "err", err)
		}
		if r.obstacles.halted.Load() != nil {
			<-ctx.Done()
		}
		pause(ctx, retryAfter)
	}
}

// pause waits, at most until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// halt stops the partition for good. Its numbers stay as they are.
func (r *reader) halt(why string) {
	if r.obstacles.halted.CompareAndSwap(nil, &why) {
		r.options.Log.Error("partition is halted: " + why)
	}
}

// haltOnFault halts the partition because its store does not work. Its numbers
// are withheld, for some of them may be made up.
func (r *reader) haltOnFault() {
	r.halt(r.numbers.fault().Error() +
		"; restore the directory from a backup, or remove it to count the stream from its beginning")
}

// read makes sure that the stream is the right one and reads it until
// something is in doubt.
func (r *reader) read(ctx context.Context) error {
	if !r.nc.IsConnected() {
		return nats.ErrDisconnected
	}
	if err := r.checkpoints.makeRoom(); err != nil {
		return errors.Join(err, r.lookAhead(ctx))
	}
	if err := nats.EnsureStreams(ctx, r.nc, *r.streams.Load()); err != nil {
		return err
	}
	if err := r.checkFence(ctx); err != nil {
		return err
	}
	if err := r.letters.resume(ctx, r.nc); err != nil {
		r.options.Log.Warn("some dead letters may be written twice", "err", err)
	}
	err := nats.Read(ctx, r.nc, nats.ReadOptions{Stream: r.stream, From: r.numbers.next(), Opened: r.numbers.opened}, r.take)
	var start *nats.StartError
	if errors.As(err, &start) {
		return &fenceError{start.Error()}
	}
	return err
}

// take folds a batch, and writes a checkpoint when the memory is full.
func (r *reader) take(batch []nats.Message) error {
	if err := r.numbers.add(batch, r.letters.add); err != nil {
		return err
	}
	return r.checkpoints.makeRoom()
}

// lookAhead learns how much waits in the stream while it is not read.
func (r *reader) lookAhead(ctx context.Context) error {
	stream, err := nats.Info(ctx, r.nc, r.stream)
	if err == nil {
		r.numbers.setEnd(stream.LastSequence)
	}
	return err
}

// beginEpoch takes the stream as it is now: all numbers start over at 0. Events
// that were counted before are known again.
func (r *reader) beginEpoch(why *fenceError) {
	err := errors.Join(r.numbers.beginEpoch(why.what), r.ledger.Forget(), r.checkpoints.write())
	if err != nil {
		r.options.Log.Warn("the new epoch is not on disk; a restart now would begin another one", "err", err)
	}
	r.obstacles.brokenFence.Store(false)
}
