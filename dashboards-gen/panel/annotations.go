package panel

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// Firing selects the firing alerts, except the one that always fires.
var Firing = expr.Select(expr.Alerts,
	expr.Eq(expr.AlertState, "firing"), expr.Ne(catalog.LabelAlertName, rules.Watchdog.Name))

// paging selects the alerts that page. A warning that fires for days would cover
// the graphs.
var paging = Firing.Where(expr.Re(catalog.LabelSeverity, string(settings.Critical+"|"+settings.Emergency)))

// deployTag marks the annotations that deployments create in Grafana.
const deployTag = "deploy"

// annotations show in every graph when alerts paged and when something was deployed.
func annotations() ([]sdk.AnnotationQuery, error) {
	query := paging.String()
	alerts := sdk.AnnotationQuery{
		Name: "Alerts", Enable: true, IconColor: red, Datasource: source,
		TitleFormat: new(Legend(catalog.LabelAlertName)),
		TextFormat:  new(Legend(catalog.LabelChannel, catalog.LabelProvider)),
		TagKeys:     new(catalog.LabelSeverity.Name),
		// Older Grafana reads the query from here, newer from the target.
		Expr:   &query,
		Target: prometheus.Dataquery{RefId: new("Anno"), Expr: query, Datasource: source},
	}
	deployments := sdk.AnnotationQuery{
		Name: "Deployments", Enable: true, IconColor: "blue",
		Datasource: &common.DataSourceRef{Type: new("grafana"), Uid: new("-- Grafana --")},
		Target: variants.UnknownDataquery{
			"type": "tags", "tags": []string{deployTag}, "matchAny": false, "limit": 100,
		},
	}
	return []sdk.AnnotationQuery{alerts, deployments}, paging.Err()
}
