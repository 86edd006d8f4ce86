package partition

import (
	"context"
	"errors"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"belfry/exporter/exposure"
	"belfry/exporter/state"
	"belfry/nats"
)

// reader reads the stream of a partition during one Run.
type reader struct {
	options *Options
	stream  string
	nc      *natsgo.Conn
	letters *deadLetters

	numbers     *numbers
	ledger      *exposure.Ledger
	checkpoints *checkpointer
	obstacles   *obstacles

	logged string // the error that the log has about the present interruption
}

// retryAfter sets how long a reader waits after an error, watchEvery how often one
// that is halted looks at what waits in the stream, or whether the cause is gone.
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
			r.haltForGood(fence.what + "; the stream was deleted, or its server was restored from an older copy, " +
				"since it was last read: start with --on-fence-mismatch=new-epoch to count the present stream from 0")
		case errors.As(err, &halt):
			r.haltForGood(halt.what)
		case r.numbers.fault() != nil:
			r.haltOnFault()
		case nats.NeedsOperator(err):
			r.halt(standstill{why: err.Error(), passes: true})
		case err.Error() != r.logged:
			r.logged = err.Error()
			r.options.Log.Warn("reading stopped, retrying", "err", err)
		}
		r.updateLag(ctx)
		for r.isHaltedForGood() && ctx.Err() == nil {
			pause(ctx, watchEvery)
			r.updateLag(ctx)
		}
		if r.obstacles.halted.Load() != nil {
			pause(ctx, watchEvery)
			continue
		}
		pause(ctx, retryAfter)
	}
}

// answered records that the stream can be read. The next interruption is logged again, even
// with the same error.
func (r *reader) answered() {
	r.logged = ""
	r.obstacles.reading.Store(true)
	if was := r.obstacles.halted.Load(); was != nil && was.passes && r.obstacles.halted.CompareAndSwap(was, nil) {
		r.options.Log.Info("partition is read again")
	}
}

// ended records that the stream is not read, and why.
func (r *reader) ended(err error) {
	if r.obstacles.reading.Swap(false) {
		r.numbers.unread()
	}
	if err != nil {
		why := err.Error()
		r.obstacles.unread.Store(&why)
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

// haltForGood stops the partition until the next start.
func (r *reader) haltForGood(why string) { r.halt(standstill{why: why}) }

// halt stops the partition. Its numbers stay on the exposition. A halt for good is
// kept.
func (r *reader) halt(h standstill) {
	was := r.obstacles.halted.Load()
	if was != nil && (!was.passes || *was == h) {
		return
	}
	if r.obstacles.halted.CompareAndSwap(was, &h) {
		r.options.Log.Error(LogHalted + h.why)
	}
}

func (r *reader) isHaltedForGood() bool {
	h := r.obstacles.halted.Load()
	return h != nil && !h.passes
}

// haltOnFault halts the partition because its store has failed. Its numbers are
// withheld, because they may be wrong.
func (r *reader) haltOnFault() {
	err := r.numbers.fault()
	r.haltForGood(err.Error() + "; " + state.Advice(r.options.Dir, err))
}

// read checks the fence and reads the stream until an error occurs.
func (r *reader) read(ctx context.Context) (err error) {
	defer func() { r.ended(err) }()
	if !r.nc.IsConnected() {
		return nats.ErrDisconnected
	}
	if err := r.checkpoints.makeRoom(); err != nil {
		return err
	}
	if err := r.options.EnsureStreams(ctx, r.nc); err != nil {
		return err
	}
	if err := r.checkFence(ctx); err != nil {
		return err
	}
	if err := r.letters.resume(ctx, r.nc); err != nil {
		r.options.Log.Warn("some dead letters may be written twice", "err", err)
	}
	err = nats.Read(ctx, r.nc, nats.ReadOptions{
		Stream: r.stream, From: r.numbers.next(), Opened: r.numbers.opened, Answered: r.answered,
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
// answer the number of messages stays, and the lag grows, see Status.
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
