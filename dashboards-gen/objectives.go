package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// objectives shows service levels, their error budgets, and who is on which alert.
func objectives() panel.Dashboard {
	return panel.Dashboard{
		UID: rules.SLOs, Title: "SLO & alerts", Folder: "on-call",
		Description: "Do we meet our objectives, and is someone on what breaks them?",
		From:        "now-24h", Refresh: "1m",
		Filters: panel.Filters{Labels: perChannel, From: rules.ChannelSent},
		Rows: []panel.Row{
			panel.NewRow("",
				budgetLeft().WithWidth(5), latencyBudgetLeft().WithWidth(5), freshnessBudgetLeft().WithWidth(5),
				alertsFiring(), unacknowledged().WithWidth(5),
				alertTable(alertsWidth), conditions().WithWidth(panel.Full-alertsWidth), objectiveTable(),
				budgetsOverTime()),
			panel.NewRow("Burn of the delivery budget", burnRates(rules.PanelBudget, "Delivery",
				"Above the line, the 30-day budget for lost notifications is spent too early.")...).Closed(),
			panel.NewRow("Burn of the latency budget", burnRates(rules.PanelLatency, "Latency",
				"Above the line, the 30-day budget for slow deliveries is spent too early.")...).Closed(),
			panel.NewRow("Burn of the freshness budget", burnRates(rules.PanelFreshness, "Freshness",
				"Above the line, figures are late too often for the objective.")...).Closed(),
			panel.NewRow("How alerts are looked after",
				resolvedWithin(), resolvedOverTime(), timeToResolve(), timeToAcknowledge()).Closed(),
		},
	}
}

func latencyBudgetLeft() panel.Panel {
	p := budgetLeft()
	p.Key, p.Title = "latency-budget-left", "Latency budget, worst channel"
	p.Description = "What is left of the channel's 30-day budget for slow deliveries. At 0 the latency objective is " +
		"missed."
	p.Queries = panel.Of(expr.Min(rules.LatencyBudgetRemaining).By())
	return p
}

func freshnessBudgetLeft() panel.Panel {
	p := budgetLeft()
	p.Key, p.Title = "freshness-budget-left", "Freshness budget"
	p.Description = "What is left of the 30-day budget for minutes in which these figures were late. At 0 the " +
		"freshness objective is missed."
	p.Queries = panel.Of(expr.Min(rules.FreshnessBudgetRemaining).By())
	return p
}

func unacknowledged() panel.Panel {
	fires := panel.Firing.Where(expr.Eq(catalog.LabelSeverity, string(settings.Critical)))
	open := rules.Unacknowledged.And(fires, expr.On(catalog.LabelRule, catalog.LabelChannel))
	return panel.Panel{
		Key: "unacknowledged", Title: "Unacknowledged pages", Width: panel.Sixth, Height: panel.Low,
		Unit: units.Short, Draw: panel.Stat, Unfiltered: true,
		Description: "Critical alerts that are firing, whose condition still holds, and that nobody has " +
			"acknowledged, nor another critical alert of their channel. On all channels.",
		Empty:   noRules,
		Queries: panel.Of(orZero(expr.Count(open).By())),
		Words:   noneAtZero,
		Limit:   panel.BadAbove(1),
	}
}

// resolveWithin is the objective for the time to resolve, in seconds. It is a bound
// of the histogram.
const resolveWithin = 900

func resolvedWithin() panel.Panel {
	in := amount(rules.ResolveVolume, expr.Range, nil, expr.Re(expr.Le, `900(\.0)?`))
	all := amount(rules.ResolveVolume, expr.Range, nil, expr.Eq(expr.Le, "+Inf"))
	return panel.Panel{
		Key: "resolved-soon", Title: "Resolved within 15 min in " + panel.Period, Width: panel.Quarter,
		Unit: units.PercentUnit, Decimals: new(0.0), Draw: panel.Stat,
		Description: "Share of the alerts resolved in the time range that were resolved within 15 minutes.",
		Empty:       "No alerts resolved",
		Queries:     []panel.Query{{Of: expr.Ratio(in, all), Legend: "resolved"}},
	}
}

func conditions() panel.Panel {
	return panel.Panel{
		Title: "Conditions of critical alerts over time", Width: panel.Half, Draw: panel.States,
		Words: map[float64]string{1: "holds"}, Unfiltered: true,
		Description: "When the condition of each critical alert held, on all channels. The alert itself lasts a " +
			"little longer, so that a flapping fault is one page.",
		Empty: "No condition held in this time range",
	}.Watches(rules.AlertUnacknowledged, panel.Above)
}

// Budgets.

func objectiveTable() panel.Panel {
	listed := expr.Min(rules.ErrorBudgetRemaining).By(perChannel...) // channels with enough history
	target := func(name string) expr.Expr {
		return expr.Max(expr.Select(catalog.Objective, expr.Eq(catalog.LabelObjective, name))).By(perChannel...).
			And(listed)
	}
	share := func(title string, of expr.Expr) panel.Column {
		return percent(title, 2, of)
	}
	left := func(title string, of expr.Operand) panel.Column {
		return percent(title, 0, expr.Min(of).By(perChannel...)).WithLimit(panel.BadBelow(0).WarnAt(0.25))
	}
	kept := expr.Min(expr.Num(1).Sub(rules.DeliverySLO.Ratio("30d"))).By(perChannel...).And(listed)
	return panel.Panel{
		Key: rules.PanelObjectives, Title: "Objectives by channel, last 30 days", Width: panel.Half,
		Unit: units.PercentUnit,
		Description: "The objectives of each channel, what was achieved in 30 days, and what is left of the error " +
			"budgets.",
		Empty: shortHistory,
	}.Table(
		left("Delivery budget", rules.ErrorBudgetRemaining),
		share("Delivery target", target("delivery_success")),
		share("Delivered", kept),
		left("Latency budget", rules.LatencyBudgetRemaining),
		share("Latency target", target("delivery_latency")),
	)
}

func budgetsOverTime() panel.Panel {
	return panel.Panel{
		Key: "budgets", Title: "Delivery budget remaining", Width: panel.Half, Draw: panel.Lines, Signed: true,
		Description: "What is left of each channel's 30-day budget for lost notifications. A steep drop is an " +
			"outage, a steady decline a leak. Below 0 the objective is missed.",
		Empty:   shortHistory,
		Limit:   panel.BadBelow(0),
		Queries: panel.Of(rules.ErrorBudgetRemaining),
	}
}

// burnRates returns a panel for each pair of windows of the objective with the key.
func burnRates(key, budget, description string) []panel.Panel {
	var list []panel.Panel
	for _, b := range rules.Burnings(key) {
		list = append(list, panel.Panel{
			Title: budget + " budget, burn over " + string(b.Over), Width: panel.Half, Unit: units.Short,
			Draw: panel.Lines, Signed: true, Decimals: new(1.0),
			Description: "Burn rate: how many times faster than the objective allows errors occurred in the last " +
				string(b.Over) + ". " + description,
			Empty: "No data in this time range",
		}.Watches(b.Alert, panel.Above))
	}
	return list
}
