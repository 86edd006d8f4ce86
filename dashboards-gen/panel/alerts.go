package panel

import (
	"cmp"
	"slices"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// Watches makes the panel the one that the alert links to. It draws the alert's
// value, by default named after all its labels, and the threshold, and links to
// the runbook. Values on the given side of the threshold are bad.
//
// If the rules file can change the threshold, the panel draws the series that has
// its current value.
func (p Panel) Watches(a rules.Alert, bad Side, by ...*catalog.Label) Panel {
	p = p.draws(a, by)
	if a.When != nil {
		p.Queries = append(p.Queries, inForce(a))
	}
	p.Limit = p.Limit.and(a, bad)
	return p.WithRunbook(a)
}

// Follows is [Panel.Watches] for an alert whose threshold is another series.
func (p Panel) Follows(a rules.Alert, threshold Query, by ...*catalog.Label) Panel {
	p = p.draws(a, by)
	threshold.Objective, threshold.Warning = true, a.Severity == settings.Warning
	p.Queries = append(p.Queries, threshold)
	return p.WithRunbook(a)
}

// draws adds the alert's value and its unit. Alerts on the same value share one query.
func (p Panel) draws(a rules.Alert, by []*catalog.Label) Panel {
	p.Unit = cmp.Or(p.Unit, Unit(a.Unit))
	p.Key, p.Queries = a.Panel, slices.Clone(p.Queries)
	drawn := func(q Query) bool { return q.Of.Where().String() == a.Value.String() }
	if !slices.ContainsFunc(p.Queries, drawn) {
		p.Queries = append(p.Queries, Query{Of: a.Value, Legend: Legend(by...)})
	}
	return p
}

// inForce returns the alert's threshold as a series.
func inForce(a rules.Alert) Query {
	threshold := expr.Select(catalog.AlertThreshold,
		expr.Eq(catalog.LabelRule, a.ID()), expr.Eq(catalog.LabelSeverity, string(a.Severity)))
	return Query{
		Of: expr.Max(threshold).By(), Legend: string(a.Severity) + " threshold",
		Objective: true, Warning: a.Severity == settings.Warning,
	}
}

// WithRunbook returns the panel with a link to the alert's runbook.
func (p Panel) WithRunbook(a rules.Alert) Panel {
	l := link("Runbook: "+a.Name, rules.RunbookURL(a.Name))
	l.TargetBlank = true
	p.runbooks, p.watched = append(slices.Clone(p.runbooks), l), append(slices.Clone(p.watched), a)
	return p
}
