package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// State and checkpoints.

func checkpointAge() panel.Panel {
	return panel.Panel{
		Key: "checkpoint-age", Title: "Age of the last checkpoint", Width: panel.Half, Unit: units.Seconds,
		Draw: panel.Lines,
		Description: "How long ago each partition last wrote its state. A restart counts again what came since, so a " +
			"line that only rises is a restart that gets longer.",
		Empty:   "No exporter answers",
		Queries: panel.Of(newestOf(catalog.CheckpointAge, perPartition...)),
	}
}

func checkpointDuration() panel.Panel {
	return panel.Panel{
		Key: "checkpoint-duration", Title: "Duration of the last checkpoint", Width: panel.Half,
		Unit: units.Seconds, Draw: panel.Lines,
		Description: "How long it took each partition to write its state.",
		Empty:       "No exporter answers",
		Queries:     panel.Of(newestOf(catalog.CheckpointDuration, perPartition...)),
	}
}

func checkpointBytes() panel.Panel {
	return panel.Panel{
		Key: "checkpoint-bytes", Title: "Size of the last checkpoint", Width: panel.Half, Unit: units.BytesIEC,
		Draw:        panel.Lines,
		Description: "How much each partition wrote with its last checkpoint.",
		Empty:       "No exporter answers",
		Queries:     panel.Of(newestOf(catalog.CheckpointBytes, perPartition...)),
	}
}

func stateRecords() panel.Panel {
	return panel.Panel{
		Key: "state-records", Title: "Records of state", Width: panel.Half, Unit: units.Short, Draw: panel.Lines,
		Description: "What is remembered: notifications in flight, users, and event ids that must not count twice. " +
			"It levels off after the retention of each.",
		Empty:   "No exporter answers",
		Queries: panel.Of(expr.Sum(expr.Select(catalog.StateRecords)).By(catalog.LabelKind)),
	}
}

// Series.

func scrapeSeries() panel.Panel {
	return panel.Panel{
		Key: "scrape-series", Title: "Time series per scrape", Width: panel.Third, Unit: units.Short,
		Draw:        panel.Lines,
		Description: "How many time series each exporter exposes: what Prometheus stores for it.",
		Empty:       "No exporter answers",
		Queries:     panel.Of(newestOf(catalog.ScrapeSeries, expr.Instance)),
	}
}

func biggestFamilies() panel.Panel {
	return panel.Panel{
		Key: "families", Title: "Greatest families", Width: panel.Third, Unit: units.Short, Draw: panel.Ranking,
		Description: "The ten metric families with the most label sets, over all partitions. One that grows without " +
			"end has a label that should not be one.",
		Empty:   "No exporter answers",
		Queries: panel.Of(expr.TopK(10, expr.Sum(expr.Select(catalog.SeriesCount)).By(catalog.LabelFamily))),
	}
}

func limited() panel.Panel {
	return panel.Panel{
		Title: "Label values past their limit, in 15 minutes", Width: panel.Third, Draw: panel.Lines,
		Description: "How often a value of a label became \"other\" because the label had reached its limit. Totals " +
			"stay right; the detail is lost.",
		Empty: "No label is past its limit",
	}.Watches(rules.SeriesLimited, panel.Above)
}

// Rules, insights and reports.

func ruleFailures() panel.Panel {
	return panel.Panel{
		Title: "Rules that could not be evaluated, in 5 minutes", Width: panel.Third, Draw: panel.Lines,
		Description: "Failed evaluations of Belfry's rules by group. While they fail, alerts of the group are silent " +
			"whatever happens.",
		Empty: "Prometheus does not scrape itself",
	}.Watches(rules.RuleEvaluationFailing, panel.Above)
}

func insightsUp() panel.Panel {
	return panel.Panel{
		Title: "Insights service", Width: panel.Third, Draw: panel.States,
		Words: map[float64]string{0: "down", 1: "up"},
		Description: "Whether Prometheus reaches the insights service, which computes experiments, anomalies and " +
			"forecasts. Nothing else depends on it.",
		Empty: "Prometheus has no such target",
	}.Watches(rules.InsightsDown, panel.Below, expr.Instance)
}

func reportFailures() panel.Panel {
	return panel.Panel{
		Title: "Failed reports, in an hour", Width: panel.Third, Draw: panel.Lines,
		Description: "Attempts to make or send a report that failed in the hour before. Its readers do not have it.",
		Empty:       "No report is set up",
	}.Watches(rules.ReportFailed, panel.Above)
}

func builds() panel.Panel {
	by := []*catalog.Label{catalog.LabelVersion, catalog.LabelRevision, catalog.LabelGoVersion}
	return panel.Panel{
		Key: "builds", Title: "Versions", Width: panel.Full, Height: panel.Low + 1, Unit: units.Short,
		Description: "Which version of the exporter runs where. During an upgrade there are two.",
		Empty:       "No exporter answers",
	}.Table(decimal("Exporters", 0, expr.Count(expr.Select(catalog.BuildInfo)).By(by...)))
}
