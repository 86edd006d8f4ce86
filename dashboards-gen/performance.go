package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// performance serves those who run the platform: how much it carries, how long each
// step takes, and what runs out first.
func performance() panel.Dashboard {
	return panel.Dashboard{
		UID: rules.Performance, Title: "Performance", Folder: "on-call",
		Description: "How fast is the platform, where does the time go, and what runs out first?",
		From:        "now-24h", Refresh: "1m",
		Filters: panel.Filters{Labels: perProvider, From: rules.Sent.Rate5m},
		Rows: []panel.Row{
			panel.NewRow("",
				sentInTotal(), peakInRange(), slowestChannel(), slowestQueue(), fullestQuota(), fullestDisk(),
				sentPerChannel(), latencyP95().WithWidth(panel.Half), queueWait(), stepP95().WithWidth(panel.Half)),
			panel.NewRow("Throughput", peaks()).Closed(),
			panel.NewRow("Delivery time",
				latencyMedian().WithWidth(panel.Half), latencyP99().WithWidth(panel.Half),
				latencyHeat(), latencyTable(),
			).Closed(),
			panel.NewRow("Processing",
				processingNow(), stepMedian().WithWidth(panel.Half), renderTable().WithWidth(panel.Full),
			).Closed(),
			panel.NewRow("Queues", queueForecast(), queueDrain()).Closed(),
			panel.NewRow("Resources", cpu(), memory(), disk(), network()).Closed(),
			panel.NewRow("External services and quotas",
				serviceRequests(), serviceErrors(), serviceLatency(), quotas()).Closed(),
		},
	}
}

func peakInRange() panel.Panel {
	sent := expr.Sum(rules.ProviderVolume.Increase5m.Where(expr.Stage(catalog.StageSent))).By()
	perSecond := sent.Div(expr.Num(rules.ProviderVolume.Increase5m.Every.Seconds()))
	busiest := expr.Greatest(perSecond, expr.Range, expr.Window(tile))
	return panel.Panel{
		Key: "peak", Title: "Peak per second in " + panel.Period, Width: panel.Sixth, Height: panel.Low,
		Unit: units.Short, Draw: panel.Stat,
		Description: "What was sent per second in the busiest five minutes of the time range.",
		Empty:       "No five minutes are over yet",
		Queries:     panel.Of(busiest),
	}
}

func slowestQueue() panel.Panel {
	return panel.Panel{
		Key: "queue-wait-worst", Title: "Queue wait p95", Width: panel.Sixth, Height: panel.Low,
		Unit: units.Seconds, Draw: panel.Stat,
		Description: "95 % of the notifications of the last 5 minutes waited at most this long in a queue.",
		Empty:       "No queue waits reported",
		Queries:     panel.Of(expr.Max(rules.QueueWaitP95).By()),
		Limit:       panel.BadAbove(rules.QueueWaitHigh.Threshold),
	}
}

func fullestQuota() panel.Panel {
	return panel.Panel{
		Key: "quota-worst", Title: "Fullest quota", Width: panel.Sixth, Height: panel.Low, Unit: units.PercentUnit,
		Decimals: new(0.0), Draw: panel.Stat,
		Description: "Quota usage of the external service with the least left.",
		Empty:       "No quota reported",
		Queries:     panel.Of(expr.Max(rules.QuotaUsed).By()),
		Limit:       panel.BadAbove(rules.ProviderQuotaExhausted.Threshold),
	}
}

func fullestDisk() panel.Panel {
	return panel.Panel{
		Key: "disk-worst", Title: "Fullest disk", Width: panel.Sixth, Height: panel.Low, Unit: units.PercentUnit,
		Decimals: new(0.0), Draw: panel.Stat,
		Description: "Disk usage of the component with the least left.",
		Empty:       "No disk usage reported",
		Queries:     panel.Of(expr.Max(rules.DiskUsed).By()),
		Limit:       panel.BadAbove(rules.ComponentDisk.Threshold),
	}
}

// Throughput.

func sentPerChannel() panel.Panel {
	return panel.Panel{
		Key: "sent-channel", Title: "Sent per second", Width: panel.Half, Unit: units.Short, Draw: panel.Lines,
		Description: "Notifications sent per second, over 5 minutes, by channel.",
		Empty:       "Nothing was sent", LeadsTo: []panel.Destination{toOperations},
		Queries: panel.Of(expr.Sum(rules.Sent.Rate5m).By(perChannel...)),
	}
}

func peaks() panel.Panel {
	return panel.Panel{
		Key: "peaks", Title: "Peak per second in each interval", Width: panel.Full, Unit: units.Short,
		Draw: panel.Lines, Every: tile,
		Description: "The busiest five minutes of each interval of the graph, by channel, which a view of months " +
			"would average away.",
		Empty:   "Nothing was sent",
		Queries: panel.Of(expr.Max(expr.MaxOverTime(rules.ChannelSent, expr.Interval)).By(perChannel...)),
	}
}

// Delivery time.

func latencyHeat() panel.Panel {
	return panel.Panel{
		Key: "latency-heat", Title: "Delivery time of each notification", Width: panel.Half, Unit: units.Seconds,
		Draw: panel.Heatmap, Every: tile,
		Description: "Distribution of the time from sent to delivered. The scale below the graph shows how many " +
			"notifications a color stands for. Two bands are two kinds of traffic, which a percentile hides.",
		Empty:   "Nothing was delivered",
		Queries: panel.Of(amount(rules.LatencyVolume, expr.Interval, []*catalog.Label{expr.Le})),
	}
}

func latencyTable() panel.Panel {
	of := func(q float64) expr.Expr { return quantile(q, rules.LatencyVolume, expr.Range, perChannel...) }
	return panel.Panel{
		Key: "latency-day", Title: "Delivery time by channel in " + panel.Period, Width: panel.Half,
		Unit:        units.Seconds,
		Description: "Quantiles of the delivery time over the time range, the busiest channel first.",
		Empty:       "Nothing was delivered",
	}.Table(
		count("Delivered",
			reached(rules.StageVolume, catalog.StageDelivered, expr.Range, perChannel...).Gt(expr.Num(0))),
		seconds("Median", of(0.5)),
		seconds("p95", of(0.95)),
		seconds("p99", of(0.99)),
	)
}
