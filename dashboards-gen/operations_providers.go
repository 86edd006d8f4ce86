package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Who carries it.

func providerDown() panel {
	return panel{
		title: "Errors per outcome by provider, last 30 s", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of errors among the notifications whose fate was decided in the last 30 s, without the recipients' faults. " +
			"Above the line the provider counts as down.",
		empty: "No outcome in this time range",
	}.watches(rules.ProviderDown, above)
}

func providerErrors() panel {
	return panel{
		title: "Errors per outcome by provider, last 5 min", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "The same share over the last 5 minutes, steady enough to see a provider that loses a few per cent.",
		empty:       "No outcome in this time range", leads: []place{toDeliverability},
	}.watches(rules.ProviderErrorsHigh, above)
}

func providerLatency() panel {
	threshold := expr.Max(expr.Select(catalog.Objective, expr.Eq(catalog.LabelObjective, "delivery_latency_threshold_seconds"))).By(perChannel...)
	return panel{
		title: "Delivery time by provider, p95", width: half, height: tall, unit: units.Seconds, draw: lines{},
		description: "19 of 20 notifications of the last 5 minutes arrived within this time; the dashed lines are the objectives of the channels.",
		empty:       "Nothing was delivered", leads: []place{toPerformance},
	}.follows(rules.ProviderLatencyHigh, query{of: threshold, legend: "{{channel}} objective"})
}

func retries() panel {
	return panel{
		title: "Retries per sent", width: half, height: tall, unit: units.Short, draw: lines{}, decimals: new(2.0),
		description: "How many times a notification of the last 5 minutes was tried again, on average. Retries load a provider that is in trouble already.",
		empty:       "Nothing is tried again",
	}.watches(rules.RetryStorm, above)
}

func rateLimited() panel {
	return panel{
		title: "Throttled per outcome", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of the attempts of the last 5 minutes that the provider refused because there were too many.",
		empty:       "No provider throttles",
	}.watches(rules.ProviderRateLimited, above)
}

func providerDelivered() panel {
	return panel{
		key: "provider-delivered-per-sent", title: "Delivered per sent by provider", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of what was sent in the last 5 minutes that arrived, for each channel and provider.",
		empty:       "Nothing was sent",
		queries:     []query{{of: rules.ProviderDeliveredPerSent}},
	}
}

func providerTable() panel {
	rate := func(r rules.Rates) expr.Expr { return expr.Sum(r.Rate5m).By(perProvider...) }
	return panel{
		key: "providers", title: "Channels and providers", width: full, height: tall, unit: units.Short,
		description: "Each provider on each channel over the last 5 minutes, the busiest first; errors over the last 30 s.",
		empty:       "Nothing was sent",
	}.tabulates(
		column{title: "Sent per second", of: rate(rules.Sent), unit: units.Short},
		column{title: "Delivered per second", of: rate(rules.Delivered), unit: units.Short},
		column{title: "Failed per second", of: rate(rules.Failed), unit: units.Short},
		column{title: "Bounced per second", of: rate(rules.Bounced), unit: units.Short},
		column{title: "Delivered per sent", of: expr.Min(rules.ProviderDeliveredPerSent).By(perProvider...), unit: units.PercentUnit, decimals: new(1.0)},
		column{
			title: "Errors per outcome", of: expr.Max(rules.ErrorsPerOutcome).By(perProvider...), unit: units.PercentUnit, decimals: new(1.0),
			limit: &limit{value: rules.ProviderDown.Threshold, worse: above},
		},
	)
}

// What waits.

func queueMessages() panel {
	return panel{
		title: "Messages in queues", width: half, height: tall, unit: units.Short, draw: lines{},
		description: "Messages waiting in each of the platform's queues. One that only grows is not being worked off.",
		empty:       "No queue reports its length", leads: []place{toPerformance},
	}.watches(rules.QueueBacklogGrowing, above)
}

func queueAge() panel {
	return panel{
		title: "Oldest message in queues", width: half, height: tall, unit: units.Seconds, draw: lines{},
		description: "How long the oldest message has waited. A line that rises one second per second is a queue that stands still.",
		empty:       "No queue reports its age",
	}.watches(rules.QueueStuck, above)
}

func deadLetters() panel {
	return panel{
		title: "Dead letters", width: half, height: tall, unit: units.Short, draw: lines{},
		description: "Notifications that the platform gave up on, by queue. They stay until somebody requeues or drops them.",
		empty:       "No dead-letter queue reports its length",
	}.watches(rules.DeadLetterNotDrained, above)
}

func newDeadLetters() panel {
	return panel{
		title: "New dead letters, in 15 minutes", width: half, height: tall, unit: units.Short, draw: lines{}, signed: true,
		description: "How many more dead letters there are than a quarter of an hour before, by queue. Below 0 somebody requeues or drops them.",
		empty:       "No dead-letter queue reports its length",
	}.watches(rules.DeadLetterGrowing, above)
}
