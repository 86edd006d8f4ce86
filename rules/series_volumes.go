package rules

import (
	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// Volume describes how much a counter grew, recorded so that a view of twelve months
// reads few samples. Increase5m is recorded every five minutes. Its samples tile
// the time: over any period they add up to exactly what was counted in it, as
// [expr.Tally] explains. Increase1h and Increase1d are their sums over the last
// hour and day, and as exact.
type Volume struct{ Increase5m, Increase1h, Increase1d expr.Recorded }

// Notifications by the stages that they reached.
var (
	stageTally     = tally("notification_stage", catalog.Stages)
	StageVolume    = stageTally.volume(catalog.LabelStage, catalog.LabelChannel)
	CategoryVolume = stageTally.volume(catalog.LabelStage, catalog.LabelCategory)
	ProviderVolume = stageTally.volume(catalog.LabelStage, catalog.LabelChannel, catalog.LabelProvider)
	TemplateVolume = volume("notification_template_stage", catalog.TemplateStages,
		catalog.LabelStage, catalog.LabelTemplate, catalog.LabelChannel)
	CampaignVolume = volume("notification_campaign_stage", catalog.CampaignStages,
		catalog.LabelStage, catalog.LabelCampaign, catalog.LabelChannel)
	AudienceVolume = volume("notification_audience_stage", catalog.AudienceStages,
		catalog.LabelStage, catalog.LabelPlatform, catalog.LabelDeviceType)
	SendHourVolume = volume("notification_send_hour_stage", catalog.SendHourStages,
		catalog.LabelStage, catalog.LabelHour, catalog.LabelWeekday)
	FrequencyVolume = volume("notification_frequency_stage", catalog.FrequencyStages,
		catalog.LabelStage, catalog.LabelRecent)
	ExperimentVolume = volume("notification_experiment_stage", catalog.ExperimentStages,
		catalog.LabelStage, catalog.LabelExperiment, catalog.LabelVariant)
)

// Failures, requests, user actions and money.
var (
	errorTally  = tally("notification_errors", catalog.Errors)
	ErrorVolume = errorTally.volume(
		catalog.LabelChannel, catalog.LabelProvider, catalog.LabelErrorCode, catalog.LabelFault)
	FaultVolume      = errorTally.volume(catalog.LabelChannel, catalog.LabelFault)
	_                = volume("notification_retries", catalog.Retries, perProvider...)
	SuppressedVolume = volume("notification_suppressed", catalog.Suppressed, catalog.LabelChannel, catalog.LabelReason)
	ActionVolume     = volume("notification_actions", catalog.Actions, catalog.LabelChannel, catalog.LabelAction)
	PreferenceVolume = volume("notification_preference_changes", catalog.PreferenceChangesTotal,
		catalog.LabelChannel, catalog.LabelChange)
	CostVolume = volume("notification_cost", catalog.Cost,
		catalog.LabelChannel, catalog.LabelProvider, catalog.LabelCurrency)
	ValueVolume = volume("notification_conversion_value", catalog.ConversionValue,
		catalog.LabelChannel, catalog.LabelCampaign, catalog.LabelCurrency)
	ServiceVolume = volume("notification_service_requests", catalog.ServiceRequests,
		catalog.LabelService, catalog.LabelResult)
)

// Buckets of the histograms, for quantiles and heat maps over months. They have
// no Increase1h, and those of processing no Increase1d: nothing reads them.
var (
	LatencyVolume    = buckets("notification_delivery_latency_seconds", catalog.DeliveryLatency, catalog.LabelChannel)
	TimeToOpenVolume = buckets("notification_time_to_open_seconds", catalog.TimeToOpen, catalog.LabelChannel)
	ProcessingVolume = Volume{
		Increase5m: bucketTile(volumes.offers("the heat map of processing times in custom dashboards"),
			"notification_processing_seconds", catalog.Processing, catalog.LabelStep),
	}
)

// Times until alerts were acknowledged, and until they were over.
var (
	AcknowledgeVolume = buckets("notification_alert_seconds_to_acknowledge",
		catalog.AlertToAcknowledge, catalog.LabelSeverity)
	ResolveVolume = buckets("notification_alert_seconds_to_resolve", catalog.AlertToResolve, catalog.LabelSeverity)
)

// tallied holds a counter that volumes are recorded of.
type tallied struct {
	what string
	unit catalog.Unit
	expr.Tally
}

func tally(what string, of catalog.Counter) tallied {
	return tallied{what, of.Unit, volumes.tally(expr.NewTally(what, of, "5m"))}
}

func (t tallied) volume(by ...*catalog.Label) Volume {
	tile := volumes.record(t.unit, t.what+":increase5m", expr.Sum(t.Increase()).Keeping(by...))
	sums := days.offers("hours and days of every volume, for an installation's own views of weeks and months")
	return Volume{
		Increase5m: tile,
		Increase1h: sums.record(t.unit, t.what+":increase1h", expr.SumOverTime(tile, "1h")),
		Increase1d: sums.record(t.unit, t.what+":increase1d", expr.SumOverTime(tile, "1d")),
	}
}

// volume declares the only volume of a counter.
func volume(what string, of catalog.Counter, by ...*catalog.Label) Volume {
	return tally(what, of).volume(by...)
}

func buckets(what string, of catalog.Histogram, by *catalog.Label) Volume {
	tile := bucketTile(volumes, what, of, by)
	return Volume{
		Increase5m: tile,
		Increase1d: days.record(catalog.UnitNone, what+"_bucket:increase1d", expr.SumOverTime(tile, "1d")),
	}
}

func bucketTile(g group, what string, of catalog.Histogram, by *catalog.Label) expr.Recorded {
	what += "_bucket"
	grown := volumes.tally(expr.NewTally(what, expr.BucketsOf(of), "5m")).Increase()
	return g.record(catalog.UnitNone, what+":increase5m", expr.Sum(grown).Keeping(by, expr.Le))
}

// Shares of notifications by channel, over the window in which each settles: an
// open follows its delivery within the hour, a complaint within the day. A stage
// counts when it is reached, not when its notification was sent, so a share can be
// above 1 for a while.
var (
	openedPerDelivered = shareOf(StageVolume, days, "opened_per_delivered", "1h",
		catalog.StageOpened, catalog.StageDelivered, perChannel)
	ClickedPerOpened = shareOf(StageVolume, days, "clicked_per_opened", "1h",
		catalog.StageClicked, catalog.StageOpened, perChannel)
	ConvertedPerClicked = shareOf(StageVolume, days, "converted_per_clicked", "1h",
		catalog.StageConverted, catalog.StageClicked, perChannel)
	_ = shareOf(StageVolume, days.offers(engaged), "engaged_per_delivered", "1h",
		catalog.StageEngaged, catalog.StageDelivered, perChannel)
	_ = shareOf(StageVolume, days.offers(engaged), "engaged_per_delivered", "1d",
		catalog.StageEngaged, catalog.StageDelivered, perChannel)
	// convertedPerDelivered measures what sending achieves, over a day.
	convertedPerDelivered = shareOf(StageVolume, days, "converted_per_delivered", "1d",
		catalog.StageConverted, catalog.StageDelivered, perChannel)
	complainedPerDelivered = shareOf(StageVolume, days, "complained_per_delivered", "1d",
		catalog.StageComplained, catalog.StageDelivered, perChannel)
	optedOutPerDelivered = shareOf(StageVolume, days, "opted_out_per_delivered", "1d",
		catalog.StageOptedOut, catalog.StageDelivered, perChannel)
	// hardBouncedPerSent groups by channel and provider, since both lose reputation.
	hardBouncedPerSent = shareOf(ProviderVolume, days, "hard_bounced_per_sent", "1d",
		catalog.StageBouncedHard, catalog.StageSent, perProvider)
)

const engaged = "any response counts, on channels where nobody opens anything"

// Money, by channel and currency.
var (
	// CostPerDelivered measures what one delivered notification costs, over a day.
	CostPerDelivered = days.money("notification_cost_per_delivered", expr.Ratio(
		expr.Sum(CostVolume.Increase1d).Keeping(perCurrency...), deliveredToday(),
		expr.Ignoring(catalog.LabelCurrency).GroupLeft()))
	// What conversions brought in per unit spent, over a day.
	_ = days.offers("the return on what sending costs, for installations that report conversion values").
		money("notification_conversion_value_per_cost", expr.Ratio(
			expr.Sum(ValueVolume.Increase1d).Keeping(perCurrency...),
			expr.Sum(CostVolume.Increase1d).Keeping(perCurrency...)))
)

// perCurrency keeps currencies apart, which must never be added up.
var perCurrency = []*catalog.Label{catalog.LabelChannel, catalog.LabelCurrency}
