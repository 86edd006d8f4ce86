package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// itself serves those who run Belfry: are its figures complete and current?
func itself() panel.Dashboard {
	return panel.Dashboard{
		UID: rules.Belfry, Title: "Belfry itself", Folder: "observability",
		Description: "Are the figures complete and current, and if not, why?",
		From:        "now-6h", Refresh: "1m",
		Filters: panel.Filters{Labels: perPartition, From: expr.Select(catalog.StreamLagSeconds)},
		Rows: []panel.Row{
			panel.NewRow("",
				exporterState(), partitionsExposed(), connections(), eventsOfStream(), lag(),
				lostEvents(), fence(), halted(), reading()),
			panel.NewRow("Keeping up", lagMessages(), foldTime()).Closed(),
			panel.NewRow("Events that are wrong",
				invalid(), rejected(), oddities(), misrouted(), notKept(), conflicts(), unknownFields(), repairs(),
			).Closed(),
			panel.NewRow("State and checkpoints",
				checkpointAge(), checkpointDuration(), checkpointBytes(), stateRecords()).Closed(),
			panel.NewRow("Series", scrapeSeries(), biggestFamilies(), limited(), leftOut()).Closed(),
			panel.NewRow("Rules, insights and reports",
				ruleFailures(), insightsUp(), answerAge(), reportFailures(), builds()).Closed(),
		},
	}
}

var perPartition = []*catalog.Label{catalog.LabelPartition}

// newestOf returns a gauge by the labels. While a partition moves, two exporters
// report it, and the greater value counts.
func newestOf(g catalog.Gauge, by ...*catalog.Label) expr.Expr {
	return expr.Max(expr.Select(g)).By(by...)
}

// perSecond returns the rate of a counter over five minutes. It reads the same few
// samples whatever the time range is.
func perSecond(c catalog.Counter, by ...*catalog.Label) expr.Expr {
	return expr.Sum(expr.Rate(c, fiveMinutes)).By(by...)
}

func exporterState() panel.Panel {
	return panel.Panel{
		Key: "exporters", Title: "Exporters", Width: panel.Third, Unit: units.Short, Draw: panel.States,
		Words: map[float64]string{0: "down", 1: "up"},
		Description: "Whether Prometheus reaches each exporter. While an exporter is down, its events wait in their " +
			"streams.",
		Empty:   "Prometheus has no such target",
		Queries: panel.Of(expr.Max(expr.Select(expr.Up, expr.Eq(expr.Job, rules.Job))).By(expr.Instance)),
		Limit:   panel.BadBelow(1),
	}
}

func connections() panel.Panel {
	return panel.Panel{
		Key: "connections", Title: "NATS connection and configuration", Width: panel.Third, Unit: units.Short,
		Draw: panel.States, Words: map[float64]string{0: "no", 1: "yes"},
		Description: "Whether each exporter is connected to NATS, and whether its last configuration reload succeeded.",
		Empty:       "No exporter is up",
		Queries: []panel.Query{
			{Of: newestOf(catalog.NATSConnected, expr.Instance), Legend: "{{instance}} connected"},
			{Of: newestOf(catalog.ConfigReloadOK, expr.Instance), Legend: "{{instance}} configured"},
		},
		Limit: panel.BadBelow(1),
	}
}

// Keeping up.

func eventsOfStream() panel.Panel {
	return panel.Panel{
		Key: "events", Title: "Events per second", Width: panel.Half, Unit: units.Short, Draw: panel.Lines,
		Description: "Events counted per second, over the last 30 s.",
		Empty:       "No events counted yet",
		Queries:     []panel.Query{{Of: expr.Sum(rules.EventRate).By(), Legend: "events"}},
	}
}

func lagMessages() panel.Panel {
	return panel.Panel{
		Key: "lag-messages", Title: "Events waiting to be counted", Width: panel.Half, Unit: units.Short,
		Draw: panel.Lines,
		Description: "Messages in the stream of each partition that are not counted yet. A few are always on their " +
			"way. If the number keeps rising, the exporter cannot keep up.",
		Empty:   "No exporter is up",
		Queries: panel.Of(newestOf(catalog.StreamLagMessages, perPartition...)),
	}
}

func foldTime() panel.Panel {
	buckets := expr.Sum(expr.Rate(expr.BucketsOf(catalog.FoldSeconds), fiveMinutes)).By(expr.Le)
	return panel.Panel{
		Key: "fold-time", Title: "Time to count one event", Width: panel.Half, Unit: units.Seconds,
		Draw: panel.Lines,
		Description: "Time to count an event, over five minutes. Its inverse is roughly the number of events per " +
			"second that one core can handle.",
		Empty: "No exporter is up",
		Queries: []panel.Query{
			{Of: expr.Quantile(0.5, buckets), Legend: "median"}, {Of: expr.Quantile(0.99, buckets), Legend: "p99"},
		},
	}
}

// Nothing lost.

func lostEvents() panel.Panel {
	return panel.Panel{
		Title: "Lost events, in 10 minutes", Width: panel.Quarter, Draw: panel.Lines,
		Description: "Events that expired from the stream before they were counted, because the exporter was down " +
			"for longer than the stream's retention. They are missing in every figure.",
		Empty: "No exporter is up",
	}.Watches(rules.EventsLost, panel.Above)
}

func fence() panel.Panel {
	return panel.Panel{
		Title: "Stream matches its checkpoint", Width: panel.Quarter, Draw: panel.States,
		Words: map[float64]string{0: "another", 1: "yes"},
		Description: "Whether each partition's stream continues where its checkpoint ended. Events of another stream " +
			"would be counted on top, so the partition halts until someone decides what to do.",
		Empty: "No exporter is up",
	}.Watches(rules.FenceBroken, panel.Below)
}

func halted() panel.Panel {
	return panel.Panel{
		Title: "Halted partitions", Width: panel.Quarter, Draw: panel.States,
		Words:       map[float64]string{0: "running", 1: "halted"},
		Description: "Partitions that need someone to act. The exporter's landing page and log say why.",
		Empty:       "No exporter is up",
	}.Watches(rules.PartitionHalted, panel.Above)
}

func reading() panel.Panel {
	return panel.Panel{
		Title: "Partitions that read", Width: panel.Quarter, Draw: panel.States,
		Words: map[float64]string{0: "not reading", 1: "reading"},
		Description: "Whether NATS answers each partition's requests for events. If it does not, events wait in the " +
			"stream; the exporter's landing page and log say why.",
		Empty: "No exporter is up",
	}.Watches(rules.PartitionNotReading, panel.Below)
}

// Events that are wrong.

func invalid() panel.Panel {
	return panel.Panel{
		Title: "Invalid events", Width: panel.Third, Draw: panel.Lines, Decimals: new(2.0),
		Description: "Share of the events of the last 15 minutes that violated the schema and are not counted.",
		Empty:       "No rejected events",
	}.Watches(rules.EventsInvalid, panel.Above)
}

func rejected() panel.Panel {
	return panel.Panel{
		Key: "rejected", Title: "Rejected events per second", Width: panel.Third, Unit: units.Short,
		Draw: panel.Lines,
		Description: "Events that violate the schema, by reason, over 5 minutes. They are not counted elsewhere. " +
			"Each is kept in the dead-letter stream with the reason.",
		Empty:   "No rejected events",
		Queries: panel.Of(perSecond(catalog.EventsRejected, catalog.LabelRejection)),
	}
}

func oddities() panel.Panel {
	of := func(c catalog.Counter, legend string) panel.Query {
		return panel.Query{Of: perSecond(c), Legend: legend}
	}
	return panel.Panel{
		Key: "oddities", Title: "Unusual events per second", Width: panel.Third, Unit: units.Short, Draw: panel.Lines,
		Description: "Events that are valid but unusual: repeated, in the wrong partition, without a sent event, too " +
			"late, out of order, from clocks that disagree, with a placeholder such as undefined for an id, or more " +
			"than 256 of one notification. Repeated events count once.",
		Empty: "No exporter is up",
		Queries: []panel.Query{
			of(catalog.EventsDuplicate, "repeated"), of(catalog.EventsMisrouted, "misrouted"),
			of(catalog.EventsOrphan, "orphan"), of(catalog.EventsLate, "late"),
			of(catalog.EventsOutOfOrder, "out of order"), of(catalog.EventsClockSkew, "clock skew"),
			of(catalog.EventsTimeDoubted, "time in doubt"), of(catalog.PlaceholderIDs, "placeholder id"),
			of(catalog.EventIDsForgotten, "too many of one notification"),
		},
	}
}

func misrouted() panel.Panel {
	return panel.Panel{
		Title: "Misrouted events, in 15 minutes", Width: panel.Third, Draw: panel.Lines,
		Description: "Events in another partition than their key's. They count, but apart from the other events of " +
			"their notifications and users.",
		Empty: "No exporter is up",
	}.Watches(rules.EventsMisrouted, panel.Above)
}

func notKept() panel.Panel {
	return panel.Panel{
		Title: "Rejected events not kept, in 15 minutes", Width: panel.Third, Draw: panel.Lines,
		Description: "Rejected events that could not be written to the dead-letter stream. They are counted, but " +
			"cannot be inspected.",
		Empty: "No exporter is up",
	}.Watches(rules.DeadLettersFailed, panel.Above)
}

func conflicts() panel.Panel {
	return panel.Panel{
		Key: "conflicts", Title: "Contradictions per second", Width: panel.Third, Unit: units.Short,
		Draw: panel.Lines,
		Description: "Events that contradict their sent event, by the field that differs. The value of the sent " +
			"event counts.",
		Empty:   "No contradictions",
		Queries: panel.Of(perSecond(catalog.ContextConflicts, catalog.LabelField)),
	}
}

func repairs() panel.Panel {
	return panel.Panel{
		Key: "repairs", Title: "Repaired events per second", Width: panel.Half, Unit: units.Short,
		Draw: panel.Lines,
		Description: "Events with a value in another form than the schema's own, such as a number as text, by field. " +
			"They count like any other.",
		Empty:   "No repaired events",
		Queries: panel.Of(perSecond(catalog.EventsRepaired, catalog.LabelRepaired)),
	}
}

func unknownFields() panel.Panel {
	return panel.Panel{
		Key: "unknown-fields", Title: "Unknown fields, new in the last hour", Width: panel.Half, Unit: units.Short,
		Draw: panel.Lines,
		Description: "Fields that are not in the schema and were first seen in the hour before each point. Their " +
			"names do not become labels.",
		Empty:   "No exporter is up",
		Queries: []panel.Query{{Of: expr.Sum(expr.Increase(catalog.UnknownFields, hour)).By(), Legend: "new names"}},
	}
}
