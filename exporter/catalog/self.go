package catalog

var quality = group{question: "Can the events be trusted?", source: Quality}

var (
	EventsRejected = quality.counter("belfry_events_rejected_total",
		"Events that violate the contract, by reason",
		0, LabelRejection)
	EventsDuplicate = quality.counter("belfry_events_duplicate_total",
		"Events whose id had been counted before",
		0)
	EventsMisrouted = quality.counter("belfry_events_misrouted_total",
		"Events found in another partition than their key's",
		0)
	EventsOrphan = quality.counter("belfry_events_orphan_total",
		"Events that arrived before the sent event of their notification, or without it",
		0)
	EventsLate = quality.counter("belfry_events_late_total",
		"Events past the attribution window, which change no stage",
		0)
	EventsOutOfOrder = quality.counter("belfry_events_out_of_order_total",
		"Events older than the newest of their notification",
		0)
	// EventsTimeDoubted counts the times that moved the stream's time not, or not for long.
	EventsTimeDoubted = quality.counter("belfry_events_time_doubted_total",
		"Events that say of the stream's time what those around them contradict, by days",
		0)
	// EventIDsForgotten counts event ids that a duplicate can no longer be told by.
	EventIDsForgotten = quality.counter("belfry_event_ids_forgotten_total",
		"Event ids that were forgotten because their notification has more than 256 events",
		0)
	// PlaceholderIDs counts ids that identify nothing, by what their events are.
	PlaceholderIDs = quality.counter("belfry_placeholder_ids_total",
		"Ids such as undefined or null, which a producer did not fill in, by field",
		0, LabelIDField, LabelEvent, LabelChannel)
	EventsClockSkew = quality.counter("belfry_events_clock_skew_total",
		"Durations left out because they were negative",
		0)
	// ContextConflicts counts contradictions between sent and other events, by field.
	ContextConflicts = quality.counter("belfry_context_conflicts_total",
		"Events that contradict the sent event of their notification, by field",
		0, LabelField)
	// EventsRepaired counts accepted events once for each field that was repaired.
	EventsRepaired = quality.counter("belfry_events_repaired_total",
		"Accepted events with a value in another form than the contract's, by field",
		0, LabelRepaired)
	// UnknownFields counts distinct field names that the contract does not know. The
	// names are not a label, because they could hold personal data.
	UnknownFields = quality.counter("belfry_unknown_fields_total",
		"Distinct unknown field names seen in events, at most 1000",
		0)
	// LabelOverflow counts label values that became Other.
	LabelOverflow = quality.counter("belfry_label_overflow_total",
		"Label values that became other",
		400, LabelFamily, LabelLabel)
	// LabelValuesExpired counts label values that made room for others.
	LabelValuesExpired = quality.counter("belfry_label_values_expired_total",
		"Label values that no event brought for long and whose series ended to make room for others",
		40, LabelLabel)
)

var partition = group{question: "Is Belfry keeping up?", source: Partition}

var (
	StreamLastSequence = partition.gauge("belfry_stream_last_sequence",
		"Last sequence in the partition's stream",
		1)
	StreamProcessedSequence = partition.gauge("belfry_stream_processed_sequence",
		"Last sequence that was folded",
		1)
	StreamLagMessages = partition.gauge("belfry_stream_lag_messages",
		"Messages in the stream that have not been folded yet, by a halted partition too",
		1)
	StreamLagSeconds = partition.in(UnitSeconds).gauge("belfry_stream_lag_seconds",
		"Age of the newest folded message while there are messages behind it, halted or not, else 0; "+
			"of a stream that cannot be seen, at least the time since it was",
		1)
	StreamLostEvents = partition.counter("belfry_stream_lost_events_total",
		"Messages that left the stream before they were folded",
		1)
	FenceOK = partition.gauge("belfry_fence_ok",
		"1 while the stream is the one that the state was folded from",
		1)
	PartitionReading = partition.gauge("belfry_partition_reading",
		"1 while the server answers the partition's requests for messages",
		1)
	PartitionHalted = partition.gauge("belfry_partition_halted",
		"1 while the partition is stopped and waits for an operator",
		1)
	PartitionExposed = partition.gauge("belfry_partition_exposed",
		"1 while the partition's business families are on /metrics",
		1)
	CheckpointAge = partition.in(UnitSeconds).gauge("belfry_checkpoint_age_seconds",
		"Time since the last checkpoint",
		1)
	CheckpointDuration = partition.in(UnitSeconds).gauge("belfry_checkpoint_duration_seconds",
		"Time that the last checkpoint took",
		1)
	CheckpointBytes = partition.in(UnitBytes).gauge("belfry_checkpoint_bytes",
		"Bytes that the last checkpoint wrote",
		1)
	StateRecords = partition.gauge("belfry_state_records",
		"Records of state by kind",
		0, LabelKind)
	SeriesCount = partition.gauge("belfry_series",
		"Label sets that a family has admitted",
		60, LabelFamily)
)

var process = group{question: "How is the exporter itself?", source: Process}

var (
	NATSConnected = process.gauge("belfry_nats_connected",
		"1 while connected to NATS",
		0)
	NATSReconnects = process.counter("belfry_nats_reconnects_total",
		"Reconnections to NATS",
		0)
	ConfigReloadOK = process.gauge("belfry_config_last_reload_successful",
		"1 if the last reload of the configuration succeeded",
		0)
	FoldSeconds = process.histogram("belfry_fold_seconds",
		"Time per event that it took to fold a batch",
		0, foldBuckets)
	ScrapeSeries = process.gauge("belfry_scrape_series",
		"Time series in the last scrape",
		0)
	// FamiliesLeftOut is exposed by `belfry alerts serve`, too.
	FamiliesLeftOut = process.counter("belfry_families_left_out_total",
		"Scrapes that left out a metric family because Prometheus could not have taken it",
		60, LabelFamily)
	DeadLettersFailed = process.counter("belfry_dead_letters_failed_total",
		"Rejected events that could not be written to the dead-letter stream",
		0)
	BuildInfo = process.gauge("belfry_build_info",
		"Version of the program, always 1",
		0, LabelVersion, LabelRevision, LabelGoVersion)
)

var alerting = group{question: "Are alerts being handled?", source: Alerting}

var (
	AlertAcknowledged = alerting.gauge("notification_alert_acknowledged",
		"1 while the alert is acknowledged",
		1000, LabelAlertName, LabelRule, LabelChannel)
	AlertCondition = alerting.gauge("notification_alert_condition",
		"1 while a rule's raw condition holds, recorded by Prometheus",
		1000, LabelRule, LabelSeverity, LabelChannel)
	AlertThreshold = alerting.gauge("notification_alert_threshold",
		"Threshold of an alert that is in force, recorded by Prometheus",
		0, LabelRule, LabelSeverity)
	// AlertValue has no unit of its own: the label unit says which, and for amounts the label
	// currency.
	AlertValue = alerting.gauge("notification_alert_value",
		"Worst value by which an alert's condition holds, in the unit of the message, recorded by Prometheus",
		1000, LabelAlertName, LabelRule, LabelSeverity, LabelUnit, LabelChannel, LabelProvider, LabelCurrency)
	AlertToAcknowledge = alerting.histogram("notification_alert_seconds_to_acknowledge",
		"Time from firing to acknowledgement",
		0, alertBuckets, LabelSeverity)
	AlertToResolve = alerting.histogram("notification_alert_seconds_to_resolve",
		"Time from firing to resolution",
		0, alertBuckets, LabelSeverity)

	// AlertPollFailures and AlertPollSuccess show whether `belfry alerts serve` reaches
	// the servers that it polls.
	AlertPollFailures = alerting.counter("belfry_alerts_poll_failures_total",
		"Polls that a server did not answer",
		0, LabelUpstream)
	AlertPollSuccess = alerting.in(UnitTimestamp).gauge("belfry_alerts_last_poll_timestamp_seconds",
		"When a server last answered, 0 for never",
		0, LabelUpstream)
	AlertWriteFailures = alerting.counter("belfry_alerts_write_failures_total",
		"Failed attempts to write alert transitions, which are retried",
		0)
)

var insights = group{question: "What does the data say?", source: Insights}

var (
	Expected = insights.gauge("notification_expected",
		"Expected value of a watched series and its band",
		1000, LabelSeries, LabelChannel, LabelBound)
	Anomaly = insights.gauge("notification_anomaly",
		"1 while a watched series is outside its band",
		0, LabelSeries, LabelChannel)
	Forecast = insights.gauge("notification_forecast",
		"Forecast of a watched series",
		2000, LabelSeries, LabelChannel, LabelHorizon, LabelBound)

	ExperimentEffect = insights.gauge("notification_experiment_effect",
		"Estimated effect against control, absolute",
		1000, LabelExperiment, LabelVariant, LabelMetric)
	ExperimentEffectLow = insights.gauge("notification_experiment_effect_low",
		"Lower end of the effect's interval",
		1000, LabelExperiment, LabelVariant, LabelMetric)
	ExperimentEffectHigh = insights.gauge("notification_experiment_effect_high",
		"Upper end of the effect's interval",
		1000, LabelExperiment, LabelVariant, LabelMetric)
	ExperimentPValue = insights.gauge("notification_experiment_p_value",
		"Always-valid p-value of the effect",
		1000, LabelExperiment, LabelVariant, LabelMetric)
	ExperimentChance = insights.gauge("notification_experiment_chance_to_win",
		"Probability that the arm beats control",
		1000, LabelExperiment, LabelVariant, LabelMetric)
	ExperimentSRM = insights.gauge("notification_experiment_srm_p_value",
		"p-value of the sample ratio check",
		1000, LabelExperiment, LabelVariant, LabelMetric)
	ExperimentUsersNeeded = insights.gauge("notification_experiment_users_needed",
		"Users still needed for a verdict",
		1000, LabelExperiment, LabelVariant, LabelMetric)
	ExperimentVerdict = insights.gauge("notification_experiment_verdict",
		"1 for the arm's verdict",
		1000, LabelExperiment, LabelVariant, LabelVerdict)

	// ExperimentPlan remembers the plan of an experiment, to refuse changes to it. Its
	// value is when the experiment started.
	ExperimentPlan = insights.in(UnitTimestamp).gauge("notification_experiment_plan_started_timestamp_seconds",
		"Start of the experiment by the plan that judges it",
		100, LabelExperiment, LabelPlan)

	Recommendations = insights.gauge("notification_recommendations",
		"Open recommendations",
		0, LabelAdvice)
	ReportSuccess = insights.in(UnitTimestamp).gauge("notification_report_last_success_timestamp_seconds",
		"When the report was last delivered",
		0, LabelReport)
	ReportFailures = insights.counter("notification_report_failures_total",
		"Reports that could not be delivered",
		0, LabelReport)
	InsightsDataAge = insights.in(UnitSeconds).gauge("belfry_insights_data_age_seconds",
		"Age of the newest data that insights has read",
		0)
	// InsightsAnswerAge grows from the start of `belfry insights serve` until the question
	// is answered for the first time.
	InsightsAnswerAge = insights.in(UnitSeconds).gauge("belfry_insights_answer_age_seconds",
		"Time since a question was last answered from fresh data, or since the start",
		0, LabelQuestion)
	InsightsRefresh = insights.in(UnitSeconds).gauge("belfry_insights_refresh_seconds",
		"Time that the last refresh of a question took",
		0, LabelQuestion)
	InsightsRefreshFailures = insights.counter("belfry_insights_refresh_failures_total",
		"Refreshes of a question that gave no answer",
		0, LabelQuestion)
	InsightsSetsLeftOut = insights.gauge("belfry_insights_sets_left_out",
		"Label sets that the last scrape left out because a limit was reached",
		60, LabelFamily)
)
