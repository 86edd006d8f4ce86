package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// anomalies shows whether figures are normal, and where they are going.
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
			panel.NewRow("", anomalous(), forecastTable()),
			panel.NewRow("Sent per second inside its band", volumeBand()),
			panel.NewRow("Opened per delivered inside its band", engagementBand()).Closed(),
			panel.NewRow("Bands", bandReady().WithWidth(panel.Full), expectedBands()).Closed(),
			panel.NewRow("Forecasts", queueForecast(), quotaForecast(), diskForecast().WithWidth(panel.Full)).Closed(),
		},
	}
}

func volumeBand() panel.Panel {
	s := rules.VolumeSeason
	return panel.Panel{
		Title: "Sent per second, $channel", Width: panel.Full, Draw: panel.Band, Repeat: catalog.LabelChannel,
		Description: "Notifications sent per second, and the band that is normal for this time of day and week. More " +
			"than 10 minutes outside it mean a fault, or a campaign that nobody announced.",
		Empty: "Nothing was sent",
	}.Follows(rules.VolumeLow, panel.Query{Of: s.Lower, Legend: panel.Lowest}, perChannel...).
		Follows(rules.VolumeHigh, panel.Query{Of: s.Upper, Legend: panel.Highest}).With(expected(s))
}

func engagementBand() panel.Panel {
	s := rules.EngagementSeason
	return panel.Panel{
		Key: "engagement-band", Title: "Opened per delivered, $channel", Width: panel.Full, Draw: panel.Band,
		Repeat: catalog.LabelChannel,
		Description: "Share of the deliveries of the last hour that were opened, and the band that is normal for " +
			"this time of day and week.",
		Empty: "Nothing was opened",
		Queries: []panel.Query{
			{Of: s.Series},
			{Of: s.Lower, Legend: panel.Lowest, Objective: true},
			{Of: s.Upper, Legend: panel.Highest, Objective: true},
		},
	}.With(expected(s))
}

// expected draws the value that is expected of the series.
func expected(s rules.Seasonal) panel.Query {
	return reference("expected", s.Expected)
}

func anomalous() panel.Panel {
	return panel.Panel{
		Title: "Series outside their band", Width: panel.Half, Draw: panel.States,
		Words:       map[float64]string{0: "as expected", 1: "anomalous"},
		Description: "When each series was outside the band that the insights service expects.",
		Empty:       "The insights service is not running",
	}.Watches(rules.AnomalyDetected, panel.Above)
}

func bandReady() panel.Panel {
	return panel.Panel{
		Key: "band-ready", Title: "Channels with enough history", Width: panel.Half, Unit: units.Short,
		Draw: panel.States, Words: map[float64]string{1: "ready"},
		Description: "Since when a channel has the eight days of history that a band needs. Without them, alerts on " +
			"the band stay silent.",
		Empty:   "Less than eight days of history",
		Queries: panel.Of(expr.Max(rules.VolumeSeason.Ready).By(perChannel...)),
		Limit:   panel.BadBelow(1),
	}
}

func expectedBands() panel.Panel {
	by := []*catalog.Label{catalog.LabelSeries, catalog.LabelChannel, catalog.LabelBound}
	return panel.Panel{
		Key: "expected", Title: "Bands of the insights service", Width: panel.Full, Unit: units.Short,
		Draw: panel.Lines, Signed: true,
		Description: "The value that the insights service expects for each series, with its bounds. Choose one " +
			"series and channel to read it.",
		Empty:   "The insights service is not running",
		Queries: panel.Of(expr.Max(expr.Select(catalog.Expected)).By(by...)),
	}
}

// Forecasts.

func forecastTable() panel.Panel {
	by := []*catalog.Label{catalog.LabelSeries, catalog.LabelChannel, catalog.LabelHorizon, catalog.LabelBound}
	return panel.Panel{
		Key: "forecasts", Title: "Forecasts now", Width: panel.Half, Unit: units.Short,
		Description: "The values that the insights service forecasts for each series, with their horizon and bounds.",
		Empty:       "The insights service is not running",
	}.Table(count("Forecast", expr.TopK(maxRows, expr.Max(expr.Select(catalog.Forecast)).By(by...))))
}

func quotaForecast() panel.Panel {
	return panel.Panel{
		Key: "quota-forecast", Title: "Quota used, now and in four hours", Width: panel.Half, Draw: panel.Lines,
		Description: "Share of its quota that each external service has used. The dashed line forecasts four hours " +
			"ahead, from the trend of the last hour.",
		Empty: "No quota reported", LeadsTo: []panel.Destination{toPerformance},
		Queries: []panel.Query{{Of: rules.QuotaUsed}, reference("{{service}} in 4 h", rules.QuotaForecast)},
	}
}

func diskForecast() panel.Panel {
	return panel.Panel{
		Key: "disk-forecast", Title: "Disk used, now and in a day", Width: panel.Half, Unit: units.PercentUnit,
		Draw: panel.Lines,
		Description: "Disk usage of each component on its fullest node. The dashed line forecasts a day ahead, from " +
			"the trend of the last six hours.",
		Empty: "No disk usage reported", LeadsTo: []panel.Destination{toPerformance},
		Queries: []panel.Query{
			{Of: expr.Max(rules.DiskUsed).By(catalog.LabelComponent)},
			reference("{{component}} in a day", expr.Max(rules.DiskForecast).By(catalog.LabelComponent)),
		},
	}
}
