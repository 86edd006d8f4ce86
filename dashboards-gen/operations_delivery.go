package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// How much flows.

func sent() panel.Panel {
	return flow("sent", "Sent per second", "Notifications sent, over one minute. A channel that drops to 0 while others go on has lost its producer or its provider.", rules.Sent)
}

func delivered() panel.Panel {
	return flow("delivered", "Delivered per second", "Notifications that arrived, over one minute. It follows what is sent by the time that delivery takes.", rules.Delivered)
}

func failed() panel.Panel {
	return flow("failed", "Failed per second", "Notifications that failed for the first time, over one minute. Retries of the same notification do not count again.", rules.Failed)
}

func throughput() panel.Panel {
	return panel.Panel{
		Title: "Sent per second, all channels", Width: panel.Half, Unit: units.Short, Draw: panel.Lines,
		Description: "Notifications sent per second over 5 minutes, whatever channel is chosen. Below the line the platform as a whole has stopped.",
		Empty:       "Nothing was sent", Unfiltered: true, LeadsTo: []panel.Destination{toPerformance, toAnomalies},
	}.Watches(rules.ThroughputLow, panel.Below)
}

func sentInRange() panel.Panel {
	return panel.Panel{
		Key: "sent-bars", Title: "Sent, per interval", Width: panel.Half, Unit: units.Short, Draw: panel.Bars, Every: tile,
		Description: "Notifications sent in each interval of the graph, by channel: the rate above as amounts, which also reads well over months.",
		Empty:       "Nothing was sent", LeadsTo: []panel.Destination{toPerformance, toAnomalies},
		Queries: []panel.Query{{Of: amount(rules.ProviderVolume, expr.Interval, perChannel, expr.Stage(catalog.StageSent))}},
	}
}

func flow(key, title, description string, stage rules.Rates) panel.Panel {
	return panel.Panel{
		Key: key, Title: title, Description: description, Width: panel.Third, Unit: units.Short, Draw: panel.Lines,
		Empty:   "None in this time range",
		Queries: []panel.Query{{Of: expr.Sum(stage.Rate1m).By(perChannel...)}},
	}
}

// What is lost on the way.

func undelivered() panel.Panel {
	return panel.Panel{
		Title: "Sent but not delivered", Width: panel.Half, Unit: units.PercentUnit, Draw: panel.Lines,
		Description: "Share of what is sent that does not arrive, over the last 30 s. Above the line the channel counts as down, " +
			"unless it is one that never confirms deliveries.",
		Empty: "Too little was sent to judge",
	}.Watches(rules.ChannelDown, panel.Above)
}

func errorRate() panel.Panel {
	return panel.Panel{
		Title: "Errors per outcome", Width: panel.Half, Unit: units.PercentUnit, Draw: panel.Lines,
		Description: "Share of the attempts of the last 5 minutes that failed or bounced by our own or a provider's fault, by channel.",
		Empty:       "No outcome in this time range", LeadsTo: []panel.Destination{toDeliverability, toObjectives},
	}.Watches(rules.ErrorRateHigh, panel.Above)
}

func deliveredPerSent() panel.Panel {
	return panel.Panel{
		Key: "delivered-per-sent", Title: "Delivered per sent", Width: panel.Half, Unit: units.PercentUnit, Draw: panel.Lines,
		Description: "Share of what was sent in the last 5 minutes that arrived. A delivery counts when it happens, so the share can pass 100 % while a queue drains.",
		Empty:       "Nothing was sent",
		Queries:     []panel.Query{{Of: share(rules.Delivered, perChannel...)}},
	}
}

func failedPerSent() panel.Panel {
	return panel.Panel{
		Key: "failed-per-sent", Title: "Failed per sent", Width: panel.Half, Unit: units.PercentUnit, Draw: panel.Lines,
		Description: "Share of what was sent in the last 5 minutes that failed, by anybody's fault. What recipients cause, such as full mailboxes, is in it.",
		Empty:       "Nothing was sent",
		Queries:     []panel.Query{{Of: share(rules.Failed, perChannel...)}},
	}
}

func errorCodes() panel.Panel {
	return panel.Panel{
		Key: "error-codes", Title: "Errors of the last hour by code", Width: panel.Half, Unit: units.Short,
		Description: "Failed and bounced attempts in the hour before the end of the time range: the 50 most frequent.",
		Empty:       "No errors in the last hour",
	}.Table(panel.Column{
		Title: "Errors", Unit: units.Short, Decimals: new(0.0),
		Of: expr.TopK(50, amount(rules.ErrorVolume, hour, perCode)).Gt(expr.Num(0)),
	})
}

// How long it takes.

func latencyMedian() panel.Panel {
	return latency("latency-p50", "Delivery time, median", "Half of the notifications arrived within this time.", panel.Query{Of: rules.LatencyP50})
}

func latencyP95() panel.Panel {
	return latency("latency-p95", "Delivery time, p95", "19 of 20 notifications arrived within this time.", panel.Query{Of: rules.LatencyP95})
}

func latencyP99() panel.Panel {
	threshold := expr.Select(catalog.Objective, expr.Eq(catalog.LabelObjective, "delivery_latency_threshold_seconds"))
	return latency("latency-p99", "Delivery time, p99", "99 of 100 notifications arrived within this time; the dashed line is the objective.",
		panel.Query{Of: rules.LatencyP99}, panel.Query{Of: expr.Min(threshold).By(), Legend: "objective", Objective: true})
}

func latency(key, title, description string, queries ...panel.Query) panel.Panel {
	return panel.Panel{
		Key: key, Title: title, Width: panel.Third, Unit: units.Seconds, Draw: panel.Lines,
		Description: description + " From sent to delivered, for what arrived in the last 5 minutes by any of the channel's providers. What never arrives is not in it.",
		Empty:       "Nothing was delivered",
		Queries:     queries,
	}
}
