// Package rules holds the recording rules and alerts as Go values and renders
// them as the rule files that Prometheus loads.
//
// A recorded series is a value that dashboards, alerts and insights import, so
// a panel and the alert on the same thing use the same expression, and a
// dashboard always plots what its alert thresholds:
//
//	panel.Query(rules.DeliveredPerSent.Where(expr.Var(catalog.LabelChannel)))
//
// # How quickly a fault pages
//
// The exporter is scraped every 10 s, the groups that page at once are
// evaluated every 10 s over windows of 30 s, and Alertmanager waits 5 s for
// company. The three scrapes in a window span 20 s, so a total fault is half of
// what they show within 20 s and all of it within 30 s. Evaluation adds at most
// 10 s, an alert's For at most 10 s where half is enough, and Alertmanager 5 s:
// the page leaves within 45 s, and a provider's own latency comes on top. With a
// scrape interval above 15 s such a window may hold a single scrape, which has
// no rate.
//
// # What must not page
//
// A restart: the exporter hides its business families until it has replayed to
// where it was, and rates that are not there compare with nothing. Alerts that
// conclude from something missing, rather than from an error that is there, end
// in `unless` a partition was hidden within the last minute.
//
// A lull: each alert has an absolute minimum of traffic, because one failure of
// two is 50 % as well.
package rules

import (
	"hash/fnv"

	"belfry/rules/expr"
)

// Job is the name of the exporter's scrape job, which the alerts rely on.
const Job = "belfry-exporter"

// group is a list of rules that Prometheus evaluates one after another, so
// that a rule sees what those above it recorded a moment ago.
type group struct {
	name     string
	file     string // below rules/, without .yaml
	interval expr.Window
	about    string // what the rules have in common, for the generated file
	records  []expr.Recorded
	alerts   []Alert
}

// groups are all rules in the order of the files.
func groups() []group {
	return []group{
		{
			name: "notification_pipeline", file: "pipeline", interval: "10s",
			about:   "Whether events arrive and are counted at all.",
			records: []expr.Recorded{EventRate},
			alerts:  []Alert{Watchdog, ExporterDown, EventStreamStalled},
		}, {
			name: "notification_delivery_now", file: "delivery", interval: "10s",
			about: "What pages within a minute: the last 30 seconds and the last minute.",
			records: []expr.Recorded{
				SentNow, OutcomesNow, ErrorsNow, ErrorsPerOutcome, UnansweredPerSent, ChannelSentNow, UndeliveredPerSent,
				Sent.Rate1m, Delivered.Rate1m, Failed.Rate1m, Bounced.Rate1m, Opened.Rate1m, Clicked.Rate1m,
			},
			alerts: []Alert{ChannelDown, ProviderDown},
		}, {
			name: "notification_delivery", file: "delivery", interval: "30s",
			about: "What dashboards draw: the last five minutes.",
			records: []expr.Recorded{
				Sent.Rate5m, Delivered.Rate5m, Failed.Rate5m, Bounced.Rate5m, Opened.Rate5m, Clicked.Rate5m,
				ProviderDeliveredPerSent, DeliveredPerSent, FailedPerSent, LatencyP50, LatencyP95, LatencyP99,
			},
		}, {
			name: "notification_slo", file: "slo", interval: "1m",
			about: "The delivery objective. Increases over exactly one interval tile the time, so that longer windows are their sums.",
			records: []expr.Recorded{
				SLOSentIncrease1m, SLOErrorsIncrease1m, SLOErrorRatio5m, SLOErrorRatio1h, ErrorBudgetRemaining,
			},
			alerts: []Alert{ErrorBudgetBurn},
		}, {
			name: "notification_slo_month", file: "slo", interval: "5m",
			about:   "The same increases, coarse enough to be summed over 30 days.",
			records: []expr.Recorded{SLOSentIncrease5m, SLOErrorsIncrease5m},
		},
	}
}

// Recorded returns every recorded series, in the order of the rule files.
func Recorded() []expr.Recorded {
	var all []expr.Recorded
	for _, g := range groups() {
		all = append(all, g.records...)
	}
	return all
}

// Alerts returns every alert, in the order of the rule files.
func Alerts() []Alert {
	var all []Alert
	for _, g := range groups() {
		all = append(all, g.alerts...)
	}
	return all
}

// PanelID is the id of the panel with the key on the dashboard with the uid: a
// hash, so that alerts and dashboards agree on it without knowing each other,
// cut to the positive 31 bits that Grafana takes.
func PanelID(uid, key string) int {
	h := fnv.New32a()
	h.Write([]byte(uid + "/" + key))
	return int(h.Sum32() & 0x7fffffff)
}
