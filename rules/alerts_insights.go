package rules

import (
	"time"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// InsightsJob names the scrape job of the insights service.
const InsightsJob = "belfry-insights"

// Conclusions of the insights service, and whether it runs.
var (
	SampleRatioMismatch = insights.alert(Alert{
		Name: "ExperimentSampleRatioMismatch", Severity: settings.Warning, Team: "product",
		When:  func(p float64) expr.Expr { return sampleRatio.Lt(expr.Num(p)) },
		Value: sampleRatio, Threshold: 0.001, Below: true,
		For: 10 * time.Minute, KeepFiringFor: settling,
		Summary: "The arms of experiment {{ $labels.experiment }} have unexpected sizes",
		Description: "Arms of such different sizes occur by chance with a probability of {{ $value | humanize }} " +
			"(threshold <threshold>). Users are assigned or lost unevenly; do not trust what the experiment shows.",
		Dashboard: Experiments, Panel: panelSampleRatio, DetectsWithin: time.Hour,
	})
	GuardrailBreach = insights.alert(Alert{
		Name: "ExperimentGuardrailBreach", Severity: settings.Critical, Team: "product",
		Expr:  verdict("stop_harm"),
		Value: verdict("stop_harm"), Threshold: 1,
		For: 5 * time.Minute, KeepFiringFor: settling,
		Summary: "Variant {{ $labels.variant }} of experiment {{ $labels.experiment }} does harm",
		Description: "Variant {{ $labels.variant }} of experiment {{ $labels.experiment }} is certainly worse than " +
			"control on a metric that it must not harm. Stop it.",
		First:     "Stop the variant: assign its users to control.",
		Dashboard: Experiments, Panel: panelVerdicts, DetectsWithin: 15 * time.Minute,
	})
	ExperimentDecided = insights.alert(Alert{
		Name: "ExperimentDecided", Severity: settings.Info, Team: "product",
		Expr:  verdict("ship|stop_loser|no_meaningful_difference"),
		Value: verdict("ship|stop_loser|no_meaningful_difference"), Threshold: 1,
		For: 30 * time.Minute, KeepFiringFor: settling,
		Summary: "Experiment {{ $labels.experiment }} is decided for variant {{ $labels.variant }}",
		Description: "The verdict on variant {{ $labels.variant }} of experiment {{ $labels.experiment }} is " +
			"{{ $labels.verdict }}. More users would not change it.",
		Dashboard: Experiments, Panel: panelVerdicts, DetectsWithin: time.Hour,
	})
	AnomalyDetected = insights.alert(Alert{
		Name: "AnomalyDetected", Severity: settings.Warning, Team: "observability",
		Expr:  anomaly.Eq(expr.Num(1)),
		Value: anomaly, Threshold: 1,
		For: 10 * time.Minute, KeepFiringFor: 15 * time.Minute,
		Summary: "{{ $labels.series }} on {{ $labels.channel }} is anomalous",
		Description: "{{ $labels.series }} on {{ $labels.channel }} has been outside its expected band for 10 " +
			"minutes.",
		Dashboard: Anomalies, Panel: panelAnomalies, DetectsWithin: 30 * time.Minute,
	})
	InsightsDown = insights.alert(Alert{
		Name: "InsightsDown", Severity: settings.Warning, Team: "observability",
		Expr:  insightsUp.Eq(expr.Num(0)),
		Value: insightsUp, Threshold: 1,
		For: 5 * time.Minute, KeepFiringFor: settling,
		Summary: "Belfry insights {{ $labels.instance }} is down",
		Description: "{{ $labels.instance }} has not answered scrapes for 5 minutes. Experiments, anomalies and " +
			"forecasts are not computed; nothing else depends on it.",
		Dashboard: Belfry, Panel: panelInsights, DetectsWithin: 10 * time.Minute,
	})
	InsightsStale = insights.alert(Alert{
		Name: "InsightsStale", Severity: settings.Warning, Team: "observability",
		When:  func(age float64) expr.Expr { return answerAge.Gt(expr.Num(age)) },
		Value: answerAge, Threshold: 900, Unit: catalog.UnitSeconds,
		For: 5 * time.Minute, KeepFiringFor: settling,
		Summary: "Insights has no fresh answer on {{ $labels.question }}",
		Description: "Insights last answered {{ $labels.question }} from fresh data " +
			"{{ $value | humanizeDuration }} ago (threshold <threshold>). What it showed is withdrawn, and its alerts are silent.",
		Dashboard: Belfry, Panel: panelAnswerAge, DetectsWithin: 30 * time.Minute,
	})
	ReportFailed = insights.alert(Alert{
		Name: "ReportFailed", Severity: settings.Warning, Team: "observability",
		Expr:  reportFailures.Gt(expr.Num(0)),
		Value: reportFailures, Threshold: 0,
		KeepFiringFor: settling,
		Summary:       "Report {{ $labels.report }} failed",
		Description: "{{ $value | humanize }} attempts to create or send the report {{ $labels.report }} failed in " +
			"the last hour. Its readers do not have it.",
		Dashboard: Belfry, Panel: panelReports, DetectsWithin: 15 * time.Minute,
	})
)

var (
	sampleRatio    = expr.Min(expr.Select(catalog.ExperimentSRM)).Keeping(catalog.LabelExperiment)
	anomaly        = expr.Max(expr.Select(catalog.Anomaly)).Keeping(catalog.LabelSeries, catalog.LabelChannel)
	insightsUp     = expr.Select(expr.Up, expr.Eq(expr.Job, InsightsJob))
	answerAge      = expr.Min(expr.Select(catalog.InsightsAnswerAge)).Keeping(catalog.LabelQuestion)
	reportFailures = expr.Sum(expr.Increase(catalog.ReportFailures, "1h")).Keeping(catalog.LabelReport)
)

// verdict returns 1 for each arm with one of the verdicts.
func verdict(pattern string) expr.Expr {
	return expr.Max(expr.Select(catalog.ExperimentVerdict, expr.Re(catalog.LabelVerdict, pattern))).
		Keeping(catalog.LabelExperiment, catalog.LabelVariant, catalog.LabelVerdict).Eq(expr.Num(1))
}

var (
	// paging holds the conditions of pages.
	paging = expr.Select(catalog.AlertCondition, expr.Eq(catalog.LabelSeverity, string(settings.Critical)))
	// pagingBy joins them by rule and channel.
	pagingBy = expr.Max(paging).By(catalog.LabelRule, catalog.LabelChannel)
	// acknowledged has the value 1 for each rule and channel that somebody works on.
	acknowledged = expr.Select(catalog.AlertAcknowledged)
	// acknowledgedChannels holds the same for rules about a channel.
	acknowledgedChannels = expr.Select(catalog.AlertAcknowledged, expr.Re(catalog.LabelChannel, ".+"))
)

// Unacknowledged has the value 1 for each condition of a page that nobody works on, by rule
// and channel. It reads raw conditions, because an alert outlives its condition
// by a cooldown and nobody is to be woken for that. Acknowledging a critical
// fault of a channel covers what follows from it on the channel.
var Unacknowledged = pagingBy.
	Unless(acknowledged.Eq(expr.Num(1)), expr.On(catalog.LabelRule, catalog.LabelChannel)).
	Unless(acknowledgedChannels.Eq(expr.Num(1)).And(paging, expr.On(catalog.LabelRule, catalog.LabelChannel)),
		expr.On(catalog.LabelChannel))

// acknowledge is the command that acknowledges all alerts of the rule on the channel. A
// shell takes the channel as it is, whatever characters it has. [Alert.text] fills in the servers.
const acknowledge = `belfry alerts ack {{ $labels.rule }}` +
	`{{ with $labels.channel }} --channel='{{ reReplaceAll "'" "'\\''" . }}'{{ end }} ` +
	`--all --for=1h --comment='on it'<servers>`

// AlertUnacknowledged escalates: a page that nobody acknowledges within a quarter
// of an hour wakes the next person.
var AlertUnacknowledged = escalation.alert(Alert{
	Name: "AlertUnacknowledged", Severity: settings.Emergency, Team: "observability",
	Expr: Unacknowledged, Value: pagingBy, Threshold: 1,
	For: 15 * time.Minute, KeepFiringFor: flapping,
	Summary: "Nobody has acknowledged {{ $labels.rule }}{{ with $labels.channel }} on {{ . }}{{ end }}",
	Description: "The condition of {{ $labels.rule }}{{ with $labels.channel }} on {{ . }}{{ end }} has held for 15 " +
		"minutes, and nobody has acknowledged it. `" + acknowledge + "` tells everybody that you are on it.",
	First:     "Acknowledge the alert that this is about with the command above, then open its runbook.",
	Dashboard: SLOs, Panel: panelAlerts, DetectsWithin: 20 * time.Minute,
})
