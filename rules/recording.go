package rules

import (
	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// now is the window of the alerts that page within a minute: three scrapes.
const now expr.Window = "30s"

// Rates are notifications per second that reached a stage, over the windows
// that are recorded.
type Rates struct{ Rate1m, Rate5m expr.Recorded }

// By channel and provider.
var (
	Sent      = rates("notification_sent", perProvider, catalog.StageSent)
	Delivered = rates("notification_delivered", perProvider, catalog.StageDelivered)
	Failed    = rates("notification_failed", perProvider, catalog.StageFailed)
	// Bounced counts a notification that bounced softly and then hard as two.
	Bounced    = rates("notification_bounced", perProvider, catalog.StageBouncedHard, catalog.StageBouncedSoft)
	Complained = rates("notification_complained", perProvider, catalog.StageComplained)
)

// ChannelSent is notifications sent per second over 5 minutes, by channel.
// [ChannelStages] has the other stages.
var ChannelSent = expr.Record("notification_sent:rate5m", expr.Sum(Sent.Rate5m).Keeping(perChannel...))

// Shares over the last 5 minutes. A delivery is counted when it happens, not
// when its notification was sent, so a share can be above 1 for a while.
var (
	// DeliveredPerSent is the share of sent notifications that arrived, by channel.
	DeliveredPerSent = perSent("notification_delivered_per_sent:ratio_rate5m", Delivered, perChannel)
	// FailedPerSent is the share of sent notifications that failed, by channel.
	FailedPerSent = perSent("notification_failed_per_sent:ratio_rate5m", Failed, perChannel)
	// ProviderDeliveredPerSent is DeliveredPerSent by channel and provider. It
	// says little where the sender names no provider yet.
	ProviderDeliveredPerSent = perSent("notification_delivered_per_sent:ratio_rate5m", Delivered, perProvider)
)

// DeliveredPerHour is DeliveredPerSent over an hour, steady enough to be
// compared with another week's.
var DeliveredPerHour = share("delivered_per_sent:ratio_rate1h", catalog.StageDelivered, catalog.StageSent, StageVolume.Increase1h)

// ChannelErrors is the share of errors among the outcomes of 5 minutes, by
// channel. The recipients' faults are left out.
var ChannelErrors = expr.Record("notification_slo_errors_per_outcome:ratio_rate5m", expr.Ratio(
	expr.Sum(expr.Rate(catalog.SLOStages, "5m", lost, notRecipient)).Keeping(perChannel...), expr.Sum(outcomes5m).Keeping(perChannel...)))

// RejectedPerEvent is the share of events that broke the contract, over 15
// minutes: all of them where none has been counted yet.
var RejectedPerEvent = expr.Record("belfry_events_rejected_per_event:ratio_rate15m", expr.Ratio(
	rejected15m, rejected15m.Add(expr.Sum(expr.Rate(catalog.Events, "15m")).Keeping()).Or(rejected15m)))

var rejected15m = expr.Sum(expr.Rate(catalog.EventsRejected, "15m")).Keeping()

// Time from sent to delivered over the last 5 minutes in seconds, by channel.
var (
	LatencyP50 = latency(0.5, "p50")
	LatencyP95 = latency(0.95, "p95")
	LatencyP99 = latency(0.99, "p99")
)

// The last 30 seconds, for the alerts that page within a minute.
var (
	// EventRate is events of any kind per second.
	EventRate = expr.Record("notification_events:rate30s", expr.Sum(expr.Rate(catalog.Events, now)).Keeping())

	// SentNow is notifications sent per second, by channel and provider.
	SentNow = expr.Record("notification_sent:rate30s", stageRate(now, perProvider, catalog.StageSent))
	// OutcomesNow is what became of notifications per second, by channel and
	// provider: delivered, failed or bounced.
	OutcomesNow = expr.Record("notification_outcomes:rate30s", stageRate(now, perProvider,
		catalog.StageDelivered, catalog.StageFailed, catalog.StageBouncedHard, catalog.StageBouncedSoft))
	// ErrorsNow is notifications per second that failed or bounced by anybody's
	// fault but the recipient's, by channel and provider.
	ErrorsNow = expr.Record("notification_slo_errors:rate30s",
		expr.Sum(expr.Rate(catalog.SLOStages, now, lost, notRecipient)).Keeping(perProvider...))

	// ErrorsPerOutcome is the share of errors among outcomes, by channel and provider.
	ErrorsPerOutcome = expr.Record("notification_slo_errors_per_outcome:ratio_rate30s", expr.Ratio(ErrorsNow, OutcomesNow))
	// UnansweredPerSent is the share of what was sent that has no outcome of any
	// kind, by channel and provider, where at least minSent is being sent.
	UnansweredPerSent = expr.Record("notification_unanswered_per_sent:ratio_rate30s", missing(OutcomesNow.Expr, SentNow))

	// ChannelSentNow is SentNow by channel.
	ChannelSentNow = expr.Record("notification_sent:rate30s", expr.Sum(SentNow).Keeping(perChannel...))
	// UndeliveredPerSent is the share of what was sent that was not delivered,
	// by channel, where at least minSent is being sent.
	UndeliveredPerSent = expr.Record("notification_undelivered_per_sent:ratio_rate30s",
		missing(stageRate(now, perChannel, catalog.StageDelivered), ChannelSentNow))
)

var (
	perChannel  = []*catalog.Label{catalog.LabelChannel}
	perProvider = []*catalog.Label{catalog.LabelChannel, catalog.LabelProvider}
)

func rates(name string, by []*catalog.Label, stages ...catalog.Stage) Rates {
	return Rates{
		Rate1m: expr.Record(name+":rate1m", stageRate("1m", by, stages...)),
		Rate5m: expr.Record(name+":rate5m", stageRate("5m", by, stages...)),
	}
}

func stageRate(over expr.Window, by []*catalog.Label, stages ...catalog.Stage) expr.Expr {
	return expr.Sum(expr.Rate(catalog.Stages, over, expr.Stage(stages...))).Keeping(by...)
}

func perSent(name string, part Rates, by []*catalog.Label) expr.Recorded {
	return expr.Record(name, expr.Ratio(expr.Sum(part.Rate5m).Keeping(by...), expr.Sum(Sent.Rate5m).Keeping(by...)))
}

func latency(q float64, name string) expr.Recorded {
	buckets := expr.Sum(expr.Rate(expr.BucketsOf(catalog.DeliveryLatency), "5m")).Keeping(catalog.LabelChannel, expr.Le)
	return expr.Record("notification_delivery_latency_seconds:"+name+"_rate5m", expr.Quantile(q, buckets))
}

// missing is the share of sent that is not in arrived. It compares with the
// least that was being sent at any moment of the last two minutes, because
// outcomes lag behind: compared with what is sent now, every rise in traffic
// would look like loss until they catch up, and compared with what was sent
// earlier, every fall would.
func missing(arrived expr.Expr, sent expr.Recorded) expr.Expr {
	steadily := expr.MinOverTime(sent, "2m").Ge(expr.Num(minSent))
	return expr.Num(1).Sub(arrived.Div(steadily))
}
