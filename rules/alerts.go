package rules

import (
	"strconv"
	"time"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// Severity says how an alert reaches people; alertmanager routes by it.
type Severity string

// The severities, least urgent first.
const (
	Info      Severity = "info"
	Warning   Severity = "warning"
	Critical  Severity = "critical"
	Emergency Severity = "emergency"
)

// Alert is one alerting rule.
type Alert struct {
	// Name is the label alertname, and the runbook's file name.
	Name     string
	Severity Severity
	// Team is who is responsible for the fault, in one word.
	Team string
	// Expr is the condition: it has one element for each thing at fault.
	Expr expr.Expr
	// Value is what a panel draws beside Threshold; both are zero for an alert
	// that has no such figure.
	Value     expr.Expr
	Threshold float64
	// For is how long the condition must hold.
	For time.Duration
	// KeepFiringFor is how long the alert outlives its condition, so that a
	// fault that comes and goes is one page.
	KeepFiringFor time.Duration
	// Summary and Description are templates of Prometheus, the first a headline.
	Summary, Description string
	// Rule is the id of an installation's own rule; empty for a shipped alert,
	// whose label rule is its name. Cooldown is that rule's, and Receivers whom
	// it tells instead of its team.
	Rule      string
	Cooldown  time.Duration
	Receivers []string
	// Dashboard and Panel are the uid and panel key of where to look first.
	Dashboard, Panel string
	// DetectsWithin bounds the time from a total fault to the page at the
	// shipped intervals. Zero for the alert that always fires.
	DetectsWithin time.Duration
}

// Operations is the uid of the dashboard that pages link to.
const Operations = "belfry-operations"

// The keys of the panels on Operations that alerts link to.
const (
	PanelExporter    = "exporter-up"
	PanelEvents      = "events-per-second"
	PanelUndelivered = "undelivered-per-sent"
	PanelErrors      = "errors-per-outcome"
	PanelBudget      = "error-budget-burn"
)

// The figures behind the conditions.
const (
	// minSent is the least traffic per second that is judged by its absence. At
	// 60 a minute the 20 s between a window's first scrape and its last pass
	// without one by chance once in 500 million.
	minSent = 1
	// minErrors per second is 15 a minute: enough that a share of them means a
	// fault rather than a few users' bad luck.
	minErrors = 0.25
	// minLost is how many notifications must be lost within the hour.
	minLost = 10
	// providerDown is the share of lost notifications beyond which a provider is
	// down rather than troubled; trouble burns the error budget, which has an
	// alert of its own.
	providerDown = 0.5
	// channelDown is higher, since a channel with one of two providers down
	// still delivers half.
	channelDown = 0.8
	// confirms is the share that must have been confirmed at some time of the
	// last day before missing confirmations mean anything: some channels and
	// providers never report a delivery.
	confirms = 0.5
	// flapping is how long fast alerts outlive their condition: three
	// evaluations bridge a fault that comes and goes with a backlog or its
	// retries, and on-call still learns within a minute that it is over.
	flapping = 30 * time.Second
)

// Watchdog always fires. Its notifications feed a dead man's switch outside,
// which raises the alarm when they stop: the only alert on Prometheus and
// Alertmanager themselves.
var Watchdog = Alert{
	Name: "NotificationWatchdog", Severity: Info, Team: "observability",
	Expr:        expr.Vector(1),
	Summary:     "Alerting works",
	Description: "This alert always fires. When its notifications stop, Prometheus, Alertmanager or the way between them is broken.",
	Dashboard:   Operations, Panel: PanelExporter,
}

// ExporterDown says that nothing is being counted. For spans two scrapes, which
// a restart may miss, and the start of Prometheus, which evaluates rules a few
// seconds before it first scrapes.
var ExporterDown = Alert{
	Name: "NotificationExporterDown", Severity: Critical, Team: "observability",
	Expr:  expr.Select(expr.Up, isExporter).Eq(expr.Num(0)).Or(expr.Absent(expr.Select(expr.Up, isExporter))),
	Value: expr.Select(expr.Up, isExporter), Threshold: 1,
	For: 20 * time.Second, KeepFiringFor: flapping,
	Summary: `Belfry exporter {{ with $labels.instance }}{{ . }} {{ end }}is down`,
	Description: `{{ if $labels.instance }}{{ $labels.instance }} does not answer scrapes.` +
		`{{ else }}Prometheus has no target of the job ` + Job + `.{{ end }} ` +
		`No notification is counted, and no other alert on notifications can be trusted. Events wait in the stream and are counted later.`,
	Dashboard: Operations, Panel: PanelExporter,
	DetectsWithin: time.Minute,
}

// EventStreamStalled says that the exporter answers but no event reaches its
// metrics: producers, NATS or the reader stand still.
var EventStreamStalled = Alert{
	Name: "NotificationEventStreamStalled", Severity: Critical, Team: "observability",
	Expr:  unlessHidden(silent(EventRate, "NotificationEventStreamStalled", expr.Job)),
	Value: EventRate.Expr, Threshold: 0,
	KeepFiringFor: flapping,
	Summary:       "No notification events arrive",
	Description: "No event has been counted for 30 s, where for half an hour at least one a second was. " +
		"Producers have stopped publishing, NATS does not take or deliver events, or the exporter does not read them.",
	Dashboard: Operations, Panel: PanelEvents,
	DetectsWithin: time.Minute,
}

// ChannelDown says that a channel reaches nobody: what is sent does not arrive,
// or nothing is sent any more. It needs no For: to pass its threshold a fault
// must have lasted for most of the window already.
var ChannelDown = Alert{
	Name: "NotificationChannelDown", Severity: Critical, Team: "delivery",
	Expr: unlessHidden(unconfirmed(UndeliveredPerSent, channelDown, DeliveredPerSent).
		Or(silent(ChannelSentNow, "NotificationChannelDown", catalog.LabelChannel))),
	Value: UndeliveredPerSent.Expr, Threshold: channelDown,
	KeepFiringFor: flapping,
	Summary:       "Channel {{ $labels.channel }} is down",
	Description: `{{ if eq $value 0.0 }}Nothing has been sent on {{ $labels.channel }} for 30 s, where for half an hour at least one notification a second was.` +
		`{{ else }}{{ $value | humanizePercentage }} of what was sent on {{ $labels.channel }} in the last 30 s was not delivered (threshold ` + percent(channelDown) + `).{{ end }}`,
	Dashboard: Operations, Panel: PanelUndelivered,
	DetectsWithin: time.Minute,
}

// ProviderDown says that a provider carries nothing. An outage shows as errors,
// with whatever code, or as silence: neither a delivery nor an error. Either is
// enough, and silence also covers errors whose series are too young to have a
// rate.
var ProviderDown = Alert{
	Name: "NotificationProviderDown", Severity: Critical, Team: "delivery",
	Expr: ErrorsPerOutcome.Gt(expr.Num(providerDown)).And(ErrorsNow.Ge(expr.Num(minErrors))).
		Or(unlessHidden(unconfirmed(UnansweredPerSent, providerDown, ProviderDeliveredPerSent))),
	Value: ErrorsPerOutcome.Expr, Threshold: providerDown,
	For: 10 * time.Second, KeepFiringFor: flapping,
	Summary: "Provider {{ $labels.provider }} is down on {{ $labels.channel }}",
	Description: `{{ $value | humanizePercentage }} of what {{ $labels.provider }} was to deliver on {{ $labels.channel }} in the last 30 s ` +
		`failed or is unanswered (threshold ` + percent(providerDown) + `). Faults of recipients are not counted.`,
	Dashboard: Operations, Panel: PanelErrors,
	DetectsWithin: time.Minute,
}

// ErrorBudgetBurn says that a channel loses so much that a month's error budget
// is gone in two days. The long window says that it matters, the short one that
// it still goes on, and the minimum that it is more than a few notifications.
var ErrorBudgetBurn = Alert{
	Name: "NotificationErrorBudgetBurn", Severity: Critical, Team: "delivery",
	Expr: SLOErrorRatio1h.Gt(expr.Num(burnThreshold)).
		And(SLOErrorRatio5m.Gt(expr.Num(burnThreshold))).
		And(expr.SumOverTime(SLOErrorsIncrease1m, "1h").Ge(expr.Num(minLost))),
	Value: SLOErrorRatio1h.Expr, Threshold: burnThreshold,
	For: 2 * time.Minute, KeepFiringFor: 2 * time.Minute,
	Summary: "Channel {{ $labels.channel }} is using up its error budget",
	Description: `{{ $value | humanizePercentage }} of what was sent on {{ $labels.channel }} in the last hour was lost by our own or a provider's fault ` +
		`(threshold ` + percent(burnThreshold) + `), and the last 5 minutes are no better. At this rate the budget for 30 days, ` + percent(errorBudget) + `, is gone in less than 50 hours.`,
	Dashboard: Operations, Panel: PanelBudget,
	DetectsWithin: 10 * time.Minute,
}

var burnThreshold = rounded(fastBurn * errorBudget)

var isExporter = expr.Eq(expr.Job, Job)

// unconfirmed is a share of missing confirmations beyond the threshold, where
// deliveries are usually confirmed.
func unconfirmed(share expr.Recorded, threshold float64, delivered expr.Recorded) expr.Expr {
	return share.Gt(expr.Num(threshold)).And(expr.MaxOverTime(delivered, "1d").Gt(expr.Num(confirms)))
}

// silent is a rate that broke off: it is 0, and had not been below minSent for
// half an hour. So it speaks neither of batches, whose rate is often 0, nor of
// the end of an evening's traffic, which tapers. Once the alert fires it goes
// on until traffic returns or has been gone for an hour.
func silent(rate expr.Recorded, alert string, label *catalog.Label) expr.Expr {
	brokeOff := expr.MinOverTime(rate, "30m").Offset(now).Ge(expr.Num(minSent))
	recent := expr.MaxOverTime(rate, "1h").Ge(expr.Num(minSent))
	firing := expr.Select(expr.Alerts, expr.Eq(catalog.LabelAlertName, alert), expr.Eq(expr.AlertState, "firing"))
	return rate.Eq(expr.Num(0)).And(brokeOff.Or(recent.And(firing, expr.On(label))))
}

// unlessHidden says nothing while the exporter hides a partition, or has just
// shown it again: what is missing then is not missing from the stream.
func unlessHidden(e expr.Expr) expr.Expr {
	hidden := expr.Min(expr.MinOverTime(catalog.PartitionExposed, "1m")).By().Eq(expr.Num(0))
	return e.Unless(hidden, expr.On())
}

func percent(share float64) string {
	return strconv.FormatFloat(rounded(share*100), 'f', -1, 64) + "%"
}
