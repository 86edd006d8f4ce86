package panel

import (
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

var isFiring = expr.Eq(expr.AlertState, "firing")

// Firing selects the firing alerts, except the one that always fires.
var Firing = expr.Select(expr.Alerts, isFiring, expr.Ne(catalog.LabelAlertName, rules.Watchdog.Name))

// Paging matches alerts that page.
var Paging = expr.Re(catalog.LabelSeverity, string(settings.Critical+"|"+settings.Emergency))

// deployTag marks the annotations that deployments create in Grafana.
const deployTag = "deploy"

// annotations show in every graph when alerts began that page and that the dashboard is
// about, and when something was deployed. Marks of warnings would cover the graphs.
func (d Dashboard) annotations() ([]sdk.AnnotationQuery, error) {
	began := d.began()
	query := began.String()
	alerts := sdk.AnnotationQuery{
		Name: "Alerts", Enable: true, IconColor: red, Datasource: source,
		TitleFormat: new(Legend(catalog.LabelAlertName)),
		TextFormat:  new(Legend(catalog.LabelChannel, catalog.LabelProvider)),
		TagKeys:     new(catalog.LabelSeverity.Name),
		// Grafana before 11.5 reads the query and the shortest step from here, newer from the
		// target.
		Expr: &query, Step: new(markStep), UseValueForTime: new(true),
		Target: prometheus.Dataquery{
			RefId: new("Anno"), Expr: query, Interval: new(markStep), Range: new(true), Instant: new(false),
			Datasource: source,
		},
	}
	deployments := sdk.AnnotationQuery{
		Name: "Deployments", Enable: true, IconColor: "blue",
		Datasource: &common.DataSourceRef{Type: new("grafana"), Uid: new("-- Grafana --")},
		Target: variants.UnknownDataquery{
			"type": "tags", "tags": []string{deployTag}, "matchAny": false, "limit": 100,
		},
	}
	return []sdk.AnnotationQuery{alerts, deployments}, began.Err()
}

// markStep is the shortest step of the marks. Grafana's default of a minute would show an
// alert that late.
const markStep = "15s"

// began returns for each alert that pages, in the step in which it begins to fire and in no
// other, when its condition began to hold, in milliseconds since 1970. So Grafana draws one
// mark, at the right time however long the steps are: a query for what fires has a mark for
// every step, unless Grafana joins them.
//
// An alert is present if it fired within the step, however short it was, or if its newest
// sample says so: its group may be evaluated less often than a step is long.
func (d Dashboard) began() expr.Expr {
	about := append([]expr.Matcher{Paging}, d.subject()...)
	for _, l := range d.Filters.Labels {
		if slices.Contains(expr.AlertsForState.Labels, l) {
			about = append(about, expr.VarOrNone(l)) // alerts without the label are about all of its values
		}
	}
	present := expr.PresentOverTime(expr.Alerts, expr.Interval, isFiring, Paging)
	fires := expr.Select(expr.Alerts, isFiring, Paging).Or(present)
	since := expr.Select(expr.AlertsForState, about...).
		Or(expr.LastOverTime(expr.AlertsForState, expr.Interval, about...))
	return since.Mul(expr.Num(1000)).And(fires.Unless(fires.Offset(expr.Interval)), expr.Ignoring(expr.AlertState))
}

// subject matches the alerts that the dashboard is about: those that lead to it, those that
// its panels watch, and those that explain them. A dashboard that no page is about shows
// every page, since each may explain its figures, and so does the one that the
// installation's own alerts lead to.
func (d Dashboard) subject() []expr.Matcher {
	var names []string
	if d.UID != rules.SLOs {
		names = d.pages()
	}
	if len(names) == 0 {
		return nil
	}
	return []expr.Matcher{expr.Re(catalog.LabelAlertName, strings.Join(names, "|"))}
}

// pages returns the names of the alerts that page and that the dashboard is about.
func (d Dashboard) pages() []string {
	var names []string
	var add func(rules.Alert)
	add = func(a rules.Alert) {
		page := a.Severity == settings.Critical || a.Severity == settings.Emergency
		if page && !slices.Contains(names, a.Name) {
			names = append(names, a.Name)
			for _, cause := range a.Follows {
				add(cause)
			}
		}
	}
	for _, a := range rules.Alerts() {
		if a.Dashboard == d.UID {
			add(a)
		}
	}
	for _, r := range d.Rows {
		for _, p := range r.panels {
			for _, a := range p.watched {
				add(a)
			}
		}
	}
	slices.Sort(names)
	return names
}
