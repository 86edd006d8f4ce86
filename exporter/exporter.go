package exporter

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"

	natsgo "github.com/nats-io/nats.go"
	"golang.org/x/sync/singleflight"

	"belfry/exporter/daemon"
	"belfry/exporter/metrics"
	"belfry/exporter/partition"
	"belfry/exporter/state"
	"belfry/nats"
)

// Exporter folds partitions of the stream and exposes their numbers.
type Exporter struct {
	config     atomic.Pointer[Config]
	load       func() (*Config, error)
	nc         atomic.Pointer[natsgo.Conn] // nil before Run
	options    *Options
	log        *slog.Logger
	least      int                                    // the lowest number of the partitions to read
	partitions atomic.Pointer[[]*partition.Partition] // nil until their number is known
	unknown    atomic.Pointer[string]                 // why it is not
	cache      *state.Cache                           // nil until then
	ensuring   singleflight.Group
	exposition metrics.Exposition
	self       *self
}

// New opens the state of the partitions and returns an exporter that shows their
// numbers. If neither the configuration nor the state says how many partitions
// there are, Run asks the NATS server and opens them. The caller must call Close.
func New(c *Config, o Options) (*Exporter, error) {
	if err := o.setDefaults(); err != nil {
		return nil, err
	}
	e := &Exporter{options: &o, log: o.Log, least: o.leastPartition()}
	e.config.Store(c)
	e.load = func() (*Config, error) { return c, nil }
	e.self = newSelf(e)
	has, err := inCheckpoints(&o)
	if err == nil {
		err = e.settle(has)
	}
	if err == nil && (c.PartitionsNamed || has.partitions > 0) {
		err = e.open()
	}
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// open opens the partitions. Their number must be known.
func (e *Exporter) open() error {
	c := e.config.Load()
	if err := e.options.choosePartitions(c.Partitions); err != nil {
		return err
	}
	e.cache = state.NewCache(e.options.CacheBytes, len(e.options.Partitions))
	var partitions []*partition.Partition
	for _, n := range e.options.Partitions {
		p, err := partition.Open(e.partitionOptions(c, n))
		if err != nil {
			for _, p := range partitions {
				err = errors.Join(err, p.Close())
			}
			return err
		}
		partitions = append(partitions, p)
	}
	e.partitions.Store(&partitions)
	return nil
}

// partitionOptions returns the options of one partition.
func (e *Exporter) partitionOptions(c *Config, number int) partition.Options {
	foldOptions := c.FoldOptions(number)
	foldOptions.UserKey = e.options.UserKey
	return partition.Options{
		Dir: partition.Dir(e.options.StateDir, number), Fold: foldOptions,
		Settings: c.fingerprint(), EnsureStreams: e.ensureStreams,
		Hold: e.options.Hold, CheckpointInterval: e.options.CheckpointInterval,
		OverlayBytes: e.options.OverlayBytes, Cache: e.cache, Reserve: e.options.reserve(),
		TrustReceivedAt: e.options.TrustReceivedAt,
		OnFenceMismatch: e.options.OnFenceMismatch, OnLostEvents: e.options.OnLostEvents,
		OnUserKeyMismatch: e.options.OnUserKeyMismatch,
		ObserveFold:       e.self.foldSeconds.Observe, CountMissedLetter: e.self.lettersMissed.Inc, Log: e.log,
	}
}

// opened returns the partitions. known is false until their number is known.
func (e *Exporter) opened() (partitions []*partition.Partition, known bool) {
	if p := e.partitions.Load(); p != nil {
		return *p, true
	}
	return nil, false
}

// streams returns the options of the streams.
func (e *Exporter) streams(c *Config) nats.StreamOptions {
	o := c.StreamOptions()
	o.AllowShrink, o.Logger = e.options.AllowStreamShrink, e.log
	return o
}

// ensureStreams brings the streams to the configuration. Partitions that ask for it at
// the same time share one attempt.
func (e *Exporter) ensureStreams(ctx context.Context, nc *natsgo.Conn) error {
	_, err, _ := e.ensuring.Do("", func() (any, error) {
		return nil, nats.EnsureStreams(ctx, nc, e.streams(e.config.Load()))
	})
	return err
}

// Run creates the streams if needed and folds them until ctx ends. It then folds
// the messages it has read and returns nil.
func (e *Exporter) Run(ctx context.Context, nc *natsgo.Conn) error {
	e.nc.Store(nc)
	if _, known := e.opened(); !known {
		if err := e.settleWithStreams(ctx, nc); ctx.Err() != nil {
			return nil
		} else if err != nil {
			return err
		}
		if err := e.open(); err != nil {
			return err
		}
	}
	var work sync.WaitGroup
	partitions, _ := e.opened()
	for _, p := range partitions {
		work.Go(func() { p.Run(ctx, nc) })
	}
	work.Wait()
	return nil
}

// Close writes a last checkpoint of each partition and closes the state. Call it
// after Run has returned.
func (e *Exporter) Close() error {
	var errs []error
	partitions, _ := e.opened()
	for _, p := range partitions {
		errs = append(errs, p.Close())
	}
	if e.cache != nil {
		e.cache.Close()
	}
	return errors.Join(errs...)
}

// Ready reports whether every partition shows its numbers and reads its stream. If
// not, why says what is missing, of the connection and of each partition, one a line.
func (e *Exporter) Ready() (ready bool, why string) {
	var lines []string
	if e.options.Status.Problem() != "" {
		lines = append(lines, daemon.Connected(e.options.Status).Text)
	}
	for _, d := range e.describe() {
		if !d.OK {
			lines = append(lines, d.Text)
		}
	}
	return len(lines) == 0, strings.Join(lines, "\n")
}

// describe describes the state of each partition in plain words.
func (e *Exporter) describe() []daemon.Line {
	partitions, known := e.opened()
	if !known {
		text := "the number of partitions is unknown until NATS answers"
		if why := e.unknown.Load(); why != nil {
			text += ": " + *why
		}
		return []daemon.Line{{Text: text}}
	}
	var lines []daemon.Line
	for _, p := range partitions {
		s := p.Status()
		lines = append(lines, daemon.Line{OK: s.Ready(), Text: s.String()})
	}
	return lines
}

// mistakes says what producers do wrong that spoils numbers.
func (e *Exporter) mistakes() (lines []daemon.Line) {
	partitions, _ := e.opened()
	for _, p := range partitions {
		s := p.Status()
		for _, text := range s.Mistakes() {
			lines = append(lines, daemon.Line{Text: text})
		}
	}
	return lines
}
