package dashboards

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// objectives is where promises and alerts are looked after.
func objectives() Dashboard {
	return Dashboard{
		UID: rules.SLOs, Title: "SLO & alerts", Folder: "on-call",
		Description: "Do we keep our promises, and is somebody on what breaks them?",
		from:        "now-24h", refresh: "1m",
		filters: filters{labels: perChannel, of: rules.ChannelSent},
		rows: []row{
			{panels: []panel{budgetLeft(), latencyBudgetLeft(), freshnessBudgetLeft(), alertsFiring(), unacknowledged(), resolvedWithin()}},
			{"Alerts", []panel{alertTable(half), conditionsNow()}},
			{"Budgets", []panel{objectiveTable(), budgetsOverTime()}},
			{"Burn of the delivery budget", burns(rules.PanelBudget, "Delivery", "Above the line the budget of 30 days for lost notifications is spent too early.")},
			{"Burn of the latency budget", burns(rules.PanelLatency, "Latency", "Above the line the budget of 30 days for slow deliveries is spent too early.")},
			{"Burn of the freshness budget", burns(rules.PanelFreshness, "Freshness", "Above the line figures are late too often for the objective.")},
			{"How alerts are looked after", []panel{resolvedOverTime(), timeToResolve(), timeToAcknowledge()}},
		},
	}
}

func latencyBudgetLeft() panel {
	p := budgetLeft()
	p.key, p.title = "latency-budget-left", "Latency budget, worst channel"
	p.description = "What is left of the channel's budget for slow deliveries of 30 days. At 0 the latency objective is missed."
	p.queries = []query{{of: expr.Min(rules.LatencyBudgetRemaining).By()}}
	return p
}

func freshnessBudgetLeft() panel {
	p := budgetLeft()
	p.key, p.title = "freshness-budget-left", "Freshness budget left"
	p.description = "What is left of the budget of 30 days for minutes in which these figures were late. At 0 the freshness objective is missed."
	p.queries = []query{{of: expr.Min(rules.FreshnessBudgetRemaining).By()}}
	return p
}

func unacknowledged() panel {
	fires := firing.Where(expr.Eq(catalog.LabelSeverity, string(rules.Critical)))
	return panel{
		key: "unacknowledged", title: "Pages nobody is on", width: sixth, height: low, unit: units.Short, draw: number{}, whole: true,
		description: "Critical alerts that fire, whose condition still holds, and that nobody has acknowledged, nor another critical alert of their channel. Whatever channel is chosen.",
		empty:       noRules,
		queries:     []query{{of: orZero(expr.Count(rules.Unacknowledged.And(fires, expr.On(catalog.LabelRule, catalog.LabelChannel))).By())}},
		words:       noneAtZero,
		limit:       &limit{value: 1, worse: above},
	}
}

// soon is the objective for the time to resolve, in seconds: a bound of its
// histogram.
const soon = 900

func resolvedWithin() panel {
	in := expr.Sum(expr.SumOverTime(rules.ResolveVolume.Increase5m, week, expr.Re(expr.Le, `900(\.0)?`))).By()
	all := expr.Sum(expr.SumOverTime(rules.ResolveVolume.Increase5m, week, expr.Eq(expr.Le, "+Inf"))).By()
	return panel{
		key: "resolved-soon", title: "Resolved in 15 min, last 7 days", width: sixth, height: low, unit: units.PercentUnit, decimals: new(0.0), draw: card{},
		description: "Share of the alerts of the last 7 days that were over within a quarter of an hour.",
		empty:       "No alert was resolved",
		queries:     []query{{of: expr.Ratio(in, all), legend: "resolved"}},
	}
}

func conditionsNow() panel {
	return panel{
		title: "Conditions of pages, now and before", width: half, height: tall, unit: units.Short, draw: states{}, words: map[float64]string{1: "holds"}, whole: true,
		description: "When the condition of each critical alert held, whatever channel is chosen. An alert itself lasts a little longer, so that a fault that comes and goes is one page.",
		empty:       "No condition held in this time range",
	}.watches(rules.AlertUnacknowledged, above)
}

// Budgets.

func objectiveTable() panel {
	target := func(name string) expr.Expr {
		return expr.Max(expr.Select(catalog.Objective, expr.Eq(catalog.LabelObjective, name))).By(perChannel...).
			And(expr.Min(rules.ErrorBudgetRemaining).By(perChannel...)) // which is there before there is history
	}
	share := func(title string, of expr.Expr) column {
		return column{title: title, of: of, unit: units.PercentUnit, decimals: new(2.0)}
	}
	left := func(title string, of expr.Operand) column {
		return column{title: title, of: expr.Min(of).By(perChannel...), unit: units.PercentUnit, decimals: new(0.0), limit: &limit{value: 0, worse: below, early: new(0.25)}}
	}
	return panel{
		key: rules.PanelObjectives, title: "Objectives by channel, last 30 days", width: half, height: tall, unit: units.PercentUnit,
		description: "What is promised for each channel, what was kept in 30 days, and what is left of the budget for breaking it.",
		empty:       "No history yet",
	}.tabulates(
		left("Delivery budget left", rules.ErrorBudgetRemaining),
		share("Delivery target", target("delivery_success")),
		share("Delivered", expr.Min(expr.ClampMax(expr.Num(1).Sub(rules.DeliverySLO.Ratio("30d")), 1)).By(perChannel...)),
		left("Latency budget left", rules.LatencyBudgetRemaining),
		share("Latency target", target("delivery_latency")),
	)
}

func budgetsOverTime() panel {
	return panel{
		key: "budgets", title: "Delivery budget left", width: half, height: tall, unit: units.PercentUnit, draw: lines{}, signed: true,
		description: "What is left of each channel's budget for lost notifications of 30 days. A steep fall is an outage, a steady one a leak; below 0 the objective is missed.",
		empty:       "No history yet",
		limit:       &limit{value: 0, worse: below},
		queries:     []query{{of: rules.ErrorBudgetRemaining}},
	}
}

// burns are the panels of all alerts whose panel has the key: one for each of an
// objective's windows.
func burns(key, budget, description string) []panel {
	var list []panel
	for _, a := range rules.Alerts() {
		if !strings.HasPrefix(a.Panel, key+"-") || a.Dashboard != rules.SLOs {
			continue
		}
		list = append(list, panel{
			title: budget + " budget, burn over " + string(a.Window), width: half, height: tall, unit: units.Short, draw: lines{}, signed: true, decimals: new(1.0),
			description: "How many times faster than the objective allows errors came in the last " + string(a.Window) + ". " + description,
			empty:       "Nothing to judge in this time range",
		}.watches(a, above))
	}
	return list
}
