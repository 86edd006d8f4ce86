package exporter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	natsgo "github.com/nats-io/nats.go"
	dto "github.com/prometheus/client_model/go"
	"golang.org/x/sync/errgroup"

	"belfry/exporter/catalog"
	"belfry/exporter/metrics"
	"belfry/exporter/state"
	"belfry/nats"
)

// Exporter folds partitions of the stream and shows their numbers.
type Exporter struct {
	config     atomic.Pointer[Config]
	load       func() (*Config, error)
	nc         atomic.Pointer[natsgo.Conn] // nil before Run
	options    *Options
	log        *slog.Logger
	partitions atomic.Pointer[[]*partition] // nil until their number is known
	self       *self

	showing    sync.Mutex // guards what follows
	exposition *metrics.Exposition
	beginnings []uint64 // of the partitions' numbers, for which the exposition holds
}

// New opens the state of the partitions and makes an exporter that shows what
// it left behind. Close it. Where neither the configuration nor the state says
// how many partitions there are, Run asks the streams and opens them.
func New(c *Config, o Options) (*Exporter, error) {
	if err := o.setDefaults(); err != nil {
		return nil, err
	}
	o.cache = state.NewCache(o.CacheBytes)
	e := &Exporter{options: &o, log: o.Log}
	e.config.Store(c)
	e.load = func() (*Config, error) { return c, nil }
	e.self = newSelf(e, o.Status)
	has, err := checkpointed(&o)
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

// open opens the partitions, whose number is known.
func (e *Exporter) open() error {
	c := e.config.Load()
	if err := e.options.choosePartitions(c.Partitions); err != nil {
		return err
	}
	e.options.Streams = e.streams(c)
	var partitions []*partition
	for _, n := range e.options.Partitions {
		p, err := openPartition(c, n, e.options, e.self.foldSeconds.Observe)
		if err != nil {
			for _, p := range partitions {
				err = errors.Join(err, p.close())
			}
			return err
		}
		partitions = append(partitions, p)
	}
	e.partitions.Store(&partitions)
	return nil
}

// opened returns the partitions; known is false until their number is known.
func (e *Exporter) opened() (partitions []*partition, known bool) {
	if p := e.partitions.Load(); p != nil {
		return *p, true
	}
	return nil, false
}

// streams returns the options of the streams, and logs where the disk keeps them smaller than configured.
func (e *Exporter) streams(c *Config) nats.StreamOptions {
	o := c.StreamOptions()
	if o.MaxBytes < int64(c.Stream.MaxBytes) {
		e.log.Warn("the disk is too small for stream.max_bytes; each stream of the embedded NATS server keeps less", "max_bytes", o.MaxBytes)
	}
	return o
}

// Run folds the streams, which it makes sure exist, until ctx ends. Then what
// has been read is folded, and Run returns nil.
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
	group, ctx := errgroup.WithContext(ctx)
	partitions, _ := e.opened()
	for _, p := range partitions {
		p.letters = newDeadLetters(p.number, e.self.lettersMissed, p.log)
		group.Go(func() error {
			defer p.letters.end()
			return p.run(ctx, nc)
		})
		group.Go(func() error {
			p.letters.write(ctx, nc)
			return nil
		})
		group.Go(func() error {
			p.checkpointEvery(ctx, e.options.CheckpointInterval)
			return nil
		})
	}
	return group.Wait()
}

// Close writes a last checkpoint of each partition and closes the state. It
// must not be called while Run runs.
func (e *Exporter) Close() error {
	var errs []error
	partitions, _ := e.opened()
	for _, p := range partitions {
		errs = append(errs, p.close())
	}
	e.options.cache.Unref()
	return errors.Join(errs...)
}

// Ready reports whether every partition shows its numbers and none is halted;
// if not, why says what is missing, a line for each partition.
func (e *Exporter) Ready() (ready bool, why string) {
	ready = true
	var lines []string
	for _, d := range e.describe() {
		ready = ready && d.OK
		if !d.OK {
			lines = append(lines, d.Line)
		}
	}
	return ready, strings.Join(lines, "\n")
}

// describe says in plain words how each partition is.
func (e *Exporter) describe() []partitionLine {
	partitions, known := e.opened()
	if !known {
		return []partitionLine{{Line: "the number of partitions is unknown until NATS answers"}}
	}
	var lines []partitionLine
	for _, p := range partitions {
		ok, line := p.describe()
		lines = append(lines, partitionLine{ok, line})
	}
	return lines
}

// describe says in plain words how the partition is.
func (p *partition) describe() (ok bool, line string) {
	shown, target := p.isShown()
	processed := p.processed.Load()
	switch why := p.halted.Load(); {
	case why != nil:
		return false, fmt.Sprintf("partition %s is halted: %s", p.name, *why)
	case p.unmarked.Load():
		return false, fmt.Sprintf("partition %s withholds its numbers: its high-water mark cannot be written", p.name)
	case !shown && target == 0:
		return false, fmt.Sprintf("partition %s waits for its stream", p.name)
	case !shown:
		return false, fmt.Sprintf("partition %s has folded %d of %d messages", p.name, processed, target)
	case p.noRoom.Load():
		return true, fmt.Sprintf("partition %s is at sequence %d and writes no checkpoints: %v", p.name, processed, errNoRoom)
	case p.lostEvents() > 0:
		return true, fmt.Sprintf("partition %s is at sequence %d, %d behind; %d events were lost", p.name, processed, p.behind(), p.lostEvents())
	default:
		return true, fmt.Sprintf("partition %s is at sequence %d, %d behind", p.name, processed, p.behind())
	}
}

// Gather implements prometheus.Gatherer: the business families of all
// partitions that may be shown, and the exporter's own, ordered by name.
func (e *Exporter) Gather() ([]*dto.MetricFamily, error) {
	own, err := e.self.registry.Gather()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	var parts []metrics.Part
	partitions, _ := e.opened()
	beginnings := make([]uint64, len(partitions))
	for i, p := range partitions {
		part, beginning, ok := p.part(now)
		if ok {
			parts = append(parts, part)
		}
		beginnings[i] = beginning
	}
	families := mergeByName(e.expositionOf(beginnings).Families(parts), own)
	e.self.scrapeSeries.Set(float64(countSeries(families)))
	return families, nil
}

// expositionOf returns the exposition that knows the series of these beginnings:
// where a partition's numbers have started over, its series are others.
func (e *Exporter) expositionOf(beginnings []uint64) *metrics.Exposition {
	e.showing.Lock()
	defer e.showing.Unlock()
	if e.exposition == nil || !slices.Equal(beginnings, e.beginnings) {
		e.exposition, e.beginnings = &metrics.Exposition{}, beginnings
	}
	return e.exposition
}

// mergeByName merges two lists of families that are ordered by name and have
// none in common.
func mergeByName(a, b []*dto.MetricFamily) []*dto.MetricFamily {
	merged := make([]*dto.MetricFamily, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].GetName() < b[0].GetName() {
			merged, a = append(merged, a[0]), a[1:]
		} else {
			merged, b = append(merged, b[0]), b[1:]
		}
	}
	return append(append(merged, a...), b...)
}

// countSeries counts time series as a Prometheus stores them that scrapes
// classic histograms.
func countSeries(families []*dto.MetricFamily) int {
	n := 0
	for _, mf := range families {
		for _, m := range mf.Metric {
			switch {
			case m.Histogram != nil:
				n += len(m.Histogram.Bucket) + 3
			case m.Summary != nil:
				n += len(m.Summary.Quantile) + 2
			default:
				n++
			}
		}
	}
	return n
}

// sets returns how many label sets each family of the partition has.
func (p *partition) sets() map[*catalog.Family]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state.Sets()
}
