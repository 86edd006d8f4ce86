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

// retryAfter sets how long a reader waits after an error, watchEvery how often one
// that is halted looks at what waits in the stream.
const (
	retryAfter = time.Second
	watchEvery = 5 * time.Second
)

// fenceError says that the stream is not the one that was folded so far.
type fenceError struct{ what string }

func (e *fenceError) Error() string { return e.what }

// haltError says that the partition must stop until an operator decides.
type haltError struct{ what string }

func (e *haltError) Error() string { return e.what }

// run reads until ctx ends. After an error it continues where it was.
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
			r.halt(fence.what + "; the stream was deleted, or its server was restored from an older copy, " +
				"since it was last read: start with --on-fence-mismatch=new-epoch to count the present stream from 0")
		case errors.As(err, &halt):
			r.halt(halt.what)
		case r.numbers.fault() != nil:
			r.haltOnFault()
		case err.Error() != logged:
			logged = err.Error()
			r.options.Log.Warn("reading stopped, retrying", "err", err)
		}
		r.updateLag(ctx)
		for r.obstacles.halted.Load() != nil && ctx.Err() == nil {
			pause(ctx, watchEvery)
			r.updateLag(ctx)
		}
		pause(ctx, retryAfter)
	}
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// halt stops the partition for good. Its numbers stay on the exposition.
func (r *reader) halt(why string) {
	if r.obstacles.halted.CompareAndSwap(nil, &why) {
		r.options.Log.Error("partition is halted: " + why)
	}
}

// haltOnFault halts the partition because its store has failed. Its numbers are
// withheld, because they may be wrong.
func (r *reader) haltOnFault() {
	r.halt(r.numbers.fault().Error() +
		"; restore the directory from a backup, or remove it to count the stream from its beginning")
}

// read checks the fence and reads the stream until an error occurs.
func (r *reader) read(ctx context.Context) error {
	if !r.nc.IsConnected() {
		return nats.ErrDisconnected
	}
	if err := r.checkpoints.makeRoom(); err != nil {
		return err
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
	err := nats.Read(ctx, r.nc, nats.ReadOptions{
		Stream: r.stream, From: r.numbers.next(), Opened: r.numbers.opened,
	}, r.take)
	var start *nats.StartError
	if errors.As(err, &start) {
		return &fenceError{start.Error()}
	}
	return err
}

// take folds a batch and makes room for the next one.
func (r *reader) take(batch []nats.Message) error {
	if err := r.numbers.add(batch, r.letters.add); err != nil {
		return err
	}
	return r.checkpoints.makeRoom()
}

// updateLag records how much the stream holds while it is not read. Without an
// answer the figures stay: what went wrong is said elsewhere.
func (r *reader) updateLag(ctx context.Context) {
	if !r.nc.IsConnected() {
		return
	}
	if stream, err := nats.Info(ctx, r.nc, r.stream); err == nil {
		r.numbers.observe(stream, r.obstacles.brokenFence.Load())
	}
}

// beginEpoch resets all counters and counts the present stream. Events that were
// counted before are recognized as duplicates.
func (r *reader) beginEpoch(why *fenceError) {
	err := errors.Join(r.numbers.beginEpoch(why.what), r.ledger.Forget(), r.checkpoints.write())
	if err != nil {
		r.options.Log.Warn("the new epoch is not on disk; a restart would begin another one", "err", err)
	}
	r.obstacles.brokenFence.Store(false)
}
