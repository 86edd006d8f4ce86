package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// engagement serves product and marketing: who responds to what, when, and how much
// is too much.
func engagement() panel.Dashboard {
	return panel.Dashboard{
		UID: rules.Engagement, Title: "Engagement", Folder: "product",
		Description: "Who responds to what, when, and how much is too much?",
		From:        "now-7d", Refresh: "1m",
		Filters: panel.Filters{
			Labels: []*catalog.Label{catalog.LabelChannel, catalog.LabelCategory}, From: rules.ChannelSent,
			Also: map[*catalog.Label]panel.Expression{catalog.LabelCategory: rules.CategoryStages.Rate5m},
		},
		Rows: []panel.Row{
			panel.NewRow("", funnel(), engagementDial(), deviceShares(), stageTable()),
			panel.NewRow("By channel", opened(), clicked(), convertedPerClicked(), convertedFall()).Closed(),
			panel.NewRow("By category", categoryEngagement(), categoryTable()).Closed(),
			panel.NewRow("By device", deviceTable(), deviceClicks()).Closed(),
			panel.NewRow("When", hourTable(), timeToOpen(), openHeat()).Closed(),
			panel.NewRow("How much is too much", fatigueOpens(), fatigueOptOuts(), preferences()).Closed(),
			panel.NewRow("Who", segments(), activeUsers(), actions()).Closed(),
		},
	}
}

// funnel has a query for each stage, because the stages have an order.
func funnel() panel.Panel {
	p := panel.Panel{
		Key: "funnel", Title: "From sent to converted in " + panel.Period, Width: panel.Half,
		Unit: units.LocaleFormat, Decimals: new(0.0), Draw: panel.Ranking,
		Description: "Notifications that reached each stage in the time range. Later stages trail earlier ones by " +
			"hours, so a quiet day after a busy one looks better than it was.",
		Empty: "Nothing was sent",
	}
	for _, s := range []catalog.Stage{
		catalog.StageSent, catalog.StageDelivered, catalog.StageOpened, catalog.StageClicked, catalog.StageConverted,
	} {
		p.Queries = append(p.Queries, panel.Query{Of: reached(rules.StageVolume, s, expr.Range), Legend: s.String()})
	}
	return p
}

func deviceShares() panel.Panel {
	return panel.Panel{
		Key: "device-shares", Title: "Engaged by device in " + panel.Period, Width: panel.Quarter,
		Unit: units.LocaleFormat, Decimals: new(0.0), Draw: panel.Pie,
		Description: "Devices on which people opened, clicked or acted in the time range, over all channels.",
		Empty:       "No engagement",
		Queries: panel.Of(
			reached(rules.AudienceVolume, catalog.StageEngaged, expr.Range, catalog.LabelDeviceType)),
	}
}

// By channel.

func opened() panel.Panel {
	return panel.Panel{
		Title: "Opened per delivered, last hour", Width: panel.Half, Draw: panel.Lines,
		Description: "Share of delivered notifications that a person opened, over the last hour. The dashed lines " +
			"are the least that is normal for this time of the week.",
		Empty: "Nothing was opened",
	}.Follows(rules.EngagementDrop,
		panel.Query{Of: rules.EngagementSeason.Lower, Legend: "{{channel}} at least"}, perChannel...)
}

func clicked() panel.Panel {
	return panel.Panel{
		Key: "clicked-per-opened", Title: "Clicked per opened, last hour", Width: panel.Half, Draw: panel.Lines,
		Description: "Share of opened notifications that were clicked, over the last hour (click-to-open rate). It " +
			"reflects the content, while the open rate reflects sender and subject.",
		Empty:   "Nothing was clicked",
		Queries: panel.Of(rules.ClickedPerOpened),
	}
}

func convertedPerClicked() panel.Panel {
	return panel.Panel{
		Key: "converted-per-clicked", Title: "Converted per clicked, last hour", Width: panel.Half,
		Draw: panel.Lines,
		Description: "Share of clicks that led to a conversion, over the last hour. It reflects the landing page and " +
			"the offer.",
		Empty:   "No conversions",
		Queries: panel.Of(rules.ConvertedPerClicked),
	}
}

func convertedFall() panel.Panel {
	return panel.Panel{
		Title: "Converted per delivered, vs last week", Width: panel.Half, Draw: panel.Lines,
		Description: "Conversions per delivery over the last day, divided by their average in the week before: 100 % " +
			"means no change.",
		Empty: "Less than a week of conversions",
	}.Watches(rules.ConversionDrop, panel.Below, perChannel...)
}

func stageTable() panel.Panel {
	share := func(stage, per catalog.Stage) expr.Expr {
		return capped(ratio(rules.StageVolume, stage, per, expr.Range, perChannel...))
	}
	columns := engagementColumns(reached(rules.StageVolume, catalog.StageDelivered, expr.Range, perChannel...), share)
	return panel.Panel{
		Key: "channels-engagement", Title: "Channels in " + panel.Period, Width: panel.Full, Unit: units.LocaleFormat,
		Description: "Engagement on each channel in the time range. Mail proxies and scanners open and click too, " +
			"in columns of their own. Click a channel to filter by it." + atMostAll,
		Empty: "Nothing was delivered", LeadsTo: []panel.Destination{toTemplates},
	}.Table(append(columns,
		percent("Opened by machines", 1, share(catalog.StageMachineOpened, catalog.StageDelivered)),
		percent("Clicked by machines", 1, share(catalog.StageMachineClicked, catalog.StageDelivered)),
	)...)
}

// engagementColumns returns the columns of every table on engagement. The function
// returns the ratio of two stages.
func engagementColumns(delivered expr.Expr, of func(stage, per catalog.Stage) expr.Expr) []panel.Column {
	share := func(title string, stage, per catalog.Stage, decimals float64) panel.Column {
		return panel.Column{Title: title, Of: of(stage, per), Unit: units.PercentUnit, Decimals: &decimals}
	}
	return []panel.Column{
		count("Delivered", delivered),
		share("Opened", catalog.StageOpened, catalog.StageDelivered, 1),
		share("Click-to-open", catalog.StageClicked, catalog.StageOpened, 1),
		share("Converted", catalog.StageConverted, catalog.StageDelivered, 2),
		share("Dismissed", catalog.StageDismissed, catalog.StageDelivered, 1),
		share("Opted out", catalog.StageOptedOut, catalog.StageDelivered, 2),
	}
}

// By category.

func categoryEngagement() panel.Panel {
	return panel.Panel{
		Key: "category-engaged", Title: "Engaged per delivered by category", Width: panel.Half,
		Unit: units.PercentUnit, Draw: panel.Lines, Every: tile,
		Description: "Share of delivered notifications that people engaged with, in each interval of the graph, over " +
			"all channels." + atMostAll,
		Empty: "Nothing was delivered",
		Queries: panel.Of(capped(ratio(rules.CategoryVolume,
			catalog.StageEngaged, catalog.StageDelivered, expr.Interval, catalog.LabelCategory))),
	}
}

func categoryTable() panel.Panel {
	share := func(stage, per catalog.Stage) expr.Expr {
		return capped(ratio(rules.CategoryVolume, stage, per, expr.Range, catalog.LabelCategory))
	}
	delivered := reached(rules.CategoryVolume, catalog.StageDelivered, expr.Range, catalog.LabelCategory)
	return panel.Panel{
		Key: "categories", Title: "Categories in " + panel.Period, Width: panel.Half, Unit: units.LocaleFormat,
		Description: "Engagement with each category in the time range, over all channels. Click a category to " +
			"filter by it." + atMostAll,
		Empty: "Nothing was delivered",
	}.Table(engagementColumns(delivered, share)...)
}

// By device.

var perDevice = []*catalog.Label{catalog.LabelPlatform, catalog.LabelDeviceType}

func deviceTable() panel.Panel {
	share := func(stage, per catalog.Stage) expr.Expr {
		return capped(ratio(rules.AudienceVolume, stage, per, expr.Range, perDevice...))
	}
	delivered := reached(rules.AudienceVolume, catalog.StageDelivered, expr.Range, perDevice...)
	return panel.Panel{
		Key: "devices", Title: "Platforms and devices in " + panel.Period, Width: panel.Half, Unit: units.LocaleFormat,
		Description: "Engagement on each platform and device type in the time range, over all channels." + atMostAll,
		Empty:       "Nothing was delivered",
	}.Table(engagementColumns(delivered, share)...)
}

func deviceClicks() panel.Panel {
	return panel.Panel{
		Key: "device-clicks", Title: "Engaged per delivered by device", Width: panel.Half, Unit: units.PercentUnit,
		Draw: panel.Lines, Every: tile,
		Description: "Share of delivered notifications that people engaged with, in each interval of the graph, by " +
			"device type, over all channels." + atMostAll,
		Empty: "Nothing was delivered",
		Queries: panel.Of(capped(ratio(rules.AudienceVolume,
			catalog.StageEngaged, catalog.StageDelivered, expr.Interval, catalog.LabelDeviceType))),
	}
}
