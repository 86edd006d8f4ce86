package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Belfry itself: whether the figures above can be trusted.

func exporterUp() panel.Panel {
	p := panel.Panel{
		Title: "Exporter", Width: panel.Half, Draw: panel.States,
		Description: "Whether Prometheus reaches the exporter, and the exporter reaches NATS. While it does not, " +
			"events wait in their streams and are counted later.",
		Empty: "Prometheus has no such target",
		Words: map[float64]string{0: "down", 1: "up"},
	}.Watches(rules.ExporterDown, panel.Below, expr.Instance).
		Watches(rules.NATSDisconnected, panel.Below, expr.Instance).
		WithRunbook(rules.Watchdog)
	p.Queries[1].Legend = "NATS of {{instance}}"
	return p
}

func partitionsExposed() panel.Panel {
	return panel.Panel{
		Title: "Partitions", Width: panel.Third, Draw: panel.States,
		Description: "Whether the metrics of each partition are exposed. After a restart they stay hidden until all " +
			"events are counted again, so that no counter goes backwards.",
		Empty: "No exporter is up",
		Words: map[float64]string{0: "hidden", 1: "shown"},
	}.Watches(rules.PartitionHidden, panel.Below)
}

func eventsPerSecond() panel.Panel {
	return panel.Panel{
		Title: "Events per second", Width: panel.Half, Draw: panel.Lines,
		Description: "Events counted per second, over the last 30 s. At 0, producers have stopped, or NATS or the " +
			"exporter is stuck.",
		Empty: "No events counted yet",
	}.Watches(rules.EventStreamStalled, panel.Below)
}

func freshness() panel.Panel {
	return panel.Panel{
		Title: "Age of the figures", Width: panel.Half, Draw: panel.Lines,
		Description: "How far the figures lag behind the stream: the age of the newest counted event while others " +
			"wait behind it, in the partition that lags most.",
		Empty: "No exporter is up", LeadsTo: []panel.Destination{toItself},
	}.Watches(rules.ExporterLagging, panel.Above)
}

func lag() panel.Panel {
	return panel.Panel{
		Key: "lag", Title: "Age of the figures", Width: panel.Half, Unit: units.Seconds, Draw: panel.Lines,
		Description: "How far the figures lag behind the stream: the age of the newest counted event while others " +
			"wait behind it.",
		Empty:   "No exporter is up",
		Queries: panel.Of(expr.Max(expr.Select(catalog.StreamLagSeconds)).By(catalog.LabelPartition)),
	}
}
