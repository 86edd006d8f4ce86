package recorder

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"belfry/alertmanager/history"
	"belfry/exporter/catalog"
)

// self is what the recorder exposes: what follows from the history, and how the
// recorder itself gets on.
type self struct {
	registry      *prometheus.Registry
	pollFailures  *prometheus.CounterVec
	pollSuccess   *prometheus.GaugeVec
	writeFailures prometheus.Counter
}

func newSelf(r *Recorder) *self {
	upstream := []string{catalog.LabelUpstream.Name}
	s := &self{
		registry: prometheus.NewRegistry(),
		pollFailures: prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: catalog.AlertPollFailures.Name, Help: catalog.AlertPollFailures.Help}, upstream),
		pollSuccess: prometheus.NewGaugeVec(
			prometheus.GaugeOpts{Name: catalog.AlertPollSuccess.Name, Help: catalog.AlertPollSuccess.Help}, upstream),
		writeFailures: prometheus.NewCounter(
			prometheus.CounterOpts{Name: catalog.AlertWriteFailures.Name, Help: catalog.AlertWriteFailures.Help}),
	}
	s.registry.MustRegister(s.pollFailures, s.pollSuccess, s.writeFailures, &collector{r},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return s
}

// collector exposes what follows from the history. It has nothing to show before
// the history is read: a counter at 0 would be one that went down.
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

// Collect implements prometheus.Collector. Acknowledgements end by the clock,
// whoever may be able to write that they did.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	j := c.r.journal.Load()
	if j == nil {
		return
	}
	var subjects []history.Subject
	var totals history.Totals
	j.View(func(b *history.Book) { subjects, totals = b.Acknowledged(c.r.o.now()), b.Totals() })
	for _, s := range subjects {
		to <- prometheus.MustNewConstMetric(acknowledged, prometheus.GaugeValue, 1, s.AlertName, s.Rule, s.Channel)
	}
	collect(to, toAcknowledge, totals.Bounds, totals.ToAcknowledge)
	collect(to, toResolve, totals.Bounds, totals.ToResolve)
}

func collect(to chan<- prometheus.Metric, d *prometheus.Desc, bounds []float64, bySeverity map[string]history.Durations) {
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
