package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Rate.

func sentRate() panel.Panel {
	return flow(rules.Sent, panel.Panel{
		Key: "sent", Title: "Sent per second",
		Description: "Notifications sent, over one minute. A channel that drops to 0 while others continue has lost " +
			"its producer or its provider.",
	})
}

func deliveredRate() panel.Panel {
	return flow(rules.Delivered, panel.Panel{
		Key: "delivered", Title: "Delivered per second",
		Description: "Notifications delivered, over one minute. It trails the sent rate by the delivery time.",
	})
}

func failedRate() panel.Panel {
	return flow(rules.Failed, panel.Panel{
		Key: "failed", Title: "Failed per second",
		Description: "Notifications that failed for the first time, over one minute. Failed retries do not count " +
			"again.",
	})
}

func throughput() panel.Panel {
	return panel.Panel{
		Title: "Sent per second, all channels", Width: panel.Half, Draw: panel.Lines,
		Description: "Notifications sent per second over 5 minutes, on all channels. Below the line, the whole " +
			"platform has stopped.",
		Empty: "Nothing was sent", Unfiltered: true, LeadsTo: []panel.Destination{toPerformance, toAnomalies},
	}.Watches(rules.ThroughputLow, panel.Below)
}

func sentInRange() panel.Panel {
	return panel.Panel{
		Key: "sent-bars", Title: "Sent, per interval", Width: panel.Half, Unit: units.Short, Draw: panel.Bars,
		Every: tile,
		Description: "Notifications sent in each interval of the graph, by channel. Unlike the rate, it also reads " +
			"well over months.",
		Empty: "Nothing was sent", LeadsTo: []panel.Destination{toPerformance, toAnomalies},
		Queries: panel.Of(amount(rules.ProviderVolume, expr.Interval, perChannel, expr.Stage(catalog.StageSent))),
	}
}

// flow draws a stage's rate by channel.
func flow(stage rules.Rates, p panel.Panel) panel.Panel {
	p.Width, p.Unit, p.Draw, p.Empty = panel.Third, units.Short, panel.Lines, "None in this time range"
	return p.With(panel.Query{Of: expr.Sum(stage.Rate1m).By(perChannel...)})
}

// Errors.

func undelivered() panel.Panel {
	return panel.Panel{
		Title: "Sent but not delivered", Width: panel.Half, Draw: panel.Lines,
		Description: "Share of sent notifications that are not delivered, over the last 30 s. Above the line, the " +
			"channel counts as down, unless it never confirms deliveries.",
		Empty: "Too few notifications to judge",
	}.Watches(rules.ChannelDown, panel.Above)
}

func errorRate() panel.Panel {
	return panel.Panel{
		Title: "Errors per outcome", Width: panel.Half, Draw: panel.Lines,
		Description: "Share of the attempts of the last 5 minutes that failed or bounced because of the platform or " +
			"a provider, by channel.",
		Empty: "No outcomes in this time range", LeadsTo: []panel.Destination{toDeliverability, toObjectives},
	}.Watches(rules.ErrorRateHigh, panel.Above)
}

func deliveredPerSent() panel.Panel {
	return panel.Panel{
		Key: "delivered-per-sent", Title: "Delivered per sent", Width: panel.Half, Unit: units.PercentUnit,
		Draw:        panel.Lines,
		Description: "Delivered per sent notification, over the last 5 minutes. " + whenItHappens,
		Empty:       "Nothing was sent",
		Queries:     panel.Of(capped(perSent(rules.Delivered, perChannel...))),
	}
}

func failedPerSent() panel.Panel {
	return panel.Panel{
		Key: "failed-per-sent", Title: "Failed at first try", Width: panel.Half, Unit: units.PercentUnit,
		Draw: panel.Lines,
		Description: "Share of sent notifications that failed for the first time, over the last 5 minutes, whatever " +
			"the cause: also because of recipients, such as full mailboxes. A retry may still deliver them.",
		Empty:   "Nothing was sent",
		Queries: panel.Of(capped(perSent(rules.Failed, perChannel...))),
	}
}

func errorCodes() panel.Panel {
	return panel.Panel{
		Key: "error-codes", Title: "Errors by code in " + panel.Period, Width: panel.Half, Unit: units.LocaleFormat,
		Description: "Failed and bounced attempts of the time range: the 50 most frequent codes.",
		Empty:       "No errors in this time range",
	}.Table(count("Errors", expr.TopK(50, amount(rules.ErrorVolume, expr.Range, perCode)).Gt(expr.Num(0))))
}

// Latency.

func latencyMedian() panel.Panel {
	return latency(rules.LatencyP50, panel.Panel{
		Key: "latency-p50", Title: "Delivery time, median",
		Description: "50 % of the deliveries took at most this long.",
	})
}

func latencyP95() panel.Panel {
	return latency(rules.LatencyP95, panel.Panel{
		Key: "latency-p95", Title: "Delivery time, p95",
		Description: "95 % of the deliveries took at most this long.",
	})
}

func latencyP99() panel.Panel {
	return latency(rules.LatencyP99, panel.Panel{
		Key: "latency-p99", Title: "Delivery time, p99",
		Description: "99 % of the deliveries took at most this long. The dashed line is the objective.",
	}).With(panel.Query{Of: expr.Min(latencyThreshold).By(), Legend: "objective", Objective: true})
}

// latencyThreshold selects the delivery time that each channel's objective allows.
var latencyThreshold = expr.Select(catalog.Objective,
	expr.Eq(catalog.LabelObjective, "delivery_latency_threshold_seconds"))

// latency draws a quantile of the delivery time.
func latency(within panel.Expression, p panel.Panel) panel.Panel {
	p.Width, p.Unit, p.Draw, p.Empty = panel.Third, units.Seconds, panel.Lines, "Nothing was delivered"
	p.Description += " Measured from sent to delivered, over the last 5 minutes and all providers of the channel. " +
		"Notifications that never arrive are not included."
	return p.With(panel.Query{Of: within})
}
