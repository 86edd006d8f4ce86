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

func throughput() panel {
	return panel{
		title: "Sent per second, all channels", width: half, height: tall, unit: units.Short, draw: lines{},
		description: "Notifications sent per second over 5 minutes, whatever channel is chosen. Below the line the platform as a whole has stopped.",
		empty:       "Nothing was sent", whole: true, leads: []place{toPerformance, toAnomalies},
	}.watches(rules.ThroughputLow, below)
}

func sentInRange() panel {
	return panel{
		key: "sent-bars", title: "Sent, per interval", width: half, height: tall, unit: units.Short, draw: bars{}, every: tile,
		description: "Notifications sent in each interval of the graph, by channel: the rate above as amounts, which also reads well over months.",
		empty:       "Nothing was sent", leads: []place{toPerformance, toAnomalies},
		queries: []query{{of: amount(rules.ProviderVolume, expr.Interval, perChannel, expr.Stage(catalog.StageSent))}},
	}
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

func errorRate() panel {
	return panel{
		title: "Errors per outcome", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of the attempts of the last 5 minutes that failed or bounced by our own or a provider's fault, by channel.",
		empty:       "No outcome in this time range", leads: []place{toDeliverability, toObjectives},
	}.watches(rules.ErrorRateHigh, above)
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

func errorCodes() panel {
	return panel{
		key: "error-codes", title: "Errors of the last hour by code", width: half, height: tall, unit: units.Short,
		description: "Failed and bounced attempts in the hour before the end of the time range: the 50 most frequent.",
		empty:       "No errors in the last hour",
	}.tabulates(column{
		title: "Errors", unit: units.Short, decimals: new(0.0),
		of: expr.TopK(50, amount(rules.ErrorVolume, hour, perCode)).Gt(expr.Num(0)),
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
