package rules

import (
	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

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

// atLeast keeps the elements whose volume, under the same labels, is no fewer:
// the guard against conclusions from a handful.
func atLeast(e expr.Expr, volume expr.Operand, least float64) expr.Expr {
	return e.And(volume.(expr.Expr).Ge(expr.Num(least)))
}

// Conditions are the raw conditions of alerts, before For and KeepFiringFor
// stretch them: what escalation, the time to resolve and the texts of messages
// go by. A condition tells of a rule, a severity and, where it has one, a
// channel; the same of alerts that share them is one.
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
		for _, l := range a.Expr.Labels() {
			if l == catalog.LabelChannel {
				by = append(by, l)
			}
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
		records = append(records, labelled{
			name: catalog.AlertCondition.Name, expr: joined[k],
			labels: map[string]string{catalog.LabelRule.Name: k.rule, catalog.LabelSeverity.Name: string(k.severity)},
		})
	}
	return records
}

// thresholds repeat the figures of the alerts, so that a dashboard draws the
// threshold that is in force.
func thresholds(alerts []Alert) []labelled {
	var records []labelled
	seen := map[string]bool{}
	for _, a := range alerts {
		key := a.ID() + string(a.Severity)
		if a.When == nil || seen[key] {
			continue
		}
		seen[key] = true
		records = append(records, labelled{
			name: catalog.AlertThreshold.Name, expr: expr.Vector(a.Threshold),
			labels: map[string]string{catalog.LabelRule.Name: a.ID(), catalog.LabelSeverity.Name: string(a.Severity)},
		})
	}
	return records
}

// labelled is a rule that records a family of the catalogue under fixed labels.
type labelled struct {
	name   string
	expr   expr.Expr
	labels map[string]string
}
