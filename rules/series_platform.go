package rules

import (
	"time"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// Users, recorded for views of months.
var (
	// Users groups by engagement segment, ActiveUsers by how recently they engaged.
	Users = platform.record(catalog.UnitNone, "notification_users:sum",
		expr.Sum(expr.Select(catalog.Users)).Keeping(catalog.LabelSegment))
	ActiveUsers = platform.record(catalog.UnitNone, "notification_active_users:sum",
		expr.Sum(expr.Select(catalog.ActiveUsers)).Keeping(catalog.LabelWindow))
)

// Time that steps of processing took in the last 5 minutes, in seconds.
var (
	// StepP50 and StepP95 group by step.
	StepP50 = platform.quantile(0.5, "notification_processing_seconds", "5m", steps5m)
	StepP95 = platform.quantile(0.95, "notification_processing_seconds", "5m", steps5m)
	// QueueWaitP95 groups by channel.
	QueueWaitP95 = platform.quantile(0.95, "notification_queue_wait_seconds", "5m",
		stepBuckets("queue_wait", "5m", catalog.LabelChannel))
	// providerLatencyP95 measures the time from sent to delivered by channel and provider.
	providerLatencyP95 = platform.quantile(0.95, "notification_delivery_latency_seconds", "5m",
		expr.Sum(expr.Rate(expr.BucketsOf(catalog.DeliveryLatency), "5m")).
			Keeping(catalog.LabelChannel, catalog.LabelProvider, expr.Le))
	// ServiceLatencyP95 groups by external service.
	ServiceLatencyP95 = platform.quantile(0.95, "notification_service_duration_seconds", "5m",
		expr.Sum(expr.Rate(expr.BucketsOf(catalog.ServiceDuration), "5m")).Keeping(catalog.LabelService, expr.Le))
)

var steps5m = expr.Sum(expr.Rate(expr.BucketsOf(catalog.Processing), "5m")).Keeping(catalog.LabelStep, expr.Le)

// Queues, by queue.
var (
	// QueueMessages and QueueAge come from the components' reports.
	QueueMessages = platform.record(catalog.UnitNone, "notification_queue_messages:max",
		expr.Max(expr.Select(catalog.QueueMessages)).Keeping(catalog.LabelQueue))
	QueueAge = platform.record(catalog.UnitSeconds, "notification_queue_oldest_message_age_seconds:max",
		expr.Max(expr.Select(catalog.QueueOldestAge)).Keeping(catalog.LabelQueue))
	// QueueDrain measures the time in seconds until the queue is empty at the pace of the
	// last 15 minutes; absent while it does not shrink.
	QueueDrain = platform.record(catalog.UnitSeconds, "notification_queue_drain_seconds:deriv15m", known(
		QueueMessages.Div(expr.Num(0).Sub(expr.Deriv(QueueMessages, "15m")).Gt(expr.Num(0))),
		QueueMessages, "10m", "5m"))
	// QueueForecast predicts how many messages wait in an hour at the pace of the last 30
	// minutes.
	QueueForecast = platform.record(catalog.UnitNone, "notification_queue_messages:predict1h",
		expr.ClampMin(known(expr.PredictLinear(QueueMessages, "30m", time.Hour), QueueMessages, "15m", "15m"), 0))
	// deadLettersDelta measures how many dead letters came in 15 minutes, minus those that
	// were removed.
	deadLettersDelta = platform.record(catalog.UnitNone, "notification_dead_letter_messages:delta15m",
		expr.Max(expr.Delta(catalog.DeadLetters, "15m")).Keeping(catalog.LabelQueue))
)

// Providers by channel, external services and components.
var (
	// providerErrors measures the share of errors among the outcomes of 5 minutes, without
	// recipients' faults.
	providerErrors = platform.ratio("notification_slo_errors_per_outcome", "5m",
		expr.Ratio(errorRate("5m", perProvider), outcomes("5m")))
	// rateLimited measures the share of attempts that the provider rejected for its rate
	// limit. Every attempt is an outcome here: a notification that is throttled five times
	// counts five times on both sides.
	rateLimited = platform.ratio("notification_rate_limited_per_outcome", "5m",
		expr.Ratio(throttled5m, Delivered.Rate5m.Add(badAttempts5m)))
	// retriesPerSent groups by channel and provider, and exceeds 1 where notifications are
	// retried more than once.
	retriesPerSent = platform.ratio("notification_retries_per_sent", "5m",
		expr.Ratio(retries5m, Sent.Rate5m))
	// ServiceErrors measures the share of requests that failed.
	ServiceErrors = platform.ratio("notification_service_errors_per_request", "5m", expr.Ratio(
		expr.Sum(expr.Rate(catalog.ServiceRequests, "5m", expr.Eq(catalog.LabelResult, "error"))).
			Keeping(catalog.LabelService),
		expr.Sum(expr.Rate(catalog.ServiceRequests, "5m")).Keeping(catalog.LabelService)))
	// QuotaUsed measures the share of a service's quota that is used.
	QuotaUsed = platform.record(catalog.UnitRatio, "notification_service_quota_used_per_limit:ratio", expr.Ratio(
		expr.Max(expr.Select(catalog.ServiceQuotaUsed)).Keeping(catalog.LabelService),
		expr.Max(expr.Select(catalog.ServiceQuotaLimit)).Keeping(catalog.LabelService)))
	// QuotaForecast predicts that share in four hours at the pace of the last hour. It is
	// above 1 where the quota will not last.
	QuotaForecast = platform.record(catalog.UnitRatio, "notification_service_quota_used_per_limit:predict4h",
		expr.ClampMin(known(expr.PredictLinear(QuotaUsed, "1h", 4*time.Hour), QuotaUsed, "30m", "30m"), 0))
	// DiskUsed measures the share of a component's disk that is used, DiskForecast that
	// share in a day at the pace of the last six hours.
	DiskUsed = platform.record(catalog.UnitRatio, "notification_component_disk_usage_ratio:max",
		expr.Max(expr.Select(catalog.ComponentDisk)).Keeping(catalog.LabelComponent, catalog.LabelNode))
	DiskForecast = platform.record(catalog.UnitRatio, "notification_component_disk_usage_ratio:predict1d",
		expr.ClampMin(known(expr.PredictLinear(DiskUsed, "6h", 24*time.Hour), DiskUsed, "3h", "3h"), 0))
)

// known keeps the elements of a forecast whose series had a sample in the window that ended
// a while ago. A line through a few minutes of samples leads anywhere: what is predicted
// over hours asks for half of the window that its line is drawn through. A gap in the
// window takes nothing away.
func known(forecast expr.Expr, of expr.Recorded, before, ago expr.Window) expr.Expr {
	return forecast.And(expr.PresentOverTime(of, before).Offset(ago))
}

// Rates over 5 minutes, by channel and provider.
var (
	// throttled5m counts attempts that the provider rejected for its rate limit.
	throttled5m  = expr.Sum(expr.Rate(catalog.Errors, "5m", rateLimitedCode)).Keeping(perProvider...)
	retries5m    = expr.Sum(expr.Rate(catalog.Retries, "5m")).Keeping(perProvider...)
	deliveries5m = expr.Sum(expr.Rate(expr.CountOf(catalog.DeliveryLatency), "5m")).Keeping(perProvider...)
)
