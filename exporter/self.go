package exporter

import (
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"belfry/exporter/catalog"
	"belfry/nats"
)

// self holds the exporter's own metrics. The business families come from the fold.
type self struct {
	registry      *prometheus.Registry
	foldSeconds   prometheus.Histogram
	scrapeSeries  prometheus.Gauge
	reloadOK      prometheus.Gauge
	lettersMissed prometheus.Counter
}

func newSelf(e *Exporter, status *nats.Status) *self {
	s := &self{
		registry: prometheus.NewRegistry(),
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
	build.WithLabelValues(Version()).Set(1)
	s.registry.MustRegister(s.foldSeconds, s.scrapeSeries, s.reloadOK, s.lettersMissed, build,
		&configCollector{e}, &partitionCollector{e}, &natsCollector{status},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return s
}

// newGauge returns a gauge of the process, without the label partition.
func newGauge(g catalog.Gauge) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: g.Name, Help: g.Help}, labelNames(g.Family))
}

func labelNames(f *catalog.Family) []string {
	var names []string
	if f.Source.PerPartition() {
		names = append(names, catalog.LabelPartition.Name)
	}
	for _, l := range f.Labels {
		names = append(names, l.Name)
	}
	return names
}

// Version returns the program's version, commit and Go release as recorded by the
// Go linker, in the order of the labels of catalog.BuildInfo.
func Version() (version, revision, goVersion string) {
	version, revision, goVersion = catalog.Unknown, catalog.Unknown, catalog.Unknown
	if info, ok := debug.ReadBuildInfo(); ok {
		version, goVersion = info.Main.Version, info.GoVersion
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value
			}
		}
	}
	return version, revision, goVersion
}
