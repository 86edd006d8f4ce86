package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// State and checkpoints.

func checkpointAge() panel {
	return panel{
		key: "checkpoint-age", title: "Age of the last checkpoint", width: half, height: tall, unit: units.Seconds, draw: lines{},
		description: "How long ago each partition last wrote its state. A restart counts again what came since, so a line that only rises is a restart that gets longer.",
		empty:       "No exporter answers",
		queries:     []query{{of: newestOf(catalog.CheckpointAge, perPartition...)}},
	}
}

func checkpointDuration() panel {
	return panel{
		key: "checkpoint-duration", title: "Duration of the last checkpoint", width: half, height: tall, unit: units.Seconds, draw: lines{},
		description: "How long it took each partition to write its state.",
		empty:       "No exporter answers",
		queries:     []query{{of: newestOf(catalog.CheckpointDuration, perPartition...)}},
	}
}

func checkpointBytes() panel {
	return panel{
		key: "checkpoint-bytes", title: "Size of the last checkpoint", width: half, height: tall, unit: units.BytesIEC, draw: lines{},
		description: "How much each partition wrote with its last checkpoint.",
		empty:       "No exporter answers",
		queries:     []query{{of: newestOf(catalog.CheckpointBytes, perPartition...)}},
	}
}

func stateRecords() panel {
	return panel{
		key: "state-records", title: "Records of state", width: half, height: tall, unit: units.Short, draw: lines{},
		description: "What is remembered: notifications in flight, users, and event ids that must not count twice. It levels off after the retention of each.",
		empty:       "No exporter answers",
		queries:     []query{{of: expr.Sum(expr.Select(catalog.StateRecords)).By(catalog.LabelKind)}},
	}
}

// Series.

func scrapeSeries() panel {
	return panel{
		key: "scrape-series", title: "Time series per scrape", width: third, height: tall, unit: units.Short, draw: lines{},
		description: "How many time series each exporter exposes: what Prometheus stores for it.",
		empty:       "No exporter answers",
		queries:     []query{{of: newestOf(catalog.ScrapeSeries, expr.Instance)}},
	}
}

func biggestFamilies() panel {
	return panel{
		key: "families", title: "Greatest families", width: third, height: tall, unit: units.Short, draw: ranking{},
		description: "The ten metric families with the most label sets, over all partitions. One that grows without end has a label that should not be one.",
		empty:       "No exporter answers",
		queries:     []query{{of: expr.TopK(10, expr.Sum(expr.Select(catalog.SeriesCount)).By(catalog.LabelFamily))}},
	}
}

func limited() panel {
	return panel{
		title: "Label values past their limit, in 15 minutes", width: third, height: tall, unit: units.Short, draw: lines{},
		description: "How often a value of a label became \"other\" because the label had reached its limit. Totals stay right; the detail is lost.",
		empty:       "No label is past its limit",
	}.watches(rules.SeriesLimited, above)
}

// Rules, insights and reports.

func ruleFailures() panel {
	return panel{
		title: "Rules that could not be evaluated, in 5 minutes", width: third, height: tall, unit: units.Short, draw: lines{},
		description: "Failed evaluations of Belfry's rules by group. While they fail, alerts of the group are silent whatever happens.",
		empty:       "Prometheus does not scrape itself",
	}.watches(rules.RuleEvaluationFailing, above)
}

func insightsUp() panel {
	return panel{
		title: "Insights service", width: third, height: tall, unit: units.Short, draw: states{}, words: map[float64]string{0: "down", 1: "up"},
		description: "Whether Prometheus reaches the insights service, which computes experiments, anomalies and forecasts. Nothing else depends on it.",
		empty:       "Prometheus has no such target",
	}.watches(rules.InsightsDown, below, expr.Instance)
}

func reportFailures() panel {
	return panel{
		title: "Failed reports, in an hour", width: third, height: tall, unit: units.Short, draw: lines{},
		description: "Attempts to make or send a report that failed in the hour before. Its readers do not have it.",
		empty:       "No report is set up",
	}.watches(rules.ReportFailed, above)
}

func builds() panel {
	return panel{
		key: "builds", title: "Versions", width: full, height: low + 1, unit: units.Short,
		description: "Which version of the exporter runs where. During an upgrade there are two.",
		empty:       "No exporter answers",
	}.tabulates(column{
		title: "Exporters", unit: units.Short, decimals: new(0.0),
		of: expr.Count(expr.Select(catalog.BuildInfo)).By(catalog.LabelVersion, catalog.LabelRevision, catalog.LabelGoVersion),
	})
}
