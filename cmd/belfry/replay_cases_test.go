package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"belfry/exporter/catalog"
)

// count sums the series of a family that have all of the label values; of a
// histogram it counts the observations.
func (r *replay) count(m catalog.Metric, values ...string) (sum float64) {
	for _, f := range r.families() {
		if f.GetName() != m.Desc().Name {
			continue
		}
		for _, s := range f.Metric {
			if hasValues(s, values) {
				sum += s.Counter.GetValue() + s.Gauge.GetValue() + float64(s.Histogram.GetSampleCount())
			}
		}
	}
	return sum
}

func hasValues(s *dto.Metric, values []string) bool {
	return !slices.ContainsFunc(values, func(value string) bool {
		return !slices.ContainsFunc(s.Label, func(l *dto.LabelPair) bool { return l.GetValue() == value })
	})
}

// Inputs that were once counted wrong, as users replay them.
func TestReplayOfWhatWasCountedWrong(t *testing.T) {
	for name, want := range map[string]map[string]float64{
		"one-message-two-recipients": {"sent": 2, "failed": 1, "delivered": 1},
		"machine-click":              {"sent": 1, "delivered": 1, "machine_clicked": 1},
	} {
		t.Run(name, func(t *testing.T) {
			events, err := os.ReadFile(filepath.Join("testdata", "replay", name+".ndjson"))
			if err != nil {
				t.Fatal(err)
			}
			r := newTestReplay(t)
			if err := r.read(context.Background(), bytes.NewReader(events)); err != nil {
				t.Fatal(err)
			}
			for _, stage := range catalog.LabelStage.Values {
				if got := r.count(catalog.Stages, stage); got != want[stage] {
					t.Errorf("%s %v, want %v", stage, got, want[stage])
				}
			}
			for family, count := range map[catalog.Metric]float64{
				catalog.ActiveUsers: 0, catalog.TimeToClick: 0, catalog.EventsRejected: 0, catalog.EventsOrphan: 0,
			} {
				if got := r.count(family); got != count {
					t.Errorf("%s %v, want %v", family.Desc().Name, got, count)
				}
			}
			if got := r.count(catalog.ExperimentMoments, "click", "y"); got != 0 {
				t.Errorf("%v clicks in the experiment, want none", got)
			}
		})
	}
}
