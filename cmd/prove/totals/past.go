package totals

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"belfry/dashboards-gen/backfill"
	"belfry/deploy/stack"
	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/simulate"
	"belfry/exporter/truth"
	"belfry/rules"
	"belfry/rules/simtime"
)

// The groups that record increases, and then those that add them up.
var (
	recording = []string{"notification_volumes", "notification_slo_tiles", "notification_slo"}
	summing   = []string{"notification_days"}
)

// past is a platform that is watched in simulated time.
type past struct {
	*simtime.Server
	*backfill.Platform
	truth *truth.Truth
	known *counts
	marks map[time.Time]bool // when to note what has been counted
}

// record simulates the past, writes it as blocks below the directory and returns
// what was counted.
func (p proof) record(ctx context.Context, dir string) (known *counts, err error) {
	w, err := p.open(ctx, filepath.Join(dir, "head"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.DB.Close()) }()
	if err := w.seen(ctx, until.Add(-p.past), 0); err != nil { // what appears later is new
		return nil, err
	}
	yesterday, fine := until.Add(-day), until.Add(-p.fine)
	if err := w.coarse(ctx, until.Add(-p.past), yesterday, day); err != nil {
		return nil, err
	}
	if err := w.coarse(ctx, yesterday, fine, time.Hour); err != nil {
		return nil, err
	}
	if err := w.fine(ctx, fine, until); err != nil {
		return nil, err
	}
	w.known.events = w.truth.Events
	return w.known, w.DB.Snapshot(stack.BlocksDir(dir), true)
}

func (p proof) open(ctx context.Context, dir string) (*past, error) {
	files, err := rules.Files()
	if err != nil {
		return nil, err
	}
	server, err := simtime.Open(ctx, dir, files, simtime.OneBlock())
	if err != nil {
		return nil, err
	}
	config, err := exporter.LoadConfig("")
	if err != nil {
		return nil, err
	}
	// A year has more campaigns than are shown by name by default.
	config.FamilyLimits = map[string]int{catalog.CampaignStages.Name: 100_000}
	for _, f := range catalog.Optional() {
		config.OptionalFamilies = append(config.OptionalFamilies, f.Name)
	}
	platform, err := backfill.NewPlatform(config, simulate.Config{
		Seed: 11, Start: until.Add(-p.past), Duration: p.past, PerMinute: p.perMinute, Users: 2000,
	})
	if err != nil {
		return nil, err
	}
	known, err := newCounts()
	if err != nil {
		return nil, err
	}
	w := &past{
		Server: server, Platform: platform, truth: platform.Count(), known: known, marks: map[time.Time]bool{},
	}
	for _, r := range append(append(p.ranges(), p.shown()...), time.Hour, 0) {
		w.marks[until.Add(-r)] = true
	}
	return w, nil
}

// coarse records once in a while. It scrapes twice before, so that a new series is
// shown at 0 and then at its value.
func (w *past) coarse(ctx context.Context, from, to time.Time, every time.Duration) error {
	const between = time.Minute
	for at := from.Add(every); !at.After(to); at = at.Add(every) {
		if err := w.Advance(ctx, at.Add(-between)); err != nil {
			return err
		}
		if err := w.scrape(ctx, at.Add(-between)); err != nil {
			return err
		}
		if err := w.seen(ctx, at, every); err != nil {
			return err
		}
	}
	return nil
}

// fine scrapes and records at the shipped intervals. In the last twenty seconds
// before a mark nothing happens, so that all that has happened is shown.
func (w *past) fine(ctx context.Context, from, to time.Time) error {
	const scrape = 10 * time.Second
	for at := from.Add(scrape); !at.After(to); at = at.Add(scrape) {
		if !w.marks[at] && !w.marks[at.Add(scrape)] {
			if err := w.Advance(ctx, at); err != nil {
				return err
			}
		}
		if err := w.seen(ctx, at, 0); err != nil {
			return err
		}
	}
	return nil
}

// seen scrapes, and evaluates the rules that are due.
func (w *past) seen(ctx context.Context, at time.Time, least time.Duration) error {
	if err := w.scrape(ctx, at); err != nil {
		return err
	}
	for _, groups := range [][]string{recording, summing} {
		if err := w.Evaluate(ctx, at, least, groups...); err != nil {
			return err
		}
	}
	if w.marks[at] {
		w.known.note(at, w.truth)
	}
	return nil
}

func (w *past) scrape(ctx context.Context, at time.Time) error {
	return w.Scrape(ctx, at, func(add simtime.Append) error { return w.Show(at, add) })
}
