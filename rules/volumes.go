package rules

import (
	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// Volume is how much a counter grew, recorded so that a view of twelve months
// reads few samples. Increase5m is recorded every five minutes, so that its
// samples tile the time and longer windows are their sums; Increase1h and
// Increase1d look back an hour and a day from any moment, and a view of months
// samples the latter once per step.
type Volume struct{ Increase5m, Increase1h, Increase1d expr.Recorded }

// Notifications by the stages that they reached.
var (
	StageVolume      = stageVolume(catalog.LabelStage, catalog.LabelChannel)
	CategoryVolume   = stageVolume(catalog.LabelStage, catalog.LabelCategory)
	ProviderVolume   = stageVolume(catalog.LabelStage, catalog.LabelChannel, catalog.LabelProvider)
	TemplateVolume   = volume("notification_template_stage", catalog.TemplateStages, catalog.LabelStage, catalog.LabelTemplate, catalog.LabelChannel)
	CampaignVolume   = volume("notification_campaign_stage", catalog.CampaignStages, catalog.LabelStage, catalog.LabelCampaign, catalog.LabelChannel)
	AudienceVolume   = volume("notification_audience_stage", catalog.AudienceStages, catalog.LabelStage, catalog.LabelPlatform, catalog.LabelDeviceType)
	SendHourVolume   = volume("notification_send_hour_stage", catalog.SendHourStages, catalog.LabelStage, catalog.LabelHour, catalog.LabelWeekday)
	FrequencyVolume  = volume("notification_frequency_stage", catalog.FrequencyStages, catalog.LabelStage, catalog.LabelRecent)
	ExperimentVolume = volume("notification_experiment_stage", catalog.ExperimentStages, catalog.LabelStage, catalog.LabelExperiment, catalog.LabelVariant)
)

// What failed, what was asked of the platform, and money.
var (
	ErrorVolume      = volume("notification_errors", catalog.Errors, catalog.LabelChannel, catalog.LabelProvider, catalog.LabelErrorCode, catalog.LabelFault)
	FaultVolume      = volume("notification_errors", catalog.Errors, catalog.LabelChannel, catalog.LabelFault)
	RetryVolume      = volume("notification_retries", catalog.Retries, perProvider...)
	SuppressedVolume = volume("notification_suppressed", catalog.Suppressed, catalog.LabelChannel, catalog.LabelReason)
	ActionVolume     = volume("notification_actions", catalog.Actions, catalog.LabelChannel, catalog.LabelAction)
	PreferenceVolume = volume("notification_preference_changes", catalog.PreferenceChangesTotal, catalog.LabelChannel, catalog.LabelChange)
	CostVolume       = volume("notification_cost", catalog.Cost, catalog.LabelChannel, catalog.LabelProvider, catalog.LabelCurrency)
	ValueVolume      = volume("notification_conversion_value", catalog.ConversionValue, catalog.LabelChannel, catalog.LabelCampaign, catalog.LabelCurrency)
	ServiceVolume    = volume("notification_service_requests", catalog.ServiceRequests, catalog.LabelService, catalog.LabelResult)
)

// Buckets of the histograms, for quantiles and heat maps over months.
var (
	LatencyVolume    = volume("notification_delivery_latency_seconds_bucket", expr.BucketsOf(catalog.DeliveryLatency), catalog.LabelChannel, expr.Le)
	TimeToOpenVolume = volume("notification_time_to_open_seconds_bucket", expr.BucketsOf(catalog.TimeToOpen), catalog.LabelChannel, expr.Le)
	ProcessingVolume = volume("notification_processing_seconds_bucket", expr.BucketsOf(catalog.Processing), catalog.LabelStep, expr.Le)
)

// How long alerts took to be looked after and to be over.
var (
	AcknowledgeVolume = volume("notification_alert_seconds_to_acknowledge_bucket", expr.BucketsOf(catalog.AlertToAcknowledge), catalog.LabelSeverity, expr.Le)
	ResolveVolume     = volume("notification_alert_seconds_to_resolve_bucket", expr.BucketsOf(catalog.AlertToResolve), catalog.LabelSeverity, expr.Le)
)

// volumes are all of the above, in the order in which they are recorded.
var volumes = []Volume{
	StageVolume, CategoryVolume, ProviderVolume, TemplateVolume, CampaignVolume, AudienceVolume, SendHourVolume, FrequencyVolume,
	ExperimentVolume, ErrorVolume, FaultVolume, RetryVolume, SuppressedVolume, ActionVolume, PreferenceVolume, CostVolume, ValueVolume, ServiceVolume,
	LatencyVolume, TimeToOpenVolume, ProcessingVolume, AcknowledgeVolume, ResolveVolume,
}

func stageVolume(by ...*catalog.Label) Volume {
	return volume("notification_stage", catalog.Stages, by...)
}

func volume[C expr.Cumulative](name string, of C, by ...*catalog.Label) Volume {
	tile := expr.Record(name+":increase5m", expr.Sum(expr.Increase(of, "5m")).Keeping(by...))
	return Volume{
		Increase5m: tile,
		Increase1h: expr.Record(name+":increase1h", expr.SumOverTime(tile, "1h")),
		Increase1d: expr.Record(name+":increase1d", expr.SumOverTime(tile, "1d")),
	}
}

// volumeTiles are the increases that tile the time.
func volumeTiles() []expr.Recorded {
	var tiles []expr.Recorded
	for _, v := range volumes {
		tiles = append(tiles, v.Increase5m)
	}
	return tiles
}

// volumeSums are the hours and days that the tiles add up to.
func volumeSums() []expr.Recorded {
	var sums []expr.Recorded
	for _, v := range volumes {
		sums = append(sums, v.Increase1h, v.Increase1d)
	}
	return sums
}

// StageRates are notifications per second that reached a stage, as the label
// says, over the short windows. Longer ones are in [StageVolume] and
// [CategoryVolume].
type StageRates struct{ Rate1m, Rate5m, Rate15m expr.Recorded }

// Every stage by channel, and by category.
var (
	ChannelStages  = stageRates(catalog.LabelStage, catalog.LabelChannel)
	CategoryStages = stageRates(catalog.LabelStage, catalog.LabelCategory)
)

func stageRates(by ...*catalog.Label) StageRates {
	over := func(window expr.Window) expr.Recorded {
		return expr.Record("notification_stage:rate"+string(window), expr.Sum(expr.Rate(catalog.Stages, window)).Keeping(by...))
	}
	return StageRates{over("1m"), over("5m"), over("15m")}
}

// reached is the elements of a series by stage that tell of one stage, without
// the label.
func reached(stage catalog.Stage, of expr.Recorded, by ...*catalog.Label) expr.Expr {
	return expr.Sum(of.Where(expr.Stage(stage))).Keeping(by...)
}
