package backfill

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"belfry/deploy/stack"
	"belfry/exporter/simulate"
)

// Detail is how closely a platform was watched.
type Detail int

const (
	// Quick is enough for nearly every panel to find something: a day at a glance.
	Quick Detail = iota
	// Full is six hours without gaps, for pictures. It takes minutes.
	Full
)

// Watched is a platform that has been there for eight days: of the first ones
// only what rules look back to was seen, a day and two hours of the last. A
// provider fails ten minutes before the end, and a queue grows for two hours.
func Watched(now time.Time, d Detail) Replay {
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	const start = 8*day + 30*time.Minute
	const twice, tile = 150 * time.Second, 5 * time.Minute // two scrapes in every window of five minutes
	r := Replay{
		Traffic: simulate.Config{
			Seed: 7, PerMinute: 10, Users: 1500,
			Incidents: []simulate.Incident{
				{Name: "provider-outage", At: start - 10*time.Minute, For: time.Hour, Provider: "ses"},
				{Name: "dlq-growth", At: start - 2*time.Hour},
			},
		},
		Stretches: []Stretch{
			{From: ago(start), To: ago(8*day - time.Minute), Scrape: twice, Record: 3 * tile},
			{From: ago(7*day + 15*time.Minute), To: ago(7*day - 10*time.Minute), Scrape: twice, Record: twice},
			{From: ago(day + 2*time.Hour), To: ago(10 * time.Minute), Scrape: twice, Record: 2 * time.Hour},
			{From: ago(10 * time.Minute), To: now.Add(time.Second), Scrape: scrape, Record: 3 * scrape},
		},
	}
	if d == Full {
		r.Traffic.PerMinute, r.Traffic.Users = 60, 8_000
		r.Stretches = append(r.Stretches[:2],
			Stretch{From: ago(day + 2*time.Hour), To: ago(7 * time.Hour), Scrape: twice, Record: 30 * time.Minute},
			Stretch{From: ago(7 * time.Hour), To: ago(time.Hour), Scrape: 3 * scrape, Record: tile},
			Stretch{From: ago(time.Hour), To: now.Add(time.Second), Scrape: scrape, Record: 3 * scrape},
		)
	}
	return r
}

// Serve starts the pinned Prometheus on the blocks below dir/prometheus. It
// scrapes nothing and runs until it is stopped or ctx ends.
func Serve(ctx context.Context, dir string) (*stack.Server, error) {
	programs, err := stack.Find(ctx, nil, io.Discard, stack.Prometheus)
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, []byte("storage: {tsdb: {retention: {time: 500d}}}\n"), 0o644); err != nil {
		return nil, fmt.Errorf("serve the past: %w", err)
	}
	port, err := stack.FreePort()
	if err != nil {
		return nil, err
	}
	return stack.StartPrometheus(ctx, stack.Options{
		Binary: programs[stack.Prometheus], ConfigFile: config, DataDir: Blocks(dir), Port: port, LogFile: filepath.Join(dir, "prometheus.log"),
	})
}

// Blocks is where below dir Serve expects the blocks.
func Blocks(dir string) string { return filepath.Join(dir, "prometheus") }
