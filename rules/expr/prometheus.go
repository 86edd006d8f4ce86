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
		Labels: []*catalog.Label{catalog.LabelAlertName, AlertState, catalog.LabelChannel, catalog.LabelProvider},
	}}
	// AlertState is the state of an element of Alerts.
	AlertState = &catalog.Label{Name: "alertstate", Values: []string{"pending", "firing"}, Doc: "state of an alert"}
)
