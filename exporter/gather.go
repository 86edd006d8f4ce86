package exporter

import (
	"sync"
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

// businessFamilies returns those of all partitions that may be shown. The partitions
// record side by side what they show: a disk that takes 100 ms to sync delays a scrape by
// that, however many partitions there are.
func (e *Exporter) businessFamilies() []*dto.MetricFamily {
	now := time.Now()
	partitions, _ := e.opened()
	parts := make([]*metrics.Part, len(partitions))
	var recording sync.WaitGroup
	for i, p := range partitions {
		recording.Go(func() {
			if part, ok := p.Part(now); ok {
				parts[i] = &part
			}
		})
	}
	recording.Wait()
	var shown []metrics.Part
	for _, part := range parts {
		if part != nil {
			shown = append(shown, *part)
		}
	}
	return e.exposition.Families(shown)
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
