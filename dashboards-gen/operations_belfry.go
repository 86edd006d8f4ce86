package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Whether the figures above can be trusted: the row of Operations on Belfry
// itself.

func exporterUp() panel {
	p := panel{
		title: "Exporter", width: half, height: tall, unit: units.Short, draw: states{},
		description: "Whether Prometheus reaches the exporter, and the exporter NATS. While it does not, nothing is counted; events wait in their streams and are counted afterwards.",
		empty:       "Prometheus has no such target",
		words:       map[float64]string{0: "down", 1: "up"},
	}.watches(rules.ExporterDown, below, expr.Instance).watches(rules.NATSDisconnected, below, expr.Instance).explains(rules.Watchdog)
	p.queries[1].legend = "NATS of {{instance}}"
	return p
}

func partitionsExposed() panel {
	return panel{
		key: "partitions-exposed", title: "Partitions", width: third, height: tall, unit: units.Short, draw: states{},
		description: "Whether the metrics of each partition are shown. After a restart they are hidden until all events have been counted again, so that no counter goes backwards.",
		empty:       "No exporter answers",
		words:       map[float64]string{0: "hidden", 1: "shown"},
		queries:     []query{{of: expr.Max(expr.Select(catalog.PartitionExposed)).By(catalog.LabelPartition)}},
		limit:       &limit{value: 1, worse: below},
	}
}

func eventsPerSecond() panel {
	return panel{
		title: "Events per second", width: half, height: tall, unit: units.Short, draw: lines{},
		description: "Events of all kinds that were counted in the last 30 s. At 0 producers have stopped, or NATS or the exporter stands still.",
		empty:       "No event was ever counted",
	}.watches(rules.EventStreamStalled, below)
}

func freshness() panel {
	return panel{
		title: "Age of the figures", width: half, height: tall, unit: units.Seconds, draw: lines{},
		description: "How far the figures are behind the stream: the age of the newest counted event while others wait behind it, in the partition that is furthest behind.",
		empty:       "No exporter answers", leads: []place{toItself},
	}.watches(rules.ExporterLagging, above)
}

func lag() panel {
	return panel{
		key: "lag", title: "Age of the figures", width: half, height: tall, unit: units.Seconds, draw: lines{},
		description: "How far the figures are behind the stream: the age of the newest counted event while others wait behind it.",
		empty:       "No exporter answers",
		queries:     []query{{of: expr.Max(expr.Select(catalog.StreamLagSeconds)).By(catalog.LabelPartition)}},
	}
}
