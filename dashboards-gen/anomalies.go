package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// anomalies is for who asks whether a figure is normal.
func anomalies() Dashboard {
	return Dashboard{
		UID: rules.Anomalies, Title: "Anomalies & forecasts", Folder: "observability",
		Description: "Is this normal for the time of day and week, and where is it going?",
		from:        "now-24h", refresh: "1m",
		filters: filters{
			labels: []*catalog.Label{catalog.LabelChannel, catalog.LabelSeries}, of: rules.ChannelSent,
			also: map[*catalog.Label]expression{catalog.LabelSeries: expr.Select(catalog.Expected)},
		},
		rows: []row{
			{"Sent per second inside its band", []panel{volumeBand()}},
			{"Opened per delivered inside its band", []panel{engagementBand()}},
			{"Anomalies", []panel{anomalous(), bandReady(), expectedBands()}},
			{"Forecasts", []panel{forecastTable(), queueForecast(), quotaForecast(), diskForecast()}},
		},
	}
}

func volumeBand() panel {
	s := rules.VolumeSeason
	return panel{
		title: "Sent per second, $channel", width: full, height: tall, unit: units.Short, draw: band{}, repeat: catalog.LabelChannel,
		description: "Notifications sent per second, and the band in which they stay at this time of the day and week. Outside it for 10 minutes something is wrong, or nobody told of a campaign.",
		empty:       "Nothing was sent",
	}.follows(rules.VolumeLow, query{of: s.Lower, legend: lowest}, perChannel...).
		follows(rules.VolumeHigh, query{of: s.Upper, legend: highest}).expects(s)
}

func engagementBand() panel {
	s := rules.EngagementSeason
	return panel{
		key: "engagement-band", title: "Opened per delivered, $channel", width: full, height: tall, unit: units.PercentUnit, draw: band{}, repeat: catalog.LabelChannel,
		description: "Share of the last hour's deliveries that were opened, and the band in which it stays at this time of the day and week.",
		empty:       "Nothing was opened",
		queries: []query{
			{of: s.Series}, {of: s.Lower, legend: lowest, objective: true}, {of: s.Upper, legend: highest, objective: true},
		},
	}.expects(s)
}

// expects adds what the series is expected to be.
func (p panel) expects(s rules.Seasonal) panel {
	p.queries = append(p.queries, query{of: s.Expected, legend: "expected", objective: true, colour: faint})
	return p
}

func anomalous() panel {
	return panel{
		title: "Series outside their band", width: half, height: tall, unit: units.Short, draw: states{}, words: map[float64]string{0: "as expected", 1: "anomalous"},
		description: "When each series that the insights service watches was outside the band that it expects.",
		empty:       "The insights service does not run",
	}.watches(rules.AnomalyDetected, above)
}

func bandReady() panel {
	return panel{
		key: "band-ready", title: "Channels with enough history", width: half, height: tall, unit: units.Short, draw: states{}, words: map[float64]string{1: "ready"},
		description: "Since when a channel has the eight days of history that a band needs. Until then nothing is judged by its season.",
		empty:       "No channel has eight days of history yet",
		queries:     []query{{of: expr.Max(rules.VolumeSeason.Ready).By(perChannel...)}},
		limit:       &limit{value: 1, worse: below},
	}
}

func expectedBands() panel {
	by := []*catalog.Label{catalog.LabelSeries, catalog.LabelChannel, catalog.LabelBound}
	return panel{
		key: "expected", title: "Bands of the insights service", width: full, height: tall, unit: units.Short, draw: lines{}, signed: true,
		description: "What the insights service expects of each series that it watches, and its bounds. Choose one series and channel to read it.",
		empty:       "The insights service does not run",
		queries:     []query{{of: expr.Max(expr.Select(catalog.Expected)).By(by...)}},
	}
}

// Forecasts.

func forecastTable() panel {
	by := []*catalog.Label{catalog.LabelSeries, catalog.LabelChannel, catalog.LabelHorizon, catalog.LabelBound}
	return panel{
		key: "forecasts", title: "Forecasts now", width: half, height: tall, unit: units.Short,
		description: "What the insights service expects of each series, how far ahead, and between which bounds.",
		empty:       "The insights service does not run",
	}.tabulates(column{title: "Forecast", unit: units.Short, of: expr.TopK(most, expr.Max(expr.Select(catalog.Forecast)).By(by...))})
}

func quotaForecast() panel {
	return panel{
		key: "quota-forecast", title: "Quota used, and in four hours", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of its quota that each external service has used; dashed, what it will have used in four hours if it goes on like the last hour.",
		empty:       "No service reports a quota", leads: []place{toPerformance},
		queries: []query{{of: rules.QuotaUsed}, {of: rules.QuotaForecast, legend: "{{service}} in 4 h", objective: true, colour: faint}},
	}
}

func diskForecast() panel {
	return panel{
		key: "disk-forecast", title: "Disk used, and in a day", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of its disk that each component has used on its fullest node; dashed, what it will have used in a day if it fills as in the last six hours.",
		empty:       "No component reports its disk", leads: []place{toPerformance},
		queries: []query{
			{of: expr.Max(rules.DiskUsed).By(catalog.LabelComponent)},
			{of: expr.Max(rules.DiskForecast).By(catalog.LabelComponent), legend: "{{component}} in a day", objective: true, colour: faint},
		},
	}
}
