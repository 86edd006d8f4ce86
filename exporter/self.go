package exporter

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"belfry/exporter/catalog"
	"belfry/exporter/daemon"
	"belfry/exporter/scrape"
)

// self holds the exporter's own metrics. The business families come from the fold.
type self struct {
	gatherer      *scrape.Gatherer
	foldSeconds   prometheus.Histogram
	scrapeSeries  prometheus.Gauge
	reloadOK      prometheus.Gauge
	lettersMissed prometheus.Counter
}

func newSelf(e *Exporter) *self {
	s := &self{
		foldSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: catalog.FoldSeconds.Name, Help: catalog.FoldSeconds.Help, Buckets: catalog.FoldSeconds.Buckets,
			NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100,
		}),
		scrapeSeries: newGauge(catalog.ScrapeSeries).WithLabelValues(),
		reloadOK:     newGauge(catalog.ConfigReloadOK).WithLabelValues(),
		lettersMissed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: catalog.DeadLettersFailed.Name, Help: catalog.DeadLettersFailed.Help,
		}),
	}
	s.reloadOK.Set(1)
	build := newGauge(catalog.BuildInfo)
	build.WithLabelValues(daemon.Version()).Set(1)
	registry := prometheus.NewRegistry()
	registry.MustRegister(s.foldSeconds, s.scrapeSeries, s.reloadOK, s.lettersMissed, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	s.gatherer = scrape.New(e.log, registry,
		e.businessFamilies, e.partitionFamilies, e.connectionFamilies, e.configFamilies)
	return s
}

// newGauge returns a gauge of the process, without the label partition.
func newGauge(g catalog.Gauge) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: g.Name, Help: g.Help}, scrape.LabelNames(g.Family))
}
