package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// How alerts are looked after.

var perSeverity = []*catalog.Label{catalog.LabelSeverity}

const noAlerts = "No alert was looked after, or the alerts service does not run"

func resolvedOverTime() panel {
	return panel{
		key: "resolved", title: "Alerts resolved, per interval", width: third, height: tall, unit: units.Short, draw: bars{}, every: tile,
		description: "How many alerts were over in each interval of the graph, by severity.",
		empty:       noAlerts,
		queries:     []query{{of: amount(rules.ResolveVolume, expr.Interval, perSeverity, expr.Eq(expr.Le, "+Inf"))}},
	}
}

func timeToResolve() panel {
	return panel{
		key: "time-to-resolve", title: "Time to resolve, median, over the 24 h before", width: third, height: tall, unit: units.Seconds, draw: lines{},
		description: "Half of the alerts that ended in the day before were over within this time. The objective is a quarter of an hour.",
		empty:       noAlerts,
		limit:       &limit{value: soon, worse: above},
		queries:     []query{{of: quantile(0.5, rules.ResolveVolume, day, perSeverity...)}},
	}
}

func timeToAcknowledge() panel {
	return panel{
		key: "time-to-acknowledge", title: "Time to acknowledge, median, over the 24 h before", width: third, height: tall, unit: units.Seconds, draw: lines{},
		description: "Half of the alerts that somebody acknowledged in the day before were so within this time.",
		empty:       noAlerts,
		queries:     []query{{of: quantile(0.5, rules.AcknowledgeVolume, day, perSeverity...)}},
	}
}
