package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// The newest figures, over all that the reader chose.

func sentInTotal() panel.Panel {
	return panel.Panel{
		Key: "sent-total", Title: "Sent per second", Width: panel.Sixth, Height: panel.Low, Unit: units.Short,
		Draw:        panel.Stat,
		Description: "Notifications sent per second, over the last minute.",
		Empty:       "Nothing was ever sent",
		Queries:     panel.Of(expr.Sum(rules.Sent.Rate1m).By()),
	}
}

func deliveredInTotal() panel.Panel {
	return panel.Panel{
		Key: "delivered-total", Title: "Delivered per sent", Width: panel.Sixth, Height: panel.Low,
		Unit: units.PercentUnit, Decimals: new(1.0), Draw: panel.Stat,
		Description: "Share of what was sent in the last 5 minutes that arrived. A delivery counts when it happens, " +
			"so the share can pass 100 % while a queue drains. Channels that confirm no deliveries pull it down.",
		Empty:   "Nothing was sent",
		Queries: panel.Of(perSent(rules.Delivered)),
	}
}

func failedInTotal() panel.Panel {
	return panel.Panel{
		Key: "failed-total", Title: "Failed per sent", Width: panel.Sixth, Height: panel.Low,
		Unit: units.PercentUnit, Decimals: new(2.0), Draw: panel.Stat,
		Description: "Share of what was sent in the last 5 minutes that failed, by anybody's fault.",
		Empty:       "Nothing was sent",
		Queries:     panel.Of(perSent(rules.Failed)),
	}
}

// perSent is a stage's rate per sent. Unlike the recorded shares it follows the choice
// of a provider.
func perSent(stage rules.Rates, by ...*catalog.Label) expr.Expr {
	return expr.Ratio(expr.Sum(stage.Rate5m).By(by...), expr.Sum(rules.Sent.Rate5m).By(by...))
}

func budgetLeft() panel.Panel {
	return panel.Panel{
		Key: "budget-left", Title: "Error budget left, worst channel", Width: panel.Sixth, Height: panel.Low,
		Unit: units.PercentUnit, Decimals: new(0.0), Draw: panel.Stat,
		Description: "What is left of the channel's error budget for 30 days. At 0 the delivery objective is missed.",
		Empty:       "No history yet",
		Queries:     panel.Of(expr.Min(rules.ErrorBudgetRemaining).By()),
		Limit:       panel.BadBelow(0),
	}
}

func slowestChannel() panel.Panel {
	return panel.Panel{
		Key: "latency-worst", Title: "Delivery p95, slowest channel", Width: panel.Sixth, Height: panel.Low,
		Unit: units.Seconds, Draw: panel.Stat,
		Description: "19 of 20 notifications of the last 5 minutes arrived within this time, on the slowest channel.",
		Empty:       "Nothing was delivered",
		Queries:     panel.Of(expr.Max(rules.LatencyP95).By()),
	}
}

func alertsFiring() panel.Panel {
	return panel.Panel{
		Key: "alerts-firing", Title: "Alerts firing", Width: panel.Sixth, Height: panel.Low, Unit: units.Short,
		Draw:        panel.Stat,
		Description: "Alerts that fire now, whatever channel or provider is chosen.",
		Empty:       noRules, Unfiltered: true,
		Queries: panel.Of(orZero(expr.Sum(panel.Firing).By())),
		Limit:   panel.BadAbove(1),
		Words:   noneAtZero,
	}
}

const noRules = "No rules are evaluated"

// watching is there while Prometheus evaluates the alerts.
var watching = expr.Select(expr.Alerts,
	expr.Eq(expr.AlertState, "firing"), expr.Eq(catalog.LabelAlertName, rules.Watchdog.Name))

// orZero is 0 where there is nothing to count: a panel shows the last value that
// there was, and what is over would stay on it. Where nobody evaluates alerts
// there is no 0 either.
func orZero(counted expr.Expr) expr.Expr {
	return counted.Or(expr.Max(watching).By().Mul(expr.Num(0)))
}

var noneAtZero = map[float64]string{0: "None"}

func channelTable() panel.Panel {
	byChannel := func(r rules.Rates) expr.Expr { return expr.Sum(r.Rate5m).By(perChannel...) }
	worst := func(e expr.Operand) expr.Expr { return expr.Max(e).By(perChannel...) }
	return panel.Panel{
		Key: "channels", Title: "Channels", Width: 14, Unit: units.Short,
		Description: "Each channel over the last 5 minutes, the busiest first. A click on a channel narrows the " +
			"dashboard to it.",
		Empty: "Nothing was sent",
	}.Table(
		count("Sent per second", byChannel(rules.Sent)),
		percent("Delivered per sent", 1, perSent(rules.Delivered, perChannel...)),
		percent("Failed per sent", 2, perSent(rules.Failed, perChannel...)),
		seconds("Delivery p95", worst(rules.LatencyP95)),
		percent("Error budget left", 0, expr.Min(rules.ErrorBudgetRemaining).By(perChannel...)).
			WithLimit(panel.BadBelow(0)),
	)
}

func alertTable(width uint32) panel.Panel {
	return panel.Panel{
		Key: "alerts", Title: "Alerts firing now", Width: width, Unit: units.Short, Unfiltered: true,
		Description: "Every alert that fires, whatever channel or provider is chosen. A click on its name opens its " +
			"runbook.",
		Empty: "No alert is firing",
	}.Table(count("Firing", expr.TopK(most, expr.Sum(panel.Firing).By(perAlert...))))
}

// perAlert are the labels by which people tell alerts apart.
var perAlert = []*catalog.Label{catalog.LabelAlertName, catalog.LabelChannel, catalog.LabelProvider}
