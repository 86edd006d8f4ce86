package backfill

import (
	"context"
	"strconv"
	"time"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/metrics"
	"belfry/exporter/simulate"
	"belfry/exporter/state"
	"belfry/exporter/truth"
	"belfry/nats"
	"belfry/rules/simtime"
)

// Platform simulates the traffic of a notification platform and counts it as the
// exporter does. It is not safe for concurrent use.
type Platform struct {
	traffic    *simulate.Simulator
	partitions []*partition
	exposition *metrics.Exposition
	rows       rows
	others     []Series // of other programs
}

// partition counts a part of the events, and holds a new series at 0 in the first
// scrape that shows it, as the exporter does for a while.
type partition struct {
	*fold.State
	shown map[*catalog.Family]int // series that a scrape has shown, nil before the first
}

// NewPlatform returns a platform on which nothing has happened yet, for an exporter
// with this configuration.
func NewPlatform(config *exporter.Config, traffic simulate.Config) (*Platform, error) {
	simulator, err := simulate.New(traffic)
	if err != nil {
		return nil, err
	}
	var folds []*fold.State
	for n := range config.Partitions {
		o := config.FoldOptions(n)
		folds = append(folds, fold.New(o, state.NewMemory(o.AttributionWindow)))
	}
	return newPlatform(simulator, others(), folds...), nil
}

// newPlatform returns a platform whose traffic is counted by folds, one for each
// partition.
func newPlatform(traffic *simulate.Simulator, others []Series, folds ...*fold.State) *Platform {
	p := &Platform{traffic: traffic, exposition: new(metrics.Exposition), rows: rows{}, others: others}
	for _, f := range folds {
		p.partitions = append(p.partitions, &partition{State: f})
	}
	return p
}

// Count returns what a correct exporter shows, which follows Advance. Call it
// before the first Advance.
func (p *Platform) Count() *truth.Truth { return p.traffic.Count() }

// Advance counts the events up to a time.
func (p *Platform) Advance(ctx context.Context, at time.Time) error {
	var m simulate.Message
	for due, more := p.traffic.NextAt(); more && !due.After(at); due, more = p.traffic.NextAt() {
		if err := ctx.Err(); err != nil {
			return err
		}
		p.traffic.Next(&m)
		to := p.partitions[nats.Partition(m.Key, len(p.partitions))]
		to.Fold(fold.Message{Data: m.JSON, Time: m.ReceivedAt.UnixNano()}) // it counts what it rejects
	}
	return nil
}

// Show adds what a scrape of the exporter and the other programs finds.
func (p *Platform) Show(at time.Time, add simtime.Append) error {
	var parts []metrics.Part
	for n, s := range p.partitions {
		parts = append(parts, metrics.Part{
			Partition: strconv.Itoa(n), Snapshot: s.Snapshot(), Now: at.UnixNano(), Released: s.released(),
		})
	}
	for _, family := range p.exposition.Families(parts) {
		for _, m := range family.Metric {
			if err := p.rows.add(add, family, m); err != nil {
				return err
			}
		}
	}
	return show(p.others, at, add)
}

// show adds the values of series at a time.
func show(all []Series, at time.Time, add simtime.Append) error {
	for i := range all {
		s := &all[i]
		if err := add(&s.Series, s.value(at.UnixMilli())); err != nil {
			return err
		}
	}
	return nil
}

// released returns how many series of a family show their values in the next
// scrape: those of the scrape before, and all in the first.
func (p *partition) released() func(f *catalog.Family, n int) int {
	before := p.shown
	p.shown = map[*catalog.Family]int{}
	return func(f *catalog.Family, n int) int {
		p.shown[f] = n
		if before == nil {
			return n
		}
		return before[f]
	}
}
