package backfill

import (
	"context"
	"fmt"
	"os"
	"time"

	"belfry/exporter"
	"belfry/exporter/simulate"
	"belfry/rules"
	"belfry/rules/simtime"
)

// Replay is a true past: simulated traffic, counted by the exporter's fold,
// scraped and evaluated in simulated time.
type Replay struct {
	// Traffic configures the simulation. The stretches set its start and duration.
	Traffic simulate.Config
	// Stretches lists when the platform is watched, in order. In between it goes on
	// without scrapes, which saves time if a rule looks back to a day last week.
	Stretches []Stretch
}

// Stretch is a time in which the platform is watched.
type Stretch struct {
	From, To time.Time
	// Scrape is the scrape interval. Record is the shortest interval between two
	// evaluations of a rule; groups with a longer interval keep it.
	Scrape, Record time.Duration
}

// window is as far as rules look back at scraped series, except for predictions
// and for what they record themselves.
const window = 5 * time.Minute

// unseen reports whether no evaluation will read a scrape. If evaluations are
// rare, only the scrapes within the windows before them are needed.
func (s Stretch) unseen(at time.Time) bool {
	next := at.Truncate(s.Record)
	if next.Before(at) {
		next = next.Add(s.Record)
	}
	return next.Sub(at) > window
}

// Write replays the past and writes its blocks below the directory.
//
// The exporter's process, `belfry alerts serve` and `belfry insights serve` do
// not run, so their own series are made up: the exporter is well, and the others
// have a value for everything.
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
	server, err := simtime.Open(ctx, work, files, simtime.OneBlock())
	if err != nil {
		return err
	}
	defer func() {
		if closing := server.DB.Close(); err == nil {
			err = closing
		}
	}()
	first, last := r.Stretches[0].From, r.Stretches[len(r.Stretches)-1].To
	r.Traffic.Start, r.Traffic.Duration = first, last.Sub(first)
	config, err := exporter.LoadConfig("")
	if err != nil {
		return err
	}
	p, err := NewPlatform(config, r.Traffic)
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
func (s Stretch) watch(ctx context.Context, server *simtime.Server, p *Platform) error {
	for at := s.From.Truncate(s.Scrape); at.Before(s.To); at = at.Add(s.Scrape) {
		if s.unseen(at) {
			continue
		}
		if err := p.Advance(ctx, at); err != nil {
			return err
		}
		if err := server.Scrape(ctx, at, func(add simtime.Append) error { return p.Show(at, add) }); err != nil {
			return err
		}
		if s.Record > window && !at.Equal(at.Truncate(s.Record)) {
			continue // this scrape is for the windows of the next evaluation
		}
		if err := server.Evaluate(ctx, at, s.Record); err != nil {
			return err
		}
	}
	return nil
}
