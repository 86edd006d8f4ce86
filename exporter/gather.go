package exporter

import (
	"time"

	dto "github.com/prometheus/client_model/go"

	"belfry/exporter/metrics"
)

// Gather implements prometheus.Gatherer. It returns the business families of all
// partitions that may be shown and the exporter's own families, ordered by name.
func (e *Exporter) Gather() ([]*dto.MetricFamily, error) {
	own, err := e.self.registry.Gather()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	var parts []metrics.Part
	partitions, _ := e.opened()
	for _, p := range partitions {
		if part, ok := p.Part(now); ok {
			parts = append(parts, part)
		}
	}
	families := mergeByName(e.exposition.Families(parts), own)
	e.self.scrapeSeries.Set(float64(countSeries(families)))
	return families, nil
}

// mergeByName merges two lists of families that are ordered by name and have no
// family in common.
func mergeByName(a, b []*dto.MetricFamily) []*dto.MetricFamily {
	merged := make([]*dto.MetricFamily, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].GetName() < b[0].GetName() {
			merged, a = append(merged, a[0]), a[1:]
		} else {
			merged, b = append(merged, b[0]), b[1:]
		}
	}
	return append(append(merged, a...), b...)
}

// countSeries returns the number of time series that a Prometheus stores if it
// scrapes classic histograms.
func countSeries(families []*dto.MetricFamily) int {
	n := 0
	for _, mf := range families {
		for _, m := range mf.Metric {
			switch {
			case m.Histogram != nil:
				n += len(m.Histogram.Bucket) + 3
			case m.Summary != nil:
				n += len(m.Summary.Quantile) + 2
			default:
				n++
			}
		}
	}
	return n
}
