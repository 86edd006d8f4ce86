package exporter

import (
	"time"

	dto "github.com/prometheus/client_model/go"

	"belfry/exporter/metrics"
)

// Gather implements prometheus.Gatherer. It returns the business families of all
// partitions that may be shown and the exporter's own families, ordered by name. It
// leaves out a family that Prometheus could not take, see package scrape.
func (e *Exporter) Gather() ([]*dto.MetricFamily, error) {
	families, err := e.self.gatherer.Gather()
	e.self.scrapeSeries.Set(float64(countSeries(families)))
	return families, err
}

// businessFamilies returns those of all partitions that may be shown.
func (e *Exporter) businessFamilies() []*dto.MetricFamily {
	now := time.Now()
	var parts []metrics.Part
	partitions, _ := e.opened()
	for _, p := range partitions {
		if part, ok := p.Part(now); ok {
			parts = append(parts, part)
		}
	}
	return e.exposition.Families(parts)
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
