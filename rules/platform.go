package rules

import (
	"time"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// Time that steps of processing took, in seconds.
var (
	// ProcessingNow is the 95th percentile of the last 30 s, by channel, for the
	// alert that pages within a minute.
	ProcessingNow = expr.Record("notification_processing_seconds:p95_rate30s", stepQuantile(0.95, "process", now, catalog.LabelChannel))
	// QueueWaitP95 is by channel, over 5 minutes.
	QueueWaitP95 = expr.Record("notification_queue_wait_seconds:p95_rate5m", stepQuantile(0.95, "queue_wait", "5m", catalog.LabelChannel))
	// StepP50 and StepP95 are by step, over 5 minutes.
	StepP50 = expr.Record("notification_processing_seconds:p50_rate5m", expr.Quantile(0.5, steps5m))
	StepP95 = expr.Record("notification_processing_seconds:p95_rate5m", expr.Quantile(0.95, steps5m))
	// ProviderLatencyP95 is the time from sent to delivered by channel and provider.
	ProviderLatencyP95 = expr.Record("notification_delivery_latency_seconds:p95_rate5m", expr.Quantile(0.95,
		expr.Sum(expr.Rate(expr.BucketsOf(catalog.DeliveryLatency), "5m")).Keeping(catalog.LabelChannel, catalog.LabelProvider, expr.Le)))
	// ServiceLatencyP95 is by external service.
	ServiceLatencyP95 = expr.Record("notification_service_duration_seconds:p95_rate5m", expr.Quantile(0.95,
		expr.Sum(expr.Rate(expr.BucketsOf(catalog.ServiceDuration), "5m")).Keeping(catalog.LabelService, expr.Le)))
)

// Queues, by queue.
var (
	// QueueMessages and QueueAge are what the components report.
	QueueMessages = expr.Record("notification_queue_messages:max", expr.Max(expr.Select(catalog.QueueMessages)).Keeping(catalog.LabelQueue))
	QueueAge      = expr.Record("notification_queue_oldest_message_age_seconds:max", expr.Max(expr.Select(catalog.QueueOldestAge)).Keeping(catalog.LabelQueue))
	// QueueDrain is in how many seconds the queue is empty at the pace of the
	// last 15 minutes; absent while it does not shrink.
	QueueDrain = expr.Record("notification_queue_drain_seconds:deriv15m",
		QueueMessages.Div(expr.Num(0).Sub(expr.Deriv(QueueMessages, "15m")).Gt(expr.Num(0))))
	// QueueForecast is how many messages wait in an hour if it goes on like that.
	QueueForecast = expr.Record("notification_queue_messages:predict1h", expr.ClampMin(expr.PredictLinear(QueueMessages, "30m", time.Hour), 0))
	// DeadLettersDelta is how many dead letters came in 15 minutes, less those taken away.
	DeadLettersDelta = expr.Record("notification_dead_letter_messages:delta15m", expr.Max(expr.Delta(catalog.DeadLetters, "15m")).Keeping(catalog.LabelQueue))
)

// Providers by channel, external services and components.
var (
	// ProviderErrors is the share of errors among the outcomes of 5 minutes; the
	// recipients' faults are left out.
	ProviderErrors = expr.Record("notification_slo_errors_per_outcome:ratio_rate5m", expr.Ratio(
		expr.Sum(expr.Rate(catalog.SLOStages, "5m", lost, notRecipient)).Keeping(perProvider...), outcomes5m))
	// RateLimited is the share of attempts that the provider refused for being too many.
	RateLimited = expr.Record("notification_rate_limited_per_outcome:ratio_rate5m", expr.Ratio(
		expr.Sum(expr.Rate(catalog.Errors, "5m", expr.Re(catalog.LabelErrorCode, "throttled|rate_limited"))).Keeping(perProvider...), outcomes5m))
	// ServiceErrors is the share of requests that failed.
	ServiceErrors = expr.Record("notification_service_errors_per_request:ratio_rate5m", expr.Ratio(
		expr.Sum(expr.Rate(catalog.ServiceRequests, "5m", expr.Eq(catalog.LabelResult, "error"))).Keeping(catalog.LabelService),
		expr.Sum(expr.Rate(catalog.ServiceRequests, "5m")).Keeping(catalog.LabelService)))
	// QuotaUsed is the share of a service's quota that is used up.
	QuotaUsed = expr.Record("notification_service_quota_used_per_limit:ratio", expr.Ratio(
		expr.Max(expr.Select(catalog.ServiceQuotaUsed)).Keeping(catalog.LabelService),
		expr.Max(expr.Select(catalog.ServiceQuotaLimit)).Keeping(catalog.LabelService)))
	// QuotaForecast is that share in four hours if it goes on like the last hour.
	QuotaForecast = expr.Record("notification_service_quota_used_per_limit:predict4h", expr.PredictLinear(QuotaUsed, "1h", 4*time.Hour))
	// DiskUsed is the share of a component's disk that is used, DiskForecast that
	// share in a day if it goes on like the last six hours.
	DiskUsed = expr.Record("notification_component_disk_usage_ratio:max", expr.Max(expr.Select(catalog.ComponentDisk)).
			Keeping(catalog.LabelComponent, catalog.LabelNode))
	DiskForecast = expr.Record("notification_component_disk_usage_ratio:predict1d", expr.PredictLinear(DiskUsed, "6h", 24*time.Hour))
)

var outcomes5m = stageRate("5m", perProvider, catalog.StageDelivered, catalog.StageFailed, catalog.StageBouncedHard, catalog.StageBouncedSoft)

// Users, recorded because views of months read them.
var (
	// Users are by engagement segment, ActiveUsers by how long ago they engaged.
	Users       = expr.Record("notification_users:sum", expr.Sum(expr.Select(catalog.Users)).Keeping(catalog.LabelSegment))
	ActiveUsers = expr.Record("notification_active_users:sum", expr.Sum(expr.Select(catalog.ActiveUsers)).Keeping(catalog.LabelWindow))
)

var steps5m = expr.Sum(expr.Rate(expr.BucketsOf(catalog.Processing), "5m")).Keeping(catalog.LabelStep, expr.Le)

var platform = []expr.Recorded{
	Users, ActiveUsers, StepP50, StepP95, QueueWaitP95, ProviderLatencyP95, ServiceLatencyP95, QueueMessages, QueueAge, QueueDrain, QueueForecast, DeadLettersDelta,
	ProviderErrors, RateLimited, RetriesPerSent, ServiceErrors, QuotaUsed, QuotaForecast, DiskUsed, DiskForecast,
}

// stepQuantile is the q-quantile of the time that a step of processing took.
func stepQuantile(q float64, step string, over expr.Window, by ...*catalog.Label) expr.Expr {
	rate := expr.Rate(expr.BucketsOf(catalog.Processing), over, expr.Eq(catalog.LabelStep, step))
	return expr.Quantile(q, expr.Sum(rate).Keeping(append(by, expr.Le)...))
}
