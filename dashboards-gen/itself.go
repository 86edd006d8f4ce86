package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// itself is for who runs Belfry: whether its figures are complete and current.
func itself() Dashboard {
	return Dashboard{
		UID: rules.Belfry, Title: "Belfry itself", Folder: "observability",
		Description: "Are the figures complete and current, and if not, why?",
		from:        "now-6h", refresh: "1m",
		filters: filters{labels: perPartition, of: expr.Select(catalog.StreamLagSeconds)},
		rows: []row{
			{panels: []panel{exporterState(), partitionsExposed(), connections()}},
			{"Keeping up", []panel{eventsOfStream(), lag(), lagMessages(), foldTime()}},
			{"Nothing lost", []panel{lostEvents(), fence(), halted()}},
			{"Events that are wrong", []panel{invalid(), rejected(), oddities(), notKept(), conflicts(), unknownFields()}},
			{"State and checkpoints", []panel{checkpointAge(), checkpointDuration(), checkpointBytes(), stateRecords()}},
			{"Series", []panel{scrapeSeries(), biggestFamilies(), limited()}},
			{"Rules, insights and reports", []panel{ruleFailures(), insightsUp(), reportFailures(), builds()}},
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
	return expr.Sum(expr.Rate(c, tile)).By(by...)
}

func exporterState() panel {
	return panel{
		key: "exporters", title: "Exporters", width: third, height: tall, unit: units.Short, draw: states{}, words: map[float64]string{0: "down", 1: "up"},
		description: "Whether Prometheus reaches each exporter. While it does not, nothing is counted; events wait in their streams.",
		empty:       "Prometheus has no such target",
		queries:     []query{{of: expr.Max(expr.Select(expr.Up, expr.Eq(expr.Job, rules.Job))).By(expr.Instance)}},
		limit:       &limit{value: 1, worse: below},
	}
}

func connections() panel {
	return panel{
		key: "connections", title: "NATS connection and configuration", width: third, height: tall, unit: units.Short, draw: states{}, words: map[float64]string{0: "no", 1: "yes"},
		description: "Whether each exporter is connected to NATS, and whether it took the configuration when it was last told to read it again.",
		empty:       "No exporter answers",
		queries: []query{
			{of: newestOf(catalog.NATSConnected, expr.Instance), legend: "{{instance}} connected"},
			{of: newestOf(catalog.ConfigReloadOK, expr.Instance), legend: "{{instance}} configured"},
		},
		limit: &limit{value: 1, worse: below},
	}
}

// Keeping up.

func eventsOfStream() panel {
	return panel{
		key: "events", title: "Events per second", width: half, height: tall, unit: units.Short, draw: lines{},
		description: "Events of all kinds that were counted in the last 30 s.",
		empty:       "No event was ever counted",
		queries:     []query{{of: expr.Sum(rules.EventRate).By(), legend: "events"}},
	}
}

func lagMessages() panel {
	return panel{
		key: "lag-messages", title: "Events that wait to be counted", width: half, height: tall, unit: units.Short, draw: lines{},
		description: "Messages in the stream of each partition that are not counted yet. A few are always on their way; a line that rises is an exporter that does not keep up.",
		empty:       "No exporter answers",
		queries:     []query{{of: newestOf(catalog.StreamLagMessages, perPartition...)}},
	}
}

func foldTime() panel {
	buckets := expr.Sum(expr.Rate(expr.BucketsOf(catalog.FoldSeconds), tile)).By(expr.Le)
	return panel{
		key: "fold-time", title: "Time to count one event", width: half, height: tall, unit: units.Seconds, draw: lines{},
		description: "How long it takes to count an event, over five minutes. One divided by it is about how many events per second one core can take.",
		empty:       "No exporter answers",
		queries:     []query{{of: expr.Quantile(0.5, buckets), legend: "median"}, {of: expr.Quantile(0.99, buckets), legend: "p99"}},
	}
}

// Nothing lost.

func lostEvents() panel {
	return panel{
		title: "Lost events, in 10 minutes", width: third, height: tall, unit: units.Short, draw: lines{},
		description: "Events that left their stream before they were counted, because the exporter was away for longer than the stream keeps them. Each is missing in every figure.",
		empty:       "No exporter answers",
	}.watches(rules.EventsLost, above)
}

func fence() panel {
	return panel{
		title: "Stream is the one that was counted", width: third, height: tall, unit: units.Short, draw: states{}, words: map[float64]string{0: "another", 1: "yes"},
		description: "Whether each partition's stream goes on where its checkpoint ended. Another stream would be counted on top, so the partition stands still until a person decides.",
		empty:       "No exporter answers",
	}.watches(rules.FenceBroken, below)
}

func halted() panel {
	return panel{
		title: "Halted partitions", width: third, height: tall, unit: units.Short, draw: states{}, words: map[float64]string{0: "running", 1: "halted"},
		description: "Partitions that wait for a person. The exporter's landing page and log say why.",
		empty:       "No exporter answers",
	}.watches(rules.PartitionHalted, above)
}

// Events that are wrong.

func invalid() panel {
	return panel{
		title: "Invalid events", width: third, height: tall, unit: units.PercentUnit, draw: lines{}, decimals: new(2.0),
		description: "Share of the events of the last 15 minutes that broke the contract and count nowhere.",
		empty:       "No event was rejected",
	}.watches(rules.EventsInvalid, above)
}

func rejected() panel {
	return panel{
		key: "rejected", title: "Rejected events per second", width: third, height: tall, unit: units.Short, draw: lines{},
		description: "Events that break the contract, by reason, over 5 minutes. They are counted nowhere else; each is kept in the dead-letter stream with the reason.",
		empty:       "No event was rejected",
		queries:     []query{{of: perSecond(catalog.EventsRejected, catalog.LabelRejection)}},
	}
}

func oddities() panel {
	of := func(c catalog.Counter, legend string) query { return query{of: perSecond(c), legend: legend} }
	return panel{
		key: "oddities", title: "Odd events per second", width: third, height: tall, unit: units.Short, draw: lines{},
		description: "Events that are valid and yet strange: repeated, in the wrong partition, without their sent event, too late, out of order, or with clocks that disagree. Repeated ones are counted once.",
		empty:       "No exporter answers",
		queries: []query{
			of(catalog.EventsDuplicate, "repeated"), of(catalog.EventsMisrouted, "misrouted"), of(catalog.EventsOrphan, "orphan"),
			of(catalog.EventsLate, "late"), of(catalog.EventsOutOfOrder, "out of order"), of(catalog.EventsClockSkew, "clock skew"),
		},
	}
}

func notKept() panel {
	return panel{
		title: "Rejected events that could not be kept, in 15 minutes", width: third, height: tall, unit: units.Short, draw: lines{},
		description: "Rejected events that did not even reach the dead-letter stream. They are counted, but nobody can look at them.",
		empty:       "No exporter answers",
	}.watches(rules.DeadLettersFailed, above)
}

func conflicts() panel {
	return panel{
		key: "conflicts", title: "Contradictions per second", width: third, height: tall, unit: units.Short, draw: lines{},
		description: "Later events that contradict their sent event, by the field on which they differ. What the sent event said is what counts.",
		empty:       "No contradiction",
		queries:     []query{{of: perSecond(catalog.ContextConflicts, catalog.LabelField)}},
	}
}

func unknownFields() panel {
	return panel{
		key: "unknown-fields", title: "Unknown fields, new in the last hour", width: third, height: tall, unit: units.Short, draw: lines{},
		description: "How many names of fields that the contract does not know were first seen in the hour before each moment. Their names are kept from every label.",
		empty:       "No exporter answers",
		queries:     []query{{of: expr.Sum(expr.Increase(catalog.UnknownFields, hour)).By(), legend: "new names"}},
	}
}
