package rules

import (
	"time"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// Watchdog always fires. Its notifications feed a dead man's switch outside,
// which raises the alarm when they stop: the only alert on Prometheus and
// Alertmanager themselves.
var Watchdog = pipelineNow.alert(Alert{
	Name: "Watchdog", Severity: settings.Info, Team: "observability",
	Expr:        expr.Vector(1),
	Summary:     "Alerting works",
	Description: "This alert always fires. When its notifications stop, Prometheus, Alertmanager or the way between them is broken.",
	Panel:       panelExporter,
})

// ExporterDown says that nothing is being counted. For spans two scrapes, which
// a restart may miss, and the start of Prometheus, which evaluates rules a few
// seconds before it first scrapes.
var ExporterDown = pipelineNow.alert(Alert{
	Name: "ExporterDown", Severity: settings.Critical, Team: "observability",
	Expr:  expr.Select(expr.Up, isExporter).Eq(expr.Num(0)).Or(expr.Absent(expr.Select(expr.Up, isExporter))),
	Value: expr.Select(expr.Up, isExporter), Threshold: 1,
	For: 20 * time.Second, KeepFiringFor: flapping,
	Summary: `Belfry exporter {{ with $labels.instance }}{{ . }} {{ end }}is down`,
	Description: `{{ if $labels.instance }}{{ $labels.instance }} does not answer scrapes.` +
		`{{ else }}Prometheus has no target of the job ` + Job + `.{{ end }} ` +
		`No notification is counted, and no other alert on notifications can be trusted. Events wait in the stream and are counted later.`,
	Panel: panelExporter, DetectsWithin: time.Minute,
})

// NATSDisconnected says that the exporter runs but cannot read the stream.
var NATSDisconnected = pipelineNow.alert(Alert{
	Name: "ExporterNatsDisconnected", Severity: settings.Critical, Team: "observability",
	Expr:  expr.Select(catalog.NATSConnected).Eq(expr.Num(0)),
	Value: expr.Select(catalog.NATSConnected), Threshold: 1,
	For: 30 * time.Second, KeepFiringFor: flapping,
	Summary: "Belfry exporter {{ $labels.instance }} has no connection to NATS",
	Description: "{{ $labels.instance }} has not been connected to NATS for 30 s. Nothing is counted until it is; events wait in the stream " +
		"for as long as it keeps them.",
	Panel: panelExporter, DetectsWithin: 2 * time.Minute,
})

// EventStreamStalled says that the exporter answers but no event reaches its
// metrics: producers, NATS or the reader stand still.
var EventStreamStalled = pipelineNow.alert(Alert{
	Name: "EventStreamStalled", Severity: settings.Critical, Team: "observability",
	Expr:  unlessHidden(silent(EventRate, settings.Prefix+"EventStreamStalled", expr.Job)),
	Value: EventRate.Expr, Threshold: 0, Unit: catalog.UnitRate,
	KeepFiringFor: flapping,
	Summary:       "No notification events arrive",
	Description: "No event has been counted for 30 s, where for half an hour at least one a second was. " +
		"Producers have stopped publishing, NATS does not take or deliver events, or the exporter does not read them.",
	Panel: panelEvents, DetectsWithin: time.Minute,
})

// ExporterLagging says that figures are older than they may be.
var ExporterLagging = pipelineSlow.alert(Alert{
	Name: "ExporterLagging", Severity: settings.Warning, Team: "observability",
	When: func(seconds float64) expr.Expr {
		return expr.Max(expr.MinOverTime(catalog.StreamLagSeconds, "1m")).Keeping().Gt(expr.Num(seconds))
	},
	Value: expr.Max(expr.Select(catalog.StreamLagSeconds)).Keeping(), Threshold: freshWithin, Unit: catalog.UnitSeconds,
	For: time.Minute, KeepFiringFor: settling,
	Summary: "Figures are {{ $value | humanizeDuration }} old",
	Description: "The newest event that is counted is {{ $value | humanizeDuration }} old (threshold <threshold>), with more waiting behind it. " +
		"The exporter does not keep up, or is catching up after a pause. Nothing is lost while the stream keeps what waits.",
	Panel: PanelFreshness, DetectsWithin: 5 * time.Minute,
})

// EventsLost says that events left the stream before they were counted.
var EventsLost = pipelineNow.alert(Alert{
	Name: "EventsLost", Severity: settings.Critical, Team: "observability",
	Expr:  expr.Sum(expr.Increase(catalog.StreamLostEvents, "10m")).Keeping().Gt(expr.Num(0)),
	Value: expr.Sum(expr.Increase(catalog.StreamLostEvents, "10m")).Keeping(), Threshold: 0,
	KeepFiringFor: settling,
	Summary:       "{{ $value | humanize }} events were lost",
	Description: "About {{ $value | humanize }} events left the stream in the last 10 minutes before the exporter had counted them: " +
		"it was away for longer than the stream keeps events, or the stream was purged. Every figure is too low by what they would have counted.",
	Dashboard: Belfry, Panel: panelLost, DetectsWithin: 2 * time.Minute,
})

// FenceBroken says that a stream is not the one that the numbers came from.
var FenceBroken = pipelineNow.alert(Alert{
	Name: "FenceBroken", Severity: settings.Critical, Team: "observability",
	Expr:  expr.Min(expr.Select(catalog.FenceOK)).Keeping(catalog.LabelPartition).Eq(expr.Num(0)),
	Value: expr.Min(expr.Select(catalog.FenceOK)).Keeping(catalog.LabelPartition), Threshold: 1,
	KeepFiringFor: flapping,
	Summary:       "The stream of partition {{ $labels.partition }} is not the one that was counted",
	Description: "The events of partition {{ $labels.partition }} do not continue where its checkpoint ended: the stream was recreated, restored from " +
		"an older copy, or lost events in a power failure. The partition stands still until somebody decides how it goes on.",
	Dashboard: Belfry, Panel: panelFence, DetectsWithin: time.Minute,
})

// PartitionHalted says that a partition waits for a person for whatever reason.
var PartitionHalted = pipelineNow.alert(Alert{
	Name: "PartitionHalted", Severity: settings.Critical, Team: "observability",
	Expr:  expr.Max(expr.Select(catalog.PartitionHalted)).Keeping(catalog.LabelPartition).Eq(expr.Num(1)),
	Value: expr.Max(expr.Select(catalog.PartitionHalted)).Keeping(catalog.LabelPartition), Threshold: 1,
	KeepFiringFor: flapping,
	Summary:       "Partition {{ $labels.partition }} is halted",
	Description: "The exporter has stopped partition {{ $labels.partition }} until a person decides; its landing page and log say why. " +
		"The partition's notifications are not counted meanwhile.",
	Dashboard: Belfry, Panel: panelHalted, DetectsWithin: time.Minute,
})

// EventsInvalid says that producers break the contract.
var EventsInvalid = pipelineSlow.alert(Alert{
	Name: "EventsInvalid", Severity: settings.Warning, Team: "observability",
	When: func(share float64) expr.Expr {
		return rejectedPerEvent.Gt(expr.Num(share)).And(expr.Sum(expr.Increase(catalog.EventsRejected, "15m")).Keeping().Ge(expr.Num(minInvalid)))
	},
	Value: rejectedPerEvent.Expr, Threshold: 0.01, Unit: catalog.UnitRatio,
	For: 5 * time.Minute, KeepFiringFor: settling,
	Summary: "{{ $value | humanizePercentage }} of events are invalid",
	Description: "{{ $value | humanizePercentage }} of the events of the last 15 minutes broke the contract and count nowhere (threshold <threshold>). " +
		"A producer has changed what it sends; `belfry deadletters list` shows the reasons.",
	Dashboard: Belfry, Panel: panelInvalid, DetectsWithin: 30 * time.Minute,
})

// DeadLettersFailed says that rejected events are not even kept.
var DeadLettersFailed = pipelineSlow.alert(Alert{
	Name: "DeadLettersFailed", Severity: settings.Warning, Team: "observability",
	Expr:          expr.Sum(expr.Increase(catalog.DeadLettersFailed, "15m")).Keeping().Gt(expr.Num(0)),
	Value:         expr.Sum(expr.Increase(catalog.DeadLettersFailed, "15m")).Keeping(),
	KeepFiringFor: settling,
	Summary:       "Rejected events could not be kept as dead letters",
	Description: "{{ $value | humanize }} rejected events of the last 15 minutes could not be written to the dead-letter stream. They are counted, but cannot be " +
		"looked at or requeued from there.",
	Dashboard: Belfry, Panel: panelNotKept, DetectsWithin: 2 * time.Minute,
})

// SeriesLimited says that detail is being lost in "other".
var SeriesLimited = pipelineSlow.alert(Alert{
	Name: "SeriesLimited", Severity: settings.Warning, Team: "observability",
	When:  func(values float64) expr.Expr { return overflow.Gt(expr.Num(values)) },
	Value: overflow, Threshold: 10,
	KeepFiringFor: settling,
	Summary:       "Label {{ $labels.label }} has more values than its limit",
	Description: "{{ $value | humanize }} times in the last 15 minutes a value of {{ $labels.label }} became \"other\" (threshold <threshold>). Totals stay right; " +
		"the detail of new values is lost. A producer puts something unbounded there, or the limit is to be raised.",
	Dashboard: Belfry, Panel: panelLimited, DetectsWithin: 5 * time.Minute,
})

// RuleEvaluationFailing says that alerts of this package are dead or late.
var RuleEvaluationFailing = pipelineSlow.alert(Alert{
	Name: "RuleEvaluationFailing", Severity: settings.Critical, Team: "observability",
	// Each is compared by itself: Prometheus exports both of every group, so that
	// the first, even at 0, would hide the second.
	Expr: expr.Sum(expr.Increase(expr.RuleEvaluationFailures, "5m", ours)).Keeping(expr.RuleGroup).Gt(expr.Num(0)).
		Or(expr.Sum(expr.Increase(expr.RuleIterationsMissed, "5m", ours)).Keeping(expr.RuleGroup).Gt(expr.Num(0))),
	Value:         expr.Sum(expr.Increase(expr.RuleEvaluationFailures, "5m", ours)).Keeping(expr.RuleGroup),
	For:           time.Minute,
	KeepFiringFor: settling,
	Summary:       "Prometheus cannot evaluate rules of {{ $labels.rule_group }}",
	Description: "{{ $value | humanize }} evaluations in the group {{ $labels.rule_group }} failed or were left out in the last 5 minutes. Alerts of the group may be silent " +
		"whatever happens.",
	Dashboard: Belfry, Panel: panelRuleFailures, DetectsWithin: 10 * time.Minute,
})

// minInvalid is how many events of 15 minutes must be invalid.
const minInvalid = 20

var (
	ours     = expr.Re(expr.RuleGroup, ".*;notification_.*")
	overflow = expr.Sum(expr.Increase(catalog.LabelOverflow, "15m")).Keeping(catalog.LabelLabel)
)
