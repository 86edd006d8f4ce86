package rules

import (
	"fmt"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// ErrorBudgetBurn holds the fastest of the delivery objective's alerts, and
// ErrorBudgetRemaining what is left of its budget, by channel.
var (
	ErrorBudgetBurn      = DeliverySLO.alert(burns[0])
	ErrorBudgetRemaining = DeliverySLO.Remaining()
)

// The remaining budgets of the other shipped objectives: of latency by channel,
// of freshness for the whole exporter.
var (
	LatencyBudgetRemaining   = latencySLO(defaultLatency).Remaining()
	FreshnessBudgetRemaining = freshnessSLO.Remaining()
)

// alerts returns the alerts for the objective's pairs of windows, without those
// that could never fire: at an objective of 0.9 all is lost at ten times the
// allowed pace. An objective that comes from a series is not known beforehand.
func (s SLO) alerts() []Alert {
	var all []Alert
	for _, b := range s.Burns {
		if s.Target == nil && b.Factor*(1-s.Objective) >= 1 {
			continue
		}
		all = append(all, s.alert(b))
	}
	return all
}

// alert fires when both windows burn faster than the factor allows and enough
// went wrong in the long one to be more than chance.
func (s SLO) alert(b Burn) Alert {
	limit := s.budget(b.Factor)
	lostInLong := expr.SumOverTime(s.bad1m(), b.Long)
	if b.Long == "1d" || b.Long == "3d" {
		lostInLong = expr.SumOverTime(s.bad5m(), b.Long)
	}
	where, on, title := "", "", literal(s.Title)
	for _, l := range s.By {
		where = fmt.Sprintf("{{ $labels.%s }}: ", l.Name)
		on = fmt.Sprintf(" on {{ $labels.%s }}", l.Name)
	}
	return Alert{
		Name: capital(s.Name) + "BudgetBurn", Severity: b.Severity, Team: s.Team, Window: b.Long,
		Expr: s.Ratio(b.Long).Gt(limit).And(s.Ratio(b.Short).Gt(limit)).
			And(lostInLong.Ge(expr.Num(s.MinBad))),
		Value: s.Ratio(b.Long).Div(s.budget(1)), Threshold: b.Factor,
		For: b.For, KeepFiringFor: settling,
		Summary: where + "the error budget of " + title + " is burning",
		Description: fmt.Sprintf("{{ $value | humanizePercentage }} of the last %s was bad for the objective of %s%s, "+
			"and the last %s are no better. That is more than %s times what the objective allows; "+
			"at this pace, the budget of 30 days is used up in %s.", spell(b.Long), title, on, spell(b.Short),
			number(catalog.UnitNone, b.Factor), usedUpIn(b.Factor)),
		First:     s.First,
		Dashboard: SLOs, Panel: s.panel(b), DetectsWithin: b.Detects,
	}.complete()
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
