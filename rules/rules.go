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

// filled is a group with what a rules file makes of it.
type filled struct {
	group
	records []expr.Recorded
	alerts  []Alert
}

// compile returns the groups that have rules, in the order of the files.
func compile(s *Settings) ([]filled, error) {
	own, err := s.customAlerts()
	if err != nil {
		return nil, err
	}
	var all []filled
	for _, g := range groups {
		f := filled{g, g.list.records.all, g.list.alerts.all}
		switch g {
		case objectives, objectiveTiles:
			f.judge(s.slos())
		case custom:
			f.alerts = own
		}
		f.alerts = s.tuned(f.alerts)
		if len(f.records)+len(f.alerts) > 0 {
			all = append(all, f)
		}
	}
	return all, nil
}

// judge fills a group of the objectives.
func (f *filled) judge(slos []SLO) {
	for _, s := range slos {
		if f.group == objectiveTiles {
			f.records = append(f.records, s.total5m(), s.bad5m())
			continue
		}
		f.records, f.alerts = append(f.records, s.records()...), append(f.alerts, s.alerts()...)
	}
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
	all, err := compile(s)
	var alerts []Alert
	for _, g := range all {
		alerts = append(alerts, g.alerts...)
	}
	return alerts, err
}

// shipped are the groups without any rules file. They cannot fail: only what a
// file says can.
func shipped() []filled {
	all, err := compile(&Settings{})
	if err != nil {
		panic("rules: an empty rules file is refused: " + err.Error())
	}
	return all
}
