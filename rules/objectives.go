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
	count := func(name string, of settings.Selector) counted {
		counter := catalog.Counter{Family: catalog.ByName(of.Metric)}
		return counted{by, func(tile expr.Window) expr.Tally {
			return expr.NewTally("notification_slo_"+o.Name+"_"+name, counter, tile, matchers(of)...)
		}}
	}
	total := count("total", o.Total)
	slo := SLO{
		Name: o.Name, Title: o.Title, Team: o.Team, By: by, Objective: o.Objective,
		Total: total.increase, bad: "slo_" + o.Name + "_bad", total: "slo_" + o.Name + "_total",
		MinBad: o.MinBad, Burns: burns, Panel: PanelObjectives,
		First: "Look for what changed when the budget began to burn, a release or a campaign, and take it back.",
	}
	if slices.Contains(by, catalog.LabelChannel) {
		slo.Follows = []Alert{ChannelDown, ProviderDown}
	}
	if o.Good != nil {
		good := count("good", *o.Good)
		slo.Tallies = tallies(total, good)
		slo.Bad = func(tile expr.Window) expr.Expr { return less(total.increase(tile), good.increase(tile)) }
		return slo
	}
	bad := count("bad", *o.Bad)
	slo.Tallies = tallies(total, bad)
	slo.Bad = func(tile expr.Window) expr.Expr { return expr.ZeroFill(bad.increase(tile), total.increase(tile)) }
	return slo
}

// less returns a - b where either may have no element, which then counts as 0:
// what is hidden of the one must not take the count of the other with it.
func less(a, b expr.Expr) expr.Expr { return expr.ZeroFill(a, b).Sub(expr.ZeroFill(b, a)) }

// counted holds a counter of an objective, by the labels of the objective.
type counted struct {
	by    []*catalog.Label
	tally func(tile expr.Window) expr.Tally
}

func (c counted) increase(tile expr.Window) expr.Expr {
	return expr.Sum(c.tally(tile).Increase()).Keeping(c.by...)
}

func tallies(of ...counted) func(expr.Window) []expr.Tally {
	return func(tile expr.Window) []expr.Tally {
		var all []expr.Tally
		for _, c := range of {
			all = append(all, c.tally(tile))
		}
		return all
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
