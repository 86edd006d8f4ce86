package backfill

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/tsdb"

	"belfry/exporter"
	"belfry/exporter/fold"
	"belfry/exporter/metrics"
	"belfry/exporter/simulate"
	"belfry/exporter/state"
	"belfry/nats"
	"belfry/rules"
	"belfry/rules/simtime"
)

// Replay is a true past: the traffic of a simulated platform, counted by the
// exporter's own fold, scraped and recorded by Prometheus' own rule engine.
type Replay struct {
	// Traffic is what happens. Its start and duration are set by the stretches.
	Traffic simulate.Config
	// Stretches are when the platform is scraped, in order. Between them it goes
	// on unseen, which saves time where a rule looks back to a day last week.
	Stretches []Stretch
}

// Stretch is a time in which the platform is watched.
type Stretch struct {
	From, To time.Time
	// Scrape is the time between two scrapes, and Record the least time between
	// two evaluations of a rule; rules that are evaluated less often are left so.
	Scrape, Record time.Duration
}

// window is the longest that a rule looks back at what was scraped, but for
// predictions and what it records itself.
const window = 5 * time.Minute

// unseen says whether no rule will look at a scrape: where rules are evaluated
// seldom, those are made that their windows of five minutes see.
func (s Stretch) unseen(at time.Time) bool {
	next := at.Truncate(s.Record)
	if next.Before(at) {
		next = next.Add(s.Record)
	}
	return next.Sub(at) > window
}

// Write replays and writes the blocks below the directory.
//
// The series that the exporter's process, `belfry alerts serve` and `belfry
// insights serve` show beside the counts are made up, for those programs do not
// run: the exporter is well, and the others say something about everything.
func (r Replay) Write(ctx context.Context, dir string) (err error) {
	work, err := os.MkdirTemp("", "belfry-replay-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	files, err := rules.Files()
	if err != nil {
		return err
	}
	server, err := simtime.Open(ctx, work, files, oneBlock())
	if err != nil {
		return err
	}
	defer func() {
		if closing := server.DB.Close(); err == nil {
			err = closing
		}
	}()
	p, err := newPlatform(r)
	if err != nil {
		return err
	}
	for _, s := range r.Stretches {
		if err := s.watch(ctx, server, p); err != nil {
			return fmt.Errorf("replay: %w", err)
		}
	}
	return server.DB.Snapshot(dir, true)
}

// watch scrapes the platform and evaluates the rules.
func (s Stretch) watch(ctx context.Context, server *simtime.Server, p *platform) error {
	for at := s.From.Truncate(s.Scrape); at.Before(s.To); at = at.Add(s.Scrape) {
		if s.unseen(at) {
			continue
		}
		if err := p.happen(ctx, at); err != nil {
			return err
		}
		if err := server.Scrape(ctx, at, func(add simtime.Append) error { return p.show(at, add) }); err != nil {
			return err
		}
		if s.Record > window && !at.Equal(at.Truncate(s.Record)) {
			continue // this scrape is there for the windows of the next evaluation
		}
		if err := server.Evaluate(ctx, at, s.Record); err != nil {
			return err
		}
	}
	return nil
}

// oneBlock keeps everything in one block and no log: nothing is lost if this
// stops half-way.
func oneBlock() *tsdb.Options {
	options := tsdb.DefaultOptions()
	options.MinBlockDuration = (1000 * day).Milliseconds()
	options.MaxBlockDuration = options.MinBlockDuration
	options.RetentionDuration = 10 * options.MinBlockDuration
	options.WALSegmentSize = -1
	return options
}

// platform is the simulated platform with the exporter that counts it.
type platform struct {
	traffic    *simulate.Simulator
	next       simulate.Message
	more       bool
	partitions []*fold.State
	exposition *metrics.Exposition
	rows       rows
	beside     []Series // what other programs show
}

func newPlatform(r Replay) (*platform, error) {
	config, err := exporter.LoadConfig("")
	if err != nil {
		return nil, err
	}
	first, last := r.Stretches[0].From, r.Stretches[len(r.Stretches)-1].To
	r.Traffic.Start, r.Traffic.Duration = first, last.Sub(first)
	traffic, err := simulate.New(r.Traffic)
	if err != nil {
		return nil, err
	}
	p := &platform{traffic: traffic, exposition: new(metrics.Exposition), rows: rows{}}
	for n := range config.Partitions {
		o := config.FoldOptions(n)
		p.partitions = append(p.partitions, fold.New(o, state.NewMemory(o.AttributionWindow)))
	}
	p.more = traffic.Next(&p.next)
	p.beside = beside()
	return p, nil
}

// happen folds what happened until then.
func (p *platform) happen(ctx context.Context, at time.Time) error {
	for p.more && !p.next.ReceivedAt.After(at) {
		if err := ctx.Err(); err != nil {
			return err
		}
		to := p.partitions[nats.Partition(p.next.Key, len(p.partitions))]
		to.Fold(fold.Message{Data: p.next.JSON, Time: p.next.ReceivedAt.UnixNano()}) // what it refuses, it counts
		p.more = p.traffic.Next(&p.next)
	}
	return nil
}

// show adds what the exporter and the programs beside it show.
func (p *platform) show(at time.Time, add simtime.Append) error {
	var parts []metrics.Part
	for n, s := range p.partitions {
		parts = append(parts, metrics.Part{Partition: strconv.Itoa(n), Snapshot: s.Snapshot(), Now: at.UnixNano()})
	}
	for _, family := range p.exposition.Families(parts) {
		for _, m := range family.Metric {
			if err := p.rows.add(add, family, m); err != nil {
				return err
			}
		}
	}
	for i := range p.beside {
		s := &p.beside[i]
		if err := add(&s.Series, s.value(at.UnixMilli())); err != nil {
			return err
		}
	}
	return nil
}
