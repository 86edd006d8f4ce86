package rules

import (
	"slices"
	"strings"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// Series of what Belfry promises about itself, for the dashboard of promises. Few and
// small, so that a view of 30 days reads them as they are.
var (
	// PageSeconds holds, once for each page of an alert that finds total faults, how long its
	// condition had held when it fired. A page that the alert sent within the hour before is
	// the same fault, and so is one that fires again because Prometheus restarted.
	PageSeconds = promises.record(catalog.UnitSeconds, "notification_page_seconds:fired",
		expr.Max(
			expr.Timestamp(expr.Select(expr.Alerts, ofTotalFaults, isFiring)).
				Sub(expr.Select(expr.AlertsForState), expr.Ignoring(expr.AlertState)).
				Unless(expr.PresentOverTime(expr.Alerts, "1h", isFiring).Offset("10s"), expr.Ignoring(expr.AlertState)),
		).Keeping(catalog.LabelAlertName))

	// MonitoringUp is 1 while somebody would learn of a fault, else 0: this rule is evaluated,
	// an Alertmanager and all exporters answer, and all partitions show their numbers. While
	// Prometheus is down there is no sample, so count those that there should be.
	MonitoringUp = promisesSlow.record(catalog.UnitNone, "notification_monitoring:up",
		expr.ZeroFill(expr.Group(exporterUp).Keeping().
			Unless(targetDown).
			Unless(expr.Max(expr.Select(expr.Up, expr.Eq(expr.Job, alertmanagerJob))).By().Eq(expr.Num(0)), expr.On()).
			Unless(hiddenPartition, expr.Ignoring(catalog.LabelPartition)),
			expr.Group(exporterUp).Keeping()))
	// MonitoringUpDay is the share of the minutes of the last 24 hours in which it was, once
	// there is a day of them. Minutes without a sample are minutes in which nothing worked.
	MonitoringUpDay = promisesSlow.record(catalog.UnitRatio, "notification_monitoring:up_ratio1d",
		expr.SumOverTime(MonitoringUp, "1d").Div(expr.Num(24*60)).
			And(MonitoringUp.Offset("1d")))

	// FiguresAge is how old the figures were at most within each minute: how far the exporter
	// was behind the streams, and, while a partition shows no numbers or the exporter is down, a
	// minute more each minute.
	FiguresAge = promisesSlow.record(catalog.UnitSeconds, figuresAge,
		seen.Or(expr.Record(figuresAge, seen).Add(expr.Num(60)).And(MonitoringUp)))
)

const (
	figuresAge      = "notification_figures_age_seconds:max1m"
	alertmanagerJob = "alertmanager"
)

var (
	targetDown = expr.Min(expr.Select(expr.Up)).Keeping().Eq(expr.Num(0))

	hiddenPartition = expr.Max(expr.Select(catalog.PartitionExposed)).Keeping(catalog.LabelPartition).Eq(expr.Num(0))

	seen = expr.Max(expr.MaxOverTime(catalog.StreamLagSeconds, "1m")).Keeping().
		Unless(hiddenPartition, expr.Ignoring(catalog.LabelPartition)).
		Unless(targetDown)
)

// TotalFaults lists the alerts that find a total fault within a minute. Others look at
// what a minute cannot show, such as the pace of a budget.
var TotalFaults = []Alert{
	ExporterDown, NATSDisconnected, EventStreamStalled, FenceBroken, PartitionHalted, PartitionNotReading,
	ChannelDown, ProviderDown, ProcessingLatencyHigh,
}

var ofTotalFaults = func() expr.Matcher {
	names := make([]string, len(TotalFaults))
	for i, a := range TotalFaults {
		names[i] = strings.TrimPrefix(a.Name, settings.Prefix)
	}
	slices.Sort(names)
	return expr.Re(catalog.LabelAlertName, settings.Prefix+"("+strings.Join(names, "|")+")")
}()
