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
		Description: "Time since each partition last wrote its state. A restart counts again everything since then, " +
			"so the older the checkpoint, the longer the restart.",
		Empty:   "No exporter is up",
		Queries: panel.Of(newestOf(catalog.CheckpointAge, perPartition...)),
	}
}

func checkpointDuration() panel.Panel {
	return panel.Panel{
		Key: "checkpoint-duration", Title: "Duration of the last checkpoint", Width: panel.Half,
		Unit: units.Seconds, Draw: panel.Lines,
		Description: "Time that each partition took to write its state.",
		Empty:       "No exporter is up",
		Queries:     panel.Of(newestOf(catalog.CheckpointDuration, perPartition...)),
	}
}

func checkpointBytes() panel.Panel {
	return panel.Panel{
		Key: "checkpoint-bytes", Title: "Size of the last checkpoint", Width: panel.Half, Unit: units.BytesIEC,
		Draw:        panel.Lines,
		Description: "Bytes that each partition wrote in its last checkpoint.",
		Empty:       "No exporter is up",
		Queries:     panel.Of(newestOf(catalog.CheckpointBytes, perPartition...)),
	}
}

func stateRecords() panel.Panel {
	return panel.Panel{
		Key: "state-records", Title: "State records", Width: panel.Half, Unit: units.Short, Draw: panel.Lines,
		Description: "Notifications in flight, users, and event ids kept for deduplication. Each levels off after " +
			"its retention.",
		Empty:   "No exporter is up",
		Queries: panel.Of(expr.Sum(expr.Select(catalog.StateRecords)).By(catalog.LabelKind)),
	}
}

// Series.

func scrapeSeries() panel.Panel {
	return panel.Panel{
		Key: "scrape-series", Title: "Time series per scrape", Width: panel.Half, Unit: units.Short,
		Draw:        panel.Lines,
		Description: "Time series that each exporter exposes and Prometheus stores.",
		Empty:       "No exporter is up",
		Queries:     panel.Of(newestOf(catalog.ScrapeSeries, expr.Instance)),
	}
}

func biggestFamilies() panel.Panel {
	return panel.Panel{
		Key: "families", Title: "Largest metric families", Width: panel.Half, Unit: units.Short, Draw: panel.Ranking,
		Description: "The ten metric families with the most label sets, over all partitions. A family that keeps " +
			"growing has a label whose values are unbounded.",
		Empty:   "No exporter is up",
		Queries: panel.Of(expr.TopK(10, expr.Sum(expr.Select(catalog.SeriesCount)).By(catalog.LabelFamily))),
	}
}

func limited() panel.Panel {
	return panel.Panel{
		Title: "Label values past their limit, in 15 minutes", Width: panel.Half, Draw: panel.Lines,
		Description: "How often a label value was replaced by \"other\" because the label had reached its limit. " +
			"Totals stay correct, but the detail is lost.",
		Empty: "No label past its limit",
	}.Watches(rules.SeriesLimited, panel.Above)
}

func leftOut() panel.Panel {
	return panel.Panel{
		Title: "Metric families left out of scrapes, in 15 minutes", Width: panel.Half, Draw: panel.Lines,
		Description: "How often a scrape left out a metric family because Prometheus could not have taken it. The " +
			"log of the exporter or of the alerts service says what is wrong with it.",
		Empty: "No family left out",
	}.Watches(rules.MetricsLeftOut, panel.Above)
}

// Rules, insights and reports.

func ruleFailures() panel.Panel {
	return panel.Panel{
		Title: "Failed rule evaluations, in 5 minutes", Width: panel.Half, Draw: panel.Lines,
		Description: "Failed evaluations of Belfry's rules, by group. While they fail, no alert of the group can fire.",
		Empty:       "Prometheus does not scrape itself",
	}.Watches(rules.RuleEvaluationFailing, panel.Above)
}

func insightsUp() panel.Panel {
	return panel.Panel{
		Title: "Insights service", Width: panel.Half, Draw: panel.States,
		Words: map[float64]string{0: "down", 1: "up"},
		Description: "Whether Prometheus reaches the insights service, which computes experiments, anomalies and " +
			"forecasts. Nothing else depends on it.",
		Empty: "Prometheus has no such target",
	}.Watches(rules.InsightsDown, panel.Below, expr.Instance)
}

func answerAge() panel.Panel {
	return panel.Panel{
		Title: "Age of what insights shows", Width: panel.Half, Draw: panel.Lines,
		Description: "Time since the insights service last answered each question from fresh data. Past the line, " +
			"its figures are withdrawn and its alerts are silent.",
		Empty: "The insights service is not running",
	}.Watches(rules.InsightsStale, panel.Above, catalog.LabelQuestion)
}

func reportFailures() panel.Panel {
	return panel.Panel{
		Title: "Failed reports, in an hour", Width: panel.Half, Draw: panel.Lines,
		Description: "Failed attempts to create or send a report, over the last hour. Its readers did not get it.",
		Empty:       "No reports configured",
	}.Watches(rules.ReportFailed, panel.Above)
}

func builds() panel.Panel {
	by := []*catalog.Label{catalog.LabelVersion, catalog.LabelRevision, catalog.LabelGoVersion}
	return panel.Panel{
		Key: "builds", Title: "Versions", Width: panel.Full, Height: panel.Low + 1, Unit: units.Short,
		Description: "Processes of the exporter and of the insights service by version. During an upgrade there " +
			"are two.",
		Empty: "No exporter is up",
	}.Table(decimal("Processes", 0, expr.Count(expr.Select(catalog.BuildInfo)).By(by...)))
}
