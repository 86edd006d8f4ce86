package simulate

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"belfry/exporter/catalog"
)

// A stretch of an outline differs from the simulator's events, counted by the fold, by
// no more than chance: in every label set of every family, and with every label set
// that is not rare.
func TestOutlineIsTheSimulationByChance(t *testing.T) {
	c := Config{Seed: 5, PerMinute: 40, Users: 3_000, Duration: 12 * time.Hour}
	_, families := folded(t, c, play)
	want := countsOf(families)
	got := outlined(t, c)
	for set := range want {
		got[set] += 0
	}
	compared := 0
	for set, counted := range got {
		events := want[set]
		family, _, _ := strings.Cut(set, "\x00")
		overtook := counted == 0 && strings.Contains(set, "\x00"+catalog.Unknown) // came before its sent event
		if inexact[family] && !plainMoment(set) || counted+events < 40 || overtook && events < 200 {
			continue
		}
		compared++
		// Events of one notification come together, and 0.3 % contradict their notification.
		if off := math.Abs(counted - events); off > 6*math.Sqrt(counted+events)+0.01*events {
			t.Errorf("%s: %.0f by the outline, %.0f by events", strings.ReplaceAll(set, "\x00", " "), counted, events)
		}
	}
	if compared < 1000 {
		t.Errorf("only %d label sets were compared", compared)
	}
}

// plainMoment reports whether a set is a moment that counts, and no square or amount.
func plainMoment(set string) bool {
	values := strings.Split(set, "\x00")
	last := values[len(values)-1]
	plain := last == "n" || last == "x" || last == "y"
	return values[0] == catalog.ExperimentMoments.Name && values[3] != "value" && plain
}

// inexact lists what an outline leaves out or counts by another measure than events.
var inexact = func() map[string]bool {
	names := map[string]bool{
		// Sums of squares and of amounts vary more than counts do.
		catalog.ExperimentMoments.Name: true, catalog.Cost.Name: true, catalog.ConversionValue.Name: true,
	}
	for _, f := range catalog.All {
		if f.Source == catalog.Quality && f != catalog.EventsLate.Family {
			names[f.Name] = true
		}
	}
	return names
}()

// countsOf returns the values of counters and the observations of histograms and
// summaries, by family and labels.
func countsOf(families []*dto.MetricFamily) map[string]float64 {
	counts := map[string]float64{}
	for _, family := range families {
		f := catalog.ByName(family.GetName())
		for _, m := range family.Metric {
			values := map[string]string{}
			for _, pair := range m.Label {
				values[pair.GetName()] = pair.GetValue()
			}
			key := f.Name
			for _, l := range f.Labels {
				key += "\x00" + values[l.Name]
			}
			switch {
			case m.Counter != nil:
				counts[key] += m.Counter.GetValue()
			case m.Histogram != nil:
				counts[key] += float64(m.Histogram.GetSampleCount())
				for _, b := range m.Histogram.Bucket {
					if b.GetUpperBound() >= 1 { // clocks differ by less
						bound := strconv.FormatFloat(b.GetUpperBound(), 'g', -1, 64)
						counts[key+"\x00"+bound] += float64(b.GetCumulativeCount())
					}
				}
			case m.Summary != nil:
				counts[key] += float64(m.Summary.GetSampleCount())
			}
		}
	}
	return counts
}

// outlined returns the same of an outline.
func outlined(t *testing.T, c Config) map[string]float64 {
	t.Helper()
	o, err := NewOutline(c, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]float64{}
	for end := o.Now().Add(c.Duration); o.Now().Before(end); {
		o.Play(o.Now().Add(time.Hour))
		for i, n := range o.Deltas() {
			r := o.Rows()[i]
			key := r.Family.Name
			for _, value := range r.Values {
				key += "\x00" + value
			}
			counts[key] += n
			for _, bound := range r.Family.Buckets {
				if bound >= 1 && r.Seconds <= bound {
					counts[key+"\x00"+strconv.FormatFloat(bound, 'g', -1, 64)] += n
				}
			}
		}
	}
	return counts
}

// The parts of what an outline counts add up to the whole, to the unit.
func TestPartsOfAnOutlineAddUp(t *testing.T) {
	o, err := NewOutline(Config{Seed: 3, PerMinute: 40, Users: 500}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for range 6 {
		o.Play(o.Now().Add(2 * time.Hour))
		sums := map[*catalog.Family]map[string]float64{}
		for i, n := range o.Deltas() {
			f := o.Rows()[i].Family
			if len(f.Labels) == 0 || f.Labels[0] != catalog.LabelStage {
				continue
			}
			if sums[f] == nil {
				sums[f] = map[string]float64{}
			}
			sums[f][o.Rows()[i].Values[0]] += n
		}
		for _, f := range []catalog.Counter{
			catalog.TemplateStages, catalog.AudienceStages, catalog.FrequencyStages, catalog.SendHourStages,
		} {
			for stage, n := range sums[f.Family] {
				if whole := sums[catalog.Stages.Family][stage]; n != whole && stage != "suppressed" {
					t.Errorf("%s: %.0f %s, of %.0f", f.Name, n, stage, whole)
				}
			}
		}
		if sent := sums[catalog.Stages.Family]["sent"]; sent < 1000 {
			t.Errorf("only %.0f were sent", sent)
		}
	}
}

// Equal configurations give equal outlines.
func TestOutlinesRepeat(t *testing.T) {
	c := Config{Seed: 9, PerMinute: 20, Users: 300, Duration: 3 * time.Hour}
	first, second := outlined(t, c), outlined(t, c)
	for set, n := range first {
		if second[set] != n {
			t.Errorf("%s: %g, then %g", set, n, second[set])
		}
	}
	if len(first) != len(second) || len(first) < 500 {
		t.Errorf("%d and %d label sets", len(first), len(second))
	}
}
