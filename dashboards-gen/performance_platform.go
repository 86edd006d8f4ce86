package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Processing.

func processingNow() panel {
	return panel{
		title: "Processing time, p95", width: half, height: tall, unit: units.Seconds, draw: lines{},
		description: "19 of 20 notifications of the last 30 s were processed by the platform within this time, by channel.",
		empty:       "No producer reports processing times",
	}.watches(rules.ProcessingLatencyHigh, above)
}

func queueWait() panel {
	return panel{
		title: "Wait in queues, p95", width: half, height: tall, unit: units.Seconds, draw: lines{},
		description: "19 of 20 notifications of the last 5 minutes waited no longer than this in a queue, by channel.",
		empty:       "No producer reports waits",
	}.watches(rules.QueueWaitHigh, above)
}

func stepMedian() panel {
	return panel{
		key: "steps-p50", title: "Processing steps, median", width: third, height: tall, unit: units.Seconds, draw: lines{},
		description: "Half of the notifications of the last 5 minutes took no longer for the step, over all channels. The step that grows is the one to look at.",
		empty:       "No producer reports processing times",
		queries:     []query{{of: rules.StepP50}},
	}
}

func stepP95() panel {
	return panel{
		key: "steps-p95", title: "Processing steps, p95", width: third, height: tall, unit: units.Seconds, draw: lines{},
		description: "19 of 20 notifications of the last 5 minutes took no longer for the step, over all channels.",
		empty:       "No producer reports processing times",
		queries:     []query{{of: rules.StepP95}},
	}
}

func renderTable() panel {
	by := []*catalog.Label{catalog.LabelTemplate}
	count := expr.Sum(expr.Increase(expr.CountOf(catalog.TemplateRender), hour)).By(by...)
	mean := expr.Ratio(expr.Sum(expr.Increase(expr.SumOf(catalog.TemplateRender), hour)).By(by...), count)
	slowest := expr.TopK(50, mean)
	return panel{
		key: "render", title: "Rendering by template, last hour", width: third, height: tall, unit: units.Seconds,
		description: "The mean time that rendering a template took in the last hour, for the 50 slowest templates.",
		empty:       "No producer reports rendering times",
	}.tabulates(
		column{title: "Mean", of: slowest, unit: units.Seconds},
		column{title: "Rendered", of: count.And(slowest), unit: units.Short, decimals: new(0.0)},
	)
}

// Queues.

func queueForecast() panel {
	return panel{
		key: "queue-forecast", title: "Messages in queues, and in an hour", width: half, height: tall, unit: units.Short, draw: lines{},
		description: "Messages waiting in each queue; dashed, how many there will be in an hour if it goes on like the last 30 minutes.",
		empty:       "No queue reports its length", leads: []place{toOperations},
		queries: []query{{of: rules.QueueMessages}, {of: rules.QueueForecast, legend: "{{queue}} in an hour", objective: true, colour: faint}},
	}
}

func queueDrain() panel {
	return panel{
		key: "queue-drain", title: "Time until queues are empty", width: half, height: tall, unit: units.Seconds, draw: lines{},
		description: "How long each queue needs at the pace of the last 15 minutes. A queue that does not shrink has no line.",
		empty:       "No queue is shrinking",
		queries:     []query{{of: rules.QueueDrain}},
	}
}

// Resources.

func cpu() panel {
	return panel{
		title: "CPU", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of its CPU that each component used, over 5 minutes.",
		empty:       "No component reports its CPU",
	}.watches(rules.ComponentCPUHigh, above)
}

func memory() panel {
	return panel{
		title: "Memory", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of its memory that each component used, over 5 minutes. A line that only rises is a leak.",
		empty:       "No component reports its memory",
	}.watches(rules.ComponentMemoryHigh, above)
}

func disk() panel {
	return panel{
		title: "Disk used in a day", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of its disk that each component will have used in a day if it fills as in the last six hours.",
		empty:       "No component reports its disk", leads: []place{toAnomalies},
	}.watches(rules.ComponentDisk, above)
}

func network() panel {
	return panel{
		key: "component-network", title: "Network", width: half, height: tall, unit: units.BytesPerSecondIEC, draw: lines{},
		description: "Traffic that each component reports, in both directions together.",
		empty:       "No component reports its traffic",
		queries:     []query{{of: expr.Max(expr.Select(catalog.ComponentNetwork)).By(catalog.LabelComponent, catalog.LabelNode)}},
	}
}

// External services.

func serviceRequests() panel {
	return panel{
		key: "service-requests", title: "Requests to external services, per interval", width: half, height: tall, unit: units.Short, draw: bars{}, every: tile,
		description: "Requests in each interval of the graph, by service.",
		empty:       "No component reports requests",
		queries:     []query{{of: amount(rules.ServiceVolume, expr.Interval, []*catalog.Label{catalog.LabelService})}},
	}
}

func serviceErrors() panel {
	return panel{
		key: "service-errors", title: "Failed requests to external services", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of the requests of the last 5 minutes that failed, by service.",
		empty:       "No request failed",
		queries:     []query{{of: rules.ServiceErrors}},
	}
}

func serviceLatency() panel {
	return panel{
		key: "service-latency", title: "Response time of external services, p95", width: half, height: tall, unit: units.Seconds, draw: lines{},
		description: "19 of 20 requests of the last 5 minutes were answered within this time, by service.",
		empty:       "No component reports requests",
		queries:     []query{{of: rules.ServiceLatencyP95}},
	}
}

func quotas() panel {
	return panel{
		title: "Quota used, and in four hours", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of its quota that each external service has used, and will have in four hours if it goes on like the last hour. What goes beyond it is refused.",
		empty:       "No service reports a quota",
		queries:     []query{{of: rules.QuotaForecast, legend: "{{service}} in 4 h"}},
	}.watches(rules.ProviderQuotaExhausted, above).watches(rules.ProviderQuotaForecast, above)
}
