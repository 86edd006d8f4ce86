package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// How alerts are handled.

var perSeverity = []*catalog.Label{catalog.LabelSeverity}

const noAlerts = "No alerts were handled, or the alerts service is not running"

func resolvedOverTime() panel.Panel {
	return panel.Panel{
		Key: "resolved", Title: "Alerts resolved, per interval", Width: panel.Quarter, Unit: units.Short,
		Draw: panel.Bars, Every: tile,
		Description: "Alerts resolved in each interval of the graph, by severity.",
		Empty:       noAlerts,
		Queries:     panel.Of(amount(rules.ResolveVolume, expr.Interval, perSeverity, expr.Eq(expr.Le, "+Inf"))),
	}
}

func timeToResolve() panel.Panel {
	return panel.Panel{
		Key: "time-to-resolve", Title: "Time to resolve, median, trailing 24 h", Width: panel.Quarter,
		Unit: units.Seconds, Draw: panel.Lines,
		Description: "Median time from firing to resolution, over the 24 hours before each point. The objective is " +
			"15 minutes.",
		Empty:   noAlerts,
		Limit:   panel.BadAbove(resolveWithin),
		Queries: panel.Of(quantile(0.5, rules.ResolveVolume, day, perSeverity...)),
	}
}

func timeToAcknowledge() panel.Panel {
	return panel.Panel{
		Key: "time-to-acknowledge", Title: "Time to acknowledge, median, trailing 24 h", Width: panel.Quarter,
		Unit: units.Seconds, Draw: panel.Lines,
		Description: "Median time from firing to acknowledgment, over the 24 hours before each point.",
		Empty:       noAlerts,
		Queries:     panel.Of(quantile(0.5, rules.AcknowledgeVolume, day, perSeverity...)),
	}
}
