package rules

import "hash/fnv"

// The uids of the dashboards that alerts link to.
const (
	Executive      = "belfry-executive"
	Operations     = "belfry-operations"
	Performance    = "belfry-performance"
	Engagement     = "belfry-engagement"
	Deliverability = "belfry-deliverability"
	Experiments    = "belfry-experiments"
	SLOs           = "belfry-slo"
	Anomalies      = "belfry-anomalies"
	Belfry         = "belfry-itself"
)

// The keys of the panels that alerts link to. Alerts about one figure share one.
const (
	panelExporter    = "exporter-up"
	panelEvents      = "events-per-second"
	PanelFreshness   = "freshness"
	panelUndelivered = "undelivered-per-sent"
	panelErrors      = "errors-per-outcome"
	panelErrorRate   = "error-rate"
	panelThroughput  = "throughput"

	panelQueues          = "queue-messages"
	panelQueueAge        = "queue-age"
	panelDeadLetters     = "dead-letters"
	panelDeadLettersNew  = "dead-letters-new"
	panelRetries         = "retries-per-sent"
	panelRateLimited     = "rate-limited"
	panelProviderErrors  = "provider-errors"
	panelProviderLatency = "provider-latency"

	panelProcessing = "processing-time"
	panelQueueWait  = "queue-wait"
	panelQuota      = "quota-used"
	panelCPU        = "component-cpu"
	panelMemory     = "component-memory"
	panelDisk       = "component-disk"

	panelDelivered  = "delivered-per-sent"
	panelBounces    = "hard-bounces"
	panelComplaints = "complaints"
	panelOptOuts    = "opt-outs"
	panelErrorCodes = "error-codes"

	panelOpened    = "opened-per-delivered"
	panelConverted = "converted-per-delivered"
	panelCost      = "cost-forecast"
	panelUnitCost  = "cost-per-delivered"

	// On the dashboard of objectives, the longer window of the burn follows
	// PanelBudget, PanelLatency and PanelFreshness.
	PanelBudget     = "error-budget-burn"
	PanelLatency    = "latency-budget-burn"
	PanelObjectives = "objectives"
	panelAlerts     = "alerts-now"

	panelLost         = "lost-events"
	panelFence        = "fence"
	panelHalted       = "halted"
	panelReading      = "reading"
	panelExposed      = "partitions-exposed"
	panelInvalid      = "invalid-events"
	panelMisrouted    = "misrouted-events"
	panelNotKept      = "dead-letters-not-kept"
	panelLimited      = "series-limited"
	panelLeftOut      = "families-left-out"
	panelRuleFailures = "rule-failures"
	panelInsights     = "insights-up"
	panelAnswerAge    = "insights-answer-age"
	panelReports      = "report-failures"

	panelVolume      = "volume-band"
	panelAnomalies   = "anomalies"
	panelSampleRatio = "sample-ratio"
	panelVerdicts    = "verdicts"
)

// PanelID returns the id of the panel with the key on the dashboard with the uid:
// a hash, so that alerts and dashboards agree on it without knowing each other,
// cut to the positive 31 bits that Grafana accepts.
func PanelID(uid, key string) int {
	h := fnv.New32a()
	h.Write([]byte(uid + "/" + key))
	return int(h.Sum32() & 0x7fffffff)
}
