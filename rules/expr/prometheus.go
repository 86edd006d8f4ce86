package expr

import "belfry/exporter/catalog"

// Series that Prometheus itself writes. The exporter does not expose them, so they
// are not in the catalogue.
var (
	// Up has the value 1 while a target's last scrape succeeded, else 0.
	Up = catalog.Gauge{Family: &catalog.Family{
		Name: "up", Help: "1 while the target's last scrape succeeded",
		Kind: catalog.KindGauge, Source: catalog.Process,
	}}
	// Alerts has the value 1 for each pending or firing alert, with the alert's labels.
	Alerts = catalog.Gauge{Family: &catalog.Family{
		Name: "ALERTS", Help: "1 for each pending or firing alert",
		Kind: catalog.KindGauge, Source: catalog.Process,
		Labels: append([]*catalog.Label{AlertState}, alertLabels...),
	}}
	// AlertsForState is when the condition of each pending or firing alert began to hold, in
	// seconds since 1970, with the alert's labels.
	AlertsForState = catalog.Gauge{Family: &catalog.Family{
		Name: "ALERTS_FOR_STATE", Help: "When the condition of an alert began to hold",
		Kind: catalog.KindGauge, Source: catalog.Process, Labels: alertLabels, Unit: catalog.UnitTimestamp,
	}}
	// RuleEvaluationFailures counts evaluations of rules that failed.
	RuleEvaluationFailures = catalog.Counter{Family: &catalog.Family{
		Name: "prometheus_rule_evaluation_failures_total", Help: "Rule evaluations that failed",
		Kind: catalog.KindCounter, Source: catalog.Process, Labels: []*catalog.Label{RuleGroup},
	}}
	// RuleIterationsMissed counts evaluations that were skipped because the one
	// before had not finished.
	RuleIterationsMissed = catalog.Counter{Family: &catalog.Family{
		Name: "prometheus_rule_group_iterations_missed_total", Help: "Evaluations of a rule group that were skipped",
		Kind: catalog.KindCounter, Source: catalog.Process, Labels: []*catalog.Label{RuleGroup},
	}}
	// RuleGroup names a rule group as Prometheus's own metrics do: file;group.
	RuleGroup = &catalog.Label{Name: "rule_group", Limit: 1000, Doc: "file and name of a rule group"}
	// AlertState holds the state of an element of Alerts.
	AlertState = &catalog.Label{Name: "alertstate", Values: []string{"pending", "firing"}, Doc: "state of an alert"}
)

// alertLabels are on alerts, those of the fault if it has them.
var alertLabels = []*catalog.Label{
	catalog.LabelAlertName, catalog.LabelRule,
	catalog.LabelSeverity, catalog.LabelChannel, catalog.LabelProvider, catalog.LabelPartition,
}
