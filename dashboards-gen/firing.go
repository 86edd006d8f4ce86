package dashboards

import (
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// perAlert lists the labels by which people tell alerts apart.
var perAlert = []*catalog.Label{catalog.LabelAlertName, catalog.LabelChannel, catalog.LabelProvider}

// alertsWidth is the width of the table of firing alerts, which has more columns than half a
// screen has room for.
const alertsWidth = 15

// alertTable lists the firing alerts, the most urgent first, and of these those that cause
// others.
func alertTable(width uint32) panel.Panel {
	since := panel.Column{Title: "Since", Of: expr.TopK(maxRows, since()), Unit: units.DateTimeFromNow, Width: 120}
	handled := panel.Column{
		Title: "Who is on it", Of: expr.TopK(maxRows, handled()), Unit: "none", Width: 105,
		Words: map[float64]string{0: "nobody", 1: "acknowledged"}, Limit: panel.BadBelow(0).WarnAt(1),
	}
	value := panel.Column{
		Title: "Value", Of: expr.TopK(maxRows, value()), Beside: catalog.LabelUnit, Unit: "none", Width: 75,
	}
	return panel.Panel{
		Key: "alerts", Title: "Alerts firing now", Width: width, Unit: units.Short, Unfiltered: true,
		Description: "Alerts that are firing, on all channels and providers, the most urgent first and causes before " +
			"what follows from them, the worst value that each reports now, and since when their conditions hold. " +
			"An alert that something is down or missing has no value, and none has one whose condition no longer " +
			"holds. Click a name to open the runbook, which has the queries of its figures.",
		Empty: "No alert is firing, or no rules are evaluated",
	}.Table(panel.SeverityColumn(expr.TopK(maxRows, ranks())), value, since, handled)
}

// value returns the worst value of each firing alert, in its unit or currency. Of an alert
// about several currencies, it is the greatest amount.
func value() expr.Expr {
	recorded := expr.Joined(expr.Select(catalog.AlertValue), catalog.LabelUnit, catalog.LabelCurrency)
	fires := append([]*catalog.Label{catalog.LabelSeverity}, perAlert...)
	worst := expr.Max(recorded.And(panel.Firing, expr.On(fires...)))
	return expr.TopKBy(1, worst.By(append(slices.Clone(perAlert), catalog.LabelUnit)...), perAlert...)
}

// since returns when the conditions of firing alerts began to hold, in milliseconds since
// 1970.
func since() expr.Expr {
	holds := expr.Select(expr.AlertsForState).And(panel.Firing, expr.Ignoring(expr.AlertState))
	return expr.Min(holds).By(perAlert...).Mul(expr.Num(1000))
}

// handled returns 1 for firing alerts that somebody has acknowledged, and 0 for all others.
// It returns nothing while the alerts service does not run, which knows. As in
// [rules.Unacknowledged], acknowledging a critical alert of a channel covers what is critical
// there.
func handled() expr.Expr {
	critical := expr.Eq(catalog.LabelSeverity, string(settings.Critical))
	acknowledged := func(where ...expr.Matcher) expr.Expr {
		return expr.Select(catalog.AlertAcknowledged, where...).Eq(expr.Num(1))
	}
	itself := panel.Firing.And(acknowledged(), expr.On(catalog.LabelAlertName, catalog.LabelRule, catalog.LabelChannel))
	itsChannel := panel.Firing.Where(critical).And(
		acknowledged(expr.Re(catalog.LabelChannel, ".+")).
			And(panel.Firing.Where(critical), expr.On(catalog.LabelRule, catalog.LabelChannel)),
		expr.On(catalog.LabelChannel))
	known := expr.Max(expr.Select(catalog.AlertPollSuccess)).By()
	nobody := expr.Max(panel.Firing).By(perAlert...).Mul(expr.Num(0)).And(known, expr.On())
	return expr.Max(itself.Or(itsChannel)).By(perAlert...).Or(nobody)
}

// ranks returns the rank of each firing alert by its severity. Within a severity, an alert
// that others follow from ranks higher than they do.
func ranks() expr.Expr {
	var all expr.Expr
	for _, s := range slices.Backward(settings.Severities()) {
		severity := settings.Severity(s)
		causes := causing(severity)
		for depth := len(causes) - 1; depth >= 0; depth-- {
			of := panel.Firing.Where(expr.Eq(catalog.LabelSeverity, s))
			if depth > 0 {
				if len(causes[depth]) == 0 {
					continue
				}
				of = of.Where(expr.Re(catalog.LabelAlertName, strings.Join(causes[depth], "|")))
			}
			ranked := of.Mul(expr.Num(panel.Rank(severity) + float64(depth)/10))
			if all.Err() != nil {
				all = ranked
			} else {
				all = all.Or(ranked)
			}
		}
	}
	foreign := panel.Firing.Mul(expr.Num(0)) // alerts of other rules may have other severities
	return expr.Max(all.Or(foreign)).By(perAlert...)
}

// causing returns the names of the alerts of a severity by how long the chain of alerts is
// that follow from them. The first list is empty, since it is of all others.
func causing(severity settings.Severity) [][]string {
	followers := map[string][]string{}
	for _, a := range rules.Alerts() {
		for _, cause := range a.Follows {
			followers[cause.Name] = append(followers[cause.Name], a.Name)
		}
	}
	var depth func(name string) int
	depth = func(name string) int {
		deepest := 0
		for _, f := range followers[name] {
			deepest = max(deepest, 1+depth(f))
		}
		return deepest
	}
	causes := make([][]string, 1)
	for _, a := range rules.Alerts() {
		d := depth(a.Name)
		if a.Severity != severity || d == 0 {
			continue
		}
		for len(causes) <= d {
			causes = append(causes, nil)
		}
		if !slices.Contains(causes[d], a.Name) {
			causes[d] = append(causes[d], a.Name)
		}
	}
	return causes
}
