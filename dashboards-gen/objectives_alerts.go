package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// How alerts are looked after.

var perSeverity = []*catalog.Label{catalog.LabelSeverity}

const noAlerts = "No alert was looked after, or the alerts service does not run"

func resolvedOverTime() panel.Panel {
	return panel.Panel{
		Key: "resolved", Title: "Alerts resolved, per interval", Width: panel.Third, Unit: units.Short,
		Draw: panel.Bars, Every: tile,
		Description: "How many alerts were over in each interval of the graph, by severity.",
		Empty:       noAlerts,
		Queries:     panel.Of(amount(rules.ResolveVolume, expr.Interval, perSeverity, expr.Eq(expr.Le, "+Inf"))),
	}
}

func timeToResolve() panel.Panel {
	return panel.Panel{
		Key: "time-to-resolve", Title: "Time to resolve, median, over the 24 h before", Width: panel.Third,
		Unit: units.Seconds, Draw: panel.Lines,
		Description: "Half of the alerts that ended in the day before were over within this time. The objective is a " +
			"quarter of an hour.",
		Empty:   noAlerts,
		Limit:   panel.BadAbove(soon),
		Queries: panel.Of(quantile(0.5, rules.ResolveVolume, day, perSeverity...)),
	}
}

func timeToAcknowledge() panel.Panel {
	return panel.Panel{
		Key: "time-to-acknowledge", Title: "Time to acknowledge, median, over the 24 h before", Width: panel.Third,
		Unit: units.Seconds, Draw: panel.Lines,
		Description: "Half of the alerts that somebody acknowledged in the day before were so within this time.",
		Empty:       noAlerts,
		Queries:     panel.Of(quantile(0.5, rules.AcknowledgeVolume, day, perSeverity...)),
	}
}
