package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// anomalies is for who asks whether a figure is normal.
func anomalies() panel.Dashboard {
	return panel.Dashboard{
		UID: rules.Anomalies, Title: "Anomalies & forecasts", Folder: "observability",
		Description: "Is this normal for the time of day and week, and where is it going?",
		From:        "now-24h", Refresh: "1m",
		Filters: panel.Filters{
			Labels: []*catalog.Label{catalog.LabelChannel, catalog.LabelSeries}, From: rules.ChannelSent,
			Also: map[*catalog.Label]panel.Expression{catalog.LabelSeries: expr.Select(catalog.Expected)},
		},
		Rows: []panel.Row{
			panel.NewRow("Sent per second inside its band", volumeBand()),
			panel.NewRow("Opened per delivered inside its band", engagementBand()),
			panel.NewRow("Anomalies", anomalous(), bandReady(), expectedBands()),
			panel.NewRow("Forecasts", forecastTable(), queueForecast(), quotaForecast(), diskForecast()),
		},
	}
}

func volumeBand() panel.Panel {
	s := rules.VolumeSeason
	return panel.Panel{
		Title: "Sent per second, $channel", Width: panel.Full, Draw: panel.Band, Repeat: catalog.LabelChannel,
		Description: "Notifications sent per second, and the band in which they stay at this time of the day and " +
			"week. Outside it for 10 minutes something is wrong, or nobody told of a campaign.",
		Empty: "Nothing was sent",
	}.Follows(rules.VolumeLow, panel.Query{Of: s.Lower, Legend: panel.Lowest}, perChannel...).
		Follows(rules.VolumeHigh, panel.Query{Of: s.Upper, Legend: panel.Highest}).With(expected(s))
}

func engagementBand() panel.Panel {
	s := rules.EngagementSeason
	return panel.Panel{
		Key: "engagement-band", Title: "Opened per delivered, $channel", Width: panel.Full, Draw: panel.Band,
		Repeat: catalog.LabelChannel,
		Description: "Share of the last hour's deliveries that were opened, and the band in which it stays at this " +
			"time of the day and week.",
		Empty: "Nothing was opened",
		Queries: []panel.Query{
			{Of: s.Series},
			{Of: s.Lower, Legend: panel.Lowest, Objective: true},
			{Of: s.Upper, Legend: panel.Highest, Objective: true},
		},
	}.With(expected(s))
}

// expected draws what the series is expected to be.
func expected(s rules.Seasonal) panel.Query {
	return reference("expected", s.Expected)
}

func anomalous() panel.Panel {
	return panel.Panel{
		Title: "Series outside their band", Width: panel.Half, Draw: panel.States,
		Words:       map[float64]string{0: "as expected", 1: "anomalous"},
		Description: "When each series that the insights service watches was outside the band that it expects.",
		Empty:       "The insights service does not run",
	}.Watches(rules.AnomalyDetected, panel.Above)
}

func bandReady() panel.Panel {
	return panel.Panel{
		Key: "band-ready", Title: "Channels with enough history", Width: panel.Half, Unit: units.Short,
		Draw: panel.States, Words: map[float64]string{1: "ready"},
		Description: "Since when a channel has the eight days of history that a band needs. Until then nothing is " +
			"judged by its season.",
		Empty:   "No channel has eight days of history yet",
		Queries: panel.Of(expr.Max(rules.VolumeSeason.Ready).By(perChannel...)),
		Limit:   panel.BadBelow(1),
	}
}

func expectedBands() panel.Panel {
	by := []*catalog.Label{catalog.LabelSeries, catalog.LabelChannel, catalog.LabelBound}
	return panel.Panel{
		Key: "expected", Title: "Bands of the insights service", Width: panel.Full, Unit: units.Short,
		Draw: panel.Lines, Signed: true,
		Description: "What the insights service expects of each series that it watches, and its bounds. Choose one " +
			"series and channel to read it.",
		Empty:   "The insights service does not run",
		Queries: panel.Of(expr.Max(expr.Select(catalog.Expected)).By(by...)),
	}
}

// Forecasts.

func forecastTable() panel.Panel {
	by := []*catalog.Label{catalog.LabelSeries, catalog.LabelChannel, catalog.LabelHorizon, catalog.LabelBound}
	return panel.Panel{
		Key: "forecasts", Title: "Forecasts now", Width: panel.Half, Unit: units.Short,
		Description: "What the insights service expects of each series, how far ahead, and between which bounds.",
		Empty:       "The insights service does not run",
	}.Table(count("Forecast", expr.TopK(most, expr.Max(expr.Select(catalog.Forecast)).By(by...))))
}

func quotaForecast() panel.Panel {
	return panel.Panel{
		Key: "quota-forecast", Title: "Quota used, and in four hours", Width: panel.Half, Draw: panel.Lines,
		Description: "Share of its quota that each external service has used; dashed, what it will have used in four " +
			"hours if it goes on like the last hour.",
		Empty: "No service reports a quota", LeadsTo: []panel.Destination{toPerformance},
		Queries: []panel.Query{{Of: rules.QuotaUsed}, reference("{{service}} in 4 h", rules.QuotaForecast)},
	}
}

func diskForecast() panel.Panel {
	return panel.Panel{
		Key: "disk-forecast", Title: "Disk used, and in a day", Width: panel.Half, Unit: units.PercentUnit,
		Draw: panel.Lines,
		Description: "Share of its disk that each component has used on its fullest node; dashed, what it will have " +
			"used in a day if it fills as in the last six hours.",
		Empty: "No component reports its disk", LeadsTo: []panel.Destination{toPerformance},
		Queries: []panel.Query{
			{Of: expr.Max(rules.DiskUsed).By(catalog.LabelComponent)},
			reference("{{component}} in a day", expr.Max(rules.DiskForecast).By(catalog.LabelComponent)),
		},
	}
}
