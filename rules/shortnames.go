package rules

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// UnitBytes is the unit of sizes.
const UnitBytes Unit = "bytes"

// ShortNames returns what can be called by a short name: every recorded ratio,
// rate, quantile and other series but histogram buckets, and every gauge of the
// catalogue that is not recorded under the same name. The name follows from the
// series' own, level:notification_what:operations:
//
//   - the level and notification_ go, and so does _seconds, the unit of all times;
//   - of the operations go ratio, max and the window of a rate, and the rate itself
//     behind a ratio or a quantile;
//   - what is left of the operations is put behind what.
//
// So channel:notification_failed_per_sent:ratio_rate5m is failed_per_sent,
// channel_provider:notification_sent:rate1m is sent_rate, and
// channel:notification_delivery_latency_seconds:p95_rate5m is
// delivery_latency_p95. Series that differ in level and window alone share a
// name; [Metric.Over] picks among them.
//
// Left out are gauges whose value is always 1, and those about alerts.
func ShortNames() map[string]Metric {
	all := map[string]Metric{}
	for _, g := range shipped() {
		every, err := model.ParseDuration(string(g.interval))
		if err != nil {
			panic(err) // generation and every test would have stopped at it
		}
		for _, r := range g.records {
			if slices.Contains(r.Labels(), expr.Le) {
				continue
			}
			name, window := shortName(r.Name)
			m := all[name]
			m.Name, m.Unit = name, unitOf(r.Name, r.Labels())
			m.forms = append(m.forms, form{recorded: r, labels: r.Labels(), window: window, every: time.Duration(every)})
			all[name] = m
		}
	}
	for _, f := range catalog.All {
		name := short(f.Name)
		if _, recorded := all[name]; recorded || f.Kind != catalog.KindGauge || f.Source == catalog.Alerting || strings.HasSuffix(name, "_info") {
			continue
		}
		labels := f.Labels
		if f.Source == catalog.Partition {
			labels = append(slices.Clone(labels), catalog.LabelPartition)
		}
		all[name] = Metric{name, unitOf(f.Name, labels), []form{{gauge: catalog.Gauge{Family: f}, labels: labels, every: scrapes}}}
	}
	return all
}

// scrapes is the longest interval at which gauges are expected to be scraped.
const scrapes = 30 * time.Second

var (
	rateOver  = regexp.MustCompile(`(^|_)rate(\d+[smhdwy])`)
	ratioRate = regexp.MustCompile(`(^|_)(ratio|p\d+)_rate($|_)`)
	dropped   = regexp.MustCompile(`(^|_)(ratio|max)($|_)`)
)

// shortName is the short name of a recorded series, and the window of its rate.
func shortName(series string) (name string, window time.Duration) {
	_, rest, _ := strings.Cut(series, ":")
	what, operations, _ := strings.Cut(rest, ":")
	if m := rateOver.FindStringSubmatch(operations); m != nil {
		d, err := model.ParseDuration(m[2])
		if err == nil {
			window, operations = time.Duration(d), rateOver.ReplaceAllString(operations, "${1}rate")
		}
	}
	operations = ratioRate.ReplaceAllString(operations, "$1$2$3")
	operations = strings.Trim(dropped.ReplaceAllString(operations, "$1$3"), "_")
	return strings.Trim(short(what)+"_"+strings.ReplaceAll(operations, "__", "_"), "_"), window
}

// short drops the parts of a family's name that say nothing here.
func short(family string) string {
	return strings.TrimSuffix(strings.TrimPrefix(family, "notification_"), "_seconds")
}

// unitOf reads the unit off a series' name.
func unitOf(series string, labels []*catalog.Label) Unit {
	isRatio := strings.Contains(series, ":ratio")
	switch {
	case slices.Contains(labels, catalog.LabelCurrency):
		return UnitMoney
	case strings.Contains(series, "_seconds"):
		return UnitSeconds
	case strings.Contains(series, "_bytes"):
		return UnitBytes
	case isRatio, strings.Contains(series, "_ratio"), strings.Contains(series, "_per_limit"), strings.Contains(series, ":notification_objective:"):
		return UnitRatio
	case strings.Contains(series, ":rate"):
		return UnitRate
	}
	return UnitNone
}

// Match matches a label's value as files write it: the value itself, or a regular
// expression between slashes.
func Match(l *catalog.Label, value string) expr.Matcher { return matcher(l, value) }
