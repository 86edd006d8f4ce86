package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// How much flows.

func sent() panel {
	return flow("sent", "Sent per second", "Notifications sent, over one minute. A channel that drops to 0 while others go on has lost its producer or its provider.", rules.Sent)
}

func delivered() panel {
	return flow("delivered", "Delivered per second", "Notifications that arrived, over one minute. It follows what is sent by the time that delivery takes.", rules.Delivered)
}

func failed() panel {
	return flow("failed", "Failed per second", "Notifications that failed for the first time, over one minute. Retries of the same notification do not count again.", rules.Failed)
}

func flow(key, title, description string, stage rules.Rates) panel {
	return panel{
		key: key, title: title, description: description, width: third, height: tall, unit: units.Short, draw: lines{},
		empty:   "None in this time range",
		queries: []query{{of: expr.Sum(stage.Rate1m).By(perChannel...)}},
	}
}

// What is lost on the way.

func undelivered() panel {
	return panel{
		title: "Sent but not delivered", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of what is sent that does not arrive, over the last 30 s. Above the line the channel counts as down, " +
			"unless it is one that never confirms deliveries.",
		empty: "Too little was sent to judge",
	}.watches(rules.ChannelDown, above)
}

func budgetBurn() panel {
	return panel{
		title: "Burn of the error budget, last hour", width: half, height: tall, unit: units.Short, draw: lines{},
		description: "How many times faster than the objective allows errors came in the last hour. Above the line " +
			"a month's error budget is gone within two days.",
		empty: "Nothing was sent",
	}.watches(rules.ErrorBudgetBurn, above)
}

func deliveredPerSent() panel {
	return panel{
		key: "delivered-per-sent", title: "Delivered per sent", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of what was sent in the last 5 minutes that arrived. A delivery counts when it happens, so the share can pass 100 % while a queue drains.",
		empty:       "Nothing was sent",
		queries:     []query{{of: share(rules.Delivered, perChannel...)}},
	}
}

func failedPerSent() panel {
	return panel{
		key: "failed-per-sent", title: "Failed per sent", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of what was sent in the last 5 minutes that failed, by anybody's fault. What recipients cause, such as full mailboxes, is in it.",
		empty:       "Nothing was sent",
		queries:     []query{{of: share(rules.Failed, perChannel...)}},
	}
}

func errorsByFault() panel {
	return panel{
		key: "errors-by-fault", title: "Errors per second by fault", width: half, height: tall, unit: units.Short, draw: lines{},
		description: "Failed and bounced attempts by whose fault they are. Recipients' faults need cleaner lists, providers' a call to the provider, " +
			"the platform's a look at the last deployment. Codes of unknown fault belong into the exporter's configuration.",
		empty:   "No errors in this time range",
		queries: []query{{of: expr.Sum(expr.Rate(catalog.Errors, expr.RateInterval)).By(catalog.LabelFault)}},
	}
}

func errorCodes() panel {
	return panel{
		key: "error-codes", title: "Errors of the last hour by code", width: half, height: tall, unit: units.Short,
		description: "Failed and bounced attempts in the hour before the end of the time range, the most frequent first.",
		empty:       "No errors in the last hour",
	}.tabulates(column{
		title: "Errors", unit: units.Short, decimals: new(0.0),
		of: expr.Sum(expr.Increase(catalog.Errors, "1h")).By(
			catalog.LabelErrorCode, catalog.LabelFault, catalog.LabelChannel, catalog.LabelProvider).Gt(expr.Num(0)),
	})
}

// How long it takes.

func latencyMedian() panel {
	return latency("latency-p50", "Delivery time, median", "Half of the notifications arrived within this time.", query{of: rules.LatencyP50})
}

func latencyP95() panel {
	return latency("latency-p95", "Delivery time, p95", "19 of 20 notifications arrived within this time.", query{of: rules.LatencyP95})
}

func latencyP99() panel {
	threshold := expr.Select(catalog.Objective, expr.Eq(catalog.LabelObjective, "delivery_latency_threshold_seconds"))
	return latency("latency-p99", "Delivery time, p99", "99 of 100 notifications arrived within this time; the dashed line is the objective.",
		query{of: rules.LatencyP99}, query{of: expr.Min(threshold).By(), legend: "objective", objective: true})
}

func latency(key, title, description string, queries ...query) panel {
	return panel{
		key: key, title: title, width: third, height: tall, unit: units.Seconds, draw: lines{},
		description: description + " From sent to delivered, for what arrived in the last 5 minutes by any of the channel's providers. What never arrives is not in it.",
		empty:       "Nothing was delivered",
		queries:     queries,
	}
}
