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
	return panel{
		title: "Exporter", width: third, height: tall, unit: units.Short, draw: states{},
		description: "Whether Prometheus reaches the exporter. While it does not, nothing is counted; events wait in their streams and are counted afterwards.",
		empty:       "Prometheus has no such target",
		words:       map[string]string{"0": "down", "1": "up"},
	}.watches(rules.ExporterDown, below, expr.Instance).explains(rules.Watchdog)
}

func partitionsExposed() panel {
	return panel{
		key: "partitions-exposed", title: "Partitions", width: third, height: tall, unit: units.Short, draw: states{},
		description: "Whether the metrics of each partition are shown. After a restart they are hidden until all events have been counted again, so that no counter goes backwards.",
		empty:       "No exporter answers",
		words:       map[string]string{"0": "hidden", "1": "shown"},
		queries:     []query{{of: expr.Max(expr.Select(catalog.PartitionExposed)).By(catalog.LabelPartition)}},
		limit:       &limit{1, below},
	}
}

func eventsPerSecond() panel {
	return panel{
		title: "Events per second", width: third, height: tall, unit: units.Short, draw: lines{},
		description: "Events of all kinds that were counted in the last 30 s. At 0 producers have stopped, or NATS or the exporter stands still.",
		empty:       "No event was ever counted",
	}.watches(rules.EventStreamStalled, below)
}

func lag() panel {
	return panel{
		key: "lag", title: "Lag", width: third, height: tall, unit: units.Seconds, draw: lines{},
		description: "How far the figures are behind the stream: the age of the newest counted event while others wait behind it.",
		empty:       "No exporter answers",
		queries:     []query{{of: expr.Max(expr.Select(catalog.StreamLagSeconds)).By(catalog.LabelPartition)}},
	}
}

func rejected() panel {
	return panel{
		key: "rejected", title: "Rejected events per second", width: third, height: tall, unit: units.Short, draw: lines{},
		description: "Events that break the contract, by reason. They are counted nowhere else; each is kept in the dead-letter stream with the reason.",
		empty:       "No event was rejected",
		queries:     []query{{of: expr.Sum(expr.Rate(catalog.EventsRejected, expr.RateInterval)).By(catalog.LabelRejection)}},
	}
}

func lostEvents() panel {
	return panel{
		key: "lost-events", title: "Lost events per second", width: third, height: tall, unit: units.Short, draw: lines{},
		description: "Events that left their stream before they were counted, because the exporter was away for longer than the stream keeps them.",
		empty:       "No exporter answers",
		queries:     []query{{of: expr.Sum(expr.Rate(catalog.StreamLostEvents, expr.RateInterval)).By(catalog.LabelPartition)}},
	}
}
