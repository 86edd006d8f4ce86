package simulate

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/metrics"
	"belfry/exporter/state"
	"belfry/exporter/truth"
	"belfry/nats"
)

// The exporter's fold and the truth read the same contract and share no code. Each
// tests the other.
func TestFoldAgreesWithTheTruth(t *testing.T) {
	weary := troubled(4, 5_000)
	weary.Users, weary.Partitions = 200, 1
	days := func(n time.Duration) time.Duration { return n * 24 * time.Hour }
	happened := make([]float64, len(mustHappen))
	for name, test := range map[string]struct {
		config Config
		play   player
	}{
		"fortnight": {Config{Seed: 5, Duration: days(13), PerMinute: 0.25, Users: 400}, playLong},
		"few users": {Config{Seed: 2, Duration: days(9), PerMinute: 0.2, Users: 30}, playLong},
		"more than a year": {Config{Seed: 4, Duration: days(520), PerMinute: 0.004, Users: 500, Partitions: 3},
			playLong},
		"troubled": {troubled(3, 8_000), play},
		"weary":    {weary, play},
	} {
		t.Run(name, func(t *testing.T) {
			counted, shown := folded(t, test.config, test.play)
			for i, d := range counted.Compare(shown) {
				t.Error(d)
				if i == 20 {
					t.Fatal("and more")
				}
			}
			for i, m := range mustHappen {
				happened[i] += counted.Total(m.metric, m.values...)
			}
		})
	}
	for i, m := range mustHappen {
		if happened[i] == 0 {
			t.Errorf("%s %q never happens, so that it is not tested", m.metric.Desc().Name, m.values)
		}
	}
}

// mustHappen lists what needs more than an hour of traffic.
var mustHappen = []struct {
	metric catalog.Metric
	values []string
}{
	{catalog.EventsLate, nil},
	{catalog.SendHourStages, []string{"converted"}},
	{catalog.FrequencyStages, []string{"0", "opted_out"}},
	{catalog.FrequencyStages, []string{"1-2", "recovered"}},
	{catalog.FrequencyStages, []string{"3-5", "clicked"}},
	{catalog.FrequencyStages, []string{"6-10"}},
	{catalog.FrequencyStages, []string{"11+"}},
	{catalog.ExperimentCrossovers, nil},
	{catalog.ExperimentUsers, []string{"opted_out"}},
	{catalog.ExperimentUsers, []string{"suppressed"}},
	{catalog.ExperimentMoments, []string{"value", "xy"}},
	{catalog.ExperimentMoments, []string{"value", "cx"}},
	{catalog.ExperimentMoments, []string{"open", "cy"}},
	{catalog.Users, []string{"new"}},
	{catalog.Users, []string{"active"}},
	{catalog.Users, []string{"at_risk"}},
	{catalog.Users, []string{"dormant"}},
	{catalog.ActiveUsers, []string{"1d"}},
}

type player func(testing.TB, Config, func(*Simulator, *Message)) *Simulator

// folded has the exporter's fold count a simulation.
func folded(t *testing.T, c Config, simulate player) (*truth.Truth, []*dto.MetricFamily) {
	t.Helper()
	config, err := exporter.LoadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	if c.Partitions > 0 {
		config.Partitions = c.Partitions
	}
	var states []*fold.State
	for n := range config.Partitions {
		o := config.FoldOptions(n)
		states = append(states, fold.New(o, state.NewMemory(o.AttributionWindow)))
	}
	var line []byte
	s := simulate(t, c, func(_ *Simulator, m *Message) {
		line = m.AppendNDJSON(line[:0])
		if rejection := states[nats.Partition(m.Key, len(states))].Fold(fold.Message{Data: line}); rejection != nil {
			t.Fatalf("%s is rejected: %v", line, rejection)
		}
	})
	var parts []metrics.Part
	for n, s := range states {
		parts = append(parts, metrics.Part{Partition: strconv.Itoa(n), Snapshot: s.Snapshot(), Now: s.Now()})
	}
	return s.truth, new(metrics.Exposition).Families(parts)
}

func TestPartitionsAreAsManyAsTheStreams(t *testing.T) {
	if defaultPartitions != nats.DefaultPartitions {
		t.Errorf("%d partitions, the streams have %d", defaultPartitions, nats.DefaultPartitions)
	}
}

// The simulator knows whose fault a code is without the exporter's table, which must
// agree. All codes of that table occur, and one that is not in it.
func TestFaultsAreThoseOfTheShippedTable(t *testing.T) {
	config, err := exporter.LoadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{unknownError.code: catalog.Unknown}
	for fault, codes := range config.Faults {
		for _, code := range codes {
			want[code] = fault
		}
	}
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Errorf("(-default.yaml +simulated):\n%s", diff)
	}
}
