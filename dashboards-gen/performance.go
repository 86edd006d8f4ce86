package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// performance is for who runs the platform: how much it carries, how long each
// step takes, and what it runs out of first.
func performance() Dashboard {
	return Dashboard{
		UID: rules.Performance, Title: "Performance", Folder: "on-call",
		Description: "How fast is the platform, where does the time go, and what runs out first?",
		from:        "now-24h", refresh: "1m",
		filters: filters{labels: perProvider, of: rules.Sent.Rate5m},
		rows: []row{
			{panels: []panel{sentInTotal(), peakOfTheDay(), slowestChannel(), slowestQueue(), fullestQuota(), fullestDisk()}},
			{"Throughput", []panel{sentPerChannel(), peaks()}},
			{"Delivery time", []panel{latencyMedian(), latencyP95(), latencyP99(), latencyHeat(), latencyTable()}},
			{"Processing", []panel{processingNow(), queueWait(), stepMedian(), stepP95(), renderTable()}},
			{"Queues", []panel{queueForecast(), queueDrain()}},
			{"Resources", []panel{cpu(), memory(), disk(), network()}},
			{"External services and quotas", []panel{serviceRequests(), serviceErrors(), serviceLatency(), quotas()}},
		},
	}
}

func peakOfTheDay() panel {
	return panel{
		key: "peak", title: "Peak per second, last 24 h", width: sixth, height: low, unit: units.Short, draw: card{},
		description: "The busiest five minutes of the last 24 hours, on the busiest channel.",
		empty:       "Nothing was sent",
		queries:     []query{{of: expr.Max(expr.MaxOverTime(rules.ChannelSent, day)).By(), legend: "peak"}},
	}
}

func slowestQueue() panel {
	return panel{
		key: "queue-wait-worst", title: "Queue wait p95, slowest channel", width: sixth, height: low, unit: units.Seconds, draw: number{},
		description: "19 of 20 notifications waited no longer than this in a queue, in the last 5 minutes.",
		empty:       "No queue reports its waits",
		queries:     []query{{of: expr.Max(rules.QueueWaitP95).By()}},
		limit:       &limit{value: rules.QueueWaitHigh.Threshold, worse: above},
	}
}

func fullestQuota() panel {
	return panel{
		key: "quota-worst", title: "Fullest quota", width: sixth, height: low, unit: units.PercentUnit, decimals: new(0.0), draw: number{},
		description: "The share of its quota that the external service with the least left has used.",
		empty:       "No service reports a quota",
		queries:     []query{{of: expr.Max(rules.QuotaUsed).By()}},
		limit:       &limit{value: rules.ProviderQuotaExhausted.Threshold, worse: above},
	}
}

func fullestDisk() panel {
	return panel{
		key: "disk-worst", title: "Fullest disk", width: sixth, height: low, unit: units.PercentUnit, decimals: new(0.0), draw: number{},
		description: "The share of its disk that the component with the least left has used.",
		empty:       "No component reports its disk",
		queries:     []query{{of: expr.Max(rules.DiskUsed).By()}},
		limit:       &limit{value: rules.ComponentDisk.Threshold, worse: above},
	}
}

// Throughput.

func sentPerChannel() panel {
	return panel{
		key: "sent-channel", title: "Sent per second", width: half, height: tall, unit: units.Short, draw: lines{},
		description: "Notifications sent per second, over five minutes, by channel.",
		empty:       "Nothing was sent", leads: []place{toOperations},
		queries: []query{{of: expr.Sum(rules.Sent.Rate5m).By(perChannel...)}},
	}
}

func peaks() panel {
	return panel{
		key: "peaks", title: "Peak per second in each interval", width: half, height: tall, unit: units.Short, draw: lines{}, every: tile,
		description: "The busiest five minutes of each interval of the graph, by channel: what a view of months would average away.",
		empty:       "Nothing was sent",
		queries:     []query{{of: expr.Max(expr.MaxOverTime(rules.ChannelSent, expr.Interval)).By(perChannel...)}},
	}
}

// Delivery time.

func latencyHeat() panel {
	return panel{
		key: "latency-heat", title: "Delivery time of each notification", width: half, height: tall, unit: units.Seconds, draw: heat{}, every: tile,
		description: "How many notifications took how long from sent to delivered; the scale below the graph says how many a colour stands for. Two bands are two kinds of traffic, which a percentile hides.",
		empty:       "Nothing was delivered",
		queries:     []query{{of: amount(rules.LatencyVolume, expr.Interval, []*catalog.Label{expr.Le}), legend: "{{le}}"}},
	}
}

func latencyTable() panel {
	of := func(q float64) expr.Expr { return quantile(q, rules.LatencyVolume, day, perChannel...) }
	return panel{
		key: "latency-day", title: "Delivery time by channel, last 24 h", width: half, height: tall, unit: units.Seconds,
		description: "Half, 19 of 20 and 99 of 100 notifications of the last 24 hours arrived within these times, the busiest channel first.",
		empty:       "Nothing was delivered",
	}.tabulates(
		column{title: "Delivered", of: reached(rules.StageVolume, catalog.StageDelivered, day, perChannel...).Gt(expr.Num(0)), unit: units.Short},
		column{title: "Median", of: of(0.5), unit: units.Seconds},
		column{title: "p95", of: of(0.95), unit: units.Seconds},
		column{title: "p99", of: of(0.99), unit: units.Seconds},
	)
}
