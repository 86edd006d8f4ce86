package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Who carries it.

func providerErrors() panel {
	return panel{
		title: "Errors per outcome by provider", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of errors among the notifications whose fate was decided in the last 30 s, without the recipients' faults. " +
			"Above the line the provider counts as down.",
		empty: "No outcome in this time range",
	}.watches(rules.ProviderDown, above)
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
			limit: &limit{rules.ProviderDown.Threshold, above},
		},
	)
}

// What waits.

func queueMessages() panel {
	return panel{
		key: "queue-messages", title: "Messages in queues", width: third, height: tall, unit: units.Short, draw: lines{},
		description: "Messages waiting in each of the platform's queues. One that only grows is not being worked off.",
		empty:       "No queue reports its length",
		queries:     []query{{of: expr.Sum(expr.Select(catalog.QueueMessages)).By(catalog.LabelQueue)}},
	}
}

func queueAge() panel {
	return panel{
		key: "queue-age", title: "Oldest message in queues", width: third, height: tall, unit: units.Seconds, draw: lines{},
		description: "How long the oldest message has waited. A line that rises one second per second is a queue that stands still.",
		empty:       "No queue reports its age",
		queries:     []query{{of: expr.Max(expr.Select(catalog.QueueOldestAge)).By(catalog.LabelQueue)}},
	}
}

func deadLetters() panel {
	return panel{
		key: "dead-letters", title: "Dead letters", width: third, height: tall, unit: units.Short, draw: lines{},
		description: "Notifications that the platform gave up on, by queue. They stay until somebody requeues or drops them.",
		empty:       "No dead-letter queue reports its length",
		queries:     []query{{of: expr.Sum(expr.Select(catalog.DeadLetters)).By(catalog.LabelQueue)}},
	}
}
