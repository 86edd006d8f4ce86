package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// itself is for who runs Belfry: whether its figures are complete and current.
func itself() panel.Dashboard {
	return panel.Dashboard{
		UID: rules.Belfry, Title: "Belfry itself", Folder: "observability",
		Description: "Are the figures complete and current, and if not, why?",
		From:        "now-6h", Refresh: "1m",
		Filters: panel.Filters{Labels: perPartition, From: expr.Select(catalog.StreamLagSeconds)},
		Rows: []panel.Row{
			panel.NewRow("", exporterState(), partitionsExposed(), connections()),
			panel.NewRow("Keeping up", eventsOfStream(), lag(), lagMessages(), foldTime()),
			panel.NewRow("Nothing lost", lostEvents(), fence(), halted()),
			panel.NewRow("Events that are wrong",
				invalid(), rejected(), oddities(), notKept(), conflicts(), unknownFields()),
			panel.NewRow("State and checkpoints",
				checkpointAge(), checkpointDuration(), checkpointBytes(), stateRecords()),
			panel.NewRow("Series", scrapeSeries(), biggestFamilies(), limited()),
			panel.NewRow("Rules, insights and reports", ruleFailures(), insightsUp(), reportFailures(), builds()),
		},
	}
}

var perPartition = []*catalog.Label{catalog.LabelPartition}

// newestOf is a gauge by the labels: its greatest value, should two exporters
// tell of one partition while it moves.
func newestOf(g catalog.Gauge, by ...*catalog.Label) expr.Expr {
	return expr.Max(expr.Select(g)).By(by...)
}

// perSecond is the rate of a counter over five minutes, which reads the same few
// samples whatever the time range is.
func perSecond(c catalog.Counter, by ...*catalog.Label) expr.Expr {
	return expr.Sum(expr.Rate(c, fiveMinutes)).By(by...)
}

func exporterState() panel.Panel {
	return panel.Panel{
		Key: "exporters", Title: "Exporters", Width: panel.Third, Unit: units.Short, Draw: panel.States,
		Words: map[float64]string{0: "down", 1: "up"},
		Description: "Whether Prometheus reaches each exporter. While it does not, nothing is counted; events wait " +
			"in their streams.",
		Empty:   "Prometheus has no such target",
		Queries: panel.Of(expr.Max(expr.Select(expr.Up, expr.Eq(expr.Job, rules.Job))).By(expr.Instance)),
		Limit:   panel.BadBelow(1),
	}
}

func connections() panel.Panel {
	return panel.Panel{
		Key: "connections", Title: "NATS connection and configuration", Width: panel.Third, Unit: units.Short,
		Draw: panel.States, Words: map[float64]string{0: "no", 1: "yes"},
		Description: "Whether each exporter is connected to NATS, and whether it took the configuration when it was " +
			"last told to read it again.",
		Empty: "No exporter answers",
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
		Description: "Events of all kinds that were counted in the last 30 s.",
		Empty:       "No event was ever counted",
		Queries:     []panel.Query{{Of: expr.Sum(rules.EventRate).By(), Legend: "events"}},
	}
}

func lagMessages() panel.Panel {
	return panel.Panel{
		Key: "lag-messages", Title: "Events that wait to be counted", Width: panel.Half, Unit: units.Short,
		Draw: panel.Lines,
		Description: "Messages in the stream of each partition that are not counted yet. A few are always on their " +
			"way; a line that rises is an exporter that does not keep up.",
		Empty:   "No exporter answers",
		Queries: panel.Of(newestOf(catalog.StreamLagMessages, perPartition...)),
	}
}

func foldTime() panel.Panel {
	buckets := expr.Sum(expr.Rate(expr.BucketsOf(catalog.FoldSeconds), fiveMinutes)).By(expr.Le)
	return panel.Panel{
		Key: "fold-time", Title: "Time to count one event", Width: panel.Half, Unit: units.Seconds,
		Draw: panel.Lines,
		Description: "How long it takes to count an event, over five minutes. One divided by it is about how many " +
			"events per second one core can take.",
		Empty: "No exporter answers",
		Queries: []panel.Query{
			{Of: expr.Quantile(0.5, buckets), Legend: "median"}, {Of: expr.Quantile(0.99, buckets), Legend: "p99"},
		},
	}
}

// Nothing lost.

func lostEvents() panel.Panel {
	return panel.Panel{
		Title: "Lost events, in 10 minutes", Width: panel.Third, Draw: panel.Lines,
		Description: "Events that left their stream before they were counted, because the exporter was away for " +
			"longer than the stream keeps them. Each is missing in every figure.",
		Empty: "No exporter answers",
	}.Watches(rules.EventsLost, panel.Above)
}

func fence() panel.Panel {
	return panel.Panel{
		Title: "Stream is the one that was counted", Width: panel.Third, Draw: panel.States,
		Words: map[float64]string{0: "another", 1: "yes"},
		Description: "Whether each partition's stream goes on where its checkpoint ended. Another stream would be " +
			"counted on top, so the partition stands still until a person decides.",
		Empty: "No exporter answers",
	}.Watches(rules.FenceBroken, panel.Below)
}

func halted() panel.Panel {
	return panel.Panel{
		Title: "Halted partitions", Width: panel.Third, Draw: panel.States,
		Words:       map[float64]string{0: "running", 1: "halted"},
		Description: "Partitions that wait for a person. The exporter's landing page and log say why.",
		Empty:       "No exporter answers",
	}.Watches(rules.PartitionHalted, panel.Above)
}

// Events that are wrong.

func invalid() panel.Panel {
	return panel.Panel{
		Title: "Invalid events", Width: panel.Third, Draw: panel.Lines, Decimals: new(2.0),
		Description: "Share of the events of the last 15 minutes that broke the contract and count nowhere.",
		Empty:       "No event was rejected",
	}.Watches(rules.EventsInvalid, panel.Above)
}

func rejected() panel.Panel {
	return panel.Panel{
		Key: "rejected", Title: "Rejected events per second", Width: panel.Third, Unit: units.Short,
		Draw: panel.Lines,
		Description: "Events that break the contract, by reason, over 5 minutes. They are counted nowhere else; each " +
			"is kept in the dead-letter stream with the reason.",
		Empty:   "No event was rejected",
		Queries: panel.Of(perSecond(catalog.EventsRejected, catalog.LabelRejection)),
	}
}

func oddities() panel.Panel {
	of := func(c catalog.Counter, legend string) panel.Query {
		return panel.Query{Of: perSecond(c), Legend: legend}
	}
	return panel.Panel{
		Key: "oddities", Title: "Odd events per second", Width: panel.Third, Unit: units.Short, Draw: panel.Lines,
		Description: "Events that are valid and yet strange: repeated, in the wrong partition, without their sent " +
			"event, too late, out of order, or with clocks that disagree. Repeated ones are counted once.",
		Empty: "No exporter answers",
		Queries: []panel.Query{
			of(catalog.EventsDuplicate, "repeated"), of(catalog.EventsMisrouted, "misrouted"),
			of(catalog.EventsOrphan, "orphan"), of(catalog.EventsLate, "late"),
			of(catalog.EventsOutOfOrder, "out of order"), of(catalog.EventsClockSkew, "clock skew"),
		},
	}
}

func notKept() panel.Panel {
	return panel.Panel{
		Title: "Rejected events that could not be kept, in 15 minutes", Width: panel.Third, Draw: panel.Lines,
		Description: "Rejected events that did not even reach the dead-letter stream. They are counted, but nobody " +
			"can look at them.",
		Empty: "No exporter answers",
	}.Watches(rules.DeadLettersFailed, panel.Above)
}

func conflicts() panel.Panel {
	return panel.Panel{
		Key: "conflicts", Title: "Contradictions per second", Width: panel.Third, Unit: units.Short,
		Draw: panel.Lines,
		Description: "Later events that contradict their sent event, by the field on which they differ. What the " +
			"sent event said is what counts.",
		Empty:   "No contradiction",
		Queries: panel.Of(perSecond(catalog.ContextConflicts, catalog.LabelField)),
	}
}

func unknownFields() panel.Panel {
	return panel.Panel{
		Key: "unknown-fields", Title: "Unknown fields, new in the last hour", Width: panel.Third, Unit: units.Short,
		Draw: panel.Lines,
		Description: "How many names of fields that the contract does not know were first seen in the hour before " +
			"each moment. Their names are kept from every label.",
		Empty:   "No exporter answers",
		Queries: []panel.Query{{Of: expr.Sum(expr.Increase(catalog.UnknownFields, hour)).By(), Legend: "new names"}},
	}
}
