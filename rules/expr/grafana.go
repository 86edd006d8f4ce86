package expr

import "belfry/exporter/catalog"

// Series of Grafana, where Prometheus scrapes it. Nothing that Belfry needs to run reads
// them.
var (
	// GrafanaRequests has the time in which Grafana answered its readers' requests.
	GrafanaRequests = catalog.Histogram{Family: &catalog.Family{
		Name: "grafana_http_request_duration_seconds", Help: "Time in which Grafana answered requests",
		Kind: catalog.KindHistogram, Source: catalog.Process, Unit: catalog.UnitSeconds,
		Labels:  []*catalog.Label{GrafanaHandler},
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 25},
	}}
	// GrafanaActiveUsers is how many users Grafana saw within 30 days, the only window that it
	// has a metric of.
	GrafanaActiveUsers = catalog.Gauge{Family: &catalog.Family{
		Name: "grafana_stat_active_users", Help: "Users whom Grafana saw in the last 30 days",
		Kind: catalog.KindGauge, Source: catalog.Process,
	}}
	// GrafanaUsers is how many users Grafana knows.
	GrafanaUsers = catalog.Gauge{Family: &catalog.Family{
		Name: "grafana_stat_total_users", Help: "Users whom Grafana knows",
		Kind: catalog.KindGauge, Source: catalog.Process,
	}}
	// GrafanaHandler names what was asked of Grafana.
	GrafanaHandler = &catalog.Label{Name: "handler", Limit: 1000, Doc: "what was asked of Grafana"}
)

// QueryHandler is the value of GrafanaHandler for the queries of panels.
const QueryHandler = "/api/ds/query"
