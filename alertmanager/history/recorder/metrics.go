package recorder

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	dto "github.com/prometheus/client_model/go"

	"belfry/alertmanager/history"
	"belfry/exporter/catalog"
	"belfry/exporter/scrape"
)

// self holds the metrics of the recorder: those that follow from the history, and
// those of its polls and writes.
type self struct {
	gatherer      *scrape.Gatherer
	pollFailures  *prometheus.CounterVec
	pollSuccess   *prometheus.GaugeVec
	writeFailures prometheus.Counter
}

func newSelf(r *Recorder) *self {
	labels := []string{catalog.LabelUpstream.Name}
	failures, success, writes := catalog.AlertPollFailures, catalog.AlertPollSuccess, catalog.AlertWriteFailures
	failureOpts := prometheus.CounterOpts{Name: failures.Name, Help: failures.Help}
	s := &self{
		pollFailures:  prometheus.NewCounterVec(failureOpts, labels),
		pollSuccess:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: success.Name, Help: success.Help}, labels),
		writeFailures: prometheus.NewCounter(prometheus.CounterOpts{Name: writes.Name, Help: writes.Help}),
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(s.pollFailures, s.pollSuccess, s.writeFailures,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	s.gatherer = scrape.New(r.o.Log, registry, r.families)
	return s
}

// families returns what follows from the history. Before the history is read it
// returns nothing, because a counter at 0 would have gone down. Acknowledgements expire
// by the clock, even if no record can be written.
func (r *Recorder) families() []*dto.MetricFamily {
	j := r.journal.Load()
	if j == nil {
		return nil
	}
	var series []history.Series
	var totals history.Totals
	j.View(func(b *history.Book) { series, totals = b.Acknowledged(r.o.now()), b.Totals() })
	var families scrape.Families
	for _, s := range series {
		families.Add(catalog.AlertAcknowledged, 1, s.AlertName, s.Rule, s.Channel)
	}
	addDurations(&families, catalog.AlertToAcknowledge, totals.ToAcknowledge)
	addDurations(&families, catalog.AlertToResolve, totals.ToResolve)
	return families.List()
}

func addDurations(to *scrape.Families, m catalog.Histogram, bySeverity map[string]history.Durations) {
	for severity, d := range bySeverity {
		to.AddHistogram(m, d.Buckets, float64(d.Milliseconds)/1000, severity)
	}
}
