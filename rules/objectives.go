package rules

import (
	"slices"
	"strings"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// shippedSLOs returns the objectives that every installation has.
func shippedSLOs() []SLO { return []SLO{DeliverySLO, latencySLO(defaultLatency), freshnessSLO} }

// defaultLatency sets within how many seconds a delivery must arrive to be good.
const defaultLatency = 30

// objective returns an objective of the rules file as an SLO. Load has checked
// that its names exist.
func objective(o settings.Objective) SLO {
	var by []*catalog.Label
	if o.Per != "" {
		by = append(by, labelOf(catalog.ByName(o.Total.Metric), o.Per))
	}
	count := func(of settings.Selector) func(expr.Window) expr.Expr {
		return func(over expr.Window) expr.Expr {
			counter := catalog.Counter{Family: catalog.ByName(of.Metric)}
			return expr.Sum(expr.Increase(counter, over, matchers(of)...)).Keeping(by...)
		}
	}
	total := count(o.Total)
	bad := func(over expr.Window) expr.Expr { return expr.ZeroFill(count(*o.Bad)(over), total(over)) }
	if o.Good != nil {
		bad = func(over expr.Window) expr.Expr {
			return expr.ClampMin(total(over).Sub(expr.ZeroFill(count(*o.Good)(over), total(over))), 0)
		}
	}
	return SLO{
		Name: o.Name, Title: o.Title, Team: o.Team, By: by, Objective: o.Objective,
		Bad: bad, Total: total, bad: "slo_" + o.Name + "_bad", total: "slo_" + o.Name + "_total",
		MinBad: o.MinBad, Burns: burns, Panel: PanelObjectives,
	}
}

// matchers returns the selector's matchers, in the order of the family's labels.
func matchers(s settings.Selector) []expr.Matcher {
	var all []expr.Matcher
	for _, l := range catalog.ByName(s.Metric).Labels {
		if value, ok := s.Match[l.Name]; ok {
			all = append(all, expr.Match(l, value))
		}
	}
	return all
}

// labelOf finds a label of a family by name.
func labelOf(f *catalog.Family, name string) *catalog.Label {
	i := slices.IndexFunc(f.Labels, func(l *catalog.Label) bool { return l.Name == name })
	return f.Labels[i]
}

func capital(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
