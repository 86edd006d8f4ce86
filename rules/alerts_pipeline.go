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
	Expr:    expr.Vector(1),
	Summary: "Alerting works",
	Description: "This alert always fires. If its notifications stop, Prometheus, Alertmanager or the path between " +
		"them is broken.",
	Panel: panelExporter,
})

// ExporterDown fires when nothing is being counted. For spans two scrapes, which
// a restart may miss, and the start of Prometheus, which evaluates rules a few
// seconds before it first scrapes.
var ExporterDown = pipelineNow.alert(Alert{
	Name: "ExporterDown", Severity: settings.Critical, Team: "observability",
	Expr:  exporterUp.Eq(expr.Num(0)).Or(expr.Absent(exporterUp)),
	Value: exporterUp, Threshold: 1,
	For: 20 * time.Second, KeepFiringFor: flapping,
	Summary: `Belfry exporter {{ with $labels.instance }}{{ . }} {{ end }}is down`,
	Description: `{{ if $labels.instance }}{{ $labels.instance }} does not answer scrapes.` +
		`{{ else }}Prometheus has no target in the job ` + Job + `.{{ end }} ` +
		`Notifications are not counted, and no other alert about notifications can be trusted. ` +
		`Events wait in the stream and are counted later.`,
	First: "Read the last lines of its log, and restart the exporter: it continues where it was and counts " +
		"nothing twice.",
	Panel: panelExporter, DetectsWithin: time.Minute,
})

var exporterUp = expr.Select(expr.Up, isExporter)

// NATSDisconnected fires when the exporter runs but cannot read the stream.
var NATSDisconnected = pipelineNow.alert(Alert{
	Name: "ExporterNatsDisconnected", Severity: settings.Critical, Team: "observability",
	Expr:  expr.Select(catalog.NATSConnected).Eq(expr.Num(0)),
	Value: expr.Select(catalog.NATSConnected), Threshold: 1,
	For: 20 * time.Second, KeepFiringFor: flapping, Follows: []Alert{EventStreamStalled},
	Summary: "Belfry exporter {{ $labels.instance }} is not connected to NATS",
	Description: "{{ $labels.instance }} has not been connected to NATS for 20 s. Nothing is counted until it is; " +
		"events wait in the stream for as long as it retains them.",
	First: "Check that NATS runs and that the exporter reaches it; the log says why it does not connect.",
	Panel: panelExporter, DetectsWithin: time.Minute,
})

// EventStreamStalled fires when the exporter answers and reads, but no event reaches
// its metrics: producers or NATS have stopped. If nothing was read for a minute, the
// alerts about the connection and the partitions say why, unless this one was first.
var EventStreamStalled = pipelineNow.alert(Alert{
	Name: "EventStreamStalled", Severity: settings.Critical, Team: "observability",
	Expr: unlessHidden(silent(EventRate, settings.Prefix+"EventStreamStalled", expr.Job).
		Unless(unread.Unless(stalled, expr.On(expr.Job)))),
	Value: EventRate.Expr, Threshold: 0, Unit: catalog.UnitRate,
	KeepFiringFor: flapping,
	Summary:       "No notification events arrive",
	Description: "No event has been counted for 30 s, after half an hour with at least one a second. " +
		"Producers have stopped publishing, NATS does not accept or deliver events, or the exporter does not read " +
		"them.",
	First: "Check whether producers still publish: nats stream info shows whether the last sequence of the " +
		"streams grows.",
	Panel: panelEvents, DetectsWithin: time.Minute,
})

// unread has a value if no partition was read at some time in the last minute, and
// stalled while EventStreamStalled fires.
var (
	unread  = expr.Max(expr.MinOverTime(catalog.PartitionReading, "1m")).Keeping().Eq(expr.Num(0))
	stalled = expr.Select(expr.Alerts, expr.Eq(catalog.LabelAlertName, settings.Prefix+"EventStreamStalled"), isFiring)
)

// ExporterLagging fires when figures are older than they may be. Why a partition is not
// read at all, other alerts say.
var ExporterLagging = pipelineSlow.alert(Alert{
	Name: "ExporterLagging", Severity: settings.Warning, Team: "observability",
	When: func(seconds float64) expr.Expr {
		unread := expr.Select(catalog.PartitionReading).Eq(expr.Num(0))
		lag := expr.MinOverTime(catalog.StreamLagSeconds, "1m").Unless(unread)
		return expr.Max(lag).Keeping().Gt(expr.Num(seconds))
	},
	Value: expr.Max(expr.Select(catalog.StreamLagSeconds)).Keeping(), Threshold: freshWithin, Unit: catalog.UnitSeconds,
	For: time.Minute, KeepFiringFor: settling,
	Summary: "Figures are {{ $value | humanizeDuration }} old",
	Description: "The newest event that was counted is {{ $value | humanizeDuration }} old (threshold <threshold>), " +
		"and more are waiting. The exporter does not keep up, or is catching up after a pause. " +
		"Nothing is lost while the stream retains the waiting events.",
	Panel: PanelFreshness, DetectsWithin: 5 * time.Minute,
})

// EventsLost fires when events left the stream before they were counted.
var EventsLost = pipelineNow.alert(Alert{
	Name: "EventsLost", Severity: settings.Critical, Team: "observability",
	Expr:  within("10m", catalog.StreamLostEvents).Gt(expr.Num(0)),
	Value: within("10m", catalog.StreamLostEvents), Threshold: 0,
	KeepFiringFor: settling,
	Summary:       "{{ $value | humanize }} events were lost",
	Description: "About {{ $value | humanize }} events left the stream in the last 10 minutes before the exporter " +
		"counted them: it was away for longer than the stream retains events, or the stream was purged. " +
		"Every figure is too low by these events.",
	First: "Find out whether the exporter was down or too slow, and raise max_age or max_bytes of the " +
		"streams before more is lost.",
	Dashboard: Belfry, Panel: panelLost, DetectsWithin: 2 * time.Minute,
})

// FenceBroken fires when a stream is not the one that the numbers came from.
var FenceBroken = pipelineNow.alert(Alert{
	Name: "FenceBroken", Severity: settings.Critical, Team: "observability",
	Expr:  expr.Min(expr.Select(catalog.FenceOK)).Keeping(catalog.LabelPartition).Eq(expr.Num(0)),
	Value: expr.Min(expr.Select(catalog.FenceOK)).Keeping(catalog.LabelPartition), Threshold: 1,
	KeepFiringFor: flapping,
	Summary:       "The stream of partition {{ $labels.partition }} is not the one that was counted",
	Description: "The events of partition {{ $labels.partition }} do not continue where its checkpoint ended: the " +
		"stream was recreated, restored from an older copy, or lost events in a power failure. " +
		"The partition is halted until somebody decides how to continue.",
	First: "Check that the exporter uses the right NATS server and the right state directory, before you " +
		"change anything.",
	Dashboard: Belfry, Panel: panelFence, DetectsWithin: time.Minute,
})

// PartitionHalted fires when a partition waits for a person, for any reason.
var PartitionHalted = pipelineNow.alert(Alert{
	Name: "PartitionHalted", Severity: settings.Critical, Team: "observability",
	Expr:  expr.Max(expr.Select(catalog.PartitionHalted)).Keeping(catalog.LabelPartition).Eq(expr.Num(1)),
	Value: expr.Max(expr.Select(catalog.PartitionHalted)).Keeping(catalog.LabelPartition), Threshold: 1,
	KeepFiringFor: flapping, Follows: []Alert{FenceBroken},
	Summary: "Partition {{ $labels.partition }} is halted",
	Description: "The exporter has stopped partition {{ $labels.partition }} until a person decides; its landing " +
		"page and log say why. The partition's notifications are not counted meanwhile.",
	First:     "Open /-/ready of the exporter: it names the reason and what to do next.",
	Dashboard: Belfry, Panel: panelHalted, DetectsWithin: time.Minute,
})

// PartitionNotReading fires when a partition does not read its stream although the
// exporter is connected and waits for nobody. NATSDisconnected needs less time to fire.
var PartitionNotReading = pipelineNow.alert(Alert{
	Name: "PartitionNotReading", Severity: settings.Critical, Team: "observability",
	Expr: expr.Min(
		expr.Select(catalog.PartitionReading).Eq(expr.Num(0)).
			Unless(expr.Select(catalog.PartitionHalted).Eq(expr.Num(1))),
	).Keeping(catalog.LabelPartition),
	Value: expr.Min(expr.Select(catalog.PartitionReading)).Keeping(catalog.LabelPartition), Threshold: 1,
	For: 30 * time.Second, KeepFiringFor: flapping, Follows: []Alert{EventStreamStalled, NATSDisconnected},
	Summary: "Partition {{ $labels.partition }} does not read its stream",
	Description: "For 30 s NATS has not answered the requests of partition {{ $labels.partition }} for events, or " +
		"the exporter cannot take any; its landing page and log say why. The partition's notifications are not " +
		"counted meanwhile.",
	First: "Open /-/ready of the exporter for the reason, and check that the NATS stream has a leader and " +
		"the disk has space.",
	Dashboard: Belfry, Panel: panelReading, DetectsWithin: time.Minute,
})

// PartitionHidden fires when a partition shows no numbers although it reads its stream: it
// cannot write how far they are, or has much to count again. Alerts about your platform
// wait meanwhile.
var PartitionHidden = pipelineNow.alert(Alert{
	Name: "PartitionHidden", Severity: settings.Critical, Team: "observability",
	Expr:  expr.Max(expr.Select(catalog.PartitionExposed)).Keeping(catalog.LabelPartition).Eq(expr.Num(0)),
	Value: expr.Max(expr.Select(catalog.PartitionExposed)).By(catalog.LabelPartition), Threshold: 1,
	For: 5 * time.Minute, KeepFiringFor: flapping,
	Follows: []Alert{PartitionHalted, PartitionNotReading, FenceBroken, NATSDisconnected},
	Summary: "Partition {{ $labels.partition }} shows no numbers",
	Description: "For 5 minutes the figures of partition {{ $labels.partition }} have been off /metrics, and alerts " +
		"about notifications wait. Events are read, and nothing is lost; the exporter's landing page and log say why.",
	First: "Open /-/ready of the exporter for the reason: make room on the disk of its state, or wait if it still " +
		"counts what is in the stream.",
	Dashboard: Belfry, Panel: panelExposed, DetectsWithin: 6 * time.Minute,
})

// minInvalid sets how many events must be invalid within 15 minutes.
const minInvalid = 20

// EventsInvalid fires when producers break the event schema.
var EventsInvalid = pipelineSlow.alert(Alert{
	Name: "EventsInvalid", Severity: settings.Warning, Team: "observability",
	When: func(limit float64) expr.Expr {
		enough := within("15m", catalog.EventsRejected).Ge(expr.Num(minInvalid))
		return rejectedPerEvent.Gt(expr.Num(limit)).And(enough)
	},
	Value: rejectedPerEvent.Expr, Threshold: 0.01, Unit: catalog.UnitRatio,
	For: 5 * time.Minute, KeepFiringFor: settling,
	Summary: "{{ $value | humanizePercentage }} of events are invalid",
	Description: "{{ $value | humanizePercentage }} of the events in the last 15 minutes did not match the schema " +
		"and are not counted (threshold <threshold>). A producer has changed what it sends; " +
		"`belfry deadletters list` shows the reasons.",
	Dashboard: Belfry, Panel: panelInvalid, DetectsWithin: 30 * time.Minute,
})

// EventsMisrouted fires when a producer puts events into other partitions than their keys'.
var EventsMisrouted = pipelineSlow.alert(Alert{
	Name: "EventsMisrouted", Severity: settings.Warning, Team: "observability",
	Expr:          within("15m", catalog.EventsMisrouted).Gt(expr.Num(0)),
	Value:         within("15m", catalog.EventsMisrouted),
	KeepFiringFor: settling,
	Summary:       "Events arrive in wrong partitions",
	Description: "{{ $value | humanize }} events of the last 15 minutes were in another partition than their key's. " +
		"They count, but apart from the other events of their notifications and users, so that stages, users and " +
		"experiments are wrong. A producer computes partitions otherwise than Belfry or knows another number of them.",
	First: "Read in the exporter's log which partition they lie in and where they belong, and find the producer of " +
		"one with nats stream get.",
	Dashboard: Belfry, Panel: panelMisrouted, DetectsWithin: 2 * time.Minute,
})

// DeadLettersFailed fires when rejected events are not even kept.
var DeadLettersFailed = pipelineSlow.alert(Alert{
	Name: "DeadLettersFailed", Severity: settings.Warning, Team: "observability",
	Expr:          within("15m", catalog.DeadLettersFailed).Gt(expr.Num(0)),
	Value:         within("15m", catalog.DeadLettersFailed),
	KeepFiringFor: settling,
	Summary:       "Rejected events could not be kept as dead letters",
	Description: "{{ $value | humanize }} rejected events of the last 15 minutes could not be written to the " +
		"dead-letter stream. They are counted as rejected, but cannot be inspected or requeued.",
	Dashboard: Belfry, Panel: panelNotKept, DetectsWithin: 2 * time.Minute,
})

// SeriesLimited fires when detail is lost in "other".
var SeriesLimited = pipelineSlow.alert(Alert{
	Name: "SeriesLimited", Severity: settings.Warning, Team: "observability",
	When:  func(values float64) expr.Expr { return overflow.Gt(expr.Num(values)) },
	Value: overflow, Threshold: 10,
	KeepFiringFor: settling,
	Summary:       "Label {{ $labels.label }} has more values than its limit",
	Description: "{{ $value | humanize }} times in the last 15 minutes, a value of {{ $labels.label }} became " +
		"\"other\" (threshold <threshold>). Totals stay right; new values lose their detail. " +
		"Either a producer puts something unbounded into the label, or its limit is too low.",
	Dashboard: Belfry, Panel: panelLimited, DetectsWithin: 5 * time.Minute,
})

// MetricsLeftOut fires when scrapes lack a family that they should have. What reads it
// is silent meanwhile: an alert on it cannot fire.
var MetricsLeftOut = pipelineSlow.alert(Alert{
	Name: "MetricsLeftOut", Severity: settings.Warning, Team: "observability",
	Expr:          leftOut.Gt(expr.Num(0)),
	Value:         leftOut,
	KeepFiringFor: settling,
	Summary:       "Metric family {{ $labels.family }} is left out of scrapes",
	Description: "In the last 15 minutes, {{ $value | humanize }} scrapes left out {{ $labels.family }}, because " +
		"Prometheus could not have taken it: a series is there twice, or a label is not UTF-8. The log of the " +
		"process says which. All other families are complete.",
	Dashboard: Belfry, Panel: panelLeftOut, DetectsWithin: 5 * time.Minute,
})

var leftOut = expr.Sum(expr.Increase(catalog.FamiliesLeftOut, "15m")).Keeping(catalog.LabelFamily)

// RuleEvaluationFailing fires when rules of this package fail or are late.
var RuleEvaluationFailing = pipelineSlow.alert(Alert{
	Name: "RuleEvaluationFailing", Severity: settings.Critical, Team: "observability",
	// Compare each by itself: Prometheus exports both for every group, so that
	// the first, even at 0, would hide the second.
	Expr: inGroup(expr.RuleEvaluationFailures).Gt(expr.Num(0)).
		Or(inGroup(expr.RuleIterationsMissed).Gt(expr.Num(0))),
	Value: inGroup(expr.RuleEvaluationFailures),
	For:   time.Minute, KeepFiringFor: settling,
	Summary: "Prometheus cannot evaluate rules of {{ $labels.rule_group }}",
	Description: "{{ $value | humanize }} evaluations in the group {{ $labels.rule_group }} failed or were skipped " +
		"in the last 5 minutes. Alerts of the group may stay silent whatever happens.",
	First:     "Open Prometheus's rule health page: the rule in red shows its error.",
	Dashboard: Belfry, Panel: panelRuleFailures, DetectsWithin: 10 * time.Minute,
})

var overflow = expr.Sum(expr.Increase(catalog.LabelOverflow, "15m")).Keeping(catalog.LabelLabel)

// within returns how much a counter grew in a window.
func within(over expr.Window, counter catalog.Counter) expr.Expr {
	return expr.Sum(expr.Increase(counter, over)).Keeping()
}

// inGroup returns how much a counter of Prometheus grew for each of our rule groups.
func inGroup(counter catalog.Counter) expr.Expr {
	ours := expr.Re(expr.RuleGroup, ".*;notification_.*")
	return expr.Sum(expr.Increase(counter, "5m", ours)).Keeping(expr.RuleGroup)
}
