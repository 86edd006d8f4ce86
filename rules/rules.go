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
	"slices"

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
func groups(s *Settings) ([]group, error) {
	slos, custom, err := s.slos(), []Alert(nil), error(nil)
	if custom, err = s.customAlerts(); err != nil {
		return nil, err
	}
	all := slices.Concat(pipelineGroups(), deliveryGroups(), sloGroups(slos), []group{
		{
			name: "notification_platform", file: "platform", interval: "30s",
			about:   "Queues, providers, components and quotas.",
			records: platform, alerts: platformAlerts,
		}, {
			name: "notification_volumes", file: "volumes", interval: "5m",
			about:   "What grew by how much in five minutes that tile the time.",
			records: volumeTiles(),
		}, {
			// Prometheus looks back five minutes for a sample: what others read as it
			// is must be written more often than that, or their For starts again.
			name: "notification_days", file: "volumes", interval: "4m",
			about:   "Hours and days that are sums of the tiles, for views of months, and what they say.",
			records: append(volumeSums(), ratios...), alerts: reputationAlerts,
		}, {
			name: "notification_seasons", file: "seasons", interval: "1m",
			about:   "What is usual at this time of the day and the week.",
			records: append(VolumeSeason.records(), EngagementSeason.records()...),
		}, {
			name: "notification_insights", file: "insights", interval: "1m",
			about:  "What the insights service and the reports say.",
			alerts: insightsAlerts,
		}, {
			name: "notification_custom", file: "custom", interval: CustomInterval,
			about:  "The installation's own alerts, from the rules file.",
			alerts: custom,
		}, {
			name: "notification_escalation", file: "escalation", interval: "30s",
			about:  "What nobody looks after.",
			alerts: []Alert{AlertUnacknowledged},
		},
	})
	for i := range all {
		all[i].alerts = s.tuned(all[i].alerts)
	}
	return slices.DeleteFunc(all, func(g group) bool { return len(g.records)+len(g.alerts) == 0 }), nil
}

func pipelineGroups() []group {
	return []group{
		{
			name: "notification_pipeline", file: "pipeline", interval: "10s",
			about:   "Whether events arrive and are counted at all.",
			records: []expr.Recorded{EventRate}, alerts: pipelineAlerts,
		}, {
			name: "notification_pipeline_slow", file: "pipeline", interval: "30s",
			about:   "How well they are counted.",
			records: []expr.Recorded{RejectedPerEvent}, alerts: pipelineWarnings,
		},
	}
}

func deliveryGroups() []group {
	return []group{
		{
			name: "notification_delivery_now", file: "delivery", interval: "10s",
			about: "What pages within a minute: the last 30 seconds and the last minute.",
			records: []expr.Recorded{
				SentNow, OutcomesNow, ErrorsNow, ErrorsPerOutcome, UnansweredPerSent, ChannelSentNow, UndeliveredPerSent, ProcessingNow,
				Sent.Rate1m, Delivered.Rate1m, Failed.Rate1m, Bounced.Rate1m, ChannelStages.Rate1m,
			},
			alerts: deliveryNowAlerts,
		}, {
			name: "notification_delivery", file: "delivery", interval: "30s",
			about: "What dashboards draw: the last five minutes and quarters of an hour.",
			records: []expr.Recorded{
				Sent.Rate5m, Delivered.Rate5m, Failed.Rate5m, Bounced.Rate5m, Complained.Rate5m, ChannelSent,
				ChannelStages.Rate5m, ChannelStages.Rate15m, CategoryStages.Rate1m, CategoryStages.Rate5m, CategoryStages.Rate15m,
				ProviderDeliveredPerSent, DeliveredPerSent, FailedPerSent, ChannelErrors, DeliveredPerHour, LatencyP50, LatencyP95, LatencyP99,
				deliveryTarget, latencyTarget, latencyThreshold,
			},
			alerts: deliveryAlerts,
		},
	}
}

func sloGroups(slos []SLO) []group {
	fast := group{
		name: "notification_slo", file: "slo", interval: "1m",
		about: "The objectives. Increases over exactly one interval tile the time, so that longer windows are their sums.",
	}
	tiles := group{
		name: "notification_slo_tiles", file: "slo", interval: "5m",
		about: "The same increases, coarse enough to be summed over days.",
	}
	for _, s := range slos {
		fast.records, tiles.records = append(fast.records, s.records()...), append(tiles.records, s.total5m(), s.bad5m())
		fast.alerts = append(fast.alerts, s.alerts()...)
	}
	return []group{fast, tiles}
}

// tuned are the alerts with the thresholds of the rules file, without those
// that it disables.
func (s *Settings) tuned(alerts []Alert) []Alert {
	var all []Alert
	for _, a := range alerts {
		name := a.Name[min(len(Prefix), len(a.Name)):]
		if a.Rule == "" && slices.Contains(s.Disabled, name) {
			continue
		}
		if a.Rule == "" {
			a = a.with(s.threshold(name, a.Severity, a.Threshold))
		}
		all = append(all, a)
	}
	return all
}

// Recorded returns every series that the shipped rules record, in the order of
// the rule files.
func Recorded() []expr.Recorded {
	var all []expr.Recorded
	for _, g := range shipped() {
		all = append(all, g.records...)
	}
	return all
}

// Alerts returns every shipped alert, in the order of the rule files.
func Alerts() []Alert {
	var all []Alert
	for _, g := range shipped() {
		all = append(all, g.alerts...)
	}
	return all
}

// AlertsFor returns every alert of the rules file: the shipped ones as it tunes
// them, and its own.
func AlertsFor(s *Settings) ([]Alert, error) {
	all, err := groups(s)
	var alerts []Alert
	for _, g := range all {
		alerts = append(alerts, g.alerts...)
	}
	return alerts, err
}

// shipped are the groups without any rules file. They cannot fail: only what a
// file says can.
func shipped() []group {
	all, err := groups(&Settings{})
	if err != nil {
		panic("rules: an empty rules file is refused: " + err.Error())
	}
	return all
}
