package backfill

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/simulate"
	"belfry/exporter/state"
	"belfry/rules/simtime"
)

// Where a history passes from its outline to events, the first scrape shows what the
// outline has counted, in every series; from there counters go on, and users are known.
func TestSeamOfAHistory(t *testing.T) {
	config, err := exporter.LoadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	start := simulate.DefaultStart.Add(9 * time.Hour)
	traffic := simulate.Config{Seed: 4, PerMinute: 300, Users: 400, Start: start}
	past, err := simulate.NewOutline(traffic, start)
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLedger()
	if err != nil {
		t.Fatal(err)
	}
	counted := exposed{}
	for range 12 {
		past.Play(past.Now().Add(step))
		l.add(past.Rows(), past.Deltas())
		counted.add(past)
	}
	p := seamOf(t, config, traffic, past, l)

	seam := past.Now()
	first := shownBy(t, p, seam)
	for set, s := range counted {
		if got, want := first[set], s.value; math.Abs(got-want) > 1e-6*(1+want) {
			t.Errorf("%s is %g at the seam, the outline counted %g", set, got, want)
		}
	}
	people := population(past, seam)
	if got := sumOf(first, catalog.Users.Name); got != float64(people.Users) || people.Users < 390 {
		t.Errorf("%g users at the seam, want %d, of which there are 400", got, people.Users)
	}

	if err := p.Advance(t.Context(), seam.Add(2*step)); err != nil {
		t.Fatal(err)
	}
	last := shownBy(t, p, seam.Add(2*step))
	for set, before := range first {
		counts := !slices.ContainsFunc(gauges, func(name string) bool { return strings.Contains(set, `"`+name+`"`) })
		if counts && last[set] < before {
			t.Errorf("%s falls from %g to %g", set, before, last[set])
		}
	}
	// Those whom the outline knows are not counted again.
	if got := sumOf(last, catalog.Users.Name); got < float64(people.Users) || got > 400 {
		t.Errorf("%g users after the seam, of 400, of whom %d were known", got, people.Users)
	}
	for _, name := range []string{catalog.Events.Name, catalog.Stages.Name} {
		before, grown := sumOf(first, name), sumOf(last, name)-sumOf(first, name)
		if share := grown / before; share < 0.08 || share > 0.35 { // ten minutes after an hour
			t.Errorf("%s grows by %g in ten minutes, after %g in an hour", name, grown, before)
		}
	}
}

// seamOf returns the platform that continues an outline.
func seamOf(t *testing.T, config *exporter.Config, c simulate.Config, past *simulate.Outline, l *ledger) *Platform {
	t.Helper()
	c.Start, c.Lead = past.Now(), underWay
	traffic, err := past.Continue(c)
	if err != nil {
		t.Fatal(err)
	}
	o := config.FoldOptions(0)
	o.UserKey = []byte("key")
	records := state.NewMemory(o.AttributionWindow)
	f := fold.New(o, records)
	p := newPlatform(traffic, nil, f)
	if err := p.Advance(t.Context(), past.Now()); err != nil {
		t.Fatal(err)
	}
	precede(f, o, records, past, l.totals)
	return p
}

// gauges lists the metrics that may fall.
var gauges = func() (names []string) {
	for _, f := range catalog.All {
		if f.Kind == catalog.KindGauge {
			names = append(names, f.Name)
		}
	}
	return names
}()

// shownBy returns what a scrape finds, by the labels of the series.
func shownBy(t *testing.T, p *Platform, at time.Time) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	err := p.Show(at, func(s *simtime.Series, value float64) error {
		all[s.Labels.String()] = value
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// sumOf adds up the series of a metric.
func sumOf(all map[string]float64, name string) (sum float64) {
	is := labels.FromStrings(model.MetricNameLabel, name).String()
	is = strings.Trim(is, "{}")
	for set, value := range all {
		if strings.Contains(set, is) {
			sum += value
		}
	}
	return sum
}
