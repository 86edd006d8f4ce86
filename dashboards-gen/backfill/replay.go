package backfill

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/tsdb"

	"belfry/exporter"
	"belfry/exporter/fold"
	"belfry/exporter/metrics"
	"belfry/exporter/simulate"
	"belfry/exporter/state"
	"belfry/nats"
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
	db, err := openDB(work)
	if err != nil {
		return err
	}
	defer func() {
		if closing := db.Close(); err == nil {
			err = closing
		}
	}()
	p, err := newPlatform(r, db)
	if err != nil {
		return err
	}
	rules, err := newRecorder(ctx, db, filepath.Join(work, "rules"))
	if err != nil {
		return err
	}
	for _, s := range r.Stretches {
		for at := s.From.Truncate(s.Scrape); at.Before(s.To); at = at.Add(s.Scrape) {
			if s.unseen(at) {
				continue
			}
			if err := p.scrape(ctx, at); err != nil {
				return fmt.Errorf("replay: scrape at %s: %w", at.Format(time.RFC3339), err)
			}
			if err := rules.record(ctx, at, s.Record); err != nil {
				return fmt.Errorf("replay: record at %s: %w", at.Format(time.RFC3339), err)
			}
		}
	}
	return db.Snapshot(dir, true)
}

// openDB opens a database that keeps everything in one block.
func openDB(work string) (*tsdb.DB, error) {
	options := tsdb.DefaultOptions()
	options.MinBlockDuration = (1000 * day).Milliseconds()
	options.MaxBlockDuration = options.MinBlockDuration
	options.RetentionDuration = 10 * options.MinBlockDuration
	options.WALSegmentSize = -1 // none: nothing is lost if this stops half-way
	return tsdb.Open(filepath.Join(work, "db"), slog.New(slog.DiscardHandler), nil, options, nil)
}

// platform is the simulated platform with the exporter that counts it.
type platform struct {
	traffic    *simulate.Simulator
	next       simulate.Message
	more       bool
	partitions []*fold.State
	exposition *metrics.Exposition
	writer     *sampleWriter
	beside     []Series // what other programs show
}

func newPlatform(r Replay, db *tsdb.DB) (*platform, error) {
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
	p := &platform{traffic: traffic, exposition: new(metrics.Exposition), writer: newSampleWriter(db)}
	for n := range config.Partitions {
		o := config.FoldOptions(n)
		p.partitions = append(p.partitions, fold.New(o, state.NewMemory(o.AttributionWindow)))
	}
	p.more = traffic.Next(&p.next)
	p.beside, err = beside()
	return p, err
}

// scrape folds what happened until then and writes what the exporter shows.
func (p *platform) scrape(ctx context.Context, at time.Time) error {
	for p.more && !p.next.ReceivedAt.After(at) {
		if err := ctx.Err(); err != nil {
			return err
		}
		to := p.partitions[nats.Partition(p.next.Key, len(p.partitions))]
		to.Fold(fold.Message{Data: p.next.JSON, Time: p.next.ReceivedAt.UnixNano()}) // what it refuses, it counts
		p.more = p.traffic.Next(&p.next)
	}
	var parts []metrics.Part
	for n, s := range p.partitions {
		parts = append(parts, metrics.Part{Partition: strconv.Itoa(n), Snapshot: s.Snapshot(), Now: at.UnixNano()})
	}
	return p.writer.write(ctx, at.UnixMilli(), p.exposition.Families(parts), p.beside)
}
