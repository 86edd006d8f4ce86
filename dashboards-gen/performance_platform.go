package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Processing.

func processingNow() panel.Panel {
	return panel.Panel{
		Title: "Processing time, p95", Width: panel.Half, Draw: panel.Lines,
		Description: "19 of 20 notifications of the last 30 s were processed by the platform within this time, by " +
			"channel.",
		Empty: "No producer reports processing times",
	}.Watches(rules.ProcessingLatencyHigh, panel.Above)
}

func queueWait() panel.Panel {
	return panel.Panel{
		Title: "Wait in queues, p95", Width: panel.Half, Draw: panel.Lines,
		Description: "19 of 20 notifications of the last 5 minutes waited no longer than this in a queue, by channel.",
		Empty:       "No producer reports waits",
	}.Watches(rules.QueueWaitHigh, panel.Above)
}

func stepMedian() panel.Panel {
	return panel.Panel{
		Key: "steps-p50", Title: "Processing steps, median", Width: panel.Third, Draw: panel.Lines,
		Description: "Half of the notifications of the last 5 minutes took no longer for the step, over all " +
			"channels. The step that grows is the one to look at.",
		Empty:   "No producer reports processing times",
		Queries: panel.Of(rules.StepP50),
	}
}

func stepP95() panel.Panel {
	return panel.Panel{
		Key: "steps-p95", Title: "Processing steps, p95", Width: panel.Third, Draw: panel.Lines,
		Description: "19 of 20 notifications of the last 5 minutes took no longer for the step, over all channels.",
		Empty:       "No producer reports processing times",
		Queries:     panel.Of(rules.StepP95),
	}
}

func renderTable() panel.Panel {
	by := []*catalog.Label{catalog.LabelTemplate}
	rendered := expr.Sum(expr.Increase(expr.CountOf(catalog.TemplateRender), hour)).By(by...)
	mean := expr.Ratio(expr.Sum(expr.Increase(expr.SumOf(catalog.TemplateRender), hour)).By(by...), rendered)
	slowest := expr.TopK(50, mean)
	return panel.Panel{
		Key: "render", Title: "Rendering by template, last hour", Width: panel.Third, Unit: units.Seconds,
		Description: "The mean time that rendering a template took in the last hour, for the 50 slowest templates.",
		Empty:       "No producer reports rendering times",
	}.Table(
		seconds("Mean", slowest),
		decimal("Rendered", 0, rendered.And(slowest)),
	)
}

// Queues.

func queueForecast() panel.Panel {
	return panel.Panel{
		Key: "queue-forecast", Title: "Messages in queues, and in an hour", Width: panel.Half, Draw: panel.Lines,
		Description: "Messages waiting in each queue; dashed, how many there will be in an hour if it goes on like " +
			"the last 30 minutes.",
		Empty: "No queue reports its length", LeadsTo: []panel.Destination{toOperations},
		Queries: []panel.Query{{Of: rules.QueueMessages}, reference("{{queue}} in an hour", rules.QueueForecast)},
	}
}

func queueDrain() panel.Panel {
	return panel.Panel{
		Key: "queue-drain", Title: "Time until queues are empty", Width: panel.Half, Draw: panel.Lines,
		Description: "How long each queue needs at the pace of the last 15 minutes. A queue that does not shrink has " +
			"no line.",
		Empty:   "No queue is shrinking",
		Queries: panel.Of(rules.QueueDrain),
	}
}

// Resources.

func cpu() panel.Panel {
	return panel.Panel{
		Title: "CPU", Width: panel.Half, Draw: panel.Lines,
		Description: "Share of its CPU that each component used, over 5 minutes.",
		Empty:       "No component reports its CPU",
	}.Watches(rules.ComponentCPUHigh, panel.Above)
}

func memory() panel.Panel {
	return panel.Panel{
		Title: "Memory", Width: panel.Half, Draw: panel.Lines,
		Description: "Share of its memory that each component used, over 5 minutes. A line that only rises is a leak.",
		Empty:       "No component reports its memory",
	}.Watches(rules.ComponentMemoryHigh, panel.Above)
}

func disk() panel.Panel {
	return panel.Panel{
		Title: "Disk used in a day", Width: panel.Half, Draw: panel.Lines,
		Description: "Share of its disk that each component will have used in a day if it fills as in the last six " +
			"hours.",
		Empty: "No component reports its disk", LeadsTo: []panel.Destination{toAnomalies},
	}.Watches(rules.ComponentDisk, panel.Above)
}

func network() panel.Panel {
	return panel.Panel{
		Key: "component-network", Title: "Network", Width: panel.Half, Unit: units.BytesPerSecondIEC,
		Draw:        panel.Lines,
		Description: "Traffic that each component reports, in both directions together.",
		Empty:       "No component reports its traffic",
		Queries: panel.Of(
			expr.Max(expr.Select(catalog.ComponentNetwork)).By(catalog.LabelComponent, catalog.LabelNode)),
	}
}

// External services.

func serviceRequests() panel.Panel {
	return panel.Panel{
		Key: "service-requests", Title: "Requests to external services, per interval", Width: panel.Half,
		Unit: units.Short, Draw: panel.Bars, Every: tile,
		Description: "Requests in each interval of the graph, by service.",
		Empty:       "No component reports requests",
		Queries:     panel.Of(amount(rules.ServiceVolume, expr.Interval, []*catalog.Label{catalog.LabelService})),
	}
}

func serviceErrors() panel.Panel {
	return panel.Panel{
		Key: "service-errors", Title: "Failed requests to external services", Width: panel.Half, Draw: panel.Lines,
		Description: "Share of the requests of the last 5 minutes that failed, by service.",
		Empty:       "No request failed",
		Queries:     panel.Of(rules.ServiceErrors),
	}
}

func serviceLatency() panel.Panel {
	return panel.Panel{
		Key: "service-latency", Title: "Response time of external services, p95", Width: panel.Half,
		Draw:        panel.Lines,
		Description: "19 of 20 requests of the last 5 minutes were answered within this time, by service.",
		Empty:       "No component reports requests",
		Queries:     panel.Of(rules.ServiceLatencyP95),
	}
}

func quotas() panel.Panel {
	return panel.Panel{
		Title: "Quota used, and in four hours", Width: panel.Half, Draw: panel.Lines,
		Description: "Share of its quota that each external service has used, and will have in four hours if it goes " +
			"on like the last hour. What goes beyond it is refused.",
		Empty:   "No service reports a quota",
		Queries: []panel.Query{{Of: rules.QuotaForecast, Legend: "{{service}} in 4 h"}},
	}.Watches(rules.ProviderQuotaExhausted, panel.Above).Watches(rules.ProviderQuotaForecast, panel.Above)
}
