package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/rules"
	"belfry/rules/expr"
)

// Who carries it.

func providerDown() panel.Panel {
	return panel.Panel{
		Title: "Errors per outcome by provider, last 30 s", Width: panel.Half, Draw: panel.Lines,
		Description: "Share of errors among the notifications whose fate was decided in the last 30 s, without the " +
			"recipients' faults. Above the line the provider counts as down.",
		Empty: "No outcome in this time range",
	}.Watches(rules.ProviderDown, panel.Above)
}

func providerErrors() panel.Panel {
	return panel.Panel{
		Title: "Errors per outcome by provider, last 5 min", Width: panel.Half, Draw: panel.Lines,
		Description: "The same share over the last 5 minutes, steady enough to see a provider that loses a few per " +
			"cent.",
		Empty: "No outcome in this time range", LeadsTo: []panel.Destination{toDeliverability},
	}.Watches(rules.ProviderErrorsHigh, panel.Above)
}

func providerLatency() panel.Panel {
	threshold := expr.Max(latencyThreshold).By(perChannel...)
	return panel.Panel{
		Title: "Delivery time by provider, p95", Width: panel.Half, Draw: panel.Lines,
		Description: "19 of 20 notifications of the last 5 minutes arrived within this time; the dashed lines are " +
			"the objectives of the channels.",
		Empty: "Nothing was delivered", LeadsTo: []panel.Destination{toPerformance},
	}.Follows(rules.ProviderLatencyHigh, panel.Query{Of: threshold, Legend: "{{channel}} objective"})
}

func retries() panel.Panel {
	return panel.Panel{
		Title: "Retries per sent", Width: panel.Half, Draw: panel.Lines, Decimals: new(2.0),
		Description: "How many times a notification of the last 5 minutes was tried again, on average. Retries load " +
			"a provider that is in trouble already.",
		Empty: "Nothing is tried again",
	}.Watches(rules.RetryStorm, panel.Above)
}

func rateLimited() panel.Panel {
	return panel.Panel{
		Title: "Throttled per outcome", Width: panel.Half, Draw: panel.Lines,
		Description: "Share of the attempts of the last 5 minutes that the provider refused because there were too " +
			"many.",
		Empty: "No provider throttles",
	}.Watches(rules.ProviderRateLimited, panel.Above)
}

func providerDelivered() panel.Panel {
	return panel.Panel{
		Key: "provider-delivered-per-sent", Title: "Delivered per sent by provider", Width: panel.Half,
		Draw:        panel.Lines,
		Description: "Share of what was sent in the last 5 minutes that arrived, for each channel and provider.",
		Empty:       "Nothing was sent",
		Queries:     panel.Of(rules.ProviderDeliveredPerSent),
	}
}

func providerTable() panel.Panel {
	rate := func(r rules.Rates) expr.Expr { return expr.Sum(r.Rate5m).By(perProvider...) }
	return panel.Panel{
		Key: "providers", Title: "Channels and providers", Width: panel.Full, Unit: units.Short,
		Description: "Each provider on each channel over the last 5 minutes, the busiest first; errors over the last " +
			"30 s.",
		Empty: "Nothing was sent",
	}.Table(
		count("Sent per second", rate(rules.Sent)),
		count("Delivered per second", rate(rules.Delivered)),
		count("Failed per second", rate(rules.Failed)),
		count("Bounced per second", rate(rules.Bounced)),
		percent("Delivered per sent", 1, expr.Min(rules.ProviderDeliveredPerSent).By(perProvider...)),
		percent("Errors per outcome", 1, expr.Max(rules.ErrorsPerOutcome).By(perProvider...)).
			WithLimit(panel.BadAbove(rules.ProviderDown.Threshold)),
	)
}

// What waits.

func queueMessages() panel.Panel {
	return panel.Panel{
		Title: "Messages in queues", Width: panel.Half, Draw: panel.Lines,
		Description: "Messages waiting in each of the platform's queues. One that only grows is not being worked off.",
		Empty:       "No queue reports its length", LeadsTo: []panel.Destination{toPerformance},
	}.Watches(rules.QueueBacklogGrowing, panel.Above)
}

func queueAge() panel.Panel {
	return panel.Panel{
		Title: "Oldest message in queues", Width: panel.Half, Draw: panel.Lines,
		Description: "How long the oldest message has waited. A line that rises one second per second is a queue " +
			"that stands still.",
		Empty: "No queue reports its age",
	}.Watches(rules.QueueStuck, panel.Above)
}

func deadLetters() panel.Panel {
	return panel.Panel{
		Title: "Dead letters", Width: panel.Half, Draw: panel.Lines,
		Description: "Notifications that the platform gave up on, by queue. They stay until somebody requeues or " +
			"drops them.",
		Empty: "No dead-letter queue reports its length",
	}.Watches(rules.DeadLetterNotDrained, panel.Above)
}

func newDeadLetters() panel.Panel {
	return panel.Panel{
		Title: "New dead letters, in 15 minutes", Width: panel.Half, Draw: panel.Lines, Signed: true,
		Description: "How many more dead letters there are than a quarter of an hour before, by queue. Below 0 " +
			"somebody requeues or drops them.",
		Empty: "No dead-letter queue reports its length",
	}.Watches(rules.DeadLetterGrowing, panel.Above)
}
