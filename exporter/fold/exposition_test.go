package fold_test

import (
	"fmt"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/metrics"
)

func exposition(s *fold.State) []*dto.MetricFamily {
	parts := []metrics.Part{{Partition: "0", Snapshot: s.Snapshot(), Now: s.Now()}}
	return new(metrics.Exposition).Families(parts)
}

// counts returns the counters, and the counts, sums and classic buckets of
// histograms and summaries, as far as they are not 0.
func counts(s *fold.State) map[string]float64 {
	all := map[string]float64{}
	for _, family := range exposition(s) {
		for _, m := range family.Metric {
			series := family.GetName() + labels(m)
			switch {
			case m.Counter != nil && m.Counter.GetValue() != 0:
				all[series] = m.Counter.GetValue()
			case m.Summary != nil:
				all[series+" count"] = float64(m.Summary.GetSampleCount())
				all[series+" sum"] = m.Summary.GetSampleSum()
			case m.Histogram != nil:
				all[series+" count"] = float64(m.Histogram.GetSampleCount())
				all[series+" sum"] = m.Histogram.GetSampleSum()
				for _, b := range m.Histogram.Bucket {
					all[fmt.Sprintf("%s le %v", series, b.GetUpperBound())] = float64(b.GetCumulativeCount())
				}
			}
		}
	}
	return all
}

// labels writes the labels of a series in braces, without partition.
func labels(m *dto.Metric) string {
	var pairs []string
	for _, l := range m.Label {
		if l.GetName() != catalog.LabelPartition.Name {
			pairs = append(pairs, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
		}
	}
	return "{" + strings.Join(pairs, ",") + "}"
}

// difference returns the series in which two expositions differ by more than
// the order of their additions can explain.
func difference(want, got map[string]float64) string {
	var lines []string
	for series, w := range want {
		if g := got[series]; g-w > 1e-9*max(1, w, -w) || w-g > 1e-9*max(1, w, -w) {
			lines = append(lines, fmt.Sprintf("%s is %v, want %v", series, g, w))
		}
	}
	for series, g := range got {
		if _, ok := want[series]; !ok && g != 0 {
			lines = append(lines, fmt.Sprintf("%s is %v, want none", series, g))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
