package simulate

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"

	"belfry/exporter"
	"belfry/exporter/fold"
	"belfry/exporter/metrics"
	"belfry/exporter/state"
	"belfry/nats"
)

// The exporter's fold and the truth are two readings of the contract that
// share no code. Each is the other's test.
func TestFoldAgreesWithTheTruth(t *testing.T) {
	for name, test := range map[string]struct {
		config Config
		play   player
	}{
		"days":     {Config{Seed: 2, Duration: 9 * 24 * time.Hour, PerMinute: 0.7}, playLong},
		"troubled": {troubled(3, 10_000), play},
	} {
		t.Run(name, func(t *testing.T) {
			truth, shown := folded(t, test.config, test.play)
			for i, d := range truth.Compare(shown) {
				t.Error(d)
				if i == 20 {
					t.Fatal("and more")
				}
			}
		})
	}
}

type player func(testing.TB, Config, func(*Simulator, *Message)) *Simulator

// folded has the exporter's fold count a simulation.
func folded(t *testing.T, c Config, play player) (*Truth, []*dto.MetricFamily) {
	t.Helper()
	config, err := exporter.LoadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	var states []*fold.State
	for n := range config.Partitions {
		o := config.FoldOptions(n)
		states = append(states, fold.New(o, state.NewMemory(o.AttributionWindow)))
	}
	var line []byte
	s := play(t, c, func(_ *Simulator, m *Message) {
		line = m.AppendNDJSON(line[:0])
		if rejection := states[nats.Partition(m.Key, len(states))].Fold(fold.Message{Data: line}); rejection != nil {
			t.Fatalf("%s is rejected: %v", line, rejection)
		}
	})
	var parts []metrics.Part
	for n, s := range states {
		parts = append(parts, metrics.Part{Partition: strconv.Itoa(n), Snapshot: s.Snapshot(), Now: s.Now()})
	}
	return s.Truth(), new(metrics.Exposition).Families(parts)
}

// The truth knows whose fault a code is without looking it up in the exporter's
// table, which must say the same. All codes of that table occur, and one that
// nobody knows.
func TestFaultsAreThoseOfTheShippedTable(t *testing.T) {
	config, err := exporter.LoadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{mystery.code: byUnknown}
	for fault, codes := range config.Faults {
		for _, code := range codes {
			want[code] = fault
		}
	}
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Errorf("(-default.yaml +simulated):\n%s", diff)
	}
}
