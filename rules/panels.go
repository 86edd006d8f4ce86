package rules

import (
	"hash/fnv"
)

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

// The keys of the panels that alerts link to. Those of one figure share one.
const (
	PanelExporter    = "exporter-up"
	PanelEvents      = "events-per-second"
	PanelFreshness   = "freshness"
	PanelUndelivered = "undelivered-per-sent"
	PanelErrors      = "errors-per-outcome"
	PanelErrorRate   = "error-rate"
	PanelThroughput  = "throughput"

	PanelQueues          = "queue-messages"
	PanelQueueAge        = "queue-age"
	PanelDeadLetters     = "dead-letters"
	PanelDeadLettersNew  = "dead-letters-new"
	PanelRetries         = "retries-per-sent"
	PanelRateLimited     = "rate-limited"
	PanelProviderErrors  = "provider-errors"
	PanelProviderLatency = "provider-latency"

	PanelProcessing = "processing-time"
	PanelQueueWait  = "queue-wait"
	PanelQuota      = "quota-used"
	PanelCPU        = "component-cpu"
	PanelMemory     = "component-memory"
	PanelDisk       = "component-disk"

	PanelDelivered  = "delivered-per-sent"
	PanelBounces    = "hard-bounces"
	PanelComplaints = "complaints"
	PanelOptOuts    = "opt-outs"
	PanelErrorCodes = "error-codes"

	PanelOpened    = "opened-per-delivered"
	PanelConverted = "converted-per-delivered"
	PanelCost      = "cost-forecast"
	PanelUnitCost  = "cost-per-delivered"

	// PanelBudget, PanelLatency and PanelFreshness on the dashboard of objectives
	// are followed by the longer window of the burn.
	PanelBudget     = "error-budget-burn"
	PanelLatency    = "latency-budget-burn"
	PanelObjectives = "objectives"
	PanelAlerts     = "alerts-now"

	PanelLost         = "lost-events"
	PanelFence        = "fence"
	PanelHalted       = "halted"
	PanelInvalid      = "invalid-events"
	PanelNotKept      = "dead-letters-not-kept"
	PanelLimited      = "series-limited"
	PanelRuleFailures = "rule-failures"
	PanelInsights     = "insights-up"
	PanelReports      = "report-failures"

	PanelVolume      = "volume-band"
	PanelAnomalies   = "anomalies"
	PanelSampleRatio = "sample-ratio"
	PanelVerdicts    = "verdicts"
)

// PanelID is the id of the panel with the key on the dashboard with the uid: a
// hash, so that alerts and dashboards agree on it without knowing each other,
// cut to the positive 31 bits that Grafana takes.
func PanelID(uid, key string) int {
	h := fnv.New32a()
	h.Write([]byte(uid + "/" + key))
	return int(h.Sum32() & 0x7fffffff)
}
