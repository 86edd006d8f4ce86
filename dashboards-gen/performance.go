package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// performance is for who runs the platform: how much it carries, how long each
// step takes, and what it runs out of first.
func performance() panel.Dashboard {
	return panel.Dashboard{
		UID: rules.Performance, Title: "Performance", Folder: "on-call",
		Description: "How fast is the platform, where does the time go, and what runs out first?",
		From:        "now-24h", Refresh: "1m",
		Filters: panel.Filters{Labels: perProvider, From: rules.Sent.Rate5m},
		Rows: []panel.Row{
			panel.NewRow("",
				sentInTotal(), peakOfTheDay(), slowestChannel(), slowestQueue(), fullestQuota(), fullestDisk()),
			panel.NewRow("Throughput", sentPerChannel(), peaks()),
			panel.NewRow("Delivery time", latencyMedian(), latencyP95(), latencyP99(), latencyHeat(), latencyTable()),
			panel.NewRow("Processing", processingNow(), queueWait(), stepMedian(), stepP95(), renderTable()),
			panel.NewRow("Queues", queueForecast(), queueDrain()),
			panel.NewRow("Resources", cpu(), memory(), disk(), network()),
			panel.NewRow("External services and quotas",
				serviceRequests(), serviceErrors(), serviceLatency(), quotas()),
		},
	}
}

func peakOfTheDay() panel.Panel {
	return panel.Panel{
		Key: "peak", Title: "Peak per second, last 24 h", Width: panel.Sixth, Height: panel.Low, Unit: units.Short,
		Draw:        panel.Card,
		Description: "The busiest five minutes of the last 24 hours, on the busiest channel.",
		Empty:       "Nothing was sent",
		Queries:     []panel.Query{{Of: expr.Max(expr.MaxOverTime(rules.ChannelSent, day)).By(), Legend: "peak"}},
	}
}

func slowestQueue() panel.Panel {
	return panel.Panel{
		Key: "queue-wait-worst", Title: "Queue wait p95, slowest channel", Width: panel.Sixth, Height: panel.Low,
		Unit: units.Seconds, Draw: panel.Stat,
		Description: "19 of 20 notifications waited no longer than this in a queue, in the last 5 minutes.",
		Empty:       "No queue reports its waits",
		Queries:     panel.Of(expr.Max(rules.QueueWaitP95).By()),
		Limit:       panel.BadAbove(rules.QueueWaitHigh.Threshold),
	}
}

func fullestQuota() panel.Panel {
	return panel.Panel{
		Key: "quota-worst", Title: "Fullest quota", Width: panel.Sixth, Height: panel.Low, Unit: units.PercentUnit,
		Decimals: new(0.0), Draw: panel.Stat,
		Description: "The share of its quota that the external service with the least left has used.",
		Empty:       "No service reports a quota",
		Queries:     panel.Of(expr.Max(rules.QuotaUsed).By()),
		Limit:       panel.BadAbove(rules.ProviderQuotaExhausted.Threshold),
	}
}

func fullestDisk() panel.Panel {
	return panel.Panel{
		Key: "disk-worst", Title: "Fullest disk", Width: panel.Sixth, Height: panel.Low, Unit: units.PercentUnit,
		Decimals: new(0.0), Draw: panel.Stat,
		Description: "The share of its disk that the component with the least left has used.",
		Empty:       "No component reports its disk",
		Queries:     panel.Of(expr.Max(rules.DiskUsed).By()),
		Limit:       panel.BadAbove(rules.ComponentDisk.Threshold),
	}
}

// Throughput.

func sentPerChannel() panel.Panel {
	return panel.Panel{
		Key: "sent-channel", Title: "Sent per second", Width: panel.Half, Unit: units.Short, Draw: panel.Lines,
		Description: "Notifications sent per second, over five minutes, by channel.",
		Empty:       "Nothing was sent", LeadsTo: []panel.Destination{toOperations},
		Queries: panel.Of(expr.Sum(rules.Sent.Rate5m).By(perChannel...)),
	}
}

func peaks() panel.Panel {
	return panel.Panel{
		Key: "peaks", Title: "Peak per second in each interval", Width: panel.Half, Unit: units.Short,
		Draw: panel.Lines, Every: tile,
		Description: "The busiest five minutes of each interval of the graph, by channel: what a view of months " +
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
		Description: "How many notifications took how long from sent to delivered; the scale below the graph says " +
			"how many a colour stands for. Two bands are two kinds of traffic, which a percentile hides.",
		Empty:   "Nothing was delivered",
		Queries: panel.Of(amount(rules.LatencyVolume, expr.Interval, []*catalog.Label{expr.Le})),
	}
}

func latencyTable() panel.Panel {
	of := func(q float64) expr.Expr { return quantile(q, rules.LatencyVolume, day, perChannel...) }
	return panel.Panel{
		Key: "latency-day", Title: "Delivery time by channel, last 24 h", Width: panel.Half, Unit: units.Seconds,
		Description: "Half, 19 of 20 and 99 of 100 notifications of the last 24 hours arrived within these times, " +
			"the busiest channel first.",
		Empty: "Nothing was delivered",
	}.Table(
		count("Delivered", reached(rules.StageVolume, catalog.StageDelivered, day, perChannel...).Gt(expr.Num(0))),
		seconds("Median", of(0.5)),
		seconds("p95", of(0.95)),
		seconds("p99", of(0.99)),
	)
}
