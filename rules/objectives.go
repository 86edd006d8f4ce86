package rules

import (
	"strings"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// SLOs are the shipped objectives and those of the rules file.
func (s *Settings) slos() []SLO {
	latency := s.threshold("LatencyBudgetBurn", Critical, defaultLatency)
	all := []SLO{DeliverySLO, LatencySLO(latency), FreshnessSLO}
	for _, o := range s.SLOs {
		all = append(all, o.compile())
	}
	return all
}

// defaultLatency is the time in seconds within which a delivery is good.
const defaultLatency = 30

// threshold is what the rules file says of a shipped alert, or else usual.
func (s *Settings) threshold(alert string, severity Severity, usual float64) float64 {
	if own, ok := s.Thresholds[alert][severity]; ok {
		return own
	}
	return usual
}

// compile makes an objective of the rules file into what the shipped ones are.
// That its names exist has been checked when the file was loaded.
func (o Objective) compile() SLO {
	var by []*catalog.Label
	if o.Per != "" {
		by = append(by, labelOf(o.Total.Metric, o.Per))
	}
	count := func(of Selector) func(expr.Window) expr.Expr {
		return func(over expr.Window) expr.Expr {
			counter := catalog.Counter{Family: catalog.ByName(of.Metric)}
			return expr.Sum(expr.Increase(counter, over, of.matchers()...)).Keeping(by...)
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

// matchers are the selector's, in the order of the labels' names. A value
// between slashes is a regular expression.
func (s Selector) matchers() []expr.Matcher {
	var all []expr.Matcher
	for _, l := range catalog.ByName(s.Metric).Labels {
		if value, ok := s.Match[l.Name]; ok {
			all = append(all, matcher(l, value))
		}
	}
	return all
}

// labelOf finds a family's label by name.
func labelOf(family, name string) *catalog.Label {
	for _, l := range catalog.ByName(family).Labels {
		if l.Name == name {
			return l
		}
	}
	return nil
}

func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
