package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// The current figures, over everything that the reader chose.

func sentInTotal() panel.Panel {
	return panel.Panel{
		Key: "sent-total", Title: "Sent per second, last min", Width: panel.Sixth, Height: panel.Low, Unit: units.Short,
		Draw:        panel.Stat,
		Description: "Notifications sent per second, over the last minute.",
		Empty:       "Nothing sent yet",
		Queries:     panel.Of(expr.Sum(rules.Sent.Rate1m).By()),
	}
}

func deliveredInTotal() panel.Panel {
	return panel.Panel{
		Key: "delivered-total", Title: "Delivered, last 5 min", Width: panel.Sixth, Height: panel.Low,
		Unit: units.PercentUnit, Decimals: new(1.0), Draw: panel.Stat,
		Description: "Delivered per sent notification, over the last 5 minutes. " + whenItHappens +
			" Channels that do not confirm deliveries lower it.",
		Empty:   "Nothing was sent",
		Queries: panel.Of(capped(perSent(rules.Delivered))),
		Limit:   deliveredLimit,
	}
}

func failedInTotal() panel.Panel {
	return panel.Panel{
		Key: "failed-total", Title: "Failed first try, last 5 min", Width: panel.Sixth, Height: panel.Low,
		Unit: units.PercentUnit, Decimals: new(2.0), Draw: panel.Stat,
		Description: "Share of sent notifications that failed for the first time, over the last 5 minutes, whatever " +
			"the cause. A retry or another provider may still deliver them: then they count as delivered too.",
		Empty:   "Nothing was sent",
		Queries: panel.Of(capped(perSent(rules.Failed))),
		Limit:   failedLimit,
	}
}

// whenItHappens describes a ratio that is capped.
const whenItHappens = "A delivery counts when it happens, also while a queue drains, and is shown as at most 100 %."

// perSent returns a stage's rate per sent notification. Unlike the recorded ratios
// it follows the choice of a provider.
func perSent(stage rules.Rates, by ...*catalog.Label) expr.Expr {
	return expr.Ratio(expr.Sum(stage.Rate5m).By(by...), expr.Sum(rules.Sent.Rate5m).By(by...))
}

func budgetLeft() panel.Panel {
	return panel.Panel{
		Key: "budget-left", Title: "30-day error budget", Width: panel.Sixth, Height: panel.Low,
		Unit: units.PercentUnit, Decimals: new(0.0), Draw: panel.Stat,
		Description: "What remains of the 30-day error budget of the channel with the least. At 0 the delivery " +
			"objective is missed.",
		Empty:   shortHistory,
		Queries: panel.Of(expr.Min(rules.ErrorBudgetRemaining).By()),
		Limit:   panel.BadBelow(0),
	}
}

// shortHistory says why there is no budget yet.
const shortHistory = "Less than 3 days of history"

func slowestChannel() panel.Panel {
	return panel.Panel{
		Key: "latency-worst", Title: "Delivery p95", Width: panel.Sixth, Height: panel.Low,
		Unit: units.Seconds, Draw: panel.Stat,
		Description: "95 % of the deliveries of the last 5 minutes took at most this long, on the slowest channel.",
		Empty:       "Nothing was delivered",
		Queries:     panel.Of(expr.Max(rules.LatencyP95).By()),
	}
}

func alertsFiring() panel.Panel {
	return panel.Panel{
		Key: "alerts-firing", Title: "Alerts firing", Width: panel.Sixth, Height: panel.Low, Unit: units.Short,
		Draw:        panel.Stat,
		Description: "Alerts that are firing now, on all channels and providers.",
		Empty:       noRules, Unfiltered: true,
		Queries: panel.Of(orZero(expr.Sum(panel.Firing).By())),
		Limit:   panel.BadAbove(1),
		Words:   noneAtZero,
	}
}

const noRules = "No rules are evaluated"

// watchdog selects the alert that always fires, while Prometheus evaluates alerts.
var watchdog = expr.Select(expr.Alerts,
	expr.Eq(expr.AlertState, "firing"), expr.Eq(catalog.LabelAlertName, rules.Watchdog.Name))

// orZero returns 0 if there is nothing to count, since a panel shows the last value
// and would keep showing alerts that are resolved. If nobody evaluates alerts it
// returns nothing.
func orZero(counted expr.Expr) expr.Expr {
	return counted.Or(expr.Max(watchdog).By().Mul(expr.Num(0)))
}

var noneAtZero = map[float64]string{0: "None"}

func channelTable() panel.Panel {
	byChannel := func(r rules.Rates) expr.Expr { return expr.Sum(r.Rate5m).By(perChannel...) }
	worst := func(e expr.Operand) expr.Expr { return expr.Max(e).By(perChannel...) }
	return panel.Panel{
		Key: "channels", Title: "Channels, last 5 min", Width: panel.Half, Unit: units.Short,
		Description: "Each channel over the last 5 minutes, the busiest first. Click a channel to filter by it.",
		Empty:       "Nothing was sent",
	}.Table(
		rate("Sent per second", byChannel(rules.Sent)),
		percent("Delivered per sent", 1, capped(perSent(rules.Delivered, perChannel...))).WithLimit(deliveredLimit),
		percent("Failed at first try", 2, capped(perSent(rules.Failed, perChannel...))).WithLimit(failedLimit),
		seconds("Delivery p95", worst(rules.LatencyP95)),
		percent("30-day budget", 0, expr.Min(rules.ErrorBudgetRemaining).By(perChannel...)).
			WithLimit(panel.BadBelow(0)),
	)
}
