package rules

import (
	"time"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// The figures behind the conditions that no threshold is.
const (
	// minSent is the least traffic per second that is judged by its absence. At
	// 60 a minute the 20 s between a window's first scrape and its last pass
	// without one by chance once in 500 million.
	minSent = 1
	// minErrors per second is 15 a minute: enough that a share of them means a
	// fault rather than a few users' bad luck.
	minErrors = 0.25
	// confirms is the share that must have been confirmed at some time of the
	// last day before missing confirmations mean anything: some channels and
	// providers never report a delivery.
	confirms = 0.5
	// minSentDay is how many must have been sent in a day before a share of them
	// tells of a provider's reputation.
	minSentDay = 1000
	// flapping is how long fast alerts outlive their condition: three
	// evaluations bridge a fault that comes and goes with a backlog or its
	// retries, and on-call still learns within a minute that it is over.
	flapping = 30 * time.Second
	// settling is the same for alerts over five minutes.
	settling = 5 * time.Minute
)

// ChannelDown says that a channel reaches nobody: what is sent does not arrive,
// or nothing is sent any more. It needs no For: to pass its threshold a fault
// must have lasted for most of the window already. Its threshold is above a
// half, since a channel with one of two providers down still delivers half.
var ChannelDown = deliveryNow.alert(Alert{
	Name: "ChannelDown", Severity: settings.Critical, Team: "delivery",
	When: func(share float64) expr.Expr {
		return unlessHidden(unconfirmed(undeliveredPerSent, share, deliveredPerSent).
			Or(silent(channelSentNow, settings.Prefix+"ChannelDown", catalog.LabelChannel)))
	},
	Value: undeliveredPerSent.Expr, Threshold: 0.8, Unit: catalog.UnitRatio,
	KeepFiringFor: flapping,
	Summary:       "Channel {{ $labels.channel }} is down",
	Description: `{{ if eq $value 0.0 }}Nothing has been sent on {{ $labels.channel }} for 30 s, where for half an hour at least one notification a second was.` +
		`{{ else }}{{ $value | humanizePercentage }} of what was sent on {{ $labels.channel }} in the last 30 s was not delivered (threshold <threshold>).{{ end }}`,
	Panel: panelUndelivered, DetectsWithin: time.Minute,
})

// ProviderDown says that a provider carries nothing. An outage shows as errors,
// with whatever code, or as silence: neither a delivery nor an error. Either is
// enough, and silence also covers errors whose series are too young to have a
// rate. Less than its threshold is trouble, which burns the error budget.
var ProviderDown = deliveryNow.alert(Alert{
	Name: "ProviderDown", Severity: settings.Critical, Team: "delivery",
	When: func(share float64) expr.Expr {
		return ErrorsPerOutcome.Gt(expr.Num(share)).And(errorsNow.Ge(expr.Num(minErrors))).
			Or(unlessHidden(unconfirmed(unansweredPerSent, share, ProviderDeliveredPerSent)))
	},
	Value: ErrorsPerOutcome.Expr, Threshold: 0.5, Unit: catalog.UnitRatio,
	For: 10 * time.Second, KeepFiringFor: flapping,
	Summary: "Provider {{ $labels.provider }} is down on {{ $labels.channel }}",
	Description: `{{ $value | humanizePercentage }} of what {{ $labels.provider }} was to deliver on {{ $labels.channel }} in the last 30 s ` +
		`failed or is unanswered (threshold <threshold>). Faults of recipients are not counted.`,
	Panel: panelErrors, DetectsWithin: time.Minute,
})

// ProcessingLatencyHigh says that the platform itself is slow, before anything
// is late.
var ProcessingLatencyHigh = deliveryNow.alert(Alert{
	Name: "ProcessingLatencyHigh", Severity: settings.Critical, Team: "delivery",
	When: func(seconds float64) expr.Expr {
		return processingNow.Gt(expr.Num(seconds)).And(expr.Sum(expr.Rate(expr.CountOf(catalog.Processing), now, isProcess)).Keeping(perChannel...).Ge(expr.Num(minErrors)))
	},
	Value: processingNow.Expr, Threshold: 5, Unit: catalog.UnitSeconds,
	For: 10 * time.Second, KeepFiringFor: flapping,
	Summary: "Processing on {{ $labels.channel }} is slow",
	Description: "Of the notifications on {{ $labels.channel }} in the last 30 s one in twenty took longer than {{ $value | humanizeDuration }} to process " +
		"(threshold <threshold> for the 95th percentile).",
	Dashboard: Performance, Panel: panelProcessing, DetectsWithin: time.Minute,
})

// ErrorRateHigh says that a channel loses a lot, whoever's budget it burns.
var ErrorRateHigh = delivery.alert(Alert{
	Name: "ErrorRateHigh", Severity: settings.Critical, Team: "delivery",
	When: func(share float64) expr.Expr {
		return channelErrors.Gt(expr.Num(share)).And(expr.Sum(expr.Rate(catalog.SLOStages, "5m", lost, notRecipient)).Keeping(perChannel...).Ge(expr.Num(minErrors)))
	},
	Value: channelErrors.Expr, Threshold: 0.1, Unit: catalog.UnitRatio,
	For: time.Minute, KeepFiringFor: settling,
	Summary: "{{ $value | humanizePercentage }} errors on {{ $labels.channel }}",
	Description: "{{ $value | humanizePercentage }} of the attempts on {{ $labels.channel }} in the last 5 minutes failed or bounced by our own or a provider's " +
		"fault (threshold <threshold>).",
	Panel: panelErrorRate, DetectsWithin: 5 * time.Minute,
})

// ThroughputLow says that the platform as a whole sends less than it ever should.
var ThroughputLow = delivery.alert(Alert{
	Name: "ThroughputLow", Severity: settings.Warning, Team: "delivery",
	When: func(perSecond float64) expr.Expr {
		return unlessHidden(expr.Sum(ChannelSent).Keeping().Lt(expr.Num(perSecond)))
	},
	Value: expr.Sum(ChannelSent).Keeping(), Threshold: 1.0 / 60, Unit: catalog.UnitRate,
	For: 10 * time.Minute, KeepFiringFor: settling,
	Summary:     "Hardly anything is sent",
	Description: "Over all channels less than <threshold> was sent for 10 minutes.",
	Panel:       panelThroughput, DetectsWithin: 20 * time.Minute,
})

// VolumeLow and VolumeHigh say that a channel's traffic is not what it is at
// this time of the week.
var (
	VolumeLow = delivery.alert(Alert{
		Name: "VolumeLow", Severity: settings.Warning, Team: "delivery",
		Expr:  unlessHidden(VolumeSeason.Series.Lt(VolumeSeason.Lower)),
		Value: VolumeSeason.Series.Expr, Unit: catalog.UnitRate,
		For: 10 * time.Minute, KeepFiringFor: 15 * time.Minute,
		Summary: "Unusually little is sent on {{ $labels.channel }}",
		Description: "{{ $value | humanize }} notifications a second on {{ $labels.channel }} are fewer than at this time of any day and week before: " +
			"below the seasonal band for 10 minutes.",
		Dashboard: Anomalies, Panel: panelVolume, DetectsWithin: 20 * time.Minute,
	})
	VolumeHigh = delivery.alert(Alert{
		Name: "VolumeHigh", Severity: settings.Warning, Team: "delivery",
		Expr:  VolumeSeason.Series.Gt(VolumeSeason.Upper).And(VolumeSeason.Series.Ge(expr.Num(minErrors))),
		Value: VolumeSeason.Series.Expr, Unit: catalog.UnitRate,
		For: 10 * time.Minute, KeepFiringFor: 15 * time.Minute,
		Summary: "Unusually much is sent on {{ $labels.channel }}",
		Description: "{{ $value | humanize }} notifications a second on {{ $labels.channel }} are more than at this time of any day and week before: " +
			"above the seasonal band for 10 minutes. A loop, a wrong segment, or a campaign that nobody told us of.",
		Dashboard: Anomalies, Panel: panelVolume, DetectsWithin: 20 * time.Minute,
	})
)

// DeliveryRatioDrop compares with the same time last week, so that a channel
// that never confirms everything has its own measure.
var DeliveryRatioDrop = delivery.alert(Alert{
	Name: "DeliveryRatioDrop", Severity: settings.Warning, Team: "delivery",
	When: func(ofUsual float64) expr.Expr {
		return atLeast(deliveredPerHour.Div(deliveredPerHour.Offset("1w")).Lt(expr.Num(ofUsual)),
			reached(catalog.StageSent, StageVolume.Increase1h, perChannel...), minJudged)
	},
	Value: deliveredPerHour.Div(deliveredPerHour.Offset("1w")), Threshold: 0.9, Unit: catalog.UnitRatio,
	For: 10 * time.Minute, KeepFiringFor: settling,
	Summary: "Fewer notifications on {{ $labels.channel }} arrive than a week ago",
	Description: "The share of what was sent on {{ $labels.channel }} that arrived within the last hour is {{ $value | humanizePercentage }} of what it was at this " +
		"time last week (threshold <threshold>).",
	Dashboard: Deliverability, Panel: panelDelivered, DetectsWithin: 30 * time.Minute,
})

// minJudged is how many notifications an hour must hold to be compared with another.
const minJudged = 100

var isProcess = expr.Eq(catalog.LabelStep, "process")
