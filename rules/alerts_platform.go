package rules

import (
	"time"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// Queues.
var (
	QueueBacklogGrowing = platform.alert(Alert{
		Name: "QueueBacklogGrowing", Severity: settings.Warning, Team: "platform",
		When: func(messages float64) expr.Expr {
			return QueueMessages.Gt(expr.Num(messages)).And(expr.Deriv(QueueMessages, "15m").Gt(expr.Num(0)))
		},
		Value: QueueMessages.Expr, Threshold: 10000,
		For: 10 * time.Minute, KeepFiringFor: settling,
		Summary: "Queue {{ $labels.queue }} is growing",
		Description: "{{ $value | humanize }} messages are waiting in {{ $labels.queue }} (threshold <threshold>), " +
			"and their number has been growing for 10 minutes.",
		Dashboard: Operations, Panel: panelQueues, DetectsWithin: 30 * time.Minute,
	})
	// QueueStuck watches the oldest message: if it ages as fast as the clock,
	// nothing leaves the queue.
	QueueStuck = platform.alert(Alert{
		Name: "QueueStuck", Severity: settings.Critical, Team: "platform",
		When: func(seconds float64) expr.Expr {
			return QueueAge.Gt(expr.Num(seconds)).And(expr.Deriv(QueueAge, "5m").Gt(expr.Num(standing))).
				And(QueueMessages.Gt(expr.Num(0)))
		},
		Value: QueueAge.Expr, Threshold: 300, Unit: catalog.UnitSeconds,
		For: time.Minute, KeepFiringFor: settling,
		Summary: "Queue {{ $labels.queue }} is stuck",
		Description: "The oldest message in {{ $labels.queue }} is {{ $value | humanizeDuration }} old " +
			"(threshold <threshold>) and ages as fast as the clock: nothing has left the queue for 5 minutes.",
		First:     "Restart the workers of this queue; if the age does not fall, look for one message that blocks it.",
		Dashboard: Operations, Panel: panelQueueAge, DetectsWithin: 10 * time.Minute,
	})
	QueueWaitHigh = platform.alert(Alert{
		Name: "QueueWaitHigh", Severity: settings.Warning, Team: "platform",
		When: func(seconds float64) expr.Expr {
			queued := expr.Rate(expr.CountOf(catalog.Processing), "5m", expr.Eq(catalog.LabelStep, "queue_wait"))
			waits := expr.Sum(queued).Keeping(perChannel...)
			return QueueWaitP95.Gt(expr.Num(seconds)).And(waits.Ge(expr.Num(minTrouble)))
		},
		Value: QueueWaitP95.Expr, Threshold: 60, Unit: catalog.UnitSeconds,
		For: 5 * time.Minute, KeepFiringFor: settling,
		Summary: "Notifications on {{ $labels.channel }} wait long in queues",
		Description: "In the last 5 minutes, 5% of the notifications on {{ $labels.channel }} waited longer than " +
			"{{ $value | humanizeDuration }} in a queue (threshold <threshold> for the 95th percentile).",
		Dashboard: Performance, Panel: panelQueueWait, DetectsWithin: 15 * time.Minute,
	})
	DeadLetterGrowing = platform.alert(Alert{
		Name: "DeadLetterGrowing", Severity: settings.Warning, Team: "platform",
		When:  func(messages float64) expr.Expr { return deadLettersDelta.Gt(expr.Num(messages)) },
		Value: deadLettersDelta.Expr, Threshold: 10,
		For: time.Minute, KeepFiringFor: settling,
		Summary: "Dead letters pile up in {{ $labels.queue }}",
		Description: "{{ $value | humanize }} messages became dead letters in {{ $labels.queue }} in the last 15 " +
			"minutes (threshold <threshold>).",
		Dashboard: Operations, Panel: panelDeadLettersNew, DetectsWithin: 15 * time.Minute,
	})
	// DeadLetterNotDrained fires for queues that exist now and existed six hours
	// ago: a queue that came or went meanwhile has a minimum over six hours too.
	DeadLetterNotDrained = platform.alert(Alert{
		Name: "DeadLetterNotDrained", Severity: settings.Warning, Team: "platform",
		When: func(messages float64) expr.Expr {
			least := expr.Max(expr.MinOverTime(catalog.DeadLetters, "6h")).Keeping(catalog.LabelQueue)
			return least.Gt(expr.Num(messages)).
				And(expr.Group(expr.Select(catalog.DeadLetters)).Keeping(catalog.LabelQueue)).
				And(expr.Group(expr.Select(catalog.DeadLetters).Offset("6h")).Keeping(catalog.LabelQueue))
		},
		Value: expr.Max(expr.Select(catalog.DeadLetters)).Keeping(catalog.LabelQueue), Threshold: 0,
		For: 5 * time.Minute, KeepFiringFor: settling,
		Summary:     "Dead letters of {{ $labels.queue }} are not drained",
		Description: "{{ $labels.queue }} has held at least {{ $value | humanize }} dead letters for 6 hours.",
		Dashboard:   Operations, Panel: panelDeadLetters, DetectsWithin: 7 * time.Hour,
	})
)

const (
	// standing sets the aging per second above which the oldest message stays the
	// same one.
	standing = 0.9
	// minTrouble per second is 6 a minute, 30 in the five minutes that are judged.
	minTrouble = 0.1
	// quotaBegun sets the share of a quota below which a forecast of it is noise.
	quotaBegun = 0.2
	// diskBegun sets the share of a disk below which a forecast of it is noise.
	diskBegun = 0.5
)

// Providers.
var (
	RetryStorm = platform.alert(Alert{
		Name: "RetryStorm", Severity: settings.Warning, Team: "delivery",
		When: func(limit float64) expr.Expr {
			return retriesPerSent.Gt(expr.Num(limit)).And(retries5m.Ge(expr.Num(minSent)))
		},
		Value: retriesPerSent.Expr, Threshold: 0.5,
		For: 5 * time.Minute, KeepFiringFor: settling, Follows: []Alert{ProviderDown, ChannelDown}, Echo: echo,
		Summary: "Retries pile up at {{ $labels.provider }} on {{ $labels.channel }}",
		Description: "{{ $value | humanize }} retries for each notification sent through {{ $labels.provider }} on " +
			"{{ $labels.channel }} in the last 5 minutes (threshold <threshold>). " +
			"Retries add load to a provider that is already in trouble, and cost money.",
		Dashboard: Operations, Panel: panelRetries, DetectsWithin: 15 * time.Minute,
	})
	ProviderErrorsHigh = platform.alert(Alert{
		Name: "ProviderErrorsHigh", Severity: settings.Warning, Team: "delivery",
		When: func(limit float64) expr.Expr {
			return providerErrors.Gt(expr.Num(limit)).And(errorRate("5m", perProvider).Ge(expr.Num(minTrouble)))
		},
		Value: providerErrors.Expr, Threshold: 0.05, Unit: catalog.UnitRatio,
		For: 5 * time.Minute, KeepFiringFor: settling, Follows: []Alert{ProviderDown, ChannelDown}, Echo: echo,
		Summary: "{{ $value | humanizePercentage }} errors at {{ $labels.provider }} on {{ $labels.channel }}",
		Description: "{{ $value | humanizePercentage }} of the attempts through {{ $labels.provider }} on " +
			"{{ $labels.channel }} in the last 5 minutes failed or bounced because of us or the provider " +
			"(threshold <threshold>).",
		Dashboard: Operations, Panel: panelProviderErrors, DetectsWithin: 15 * time.Minute,
	})
	// ProviderLatencyHigh compares with the objective of the channel.
	ProviderLatencyHigh = platform.alert(Alert{
		Name: "ProviderLatencyHigh", Severity: settings.Warning, Team: "delivery",
		Expr: providerLatencyP95.Gt(latencyThreshold, expr.Ignoring(catalog.LabelProvider).GroupLeft()).
			And(deliveries5m.Ge(expr.Num(minTrouble))),
		Value: providerLatencyP95.Expr, Unit: catalog.UnitSeconds,
		For: 5 * time.Minute, KeepFiringFor: settling,
		Summary: "{{ $labels.provider }} delivers slowly on {{ $labels.channel }}",
		Description: "In the last 5 minutes, 5% of the deliveries by {{ $labels.provider }} on {{ $labels.channel }} " +
			"took longer than {{ $value | humanizeDuration }}, which is more than the channel's objective allows.",
		Dashboard: Operations, Panel: panelProviderLatency, DetectsWithin: 15 * time.Minute,
	})
	ProviderRateLimited = platform.alert(Alert{
		Name: "ProviderRateLimited", Severity: settings.Warning, Team: "delivery",
		When: func(limit float64) expr.Expr {
			return rateLimited.Gt(expr.Num(limit)).And(throttled5m.Ge(expr.Num(minTrouble)))
		},
		Value: rateLimited.Expr, Threshold: 0.05, Unit: catalog.UnitRatio,
		For: 5 * time.Minute, KeepFiringFor: settling,
		Summary: "{{ $labels.provider }} throttles us on {{ $labels.channel }}",
		Description: "{{ $labels.provider }} rejected {{ $value | humanizePercentage }} of the attempts on " +
			"{{ $labels.channel }} in the last 5 minutes because of its rate limit (threshold <threshold>).",
		Dashboard: Operations, Panel: panelRateLimited, DetectsWithin: 15 * time.Minute,
	})
	ProviderQuotaForecast = platform.alert(Alert{
		Name: "ProviderQuotaForecast", Severity: settings.Warning, Team: "delivery",
		When: func(limit float64) expr.Expr {
			return QuotaForecast.Gt(expr.Num(limit)).And(QuotaUsed.Gt(expr.Num(quotaBegun)))
		},
		Value: QuotaForecast.Expr, Threshold: 1, Unit: catalog.UnitRatio,
		For: 10 * time.Minute, KeepFiringFor: settling,
		Summary: "The quota of {{ $labels.service }} will not last 4 hours",
		Description: "At the rate of the last hour, {{ $value | humanizePercentage }} of the quota of " +
			"{{ $labels.service }} will be used in 4 hours (threshold <threshold>).",
		Dashboard: Performance, Panel: panelQuota, DetectsWithin: time.Hour,
	})
	ProviderQuotaExhausted = platform.alert(Alert{
		Name: "ProviderQuotaExhausted", Severity: settings.Critical, Team: "delivery",
		When:  func(limit float64) expr.Expr { return QuotaUsed.Ge(expr.Num(limit)) },
		Value: QuotaUsed.Expr, Threshold: 0.98, Unit: catalog.UnitRatio,
		For: time.Minute, KeepFiringFor: settling,
		Summary: "The quota of {{ $labels.service }} is used up",
		Description: "{{ $value | humanizePercentage }} of the quota of {{ $labels.service }} is used " +
			"(threshold <threshold>). Requests beyond the quota are rejected.",
		First:     "Pause campaigns and digests at once, so that what is urgent still goes out.",
		Dashboard: Performance, Panel: panelQuota, DetectsWithin: 5 * time.Minute,
	})
)

// Components.
var (
	ComponentCPUHigh = platform.alert(
		component("ComponentCpuHigh", catalog.ComponentCPU, "CPU", panelCPU))
	ComponentMemoryHigh = platform.alert(
		component("ComponentMemoryHigh", catalog.ComponentMemoryRatio, "memory", panelMemory))
	ComponentDisk = platform.alert(Alert{
		Name: "ComponentDiskForecast", Severity: settings.Warning, Team: "platform",
		When: func(limit float64) expr.Expr {
			return DiskForecast.Gt(expr.Num(limit)).And(DiskUsed.Gt(expr.Num(diskBegun)))
		},
		Value: DiskForecast.Expr, Threshold: 1, Unit: catalog.UnitRatio,
		For: 30 * time.Minute, KeepFiringFor: settling,
		Summary: "The disk of {{ $labels.component }} on {{ $labels.node }} will be full within a day",
		Description: "If it fills as in the last 6 hours, {{ $value | humanizePercentage }} of the disk of " +
			"{{ $labels.component }} on {{ $labels.node }} will be used in a day (threshold <threshold>).",
		Dashboard: Performance, Panel: panelDisk, DetectsWithin: 2 * time.Hour,
	})
)

func component(name string, usage catalog.Gauge, what, panel string) Alert {
	steady := expr.Max(expr.AvgOverTime(usage, "5m")).Keeping(catalog.LabelComponent, catalog.LabelNode)
	return Alert{
		Name: name, Severity: settings.Warning, Team: "platform",
		When:  func(limit float64) expr.Expr { return steady.Gt(expr.Num(limit)) },
		Value: steady, Threshold: 0.9, Unit: catalog.UnitRatio,
		For: 10 * time.Minute, KeepFiringFor: settling,
		Summary: "{{ $labels.component }} on {{ $labels.node }} uses {{ $value | humanizePercentage }} of its " + what,
		Description: "{{ $labels.component }} on {{ $labels.node }} has used more than <threshold> of its " + what +
			" for 10 minutes, {{ $value | humanizePercentage }} now.",
		Dashboard: Performance, Panel: panel, DetectsWithin: 20 * time.Minute,
	}
}
