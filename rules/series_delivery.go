package rules

import (
	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// now sets the window of the alerts that page within a minute: three scrapes.
const now expr.Window = "30s"

var (
	perChannel  = []*catalog.Label{catalog.LabelChannel}
	perProvider = []*catalog.Label{catalog.LabelChannel, catalog.LabelProvider}
)

// EventRate counts events of any kind per second over the last 30 seconds.
var EventRate = pipelineNow.rate("notification_events", now, expr.Sum(expr.Rate(catalog.Events, now)).Keeping())

// rejectedPerEvent measures the share of events that did not match the schema, over 15
// minutes: all of them where none has been counted yet.
var rejectedPerEvent = pipelineSlow.ratio("belfry_events_rejected_per_event", "15m", expr.Ratio(
	rejected15m, rejected15m.Add(expr.Sum(expr.Rate(catalog.Events, "15m")).Keeping()).Or(rejected15m)))

var rejected15m = expr.Sum(expr.Rate(catalog.EventsRejected, "15m")).Keeping()

// The last 30 seconds, for the alerts that page within a minute.
var (
	// sentNow counts notifications sent per second, by channel and provider.
	sentNow = deliveryNow.rate("notification_sent", now, stageRate(now, perProvider, catalog.StageSent))
	// outcomesNow counts what became of notifications per second, by channel and
	// provider: delivered, failed or bounced.
	outcomesNow = deliveryNow.rate("notification_outcomes", now, outcomes(now))
	// errorsNow counts notifications per second that failed or bounced, unless it was
	// the recipient's fault, by channel and provider.
	errorsNow = deliveryNow.rate("notification_slo_errors", now, errorRate(now, perProvider))

	// ErrorsPerOutcome measures the share of errors among outcomes, by channel and provider.
	ErrorsPerOutcome = deliveryNow.ratio("notification_slo_errors_per_outcome", now, expr.Ratio(errorsNow, outcomesNow))
	// unansweredPerSent measures the share of what was sent that has no outcome, by
	// channel and provider, where at least minSent is being sent.
	unansweredPerSent = deliveryNow.ratio("notification_unanswered_per_sent", now, missing(outcomesNow.Expr, sentNow))

	// channelSentNow groups sentNow by channel.
	channelSentNow = deliveryNow.rate("notification_sent", now, expr.Sum(sentNow).Keeping(perChannel...))
	// undeliveredPerSent measures the share of what was sent that was not delivered,
	// by channel, where at least minSent is being sent.
	undeliveredPerSent = deliveryNow.ratio("notification_undelivered_per_sent", now,
		missing(stageRate(now, perChannel, catalog.StageDelivered), channelSentNow))
	// processingNow measures the 95th percentile of the time that processing took, in
	// seconds, by channel.
	processingNow = deliveryNow.quantile(0.95, "notification_processing_seconds", now,
		stepBuckets("process", now, catalog.LabelChannel))
)

// Rates holds notifications per second that reached a stage, by window.
type Rates struct{ Rate1m, Rate5m expr.Recorded }

// Rates by channel and provider.
var (
	Sent      = rates("notification_sent", "", catalog.StageSent)
	Delivered = rates("notification_delivered", "", catalog.StageDelivered)
	Failed    = rates("notification_failed", "", catalog.StageFailed)
	// Bounced counts a notification that bounced softly and then hard as two.
	Bounced = rates("notification_bounced", "the outcomes of the last minute, next to sent, delivered and failed",
		catalog.StageBouncedHard, catalog.StageBouncedSoft)
	// Complaints per second over 5 minutes.
	_ = delivery.offers("the rates of a provider, next to sent, delivered, failed and bounced").
		rate("notification_complained", "5m", stageRate("5m", perProvider, catalog.StageComplained))
)

func rates(what, unread string, stages ...catalog.Stage) Rates {
	return Rates{
		Rate1m: deliveryNow.offers(unread).rate(what, "1m", stageRate("1m", perProvider, stages...)),
		Rate5m: delivery.rate(what, "5m", stageRate("5m", perProvider, stages...)),
	}
}

// ChannelSent counts notifications sent per second over 5 minutes, by channel.
var ChannelSent = delivery.rate("notification_sent", "5m", expr.Sum(Sent.Rate5m).Keeping(perChannel...))

// StageRates holds notifications per second by the stage that they reached, over
// the short windows. [StageVolume] and [CategoryVolume] have the longer ones.
type StageRates struct{ Rate1m, Rate5m, Rate15m expr.Recorded }

// Every stage by channel, and by category.
var (
	_              = stageRates(deliveryNow, catalog.LabelChannel)
	CategoryStages = stageRates(delivery, catalog.LabelCategory)
)

// stageRates declares the rate over a minute in the group quick, the others in
// delivery.
func stageRates(quick group, by *catalog.Label) StageRates {
	over := func(g group, window expr.Window) expr.Recorded {
		rate := expr.Sum(expr.Rate(catalog.Stages, window)).Keeping(catalog.LabelStage, by)
		return g.offers("every stage over 1, 5 and 15 minutes, for queries during an incident").
			rate("notification_stage", window, rate)
	}
	return StageRates{over(quick, "1m"), over(delivery, "5m"), over(delivery, "15m")}
}

// Shares over the last 5 minutes. A delivery counts when it happens, not when its
// notification was sent, so a share of what was sent is limited to 1.
var (
	// ProviderDeliveredPerAttempt measures the share of the attempts at a provider that
	// delivered, by channel and provider. What was sent counts for the provider that had it
	// first, so after a failover the second would deliver many times what it was sent.
	ProviderDeliveredPerAttempt = delivery.ratio("notification_delivered_per_attempt", "5m", expr.Ratio(
		Delivered.Rate5m, Delivered.Rate5m.Add(expr.ZeroFill(badAttempts5m, Delivered.Rate5m))))
	// confirmedPerSent groups deliveredPerSent by channel and provider: it tells who
	// confirms deliveries from who never does. It means little for senders that do not name
	// the provider yet.
	confirmedPerSent = shareOfSent(delivery, "notification_delivered_per_sent", Delivered, perProvider)
	// deliveredPerSent measures the share of sent notifications that arrived, by channel.
	deliveredPerSent = shareOfSent(delivery, "notification_delivered_per_sent", Delivered, perChannel)
	// The share of sent notifications that failed, by channel.
	_ = shareOfSent(delivery.offers("the sample alert of the rules file uses it"),
		"notification_failed_per_sent", Failed, perChannel)
	// channelErrors measures the share of errors among the outcomes, by channel, without
	// recipients' faults.
	channelErrors = errorsOfChannel("5m")
	// channelErrors1m measures the same over the last minute: whether it still goes on.
	channelErrors1m = errorsOfChannel("1m")
	// deliveredPerHour measures deliveredPerSent over an hour, steady enough to be
	// compared with another week's.
	deliveredPerHour = shareOf(StageVolume, delivery, "delivered_per_sent", "1h",
		catalog.StageDelivered, catalog.StageSent, perChannel)
)

// badAttempts5m counts failed and bounced attempts per second over 5 minutes, by channel and
// provider: each attempt, unlike the stages, which a notification reaches once.
var badAttempts5m = expr.Sum(expr.Rate(catalog.Errors, "5m")).Keeping(perProvider...)

func errorsOfChannel(over expr.Window) expr.Recorded {
	return delivery.ratio("notification_slo_errors_per_outcome", over,
		expr.Ratio(errorRate(over, perChannel), expr.Sum(outcomes(over)).Keeping(perChannel...)))
}

// Time from sent to delivered over the last 5 minutes in seconds, by channel.
var (
	LatencyP50 = latency(0.5)
	LatencyP95 = latency(0.95)
	LatencyP99 = latency(0.99)
)

func latency(q float64) expr.Recorded {
	observed := expr.Rate(expr.BucketsOf(catalog.DeliveryLatency), "5m")
	return delivery.quantile(q, "notification_delivery_latency_seconds", "5m",
		expr.Sum(observed).Keeping(catalog.LabelChannel, expr.Le))
}

// The targets that the exporter is configured with, by channel.
var (
	deliveryTarget   = target(catalog.UnitRatio, "delivery_success")
	latencyTarget    = target(catalog.UnitRatio, "delivery_latency")
	latencyThreshold = target(catalog.UnitSeconds, "delivery_latency_threshold_seconds")
)

func target(unit catalog.Unit, name string) expr.Recorded {
	configured := expr.Select(catalog.Objective, expr.Eq(catalog.LabelObjective, name))
	return delivery.record(unit, "notification_objective:"+name, expr.Max(configured).Keeping(perChannel...))
}
