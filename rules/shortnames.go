package rules

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// ShortNames returns the metrics that have a short name: every recorded series
// except histogram buckets, and every gauge of the catalogue unless a series is
// recorded under the same name. The name follows from the series' own,
// level:notification_what:operations:
//
//   - the level, notification_ and _seconds, the unit of all times, are dropped;
//   - of the operations, ratio, max and the window of a rate are dropped, and the
//     rate itself behind a ratio or a quantile;
//   - the remaining operations are appended to what.
//
// So channel:notification_failed_per_sent:ratio_rate5m is failed_per_sent,
// channel_provider:notification_sent:rate1m is sent_rate, and
// channel:notification_delivery_latency_seconds:p95_rate5m is
// delivery_latency_p95. Series that differ only in level and window share a name;
// [Metric.Over] selects one of them.
//
// Gauges that are always 1 and those about alerts have no short name, nor do series
// that are recorded once an hour or a day, whose volumes the others show at all times.
//
// The map is shared: callers must not change it.
func ShortNames() map[string]Metric { return shortNames() }

var shortNames = sync.OnceValue(func() map[string]Metric {
	all := map[string]Metric{}
	for _, r := range shipped().Records {
		if r.Internal || r.Every > volumes.every || slices.Contains(r.Labels(), expr.Le) {
			continue
		}
		m := all[shortName(r)]
		m.Name, m.Unit = shortName(r), r.Unit
		m.forms = append(m.forms, form{recorded: r, labels: r.Labels(), window: r.Over, every: r.Every})
		all[m.Name] = m
	}
	for _, f := range catalog.All {
		name := short(f.Name)
		_, recorded := all[name]
		if recorded || f.Kind != catalog.KindGauge || f.Source == catalog.Alerting || strings.HasSuffix(name, "_info") {
			continue
		}
		labels := f.Labels
		if f.Source == catalog.Partition {
			labels = append(slices.Clone(labels), catalog.LabelPartition)
		}
		all[name] = Metric{name, f.Unit, []form{{gauge: catalog.Gauge{Family: f}, labels: labels, every: scrapes}}}
	}
	return all
})

// scrapes sets the longest expected scrape interval.
const scrapes = 30 * time.Second

// quantiled matches the operation of a quantile.
var quantiled = regexp.MustCompile(`^p\d+$`)

// shortName returns the short name of a recorded series.
func shortName(r expr.Recorded) string {
	_, rest, _ := strings.Cut(r.Name, ":")
	what, operations, _ := strings.Cut(rest, ":")
	words, before := []string{short(what)}, ""
	for _, word := range strings.Split(operations, "_") {
		if r.Over > 0 && word == "rate"+model.Duration(r.Over).String() {
			word = "rate"
		}
		implied := word == "rate" && (before == "ratio" || quantiled.MatchString(before))
		if word != "ratio" && word != "max" && !implied {
			words = append(words, word)
		}
		before = word
	}
	return strings.Join(words, "_")
}

// short drops the parts that all names of families share.
func short(family string) string {
	return strings.TrimSuffix(strings.TrimPrefix(family, "notification_"), "_seconds")
}
