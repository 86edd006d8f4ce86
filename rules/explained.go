package rules

import (
	"slices"
	"strings"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// faultLabels tell one fault of an alert from another.
var faultLabels = []*catalog.Label{catalog.LabelChannel, catalog.LabelProvider, catalog.LabelPartition}

// alertLabels differ between two alerts about one fault, whatever they are about.
var alertLabels = append([]*catalog.Label{
	catalog.LabelAlertName, expr.AlertState, catalog.LabelRule, catalog.LabelSeverity, LabelTeam,
}, expr.Places()...)

// unexplained leaves out of a condition what the alerts that this one follows
// explain, unless this one fires already. The alerts must agree in those of
// faultLabels that both have: a provider that is down explains the errors of its
// channel, and one channel not those of another.
//
// It reads what fires. What Alertmanager hides would fire as well, outlive its cause,
// and page once that is over.
func (a Alert) unexplained(condition expr.Expr) expr.Expr {
	begins := condition
	for _, alike := range a.causes(condition) {
		named := expr.Eq(catalog.LabelAlertName, alike.names[0])
		if len(alike.names) > 1 {
			named = expr.Re(catalog.LabelAlertName, strings.Join(alike.names, "|"))
		}
		fired := expr.Select(expr.Alerts, named, isFiring)
		if a.Echo != "" {
			fired = expr.PresentOverTime(expr.Alerts, a.Echo, named, isFiring)
		}
		begins = begins.Unless(fired, expr.Ignoring(slices.Concat(alertLabels, alike.differ)...))
	}
	if len(a.Follows) == 0 {
		return condition
	}
	fires := expr.Select(expr.Alerts, expr.Eq(catalog.LabelAlertName, a.Name),
		expr.Eq(catalog.LabelSeverity, string(a.Severity)), isFiring)
	foreign := slices.DeleteFunc(slices.Clone(faultLabels), func(l *catalog.Label) bool {
		return slices.Contains(condition.Labels(), l)
	})
	return begins.Or(condition.And(fires, expr.Ignoring(slices.Concat(alertLabels, foreign)...)))
}

var isFiring = expr.Eq(expr.AlertState, "firing")

// alike names alerts that have the same of the fault labels in common with another,
// which differ in the others.
type alike struct {
	names  []string
	differ []*catalog.Label
}

// causes groups the alerts that this one follows by what they have in common.
func (a Alert) causes(condition expr.Expr) []alike {
	var all []alike
	for _, cause := range a.Follows {
		var differ []*catalog.Label
		for _, l := range faultLabels {
			if !slices.Contains(condition.Labels(), l) || !slices.Contains(cause.Expr.Labels(), l) {
				differ = append(differ, l)
			}
		}
		i := slices.IndexFunc(all, func(g alike) bool { return slices.Equal(g.differ, differ) })
		if i < 0 {
			i, all = len(all), append(all, alike{differ: differ})
		}
		all[i].names = append(all[i].names, cause.Name)
	}
	return all
}
