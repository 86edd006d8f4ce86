package recorder

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"belfry/alertmanager/history"
	"belfry/exporter/catalog"
)

// self holds the metrics of the recorder: those that follow from the history, and
// those of its polls and writes.
type self struct {
	registry      *prometheus.Registry
	pollFailures  *prometheus.CounterVec
	pollSuccess   *prometheus.GaugeVec
	writeFailures prometheus.Counter
}

func newSelf(r *Recorder) *self {
	labels := []string{catalog.LabelUpstream.Name}
	failures, success, writes := catalog.AlertPollFailures, catalog.AlertPollSuccess, catalog.AlertWriteFailures
	failureOpts := prometheus.CounterOpts{Name: failures.Name, Help: failures.Help}
	s := &self{
		registry:      prometheus.NewRegistry(),
		pollFailures:  prometheus.NewCounterVec(failureOpts, labels),
		pollSuccess:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: success.Name, Help: success.Help}, labels),
		writeFailures: prometheus.NewCounter(prometheus.CounterOpts{Name: writes.Name, Help: writes.Help}),
	}
	s.registry.MustRegister(s.pollFailures, s.pollSuccess, s.writeFailures, &collector{r},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return s
}

// collector exposes what follows from the history. Before the history is read it
// exposes nothing, because a counter at 0 would have gone down.
type collector struct{ r *Recorder }

var (
	acknowledged  = description(catalog.AlertAcknowledged.Family)
	toAcknowledge = description(catalog.AlertToAcknowledge.Family)
	toResolve     = description(catalog.AlertToResolve.Family)
)

func description(f *catalog.Family) *prometheus.Desc {
	var names []string
	for _, l := range f.Labels {
		names = append(names, l.Name)
	}
	return prometheus.NewDesc(f.Name, f.Help, names, nil)
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	to <- acknowledged
	to <- toAcknowledge
	to <- toResolve
}

// Collect implements prometheus.Collector. Acknowledgements expire by the clock, even
// if no record can be written.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	j := c.r.journal.Load()
	if j == nil {
		return
	}
	var series []history.Series
	var totals history.Totals
	j.View(func(b *history.Book) { series, totals = b.Acknowledged(c.r.o.now()), b.Totals() })
	for _, s := range series {
		to <- prometheus.MustNewConstMetric(acknowledged, prometheus.GaugeValue, 1, s.AlertName, s.Rule, s.Channel)
	}
	collectDurations(to, toAcknowledge, totals.Bounds, totals.ToAcknowledge)
	collectDurations(to, toResolve, totals.Bounds, totals.ToResolve)
}

func collectDurations(
	to chan<- prometheus.Metric, d *prometheus.Desc, bounds []float64, bySeverity map[string]history.Durations,
) {
	for severity, durations := range bySeverity {
		cumulative, sum := map[float64]uint64{}, uint64(0)
		for i, bound := range bounds {
			sum += durations.Buckets[i]
			cumulative[bound] = sum
		}
		seconds := float64(durations.Milliseconds) / 1000
		to <- prometheus.MustNewConstHistogram(d, durations.Count(), seconds, cumulative, severity)
	}
}
