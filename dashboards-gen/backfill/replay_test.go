package backfill_test

import (
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"

	"belfry/dashboards-gen/backfill"
	"belfry/exporter/simulate"
	"belfry/rules"
)

// A replay has the series that the exporter shows and those that rules record.
func TestReplayRecords(t *testing.T) {
	to := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	dir := t.TempDir()
	replay := backfill.Replay{
		Traffic: simulate.Config{Seed: 1, PerMinute: 60, Users: 500},
		Stretches: []backfill.Stretch{{From: to.Add(-9 * time.Minute), To: to, Scrape: 30 * time.Second,
			Record: time.Minute}},
	}
	if err := replay.Write(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	db, err := tsdb.OpenDBReadOnly(dir, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	querier, err := db.Querier(0, to.Add(-time.Minute).UnixMilli()) // within the blocks: there is no WAL
	if err != nil {
		t.Fatal(err)
	}
	defer querier.Close()
	for _, name := range []string{
		"notification_stage_total", "notification_delivery_latency_seconds_bucket", "up", "belfry_fence_ok",
		rules.Sent.Rate5m.Name, rules.StageVolume.Increase1d.Name, rules.LatencyP95.Name, "ALERTS",
	} {
		set := querier.Select(t.Context(), false, nil,
			labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, name))
		if !set.Next() {
			t.Errorf("%s has no samples (%v)", name, set.Err())
		}
	}
}
