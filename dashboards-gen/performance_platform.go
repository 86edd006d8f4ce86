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
		Description: "95 % of the notifications of the last 30 s were processed within this time, by channel.",
		Empty:       "No processing times reported",
	}.Watches(rules.ProcessingLatencyHigh, panel.Above)
}

func queueWait() panel.Panel {
	return panel.Panel{
		Title: "Wait in queues, p95", Width: panel.Half, Draw: panel.Lines,
		Description: "95 % of the notifications of the last 5 minutes waited at most this long in a queue, by channel.",
		Empty:       "No queue waits reported",
	}.Watches(rules.QueueWaitHigh, panel.Above)
}

func stepMedian() panel.Panel {
	return panel.Panel{
		Key: "steps-p50", Title: "Processing steps, median", Width: panel.Third, Draw: panel.Lines,
		Description: "Median time of each step over the last 5 minutes, over all channels. Look at the step that " +
			"grows.",
		Empty:   "No processing times reported",
		Queries: panel.Of(rules.StepP50),
	}
}

func stepP95() panel.Panel {
	return panel.Panel{
		Key: "steps-p95", Title: "Processing steps, p95", Width: panel.Third, Draw: panel.Lines,
		Description: "95 % of the notifications of the last 5 minutes took at most this long for the step, over all " +
			"channels.",
		Empty:   "No processing times reported",
		Queries: panel.Of(rules.StepP95),
	}
}

func renderTable() panel.Panel {
	by := []*catalog.Label{catalog.LabelTemplate}
	rendered := expr.Sum(expr.Increase(expr.CountOf(catalog.TemplateRender), hour)).By(by...)
	mean := expr.Ratio(expr.Sum(expr.Increase(expr.SumOf(catalog.TemplateRender), hour)).By(by...), rendered)
	slowest := expr.TopK(50, mean)
	return panel.Panel{
		Key: "render", Title: "Rendering by template, last hour", Width: panel.Third, Unit: units.Seconds,
		Description: "Average time to render a template in the last hour, for the 50 slowest templates.",
		Empty:       "No rendering times reported",
	}.Table(
		seconds("Mean", slowest),
		count("Rendered", rendered.And(slowest)),
	)
}

// Queues.

func queueForecast() panel.Panel {
	return panel.Panel{
		Key: "queue-forecast", Title: "Messages in queues, now and in an hour", Width: panel.Half, Draw: panel.Lines,
		Description: "Messages waiting in each queue. The dashed line forecasts an hour ahead, from the trend of the " +
			"last 30 minutes.",
		Empty: "No queue lengths reported", LeadsTo: []panel.Destination{toOperations},
		Queries: []panel.Query{{Of: rules.QueueMessages}, reference("{{queue}} in an hour", rules.QueueForecast)},
	}
}

func queueDrain() panel.Panel {
	return panel.Panel{
		Key: "queue-drain", Title: "Time until queues are empty", Width: panel.Half, Draw: panel.Lines,
		Description: "Time until each queue is empty at the rate of the last 15 minutes. A queue that does not " +
			"shrink has no line.",
		Empty:   "No queue is shrinking",
		Queries: panel.Of(rules.QueueDrain),
	}
}

// Resources.

func cpu() panel.Panel {
	return panel.Panel{
		Title: "CPU", Width: panel.Half, Draw: panel.Lines,
		Description: "CPU usage of each component, over 5 minutes.",
		Empty:       "No CPU usage reported",
	}.Watches(rules.ComponentCPUHigh, panel.Above)
}

func memory() panel.Panel {
	return panel.Panel{
		Title: "Memory", Width: panel.Half, Draw: panel.Lines,
		Description: "Memory usage of each component, over 5 minutes. If it only rises, memory leaks.",
		Empty:       "No memory usage reported",
	}.Watches(rules.ComponentMemoryHigh, panel.Above)
}

func disk() panel.Panel {
	return panel.Panel{
		Title: "Disk used in a day", Width: panel.Half, Draw: panel.Lines,
		Description: "Disk usage of each component in a day, at the rate of the last six hours.",
		Empty:       "No disk usage reported", LeadsTo: []panel.Destination{toAnomalies},
	}.Watches(rules.ComponentDisk, panel.Above)
}

func network() panel.Panel {
	return panel.Panel{
		Key: "component-network", Title: "Network", Width: panel.Half, Unit: units.BytesPerSecondIEC,
		Draw:        panel.Lines,
		Description: "Network traffic of each component, in both directions together.",
		Empty:       "No network traffic reported",
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
		Empty:       "No requests reported",
		Queries:     panel.Of(amount(rules.ServiceVolume, expr.Interval, []*catalog.Label{catalog.LabelService})),
	}
}

func serviceErrors() panel.Panel {
	return panel.Panel{
		Key: "service-errors", Title: "Failed requests to external services", Width: panel.Half, Draw: panel.Lines,
		Description: "Share of the requests of the last 5 minutes that failed, by service.",
		Empty:       "No failed requests",
		Queries:     panel.Of(rules.ServiceErrors),
	}
}

func serviceLatency() panel.Panel {
	return panel.Panel{
		Key: "service-latency", Title: "Response time of external services, p95", Width: panel.Half,
		Draw:        panel.Lines,
		Description: "95 % of the requests of the last 5 minutes were answered within this time, by service.",
		Empty:       "No requests reported",
		Queries:     panel.Of(rules.ServiceLatencyP95),
	}
}

func quotas() panel.Panel {
	return panel.Panel{
		Title: "Quota used, now and in four hours", Width: panel.Half, Draw: panel.Lines,
		Description: "Quota usage of each external service, and its forecast four hours ahead from the trend of the " +
			"last hour. Requests beyond the quota are refused.",
		Empty:   "No quota reported",
		Queries: []panel.Query{{Of: rules.QuotaForecast, Legend: "{{service}} in 4 h"}},
	}.Watches(rules.ProviderQuotaExhausted, panel.Above).Watches(rules.ProviderQuotaForecast, panel.Above)
}
