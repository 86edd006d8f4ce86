package expr

import "belfry/exporter/catalog"

// Series that Prometheus itself writes. They are no part of the exporter's
// exposition and therefore not in the catalogue.
var (
	// Up is 1 while a target's last scrape succeeded, else 0.
	Up = catalog.Gauge{Family: &catalog.Family{
		Name: "up", Help: "1 while the target's last scrape succeeded", Kind: catalog.KindGauge, Source: catalog.Process,
	}}
	// Alerts is 1 for each pending or firing alert, with the alert's labels.
	Alerts = catalog.Gauge{Family: &catalog.Family{
		Name: "ALERTS", Help: "1 for each pending or firing alert", Kind: catalog.KindGauge, Source: catalog.Process,
		Labels: []*catalog.Label{catalog.LabelAlertName, catalog.LabelRule, AlertState, catalog.LabelSeverity, catalog.LabelChannel, catalog.LabelProvider},
	}}
	// RuleEvaluationFailures counts rules that Prometheus could not evaluate.
	RuleEvaluationFailures = catalog.Counter{Family: &catalog.Family{
		Name: "prometheus_rule_evaluation_failures_total", Help: "Rules that could not be evaluated", Kind: catalog.KindCounter,
		Source: catalog.Process, Labels: []*catalog.Label{RuleGroup},
	}}
	// RuleIterationsMissed counts evaluations that were left out because the one
	// before was not done.
	RuleIterationsMissed = catalog.Counter{Family: &catalog.Family{
		Name: "prometheus_rule_group_iterations_missed_total", Help: "Evaluations of a rule group that were left out", Kind: catalog.KindCounter,
		Source: catalog.Process, Labels: []*catalog.Label{RuleGroup},
	}}
	// RuleGroup is a rule group as Prometheus' own metrics name it: file;group.
	RuleGroup = &catalog.Label{Name: "rule_group", Limit: 1000, Doc: "file and name of a rule group"}
	// AlertState is the state of an element of Alerts.
	AlertState = &catalog.Label{Name: "alertstate", Values: []string{"pending", "firing"}, Doc: "state of an alert"}
)
