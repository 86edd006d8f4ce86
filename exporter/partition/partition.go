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

// Partition is one partition of the stream with the numbers that it gives. Its
// methods may be called at once, except Close.
type Partition struct {
	options     *Options
	name        string // value of the label partition
	numbers     *numbers
	ledger      *exposure.Ledger
	checkpoints *checkpointer
	obstacles   obstacles
	streams     atomic.Pointer[nats.StreamOptions]
}

// obstacles are what keeps a partition from going on.
type obstacles struct {
	halted      atomic.Pointer[string] // why it stopped for good, nil while it goes on
	brokenFence atomic.Bool            // the stream is not the one that was folded
}

// Open opens the state of a partition and restores the numbers that it left
// behind. Close it.
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
	p.streams.Store(&o.Streams)
	return p, nil
}

// restore continues from the latest checkpoint, if there is one.
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

// Run folds the stream, which it makes sure exists, until ctx ends. Then it
// folds what has been read, writes dead letters for a few seconds more, and
// returns.
func (p *Partition) Run(ctx context.Context, nc *natsgo.Conn) {
	letters := newDeadLetters(p.options)
	r := &reader{
		options: p.options, stream: nats.StreamName(p.options.Fold.Partition), nc: nc, streams: &p.streams, letters: letters,
		numbers: p.numbers, ledger: p.ledger, checkpoints: p.checkpoints, obstacles: &p.obstacles,
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

// SetStreams changes how the streams should be, from the next time that they are
// opened.
func (p *Partition) SetStreams(o nats.StreamOptions) { p.streams.Store(&o) }

// Part returns the partition's share of an exposition. It is durable then that
// it was shown. ok is false while the numbers must not be shown.
func (p *Partition) Part(now time.Time) (part metrics.Part, ok bool) {
	part, shown, ok := p.numbers.part(now)
	if !ok {
		return part, false
	}
	part.Partition = p.name
	return part, p.ledger.Vouch(shown.place, shown.hold, now.UnixNano())
}

// Close writes a last checkpoint and closes the state. It must not be called
// while Run runs.
func (p *Partition) Close() error {
	return errors.Join(p.checkpoints.write(), p.numbers.close())
}
