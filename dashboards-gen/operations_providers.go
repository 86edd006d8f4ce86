package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/rules"
	"belfry/rules/expr"
)

// Providers.

func providerDown() panel.Panel {
	return panel.Panel{
		Title: "Errors per outcome by provider, last 30 s", Width: panel.Half, Draw: panel.Lines,
		Description: "Share of the outcomes of the last 30 s that are errors, without those caused by recipients. " +
			"Above the line, the provider counts as down.",
		Empty: "No outcomes in this time range",
	}.Watches(rules.ProviderDown, panel.Above)
}

func providerErrors() panel.Panel {
	return panel.Panel{
		Title: "Errors per outcome by provider, last 5 min", Width: panel.Half, Draw: panel.Lines,
		Description: "The same share over the last 5 minutes, smooth enough to show a provider that loses a few " +
			"percent.",
		Empty: "No outcomes in this time range", LeadsTo: []panel.Destination{toDeliverability},
	}.Watches(rules.ProviderErrorsHigh, panel.Above)
}

func providerLatency() panel.Panel {
	threshold := expr.Max(latencyThreshold).By(perChannel...)
	return panel.Panel{
		Title: "Delivery time by provider, p95", Width: panel.Half, Draw: panel.Lines,
		Description: "95 % of the deliveries of the last 5 minutes took at most this long. The dashed lines are the " +
			"objectives of the channels.",
		Empty: "Nothing was delivered", LeadsTo: []panel.Destination{toPerformance},
	}.Follows(rules.ProviderLatencyHigh, panel.Query{Of: threshold, Legend: "{{channel}} objective"})
}

func retries() panel.Panel {
	return panel.Panel{
		Title: "Retries per sent", Width: panel.Half, Draw: panel.Lines, Decimals: new(2.0),
		Description: "Retries per sent notification, over the last 5 minutes. Retries add load to a provider that is " +
			"already in trouble.",
		Empty: "No retries",
	}.Watches(rules.RetryStorm, panel.Above)
}

func rateLimited() panel.Panel {
	return panel.Panel{
		Title: "Throttled per outcome", Width: panel.Half, Draw: panel.Lines,
		Description: "Share of the attempts of the last 5 minutes that the provider refused because of its rate limit.",
		Empty:       "No throttling",
	}.Watches(rules.ProviderRateLimited, panel.Above)
}

func providerDelivered() panel.Panel {
	return panel.Panel{
		Key: "provider-delivered-per-attempt", Title: "Delivered per attempt by provider", Width: panel.Half,
		Draw: panel.Lines,
		Description: "Share of the attempts of the last 5 minutes that delivered, for each channel and provider. " +
			"Failed and bounced attempts are the rest.",
		Empty:   "No attempts",
		Queries: panel.Of(rules.ProviderDeliveredPerAttempt),
	}
}

func providerTable() panel.Panel {
	perSecond := func(r rules.Rates) expr.Expr { return expr.Sum(r.Rate5m).By(perProvider...) }
	return panel.Panel{
		Key: "providers", Title: "Channels and providers", Width: panel.Full, Unit: units.Short,
		Description: "Each provider on each channel over the last 5 minutes, the busiest first. Errors are over the " +
			"last 30 s.",
		Empty: "Nothing was sent",
	}.Table(
		rate("Sent per second", perSecond(rules.Sent)),
		rate("Delivered per second", perSecond(rules.Delivered)),
		rate("Failed per second", perSecond(rules.Failed)),
		rate("Bounced per second", perSecond(rules.Bounced)),
		percent("Delivered per attempt", 1, expr.Min(rules.ProviderDeliveredPerAttempt).By(perProvider...)),
		percent("Errors per outcome", 1, expr.Max(rules.ErrorsPerOutcome).By(perProvider...)).
			WithLimit(panel.BadAbove(rules.ProviderDown.Threshold)),
	)
}

// Queues and dead letters.

func queueMessages() panel.Panel {
	return panel.Panel{
		Title: "Messages in queues", Width: panel.Half, Draw: panel.Lines,
		Description: "Messages waiting in each queue of the platform. A queue that only grows is not being processed.",
		Empty:       "No queue lengths reported", LeadsTo: []panel.Destination{toPerformance},
	}.Watches(rules.QueueBacklogGrowing, panel.Above)
}

func queueAge() panel.Panel {
	return panel.Panel{
		Title: "Oldest message in queues", Width: panel.Half, Draw: panel.Lines,
		Description: "Age of the oldest message. If it rises by one second per second, the queue is stuck.",
		Empty:       "No queue ages reported",
	}.Watches(rules.QueueStuck, panel.Above)
}

func deadLetters() panel.Panel {
	return panel.Panel{
		Title: "Dead letters", Width: panel.Half, Draw: panel.Lines,
		Description: "Notifications that the platform gave up on, by queue. They stay until someone requeues or " +
			"drops them.",
		Empty: "No dead-letter queue reported",
	}.Watches(rules.DeadLetterNotDrained, panel.Above)
}

func newDeadLetters() panel.Panel {
	return panel.Panel{
		Title: "New dead letters, in 15 minutes", Width: panel.Half, Draw: panel.Lines, Signed: true,
		Description: "Change in dead letters over 15 minutes, by queue. Below 0, someone is requeuing or dropping " +
			"them.",
		Empty: "No dead-letter queue reported",
	}.Watches(rules.DeadLetterGrowing, panel.Above)
}
