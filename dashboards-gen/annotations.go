package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// firing is every alert that fires, but for the one that always does.
var firing = expr.Select(expr.Alerts,
	expr.Eq(expr.AlertState, "firing"), expr.Ne(catalog.LabelAlertName, rules.Watchdog.Name))

// deployTag is the tag of the annotations that a deployment leaves in Grafana.
const deployTag = "deploy"

// paging is the alerts that page. Marks of the others would cover the graphs of
// a platform on which a warning fires for days.
var paging = firing.Where(expr.Re(catalog.LabelSeverity, string(rules.Critical+"|"+rules.Emergency)))

// annotations mark in every graph when alerts paged and when something was
// deployed.
func annotations() ([]sdk.AnnotationQuery, error) {
	query := paging.String()
	fired := sdk.AnnotationQuery{
		Name: "Alerts", Enable: true, IconColor: bad, Datasource: source,
		TitleFormat: new("{{" + catalog.LabelAlertName.Name + "}}"),
		TextFormat:  new("{{" + catalog.LabelChannel.Name + "}} {{" + catalog.LabelProvider.Name + "}}"),
		TagKeys:     new(catalog.LabelSeverity.Name),
		// Older Grafana reads the query from here, newer from the target.
		Expr:   &query,
		Target: prometheus.Dataquery{RefId: new("Anno"), Expr: query, Datasource: source},
	}
	deployed := sdk.AnnotationQuery{
		Name: "Deployments", Enable: true, IconColor: "blue",
		Datasource: &common.DataSourceRef{Type: new("grafana"), Uid: new("-- Grafana --")},
		Target:     variants.UnknownDataquery{"type": "tags", "tags": []string{deployTag}, "matchAny": false, "limit": 100},
	}
	return []sdk.AnnotationQuery{fired, deployed}, paging.Err()
}
