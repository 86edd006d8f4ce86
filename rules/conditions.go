package rules

import (
	"slices"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

var isExporter = expr.Eq(expr.Job, Job)

// unconfirmed returns a share of missing confirmations above the limit, where
// deliveries are usually confirmed.
func unconfirmed(unseen expr.Recorded, limit float64, confirmed expr.Recorded) expr.Expr {
	return unseen.Gt(expr.Num(limit)).And(expr.MaxOverTime(confirmed, "1d").Gt(expr.Num(confirms)))
}

// silent returns a rate that broke off: it is 0, and had not been below minSent for
// half an hour. That leaves out batches, whose rate is often 0, and the end of an
// evening's traffic, which tapers. Once the alert fires it goes on until traffic
// returns or has been gone for an hour.
func silent(rate expr.Recorded, alert string, label *catalog.Label) expr.Expr {
	brokeOff := expr.MinOverTime(rate, "30m").Offset(now).Ge(expr.Num(minSent))
	recent := expr.MaxOverTime(rate, "1h").Ge(expr.Num(minSent))
	firing := expr.Select(expr.Alerts, expr.Eq(catalog.LabelAlertName, alert), expr.Eq(expr.AlertState, "firing"))
	return rate.Eq(expr.Num(0)).And(brokeOff.Or(recent.And(firing, expr.On(label))))
}

// unlessHidden returns e, but nothing while the exporter hides a partition or has just
// shown it again: what is missing then is not missing from the stream.
func unlessHidden(e expr.Expr) expr.Expr {
	hidden := expr.Min(expr.MinOverTime(catalog.PartitionExposed, "1m")).By().Eq(expr.Num(0))
	return e.Unless(hidden, expr.On())
}

// atLeast keeps the elements with enough traffic under the same labels: the guard
// against conclusions from a handful.
func atLeast(e, traffic expr.Expr, least float64) expr.Expr {
	return e.And(traffic.Ge(expr.Num(least)))
}

// deliveredToday returns how many notifications were delivered in the last day, by
// channel.
func deliveredToday() expr.Expr {
	return reached(catalog.StageDelivered, StageVolume.Increase1d, perChannel...)
}

// weekBefore returns what the share of a day was on average in the week that ended a
// day ago.
func weekBefore(daily expr.Recorded) expr.Expr { return expr.AvgOverTime(daily, "1w").Offset("1d") }

// aWeekOld has a value for each series that had one a week ago, or in the day
// before that. The first hours of an installation, or of a channel after a pause,
// in which people have not reacted yet, are not a week to compare with.
func aWeekOld(daily expr.Recorded) expr.Expr { return expr.PresentOverTime(daily, "1d").Offset("1w") }

// timesWeekBefore returns a day's share as a multiple of the week before's.
func timesWeekBefore(daily expr.Recorded) expr.Expr {
	return expr.Ratio(daily, weekBefore(daily)).And(aWeekOld(daily))
}

// labelled is a rule that records a family of the catalogue under fixed labels.
type labelled struct {
	name   string
	expr   expr.Expr
	labels map[string]string
}

func labelledFor(f catalog.Gauge, e expr.Expr, rule string, severity settings.Severity) labelled {
	return labelled{f.Name, e, map[string]string{
		catalog.LabelRule.Name: rule, catalog.LabelSeverity.Name: string(severity),
	}}
}

// conditions records the raw conditions of alerts, before For and KeepFiringFor
// stretch them: escalation, the time to resolve and message texts follow these. A
// condition has a rule, a severity and, where there is one, a channel; alerts
// that share them have one together.
func conditions(alerts []Alert) []labelled {
	type key struct {
		rule     string
		severity settings.Severity
	}
	var order []key
	joined := map[key]expr.Expr{}
	for _, a := range alerts {
		if a.Name == Watchdog.Name || a.Name == AlertUnacknowledged.Name {
			continue // the one always holds, the other reads conditions
		}
		k, by := key{a.ID(), a.Severity}, []*catalog.Label{}
		if slices.Contains(a.Expr.Labels(), catalog.LabelChannel) {
			by = append(by, catalog.LabelChannel)
		}
		condition := expr.Group(a.Expr).By(by...)
		if before, ok := joined[k]; ok {
			condition = before.Or(condition)
		} else {
			order = append(order, k)
		}
		joined[k] = condition
	}
	var records []labelled
	for _, k := range order {
		records = append(records, labelledFor(catalog.AlertCondition, joined[k], k.rule, k.severity))
	}
	return records
}

// thresholds records the thresholds of the alerts, so that dashboards draw those
// in force.
func thresholds(alerts []Alert) []labelled {
	var records []labelled
	seen := map[string]bool{}
	for _, a := range alerts {
		key := a.ID() + string(a.Severity)
		if a.When == nil || seen[key] {
			continue
		}
		seen[key] = true
		records = append(records, labelledFor(catalog.AlertThreshold, expr.Vector(a.Threshold), a.ID(), a.Severity))
	}
	return records
}
