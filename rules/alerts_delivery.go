package rules

import (
	"time"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// Guards of conditions in addition to their thresholds.
const (
	// minSent sets the least traffic per second whose absence means anything. At
	// 60 notifications a minute, the 20 s between a window's first scrape and its
	// last pass without one by chance once in 500 million.
	minSent = 1
	// minErrors per second is 15 a minute: enough that a share of them means a
	// fault rather than a few users' bad luck.
	minErrors = 0.25
	// confirms sets the share that must have been confirmed at some time in the last
	// day before missing confirmations mean anything: some channels and providers
	// never report a delivery.
	confirms = 0.5
	// minSentDay sets how many must have been sent in a day before a share of them
	// says something about a provider's reputation.
	minSentDay = 1000
	// minJudged sets how many notifications an hour must hold to be compared with
	// another.
	minJudged = 100
	// flapping sets how long fast alerts outlive their condition: three evaluations
	// bridge a fault that comes and goes with a backlog or its retries, and on-call
	// still learns within a minute that it is over.
	flapping = 30 * time.Second
	// outlasting sets the same for an alert that hides others as fast as itself. They
	// have lower thresholds, so that after a fault their conditions hold for up to two
	// scrapes longer; without the rest of this time, each would page when it is over.
	outlasting = time.Minute
	// settling sets the same for alerts over five minutes.
	settling = 5 * time.Minute
	// echo sets for how long a fault that is over stays in windows of five minutes.
	echo expr.Window = "5m"
)

// ChannelDown fires when a channel reaches nobody: what is sent does not arrive,
// or nothing is sent any more. It needs no For: to pass its threshold a fault
// must have lasted for most of the window already. The threshold is above a half,
// since a channel with one of two providers down still delivers half.
var ChannelDown = deliveryNow.alert(Alert{
	Name: "ChannelDown", Severity: settings.Critical, Team: "delivery",
	When: func(limit float64) expr.Expr {
		return unlessHidden(unconfirmed(undeliveredPerSent, limit, deliveredPerSent).
			Or(silent(channelSentNow, settings.Prefix+"ChannelDown", catalog.LabelChannel).
				Unless(noEvents, expr.Ignoring(catalog.LabelChannel))))
	},
	Value: undeliveredPerSent.Expr, Threshold: 0.8, Unit: catalog.UnitRatio,
	KeepFiringFor: outlasting, Follows: []Alert{EventStreamStalled},
	Summary: "Channel {{ $labels.channel }} is down",
	Description: `{{ if eq $value 0.0 }}Nothing has been sent on {{ $labels.channel }} for 30 s, after half an hour ` +
		`with at least one notification a second.` +
		`{{ else }}{{ $value | humanizePercentage }} of what was sent on {{ $labels.channel }} in the last 30 s ` +
		`was not delivered (threshold <threshold>).{{ end }}`,
	First: "Compare the channel's providers on the dashboard: if one fails, move its traffic to another; if " +
		"all do, restart the workers or roll back.",
	Panel: panelUndelivered, DetectsWithin: time.Minute,
})

// noEvents has a value while there are no events of any kind, which says nothing of a
// channel. It reads the scrapes and not EventRate, which may be from before the last.
var noEvents = expr.Max(expr.Rate(catalog.Events, now)).Keeping().Eq(expr.Num(0))

// ProviderDown fires when a provider delivers nothing. An outage shows as errors,
// with whatever code, or as silence: neither a delivery nor an error. Either is
// enough, and silence also covers errors whose series are too young to have a
// rate. Less than the threshold is trouble, which burns the error budget.
//
// If the channel is down with all its providers, ChannelDown pages instead. Its higher
// threshold takes a scrape longer, and For leaves time for another.
var ProviderDown = deliveryNow.alert(Alert{
	Name: "ProviderDown", Severity: settings.Critical, Team: "delivery",
	When: func(limit float64) expr.Expr {
		return ErrorsPerOutcome.Gt(expr.Num(limit)).And(errorsNow.Ge(expr.Num(minErrors))).
			Or(unlessHidden(unconfirmed(unansweredPerSent, limit, confirmedPerSent)))
	},
	Value: ErrorsPerOutcome.Expr, Threshold: 0.5, Unit: catalog.UnitRatio,
	For: 20 * time.Second, KeepFiringFor: flapping, Follows: []Alert{ChannelDown},
	Summary: "Provider {{ $labels.provider }} is down on {{ $labels.channel }}",
	Description: `{{ $value | humanizePercentage }} of what {{ $labels.provider }} should have delivered on ` +
		`{{ $labels.channel }} in the last 30 s failed or is unanswered (threshold <threshold>). ` +
		`Recipients' faults do not count.`,
	First: "Open the provider's status page, and move its traffic to another provider of the channel.",
	Panel: panelErrors, DetectsWithin: time.Minute,
})

// ProcessingLatencyHigh fires when the platform itself is slow, before anything
// is late.
var ProcessingLatencyHigh = deliveryNow.alert(Alert{
	Name: "ProcessingLatencyHigh", Severity: settings.Critical, Team: "delivery",
	When: func(seconds float64) expr.Expr {
		process := expr.Eq(catalog.LabelStep, "process")
		processed := expr.Sum(expr.Rate(expr.CountOf(catalog.Processing), now, process)).Keeping(perChannel...)
		return processingNow.Gt(expr.Num(seconds)).And(processed.Ge(expr.Num(minErrors)))
	},
	Value: processingNow.Expr, Threshold: 5, Unit: catalog.UnitSeconds,
	For: 10 * time.Second, KeepFiringFor: flapping,
	Summary: "Processing on {{ $labels.channel }} is slow",
	Description: "In the last 30 s, 5% of the notifications on {{ $labels.channel }} took longer than " +
		"{{ $value | humanizeDuration }} to process (threshold <threshold> for the 95th percentile).",
	First: "Open the panel: if one channel is slow, look at its last release; if all are, at what they " +
		"share, such as the database.",
	Dashboard: Performance, Panel: panelProcessing, DetectsWithin: time.Minute,
})

// ErrorRateHigh fires when a channel loses a lot, whosever budget it burns: over five
// minutes, and still in the last.
var ErrorRateHigh = delivery.alert(Alert{
	Name: "ErrorRateHigh", Severity: settings.Critical, Team: "delivery",
	When: func(limit float64) expr.Expr {
		return channelErrors.Gt(expr.Num(limit)).And(channelErrors1m.Gt(expr.Num(limit))).
			And(errorRate("5m", perChannel).Ge(expr.Num(minErrors)))
	},
	Value: channelErrors.Expr, Threshold: 0.1, Unit: catalog.UnitRatio,
	For: time.Minute, KeepFiringFor: settling, Follows: []Alert{ChannelDown, ProviderDown},
	Summary: "{{ $value | humanizePercentage }} errors on {{ $labels.channel }}",
	Description: "{{ $value | humanizePercentage }} of the attempts on {{ $labels.channel }} in the last 5 minutes " +
		"failed or bounced because of us or a provider, and the last minute is no better (threshold <threshold>).",
	First: "Look up the error codes on the dashboard: if one provider returns them, move its traffic; if " +
		"all do, roll back the last release.",
	Panel: panelErrorRate, DetectsWithin: 5 * time.Minute,
})

// ThroughputLow fires when the platform as a whole sends less than it ever should.
var ThroughputLow = delivery.alert(Alert{
	Name: "ThroughputLow", Severity: settings.Warning, Team: "delivery",
	When: func(perSecond float64) expr.Expr {
		return unlessHidden(expr.Sum(ChannelSent).Keeping().Lt(expr.Num(perSecond)))
	},
	Value: expr.Sum(ChannelSent).Keeping(), Threshold: 1.0 / 60, Unit: catalog.UnitRate, Below: true,
	For: 10 * time.Minute, KeepFiringFor: settling,
	Summary:     "Almost nothing is sent",
	Description: "All channels together have sent less than <threshold> for 10 minutes.",
	Panel:       panelThroughput, DetectsWithin: 20 * time.Minute,
})

// VolumeLow and VolumeHigh fire when a channel's traffic is not what it usually
// is at this time of the week.
var (
	VolumeLow = delivery.alert(Alert{
		Name: "VolumeLow", Severity: settings.Warning, Team: "delivery",
		Expr:  unlessHidden(VolumeSeason.Series.Lt(VolumeSeason.Lower)),
		Value: VolumeSeason.Series.Expr, Unit: catalog.UnitRate, Below: true,
		For: 10 * time.Minute, KeepFiringFor: 15 * time.Minute,
		Summary: "Unusually low volume on {{ $labels.channel }}",
		Description: "{{ $value | humanize }} notifications a second on {{ $labels.channel }} are fewer than at this " +
			"time of any day and week before: below the seasonal band for 10 minutes.",
		Dashboard: Anomalies, Panel: panelVolume, DetectsWithin: 20 * time.Minute,
	})
	VolumeHigh = delivery.alert(Alert{
		Name: "VolumeHigh", Severity: settings.Warning, Team: "delivery",
		Expr:  VolumeSeason.Series.Gt(VolumeSeason.Upper).And(VolumeSeason.Series.Ge(expr.Num(minErrors))),
		Value: VolumeSeason.Series.Expr, Unit: catalog.UnitRate,
		For: 10 * time.Minute, KeepFiringFor: 15 * time.Minute,
		Summary: "Unusually high volume on {{ $labels.channel }}",
		Description: "{{ $value | humanize }} notifications a second on {{ $labels.channel }} are more than at this " +
			"time of any day and week before: above the seasonal band for 10 minutes. Likely a loop, a wrong " +
			"segment, or an unannounced campaign.",
		Dashboard: Anomalies, Panel: panelVolume, DetectsWithin: 20 * time.Minute,
	})
)

// DeliveryRatioDrop compares with the same time last week, so that a channel
// that never confirms everything is measured against itself.
var DeliveryRatioDrop = delivery.alert(Alert{
	Name: "DeliveryRatioDrop", Severity: settings.Warning, Team: "delivery",
	When: func(ofUsual float64) expr.Expr {
		return atLeast(deliveredPerHour.Div(deliveredPerHour.Offset("1w")).Lt(expr.Num(ofUsual)),
			reached(catalog.StageSent, StageVolume.Increase1h, perChannel...), minJudged)
	},
	Value: deliveredPerHour.Div(deliveredPerHour.Offset("1w")), Threshold: 0.9, Unit: catalog.UnitRatio, Below: true,
	For: 10 * time.Minute, KeepFiringFor: settling,
	Summary: "Fewer notifications on {{ $labels.channel }} arrive than a week ago",
	Description: "The share of notifications on {{ $labels.channel }} that arrived within the last hour is " +
		"{{ $value | humanizePercentage }} of what it was at this time last week (threshold <threshold>).",
	Dashboard: Deliverability, Panel: panelDelivered, DetectsWithin: 30 * time.Minute,
})
