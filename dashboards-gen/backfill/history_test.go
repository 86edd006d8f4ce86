package backfill

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/simulate"
	"belfry/rules"
	"belfry/rules/simtime"
)

// The tiles of a history are those that the shipped rules record of the same counters,
// to the unit: in every label set of every recorded series.
func TestTilesAreThoseOfTheRules(t *testing.T) {
	start := simulate.DefaultStart.Add(9 * time.Hour)
	past, err := simulate.NewOutline(simulate.Config{Seed: 2, PerMinute: 300, Users: 400, Start: start}, start)
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLedger()
	if err != nil {
		t.Fatal(err)
	}
	files, err := rules.Files()
	if err != nil {
		t.Fatal(err)
	}
	server, err := simtime.Open(t.Context(), t.TempDir(), files, simtime.OneBlock())
	if err != nil {
		t.Fatal(err)
	}
	defer server.DB.Close()
	counted := exposed{}
	for range 4 {
		past.Play(past.Now().Add(step))
		at := past.Now()
		counted.meet(past)
		counted.scrape(t, server, at.Add(-step/2)) // new series at 0, as the exporter holds them
		counted.add(past)
		counted.scrape(t, server, at)
		if err := server.Evaluate(t.Context(), at, 0, "notification_volumes", "notification_slo_tiles"); err != nil {
			t.Fatal(err)
		}
		l.add(past.Rows(), past.Deltas())
		first := at.Equal(start.Add(step)) // the rules need a tile to count from
		compared := 0
		err := l.record(at, func(s *simtime.Series, value float64) error {
			got, found := sampleOf(t, server, s.Labels, at)
			if !first && found && math.Abs(got-value) > 1e-9*math.Abs(value) {
				t.Errorf("%s at %s: %g, the rules record %g", s.Labels, at, value, got)
			}
			if found {
				compared++
			}
			if !found && value != 0 && !sumOfTiles(s.Labels) {
				t.Errorf("%s at %s: %g, the rules record nothing", s.Labels, at, value)
			}
			return nil
		})
		if err != nil || compared < 1000 {
			t.Fatalf("%d series were compared: %v", compared, err)
		}
	}
}

// sumOfTiles reports whether a series is recorded by another group.
func sumOfTiles(l labels.Labels) bool {
	for _, r := range rules.Recorded() {
		if r.Name == l.Get(model.MetricNameLabel) {
			return r.Every != step
		}
	}
	return false
}

// exposed holds the counters that an exporter exposes, by their labels.
type exposed map[string]*exposedSeries

type exposedSeries struct {
	simtime.Series
	value float64
}

// meet adds the series of new rows at 0.
func (e exposed) meet(past *simulate.Outline) { e.each(past, func(*exposedSeries, float64) {}) }

// add adds what an outline has counted.
func (e exposed) add(past *simulate.Outline) {
	e.each(past, func(s *exposedSeries, by float64) { s.value += by })
}

func (e exposed) each(past *simulate.Outline, f func(s *exposedSeries, by float64)) {
	for i, r := range past.Rows() {
		for metric, p := range families {
			if p.Family != r.Family {
				continue
			}
			for _, values := range valuesOfRow(r, p.sample) {
				b := labels.NewBuilder(labels.FromMap(values))
				b.Set(model.MetricNameLabel, metric).Set("job", rules.Job).Set(catalog.LabelPartition.Name, "0")
				key := b.Labels().String()
				if e[key] == nil {
					e[key] = &exposedSeries{Series: simtime.Series{Labels: b.Labels()}}
				}
				f(e[key], weightOf(r, p.sample)*past.Deltas()[i])
			}
		}
	}
}

func (e exposed) scrape(t *testing.T, server *simtime.Server, at time.Time) {
	t.Helper()
	err := server.Scrape(t.Context(), at, func(add simtime.Append) error {
		for _, s := range e {
			if err := add(&s.Series, s.value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sampleOf returns the sample of a series at a time.
func sampleOf(t *testing.T, server *simtime.Server, l labels.Labels, at time.Time) (value float64, found bool) {
	t.Helper()
	querier, err := server.DB.Querier(at.UnixMilli(), at.UnixMilli())
	if err != nil {
		t.Fatal(err)
	}
	defer querier.Close()
	var matchers []*labels.Matcher
	l.Range(func(l labels.Label) {
		matchers = append(matchers, labels.MustNewMatcher(labels.MatchEqual, l.Name, l.Value))
	})
	set := querier.Select(t.Context(), false, nil, matchers...)
	for set.Next() {
		for it := set.At().Iterator(nil); it.Next() == chunkenc.ValFloat; found = true {
			_, value = it.At()
		}
	}
	return value, found
}

// Sums over an hour and a day are those of the tiles.
func TestSumsAreThoseOfTheTiles(t *testing.T) {
	named := func(name string) simtime.Series {
		return simtime.Series{Labels: labels.FromStrings(model.MetricNameLabel, name)}
	}
	const hour, whole = 12, 288
	s := &tiled{
		Series: named("tile"), past: make([]float64, whole),
		sums: []summed{{Series: named("hour"), tiles: hour}, {Series: named("day"), tiles: whole}},
	}
	l := &ledger{series: []*tiled{s}}
	var all []float64
	last := func(n int) (sum float64) {
		for _, x := range all[max(0, len(all)-n):] {
			sum += x
		}
		return sum
	}
	for i := range 700 {
		s.now = float64(i * i % 97)
		all = append(all, s.now)
		want := map[string]float64{"tile": s.now, "hour": last(hour), "day": last(whole)}
		err := l.record(simulate.DefaultStart.Add(time.Duration(i)*step), func(s *simtime.Series, value float64) error {
			if name := s.Labels.Get(model.MetricNameLabel); value != want[name] {
				t.Errorf("tile %d: the %s is %g, want %g", i, name, value, want[name])
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Sums are recorded with every tile where dashboards look closely, else every quarter of an
// hour.
func TestSumsAreCloserTowardsTheEnd(t *testing.T) {
	start := simulate.DefaultStart
	s := &tiled{past: make([]float64, 288), sums: []summed{{
		Series: simtime.Series{Labels: labels.FromStrings(model.MetricNameLabel, "sum")}, tiles: 12,
	}}}
	l := &ledger{series: []*tiled{s}, dense: start.Add(time.Hour)}
	var got []time.Duration
	for at := start.Add(step); !at.After(l.dense.Add(2 * step)); at = at.Add(step) {
		err := l.record(at, func(s *simtime.Series, _ float64) error {
			if !s.Labels.IsEmpty() {
				got = append(got, at.Sub(start)/time.Minute)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]time.Duration{15, 30, 45, 60, 65, 70}, got); diff != "" {
		t.Errorf("minutes with a sum (-want +got):\n%s", diff)
	}
}

// The rates of budgets that burn are derived from tiles, since a history has no finer
// increases, and so is what external services answer.
func TestDerivedFromTiles(t *testing.T) {
	all, err := tiles()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{catalog.Objective.Name: true}
	for _, tile := range all {
		known[tile.Name] = true
	}
	derived, err := derivations(known)
	if err != nil {
		t.Fatal(err)
	}
	from := map[string]string{}
	for _, d := range derived {
		if from[d.Name] = d.from; strings.Contains(d.from, minutely) {
			t.Errorf("%s is derived from increases over a minute: %s", d.Name, d.from)
		}
	}
	for _, want := range []string{
		rules.DeliverySLO.Ratio("1h").Name, rules.DeliverySLO.Ratio("6h").Name, rules.ServiceErrors.Name,
		rules.HourComplete.Name, rules.StageVolume.IncreaseHour.Name,
	} {
		if from[want] == "" {
			t.Errorf("%s is not derived", want)
		}
	}
}

// What is recorded once an hour is derived once an hour, from the tiles of the hour before.
func TestDerivedOnceAnHour(t *testing.T) {
	server, err := simtime.Open(t.Context(), t.TempDir(), nil, simtime.OneBlock())
	if err != nil {
		t.Fatal(err)
	}
	defer server.DB.Close()
	v, start := rules.StageVolume, simulate.DefaultStart.Add(20*time.Minute)
	tile := &simtime.Series{Labels: recordedLabels(v.Increase5m, []string{string(catalog.StageSent), "email"})}
	want, end := map[time.Duration]float64{}, start.Add(3*time.Hour)
	for at := start.Add(step); !at.After(end); at = at.Add(step) {
		size := float64(at.Unix() % 97)
		if err := server.Scrape(t.Context(), at, func(add simtime.Append) error { return add(tile, size) }); err != nil {
			t.Fatal(err)
		}
		recorded := at.Add(time.Hour - step).Truncate(time.Hour).Add(time.Hour)
		if !recorded.After(end) {
			want[recorded.Sub(simulate.DefaultStart)] += size
		}
	}
	of := derivation{v.IncreaseHour, v.IncreaseHour.Definition.String()}
	if err := of.compute(t.Context(), server, start.Add(step), end); err != nil {
		t.Fatal(err)
	}
	got := map[time.Duration]float64{}
	for at := start; !at.After(end); at = at.Add(step) {
		set := recordedLabels(v.IncreaseHour, []string{string(catalog.StageSent), "email"})
		if value, found := sampleOf(t, server, set, at); found {
			got[at.Sub(simulate.DefaultStart)] = value
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) != 2 {
		t.Errorf("%d hours are recorded, want 2 (-want +got):\n%s", len(got), diff)
	}
}

// Before each evaluation of the replayed hour there are two scrapes within half a minute,
// for rules that look no further back.
func TestScrapesOfTheReplay(t *testing.T) {
	now := simulate.DefaultStart.Add(time.Hour)
	scraped := map[time.Time]bool{}
	for at := simulate.DefaultStart; at.Before(now); at = nextScrape(at, now.Sub(at)) {
		scraped[at] = true
	}
	for at := simulate.DefaultStart.Add(step); at.Before(now); at = at.Add(step) {
		if !scraped[at] || !scraped[at.Add(-scrape)] {
			t.Errorf("%s: scraped %t, and %t shortly before", at, scraped[at], scraped[at.Add(-scrape)])
		}
	}
	if n := len(scraped); n < 45*2+90 || n > 45*2+90+12 {
		t.Errorf("%d scrapes in an hour", n)
	}
}

// A reading goes to the series of its labels, also when a node leaves out others.
func TestReadingsKeepTheirSeries(t *testing.T) {
	config, err := exporter.LoadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	watched := History{Exporter: config}.watched(&ledger{})
	for i, want := range []map[string]float64{{"a": 1, "b": 2, "c": 3}, {"a": 4, "c": 5}, {"a": 6, "b": 7, "c": 8}} {
		tile := played{at: simulate.DefaultStart.Add(time.Duration(i) * step)}
		for _, queue := range slices.Sorted(maps.Keys(want)) {
			tile.readings = append(tile.readings, simulate.Reading{
				Family: catalog.QueueMessages.Family, Values: []string{queue}, Value: want[queue],
			})
		}
		got := map[string]float64{}
		err := watched(tile, func(s *simtime.Series, value float64) error {
			if s.Labels.Get(model.MetricNameLabel) == catalog.QueueMessages.Name {
				got[s.Labels.Get(catalog.LabelQueue.Name)] = value
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("tile %d (-want +got):\n%s", i, diff)
		}
	}
}
