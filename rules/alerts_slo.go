package rules

import (
	"fmt"
	"slices"
	"strings"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// ErrorBudgetBurn pages about the delivery objective, and ErrorBudgetRemaining holds
// what is left of its budget, by channel.
var (
	ErrorBudgetBurn      = DeliverySLO.alerts()[0]
	ErrorBudgetRemaining = DeliverySLO.Remaining()
)

// The remaining budgets of the other shipped objectives: of latency by channel,
// of freshness for the whole exporter.
var (
	LatencyBudgetRemaining   = latencySLO(defaultLatency).Remaining()
	FreshnessBudgetRemaining = freshnessSLO.Remaining()
)

// alerts returns an alert for each severity of the objective's burns. It fires when
// one of its pairs does: a budget that burns over an hour is the one that burns over
// six, and has one page.
func (s SLO) alerts() []Alert {
	var all []Alert
	for _, b := range s.possible() {
		pair := s.alert(b)
		if i := len(all) - 1; i >= 0 && all[i].Severity == pair.Severity {
			all[i].Expr = all[i].Expr.Or(pair.Expr)
			continue
		}
		all = append(all, pair)
	}
	for i, a := range all {
		all[i] = s.described(a).complete()
	}
	return all
}

// possible returns the pairs of windows that can fire: at an objective of 0.9 all is
// lost at ten times the allowed pace. An objective that comes from a series is not
// known beforehand.
func (s SLO) possible() []Burn {
	return slices.DeleteFunc(slices.Clone(s.Burns), func(b Burn) bool {
		return s.Target == nil && b.Factor*(1-s.Objective) >= 1
	})
}

// Burning is what a panel draws of a pair of windows: Value is how many times faster
// than allowed the budget burnt over the longer one.
type Burning struct {
	Alert
	Over expr.Window
}

// Burnings returns all pairs of the shipped objective whose panels begin with the key.
func Burnings(key string) []Burning {
	var all []Burning
	for _, s := range shippedSLOs() {
		if s.Panel != key {
			continue
		}
		for _, b := range s.possible() {
			all = append(all, Burning{s.described(s.alert(b)).complete(), b.Long})
		}
	}
	return all
}

// alert fires when both windows of a pair burn faster than the factor allows and
// enough went wrong in the long one to be more than chance.
func (s SLO) alert(b Burn) Alert {
	limit := s.budget(b.Factor)
	lostInLong := expr.SumOverTime(s.bad1m(), b.Long)
	if b.Long == "1d" || b.Long == "3d" {
		lostInLong = expr.SumOverTime(s.bad5m(), b.Long)
	}
	a := Alert{
		Name: capital(s.Name) + "BudgetBurn", Severity: b.Severity, Team: s.Team,
		Expr: s.Ratio(b.Long).Gt(limit).And(s.Ratio(b.Short).Gt(limit)).
			And(lostInLong.Ge(expr.Num(s.MinBad))),
		Value: s.Ratio(b.Long).Div(s.budget(1)), Threshold: b.Factor,
		For: b.For, KeepFiringFor: settling, First: s.First,
		Dashboard: SLOs, Panel: s.panel(b), DetectsWithin: b.Detects,
	}
	if b.Severity == settings.Critical {
		a.Follows, a.Echo = s.Follows, longestEcho
	}
	return a
}

// longestEcho sets for how long a fault that is over stays in the longest of the short
// windows of burns that page.
const longestEcho expr.Window = "30m"

// described adds what people read about the pairs that the alert joins.
func (s SLO) described(a Alert) Alert {
	where, on, title := "", "", literal(s.Title)
	for _, l := range s.By {
		where = fmt.Sprintf("{{ $labels.%s }}: ", l.Name)
		on = fmt.Sprintf(" on {{ $labels.%s }}", l.Name)
	}
	var windows, factors, times []string
	for _, b := range s.possible() {
		if b.Severity == a.Severity {
			windows = append(windows, fmt.Sprintf("the last %s and still in the last %s", spell(b.Long), spell(b.Short)))
			factors = append(factors, number(catalog.UnitNone, b.Factor))
			times = append(times, usedUpIn(b.Factor))
		}
	}
	a.Summary = where + "the error budget of " + title + " is burning"
	a.Description = fmt.Sprintf("{{ $value | humanizePercentage }} was bad for the objective of %s%s, over %s. "+
		"That is more than %s times what the objective allows; at this pace, the budget of 30 days is used up in %s.",
		title, on, strings.Join(windows, ", or over "), strings.Join(factors, " or "), strings.Join(times, " or "))
	return a
}

// panel returns the key of the panel that draws the burn. An installation's own
// objectives share one, since dashboards do not know them.
func (s SLO) panel(b Burn) string {
	if s.Panel == PanelObjectives {
		return s.Panel
	}
	return s.Panel + "-" + string(b.Long)
}

// usedUpIn says in which time a multiple of the allowed pace uses up a budget of 30 days.
func usedUpIn(factor float64) string {
	if days := 30 / factor; days >= 3 {
		return number(catalog.UnitNone, days) + " days"
	}
	return fmt.Sprintf("%.0f hours", 30*24/factor)
}

// spell writes a window in words.
func spell(w expr.Window) string {
	return map[expr.Window]string{
		"5m": "5 minutes", "30m": "30 minutes", "1h": "hour", "2h": "2 hours", "6h": "6 hours",
		"1d": "day", "3d": "3 days",
	}[w]
}
