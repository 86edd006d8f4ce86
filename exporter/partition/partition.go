package partition

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"belfry/exporter/exposure"
	"belfry/exporter/metrics"
	"belfry/exporter/state"
	"belfry/nats"
)

// Partition folds one partition of the stream and shows its numbers. Its methods
// are safe for concurrent use, except Close.
type Partition struct {
	options     *Options
	name        string // value of the label partition
	numbers     *numbers
	ledger      *exposure.Ledger
	checkpoints *checkpointer
	obstacles   obstacles
}

// obstacles keep a partition from continuing.
type obstacles struct {
	halted      atomic.Pointer[standstill] // nil if it is not
	brokenFence atomic.Bool                // the stream is not the one that was folded
	reading     atomic.Bool                // the server has answered a request for messages since reading last began
	unread      atomic.Pointer[string]     // why reading last ended, nil before that
}

// standstill says why a partition waits for an operator.
type standstill struct {
	why string
	// passes says that the partition continues by itself once the operator has removed the cause.
	passes bool
}

// Open opens the state of a partition and restores its numbers. The caller must
// call Close.
func Open(o Options) (*Partition, error) {
	o.setDefaults()
	p := &Partition{options: &o, name: strconv.Itoa(o.Fold.Partition)}
	store, latest, err := state.Open(state.Options{
		Dir: o.Dir, Window: o.Fold.AttributionWindow, OverlayBytes: o.OverlayBytes, Cache: o.Cache, Log: o.Log,
	})
	if err != nil {
		return nil, fmt.Errorf("partition %s: %w", p.name, err)
	}
	if err := p.restore(store, latest); err != nil {
		return nil, fmt.Errorf("partition %s: %w", p.name, errors.Join(err, store.Close()))
	}
	return p, nil
}

// restore continues from the latest checkpoint, if any.
func (p *Partition) restore(store *state.Store, latest *state.Checkpoint) (err error) {
	if p.ledger, err = exposure.Open(p.options.Dir, p.options.Hold, p.options.Log); err != nil {
		return err
	}
	if p.numbers, err = restoreNumbers(p.options, store, p.ledger, latest); err != nil {
		return err
	}
	p.checkpoints = newCheckpointer(p.options, p.numbers, latest)
	return nil
}

// Run creates the streams if needed and folds the partition's stream until ctx
// ends. It then folds the messages it has read, writes pending dead letters for
// up to 5 seconds, and returns.
func (p *Partition) Run(ctx context.Context, nc *natsgo.Conn) {
	letters := newDeadLetters(p.options)
	r := &reader{
		options: p.options, stream: nats.StreamName(p.options.Fold.Partition), nc: nc,
		letters: letters, numbers: p.numbers, ledger: p.ledger, checkpoints: p.checkpoints, obstacles: &p.obstacles,
	}
	var work sync.WaitGroup
	work.Go(func() {
		defer letters.end()
		r.run(ctx)
	})
	work.Go(func() { letters.write(ctx, nc) })
	work.Go(func() { p.checkpoints.run(ctx, r.haltOnFault) })
	work.Wait()
}

// Part returns the partition's part of an exposition and records on disk that it
// was shown. ok is false if the numbers must not be shown.
func (p *Partition) Part(now time.Time) (part metrics.Part, ok bool) {
	part, shown, ok := p.numbers.part(now)
	if !ok {
		return part, false
	}
	if !shown.kept && shown.place.Sequence > 0 && !p.checkpoints.writeFirst() {
		return part, false
	}
	part.Partition = p.name
	return part, p.ledger.Commit(shown.place, shown.hold, now.UnixNano())
}

// Close writes a last checkpoint and closes the state. Call it after Run has
// returned.
func (p *Partition) Close() error {
	p.numbers.settle()
	return errors.Join(p.checkpoints.write(), p.numbers.close())
}
