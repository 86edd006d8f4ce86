package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// engagement is for product and marketing: who responds to what, when, and how
// much is too much.
func engagement() Dashboard {
	return Dashboard{
		UID: rules.Engagement, Title: "Engagement", Folder: "product",
		Description: "Who responds to what, when do they, and how much is too much?",
		from:        "now-7d", refresh: "1m",
		filters: filters{
			labels: []*catalog.Label{catalog.LabelChannel, catalog.LabelCategory}, of: rules.ChannelSent,
			also: map[*catalog.Label]expression{catalog.LabelCategory: rules.CategoryStages.Rate5m},
		},
		rows: []row{
			{panels: []panel{funnel(), engagementDial(), deviceShares()}},
			{"By channel", []panel{opened(), clicked(), convertedPerClicked(), convertedFall(), stageTable()}},
			{"By category", []panel{categoryEngagement(), categoryTable()}},
			{"By device", []panel{deviceTable(), deviceClicks()}},
			{"When", []panel{hourTable(), timeToOpen(), openHeat()}},
			{"How much is too much", []panel{fatigueOpens(), fatigueOptOuts(), preferences()}},
			{"Who", []panel{segments(), activeUsers(), actions()}},
		},
	}
}

// funnel has a query for each stage, because the stages have an order.
func funnel() panel {
	p := panel{
		key: "funnel", title: "From sent to converted, last 24 h", width: half, height: tall, unit: units.Short, draw: ranking{},
		description: "How many notifications came how far in the last 24 hours. Later stages follow earlier ones by hours, so a quiet day after a loud one looks better than it was.",
		empty:       "Nothing was sent",
	}
	for _, s := range []catalog.Stage{catalog.StageSent, catalog.StageDelivered, catalog.StageOpened, catalog.StageClicked, catalog.StageConverted} {
		p.queries = append(p.queries, query{of: reached(rules.StageVolume, s, day), legend: s.String()})
	}
	return p
}

func deviceShares() panel {
	return panel{
		key: "device-shares", title: "Engaged by device, last 24 h", width: quarter, height: tall, unit: units.Short, draw: pie{},
		description: "On which kind of device people opened, clicked or acted in the last 24 hours, over all channels.",
		empty:       "Nobody responded",
		queries:     []query{{of: reached(rules.AudienceVolume, catalog.StageEngaged, day, catalog.LabelDeviceType)}},
	}
}

// By channel.

func opened() panel {
	return panel{
		title: "Opened per delivered, last hour", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of what was delivered that a person opened, over the hour before. The dashed lines are the least that is usual at this time of the week.",
		empty:       "Nothing was opened",
	}.follows(rules.EngagementDrop, query{of: rules.EngagementSeason.Lower, legend: "{{channel}} at least"}, perChannel...)
}

func clicked() panel {
	return panel{
		key: "clicked-per-opened", title: "Clicked per opened, last hour", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of what was opened that led to a click, over the hour before (click-to-open). It tells of the content, while opens tell of sender and subject.",
		empty:       "Nothing was clicked",
		queries:     []query{{of: rules.ClickedPerOpened}},
	}
}

func convertedPerClicked() panel {
	return panel{
		key: "converted-per-clicked", title: "Converted per clicked, last hour", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of clicks that led to a conversion, over the hour before. It tells of the landing page and the offer.",
		empty:       "Nothing converted",
		queries:     []query{{of: rules.ConvertedPerClicked}},
	}
}

func convertedFall() panel {
	return panel{
		title: "Converted per delivered, as a multiple of the week before", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Conversions per delivery of the last day, divided by their mean of the week before: 100 % is as usual.",
		empty:       "No conversions for a week yet",
	}.watches(rules.ConversionDrop, below, perChannel...)
}

func stageTable() panel {
	share := func(stage, per catalog.Stage) expr.Expr {
		return part(rules.StageVolume, stage, per, day, perChannel...)
	}
	return panel{
		key: "channels-engagement", title: "Channels, last 24 h", width: full, height: tall, unit: units.Short,
		description: "How people responded on each channel in the last 24 hours. A click on a channel narrows the dashboard to it.",
		empty:       "Nothing was delivered", leads: []place{toTemplates},
	}.tabulates(shares(reached(rules.StageVolume, catalog.StageDelivered, day, perChannel...), share)...)
}

// shares are the columns of every table on engagement; of makes the share of a
// stage among those that reached another.
func shares(delivered expr.Expr, of func(stage, per catalog.Stage) expr.Expr) []column {
	share := func(title string, stage, per catalog.Stage, decimals float64) column {
		return column{title: title, of: of(stage, per), unit: units.PercentUnit, decimals: &decimals}
	}
	return []column{
		{title: "Delivered", of: delivered, unit: units.Short},
		share("Opened", catalog.StageOpened, catalog.StageDelivered, 1),
		share("Clicked per opened", catalog.StageClicked, catalog.StageOpened, 1),
		share("Converted", catalog.StageConverted, catalog.StageDelivered, 2),
		share("Dismissed", catalog.StageDismissed, catalog.StageDelivered, 1),
		share("Opted out", catalog.StageOptedOut, catalog.StageDelivered, 2),
	}
}

// By category.

func categoryEngagement() panel {
	return panel{
		key: "category-engaged", title: "Engaged per delivered by category", width: half, height: tall, unit: units.PercentUnit, draw: lines{}, every: tile,
		description: "Share of what was delivered that people responded to, in each interval of the graph, over all channels.",
		empty:       "Nothing was delivered",
		queries:     []query{{of: part(rules.CategoryVolume, catalog.StageEngaged, catalog.StageDelivered, expr.Interval, catalog.LabelCategory)}},
	}
}

func categoryTable() panel {
	share := func(stage, per catalog.Stage) expr.Expr {
		return part(rules.CategoryVolume, stage, per, day, catalog.LabelCategory)
	}
	return panel{
		key: "categories", title: "Categories, last 24 h", width: half, height: tall, unit: units.Short,
		description: "How people responded to each category in the last 24 hours, over all channels. A click on a category narrows the dashboard to it.",
		empty:       "Nothing was delivered",
	}.tabulates(shares(reached(rules.CategoryVolume, catalog.StageDelivered, day, catalog.LabelCategory), share)...)
}

// By device.

var perDevice = []*catalog.Label{catalog.LabelPlatform, catalog.LabelDeviceType}

func deviceTable() panel {
	share := func(stage, per catalog.Stage) expr.Expr {
		return part(rules.AudienceVolume, stage, per, day, perDevice...)
	}
	return panel{
		key: "devices", title: "Platforms and devices, last 24 h", width: half, height: tall, unit: units.Short,
		description: "How people responded on each platform and kind of device in the last 24 hours, over all channels.",
		empty:       "Nothing was delivered",
	}.tabulates(shares(reached(rules.AudienceVolume, catalog.StageDelivered, day, perDevice...), share)...)
}

func deviceClicks() panel {
	return panel{
		key: "device-clicks", title: "Engaged per delivered by device", width: half, height: tall, unit: units.PercentUnit, draw: lines{}, every: tile,
		description: "Share of what was delivered that people responded to, in each interval of the graph, by the kind of their device, over all channels.",
		empty:       "Nothing was delivered",
		queries:     []query{{of: part(rules.AudienceVolume, catalog.StageEngaged, catalog.StageDelivered, expr.Interval, catalog.LabelDeviceType)}},
	}
}
