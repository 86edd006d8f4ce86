package rules

import (
	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// Notifications by the stages that they reached.
var (
	stageTally = tally("notification_stage", catalog.Stages)
	stageTile  = stageTally.tile(catalog.LabelStage, catalog.LabelChannel)
	// HourComplete and DayComplete are 1, once for each hour and each day of which every
	// volume has its sum, at the same time. They have the labels of the target alone. What was
	// sent stands for all volumes, which one rule group records.
	HourComplete = clock("1h", catalog.UnitNone, "notification_hour:complete", anySent)
	DayComplete  = clock("1d", catalog.UnitNone, "notification_day:complete", anySent)
	anySent      = expr.Group(stageTile.Where(expr.Stage(catalog.StageSent))).Keeping()

	StageVolume    = stageTally.of(stageTile)
	CategoryVolume = stageTally.volume(catalog.LabelStage, catalog.LabelCategory)
	ProviderVolume = stageTally.volume(catalog.LabelStage, catalog.LabelChannel, catalog.LabelProvider)
	TemplateVolume = volume("notification_template_stage", catalog.TemplateStages,
		catalog.LabelStage, catalog.LabelTemplate, catalog.LabelChannel)
	CampaignVolume = volume("notification_campaign_stage", catalog.CampaignStages,
		catalog.LabelStage, catalog.LabelCampaign, catalog.LabelChannel)
	audienceTally  = tally("notification_audience_stage", catalog.AudienceStages)
	AudienceVolume = audienceTally.volume(catalog.LabelStage, catalog.LabelPlatform, catalog.LabelDeviceType)
	sendHourTally  = tally("notification_send_hour_stage", catalog.SendHourStages)
	SendHourVolume = sendHourTally.volume(catalog.LabelStage, catalog.LabelHour, catalog.LabelWeekday)
	frequencyTally = tally("notification_frequency_stage", catalog.FrequencyStages)
	// FrequencyVolume groups by how many notifications the user was sent before.
	FrequencyVolume  = frequencyTally.volume(catalog.LabelStage, catalog.LabelRecent)
	ExperimentVolume = volume("notification_experiment_stage", catalog.ExperimentStages,
		catalog.LabelStage, catalog.LabelExperiment, catalog.LabelVariant)
)

// Where users are and which version of the app they have, of installations that count
// it. They have no Increase1h.
var (
	CountryVolume = tally("notification_country_stage", catalog.CountryStages).daily(
		catalog.LabelStage, catalog.LabelCountry, catalog.LabelChannel)
	AppVersionVolume = tally("notification_app_version_stage", catalog.AppVersionStages).daily(
		catalog.LabelStage, catalog.LabelAppVersion, catalog.LabelPlatform)
)

// The same by channel, for questions about one channel, or that compare like with
// like. They have no Increase1h.
var (
	ChannelAudienceVolume = audienceTally.daily(
		catalog.LabelStage, catalog.LabelChannel, catalog.LabelPlatform, catalog.LabelDeviceType)
	ChannelSendHourVolume  = sendHourTally.daily(catalog.LabelStage, catalog.LabelChannel, catalog.LabelHour)
	ChannelFrequencyVolume = frequencyTally.daily(catalog.LabelStage, catalog.LabelChannel, catalog.LabelRecent)
)

// Users of experiments. Over the time since an experiment started, the volumes add
// up to what its results are computed from, also where the counters have outlived
// an earlier experiment of the same id.
var (
	// ExperimentMomentVolume holds the sums over users by outcome and moment.
	ExperimentMomentVolume = volume("notification_experiment_moment", catalog.ExperimentMoments,
		catalog.LabelExperiment, catalog.LabelVariant, catalog.LabelOutcome, catalog.LabelMoment)
	// ExperimentUserVolume counts distinct users by the stages that they reached.
	ExperimentUserVolume = volume("notification_experiment_users", catalog.ExperimentUsers,
		catalog.LabelStage, catalog.LabelExperiment, catalog.LabelVariant)
	// CrossoverVolume counts users who were seen in more than one arm.
	CrossoverVolume = volume("notification_experiment_crossover_users", catalog.ExperimentCrossovers,
		catalog.LabelExperiment)
)

// Failures, requests, user actions and money.
var (
	errorTally  = tally("notification_errors", catalog.Errors)
	ErrorVolume = errorTally.volume(
		catalog.LabelChannel, catalog.LabelProvider, catalog.LabelErrorCode, catalog.LabelFault)
	FaultVolume      = errorTally.volume(catalog.LabelChannel, catalog.LabelFault)
	RetryVolume      = volume("notification_retries", catalog.Retries, perProvider...)
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

// Buckets of the histograms, for quantiles and heat maps over months. The bucket +Inf
// counts all observations. They have no Increase1h: nothing reads it.
var (
	LatencyVolume = bucketsIn(days.offers(forOwnViews),
		"notification_delivery_latency_seconds", catalog.DeliveryLatency, catalog.LabelChannel)
	TimeToOpenVolume = buckets("notification_time_to_open_seconds", catalog.TimeToOpen, catalog.LabelChannel)
	ProcessingVolume = bucketsIn(days.offers(forInsights),
		"notification_processing_seconds", catalog.Processing, catalog.LabelStep)
)

// Sums of observations in seconds, for means over months: divide them by the number
// of observations. Those of histograms are counted by the bucket +Inf of
// LatencyVolume and ProcessingVolume.
var (
	LatencySumVolume = part("notification_delivery_latency_seconds_sum", catalog.UnitSeconds,
		expr.SumOf(catalog.DeliveryLatency), catalog.LabelChannel)
	// ProcessingSumVolume groups by step, of which one is the wait in the queue.
	ProcessingSumVolume = part("notification_processing_seconds_sum", catalog.UnitSeconds,
		expr.SumOf(catalog.Processing), catalog.LabelStep)
	RenderSumVolume = part("notification_template_render_seconds_sum", catalog.UnitSeconds,
		expr.SumOf(catalog.TemplateRender), catalog.LabelTemplate)
	RenderCountVolume = part("notification_template_render_seconds_count", catalog.UnitNone,
		expr.CountOf(catalog.TemplateRender), catalog.LabelTemplate)
	ServiceSumVolume = part("notification_service_duration_seconds_sum", catalog.UnitSeconds,
		expr.SumOf(catalog.ServiceDuration), catalog.LabelService)
	ServiceCountVolume = part("notification_service_duration_seconds_count", catalog.UnitNone,
		expr.CountOf(catalog.ServiceDuration), catalog.LabelService)
)

// Means over an hour of what components and queues report, for views of months: of a
// component over its nodes.
var (
	CPUHour         = hourly("notification_component_cpu_usage_ratio", catalog.ComponentCPU, perComponent)
	MemoryHour      = hourly("notification_component_memory_usage_ratio", catalog.ComponentMemoryRatio, perComponent)
	DiskHour        = hourly("notification_component_disk_usage_ratio", catalog.ComponentDisk, perComponent)
	NetworkHour     = hourly("notification_component_network_bytes_per_second", catalog.ComponentNetwork, perComponent)
	QueueHour       = hourly("notification_queue_messages", catalog.QueueMessages, perQueue)
	DeadLettersHour = hourly("notification_dead_letter_messages", catalog.DeadLetters, perQueue)
)

func perComponent(of expr.Expr) expr.Expr { return expr.Avg(of).Keeping(catalog.LabelComponent) }

// perQueue takes the greatest, should two partitions show one queue.
func perQueue(of expr.Expr) expr.Expr { return expr.Max(of).Keeping(catalog.LabelQueue) }

// forInsights says whom series serve that no rule and no dashboard reads.
const forInsights = "the insights service, which answers for weeks and months"

// Times until alerts were acknowledged, and until they were over.
var (
	AcknowledgeVolume = buckets("notification_alert_seconds_to_acknowledge",
		catalog.AlertToAcknowledge, catalog.LabelSeverity)
	ResolveVolume = buckets("notification_alert_seconds_to_resolve", catalog.AlertToResolve, catalog.LabelSeverity)
)

// Shares of notifications by channel, over the window in which each settles: an
// open follows its delivery within the hour, a complaint within the day. A stage
// counts when it is reached, not when its notification was sent, so a share is limited
// to 1.
var (
	// openedPerDelivered alone has no limit: it is compared with its own past, and in the
	// hours after a campaign, in which more is opened than delivered, a limit would hide
	// that half of the opens are missing.
	openedPerDelivered = days.ratio("notification_opened_per_delivered", "1h", expr.Ratio(
		reached(catalog.StageOpened, StageVolume.Increase1h, perChannel...),
		reached(catalog.StageDelivered, StageVolume.Increase1h, perChannel...)))
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
