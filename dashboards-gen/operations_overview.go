package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// The newest figures, over all that the reader chose.

func sentInTotal() panel {
	return panel{
		key: "sent-total", title: "Sent per second", width: sixth, height: low, unit: units.Short, draw: number{},
		description: "Notifications sent per second, over the last minute.",
		empty:       "Nothing was ever sent",
		queries:     []query{{of: expr.Sum(rules.Sent.Rate1m).By()}},
	}
}

func deliveredInTotal() panel {
	return panel{
		key: "delivered-total", title: "Delivered per sent", width: sixth, height: low, unit: units.PercentUnit, decimals: new(1.0), draw: number{},
		description: "Share of what was sent in the last 5 minutes that arrived. A delivery counts when it happens, so the share can pass 100 % while a queue drains. " +
			"Channels that confirm no deliveries pull it down.",
		empty:   "Nothing was sent",
		queries: []query{{of: share(rules.Delivered)}},
	}
}

func failedInTotal() panel {
	return panel{
		key: "failed-total", title: "Failed per sent", width: sixth, height: low, unit: units.PercentUnit, decimals: new(2.0), draw: number{},
		description: "Share of what was sent in the last 5 minutes that failed, by anybody's fault.",
		empty:       "Nothing was sent",
		queries:     []query{{of: share(rules.Failed)}},
	}
}

// share is a stage's rate per sent. Unlike the recorded shares it follows the choice
// of a provider.
func share(stage rules.Rates, by ...*catalog.Label) expr.Expr {
	return expr.Ratio(expr.Sum(stage.Rate5m).By(by...), expr.Sum(rules.Sent.Rate5m).By(by...))
}

func budgetLeft() panel {
	return panel{
		key: "budget-left", title: "Error budget left, worst channel", width: sixth, height: low, unit: units.PercentUnit, decimals: new(0.0), draw: number{},
		description: "What is left of the channel's error budget for 30 days. At 0 the delivery objective is missed.",
		empty:       "No history yet",
		queries:     []query{{of: expr.Min(rules.ErrorBudgetRemaining).By()}},
		limit:       &limit{value: 0, worse: below},
	}
}

func slowestChannel() panel {
	return panel{
		key: "latency-worst", title: "Delivery p95, slowest channel", width: sixth, height: low, unit: units.Seconds, draw: number{},
		description: "19 of 20 notifications of the last 5 minutes arrived within this time, on the slowest channel.",
		empty:       "Nothing was delivered",
		queries:     []query{{of: expr.Max(rules.LatencyP95).By()}},
	}
}

func alertsFiring() panel {
	return panel{
		key: "alerts-firing", title: "Alerts firing", width: sixth, height: low, unit: units.Short, draw: number{},
		description: "Alerts that fire now, whatever channel or provider is chosen.",
		empty:       noRules, whole: true,
		queries: []query{{of: orZero(expr.Sum(firing).By())}},
		limit:   &limit{value: 1, worse: above},
		words:   noneAtZero,
	}
}

const noRules = "No rules are evaluated"

// watching is there while Prometheus evaluates the alerts.
var watching = expr.Select(expr.Alerts, expr.Eq(expr.AlertState, "firing"), expr.Eq(catalog.LabelAlertName, rules.Watchdog.Name))

// orZero is 0 where there is nothing to count: a panel shows the last value that
// there was, and what is over would stay on it. Where nobody evaluates alerts
// there is no 0 either.
func orZero(count expr.Expr) expr.Expr { return count.Or(expr.Max(watching).By().Mul(expr.Num(0))) }

var noneAtZero = map[float64]string{0: "None"}

func channelTable() panel {
	byChannel := func(r rules.Rates) expr.Expr { return expr.Sum(r.Rate5m).By(perChannel...) }
	worst := func(e expr.Operand) expr.Expr { return expr.Max(e).By(perChannel...) }
	return panel{
		key: "channels", title: "Channels", width: 14, height: tall, unit: units.Short,
		description: "Each channel over the last 5 minutes, the busiest first. A click on a channel narrows the dashboard to it.",
		empty:       "Nothing was sent",
	}.tabulates(
		column{title: "Sent per second", of: byChannel(rules.Sent), unit: units.Short},
		column{title: "Delivered per sent", of: share(rules.Delivered, perChannel...), unit: units.PercentUnit, decimals: new(1.0)},
		column{title: "Failed per sent", of: share(rules.Failed, perChannel...), unit: units.PercentUnit, decimals: new(2.0)},
		column{title: "Delivery p95", of: worst(rules.LatencyP95), unit: units.Seconds},
		column{
			title: "Error budget left", of: expr.Min(rules.ErrorBudgetRemaining).By(perChannel...),
			unit: units.PercentUnit, decimals: new(0.0), limit: &limit{value: 0, worse: below},
		},
	)
}

func alertTable(width uint32) panel {
	return panel{
		key: "alerts", title: "Alerts firing now", width: width, height: tall, unit: units.Short, whole: true,
		description: "Every alert that fires, whatever channel or provider is chosen. A click on its name opens its runbook.",
		empty:       "No alert is firing",
	}.tabulates(column{title: "Firing", unit: units.Short, of: expr.TopK(most, expr.Sum(firing).By(perAlert...))})
}

// perAlert are the labels by which people tell alerts apart.
var perAlert = []*catalog.Label{catalog.LabelAlertName, catalog.LabelChannel, catalog.LabelProvider}
