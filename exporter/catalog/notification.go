package catalog

// The buckets' bounds are in seconds. Every shipped objective has a bound, so that the
// share of observations within it can be read from classic buckets: 30 s for
// delivery, 60 s for queue wait.
var (
	deliveryBuckets   = []float64{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86400}
	engagementBuckets = []float64{10, 30, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 345600, 604800}
	processingBuckets = []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300}
	serviceBuckets    = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}
	foldBuckets       = []float64{1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 1e-3, 1e-2, 1e-1}
	alertBuckets      = []float64{60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 86400}
)

var delivery = group{question: "What was sent, and how far did it get?", source: Fold}

var (
	// Events counts accepted events, each event id once. Late events and those by
	// machines are included.
	Events = delivery.counter("notification_events_total",
		"Accepted events, each event id counted once",
		8000, LabelEvent, LabelChannel, LabelCategory, LabelPriority, LabelProvider)
	// Stages counts notifications that reached a stage at least once.
	Stages = delivery.counter("notification_stage_total",
		"Notifications that reached the stage at least once",
		8000, LabelStage, LabelChannel, LabelCategory, LabelPriority, LabelProvider)
	// TemplateStages counts Stages by template.
	TemplateStages = delivery.counter("notification_template_stage_total",
		"Notifications that reached the stage, by template",
		8000, LabelStage, LabelTemplate, LabelChannel)
	// CampaignStages counts Stages by campaign.
	CampaignStages = delivery.counter("notification_campaign_stage_total",
		"Notifications that reached the stage, by campaign",
		8000, LabelStage, LabelCampaign, LabelChannel)
	// AudienceStages counts Stages by the user's device.
	AudienceStages = delivery.counter("notification_audience_stage_total",
		"Notifications that reached the stage, by the user's device",
		0, LabelStage, LabelPlatform, LabelDeviceType, LabelChannel)
	// CountryStages counts Stages by the user's country.
	CountryStages = delivery.optionally().counter("notification_country_stage_total",
		"Notifications that reached the stage, by the user's country",
		8000, LabelStage, LabelCountry, LabelChannel)
	// AppVersionStages counts Stages by the version of the user's app.
	AppVersionStages = delivery.optionally().counter("notification_app_version_stage_total",
		"Notifications that reached the stage, by the version of the user's app",
		0, LabelStage, LabelAppVersion, LabelPlatform)
	// SendHourStages counts all stages under the local time when the user was sent it.
	SendHourStages = delivery.counter("notification_send_hour_stage_total",
		"Notifications that reached the stage, by the user's local time of sending",
		4704, LabelStage, LabelChannel, LabelHour, LabelWeekday)
	// FrequencyStages counts all stages by how many sends the user had before.
	FrequencyStages = delivery.counter("notification_frequency_stage_total",
		"Notifications that reached the stage, by how many the user was sent in the 7 days before",
		0, LabelStage, LabelChannel, LabelRecent)
	// Suppressed counts notifications that were held back, by reason.
	Suppressed = delivery.counter("notification_suppressed_total",
		"Notifications held back before sending",
		1000, LabelChannel, LabelCategory, LabelReason)
	// TemplateInfo maps template ids to names. Its value is always 1.
	TemplateInfo = delivery.gauge("notification_template_info",
		"Name of a template, always 1",
		500, LabelTemplate, LabelName)
)

var failure = group{question: "What failed, and whose fault was it?", source: Fold}

var (
	// Errors counts failed and bounced events by error code.
	Errors = failure.counter("notification_errors_total",
		"Failed and bounced attempts by error code",
		4000, LabelChannel, LabelProvider, LabelErrorCode, LabelFault)
	// SLOStages counts what the delivery objective is computed from. Its stages are
	// sent, failed, bounced and recovered.
	SLOStages = failure.counter("notification_slo_stage_total",
		"Notifications that reached the stage, as the delivery objective counts them",
		2000, LabelSLOStage, LabelFault, LabelChannel, LabelProvider)
	// Retries counts delivery retries.
	Retries = failure.counter("notification_retries_total",
		"Delivery retries",
		0, LabelChannel, LabelProvider)
)

var speed = group{question: "How fast was it?", source: Fold}

var (
	// DeliveryLatency measures the time from sent to first delivery, once per
	// notification.
	DeliveryLatency = speed.histogram("notification_delivery_latency_seconds",
		"Time from sent to first delivery",
		400, deliveryBuckets, LabelChannel, LabelProvider, LabelPriority)
	// TimeToOpen measures the time from sent to the first open by a person.
	TimeToOpen = speed.histogram("notification_time_to_open_seconds",
		"Time from sent to first open by a person",
		130, engagementBuckets, LabelChannel, LabelCategory)
	// TimeToClick measures the time from sent to the first click by a person.
	TimeToClick = speed.histogram("notification_time_to_click_seconds",
		"Time from sent to first click by a person",
		130, engagementBuckets, LabelChannel, LabelCategory)
	// TimeToConvert measures the time from sent to the first conversion by a person.
	TimeToConvert = speed.histogram("notification_time_to_convert_seconds",
		"Time from sent to first conversion by a person",
		130, engagementBuckets, LabelChannel, LabelCategory)
	// Processing measures the time that one step of processing took.
	Processing = speed.histogram("notification_processing_seconds",
		"Time that one processing step took",
		0, processingBuckets, LabelStep, LabelChannel)
	// TemplateRender measures the render time by template.
	TemplateRender = speed.summary("notification_template_render_seconds",
		"Time that rendering a template took",
		0, LabelTemplate)
)

var engagement = group{question: "Who engages, and what is it worth?", source: Fold}

var (
	// Actions counts actionsTaken by type, those of persons only.
	Actions = engagement.counter("notification_actions_total",
		"Actions that people took on notifications, by type",
		0, LabelChannel, LabelAction)
	// PreferenceChangesTotal counts opt-ins and opt-outs.
	PreferenceChangesTotal = engagement.counter("notification_preference_changes_total",
		"Opt-ins and opt-outs",
		0, LabelChannel, LabelCategory, LabelChange)
	// Cost sums money spent, in units of the label currency.
	Cost = engagement.in(UnitMoney).counter("notification_cost_total",
		"Money spent, in the currency of the label",
		1000, LabelChannel, LabelProvider, LabelCurrency)
	// ConversionValue sums money earned, in units of the label currency.
	ConversionValue = engagement.in(UnitMoney).counter("notification_conversion_value_total",
		"Money earned by conversions, in the currency of the label",
		3000, LabelChannel, LabelCampaign, LabelCurrency)
	// Users counts known users by segment.
	Users = engagement.gauge("notification_users",
		"Users by engagement segment",
		0, LabelSegment)
	// ActiveUsers counts users who engaged within the window.
	ActiveUsers = engagement.gauge("notification_active_users",
		"Users who engaged within the window",
		0, LabelWindow)
)

var experiments = group{question: "Which experiment won?", source: Fold}

var (
	// ExperimentStages counts Stages by experiment arm.
	ExperimentStages = experiments.counter("notification_experiment_stage_total",
		"Notifications that reached the stage, by experiment arm",
		3000, LabelStage, LabelExperiment, LabelVariant)
	// ExperimentUsers counts distinct users who reached a stage in an arm.
	ExperimentUsers = experiments.counter("notification_experiment_users_total",
		"Distinct users who reached the stage, by experiment arm",
		3000, LabelStage, LabelExperiment, LabelVariant)
	// ExperimentMoments holds the sums over users that a delta-method test needs, and
	// those of the covariate that reduces its variance.
	ExperimentMoments = experiments.counter("notification_experiment_moment_total",
		"Sums over users for a delta-method test with a covariate, by experiment arm",
		10000, LabelExperiment, LabelVariant, LabelOutcome, LabelMoment)
	// ExperimentCrossovers counts users who were seen in more than one arm.
	ExperimentCrossovers = experiments.counter("notification_experiment_crossover_users_total",
		"Users seen in more than one arm",
		0, LabelExperiment)
)

var health = group{question: "Is the platform healthy?", source: Fold, expires: true}

var (
	ComponentCPU = health.in(UnitRatio).gauge("notification_component_cpu_usage_ratio",
		"CPU used by a component, 0 to 1",
		100, LabelComponent, LabelNode)
	ComponentMemory = health.in(UnitBytes).gauge("notification_component_memory_usage_bytes",
		"Memory used by a component",
		100, LabelComponent, LabelNode)
	ComponentMemoryRatio = health.in(UnitRatio).gauge("notification_component_memory_usage_ratio",
		"Memory used by a component, 0 to 1",
		100, LabelComponent, LabelNode)
	ComponentDisk = health.in(UnitRatio).gauge("notification_component_disk_usage_ratio",
		"Disk used by a component, 0 to 1",
		100, LabelComponent, LabelNode)
	ComponentNetwork = health.in(UnitBytesPerSecond).gauge("notification_component_network_bytes_per_second",
		"Network traffic of a component",
		100, LabelComponent, LabelNode)

	QueueMessages = health.gauge("notification_queue_messages",
		"Messages waiting in a queue",
		0, LabelQueue)
	QueueOldestAge = health.in(UnitSeconds).gauge("notification_queue_oldest_message_age_seconds",
		"Age of the oldest message in a queue",
		0, LabelQueue)
	DeadLetters = health.gauge("notification_dead_letter_messages",
		"Messages in a dead-letter queue",
		0, LabelQueue)

	ServiceRequests = health.counter("notification_service_requests_total",
		"Requests to an external service",
		0, LabelService, LabelResult)
	ServiceDuration = health.histogram("notification_service_duration_seconds",
		"Time that a request to an external service took",
		0, serviceBuckets, LabelService)
	ServiceQuotaUsed = health.gauge("notification_service_quota_used",
		"Quota of an external service used so far",
		0, LabelService)
	ServiceQuotaLimit = health.gauge("notification_service_quota_limit",
		"Quota of an external service",
		0, LabelService)
)

var configured = group{question: "What are the targets?", source: Configured}

var (
	// Objective repeats the configured targets, so that rules and dashboards
	// read thresholds as series.
	Objective = configured.gauge("notification_objective",
		"Configured target of an objective",
		0, LabelChannel, LabelObjective)
	// ExperimentInfo repeats the declared experiments. Its value is always 1.
	ExperimentInfo = configured.gauge("notification_experiment_info",
		"Declared arm of an experiment, always 1",
		100, LabelExperiment, LabelVariant, LabelControl, LabelPlanned)
)
