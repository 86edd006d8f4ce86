package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Trend: the time range against the week before it.

func sentOverTime() panel.Panel {
	return panel.Panel{
		Key: "sent-over-time", Title: "Sent, per interval", Width: panel.Half, Unit: units.Short, Draw: panel.Bars,
		Every: tile,
		Description: "Notifications sent in each interval of the graph, by channel. A longer time range has longer " +
			"intervals.",
		Empty: "Nothing was sent", LeadsTo: []panel.Destination{toOperations},
		Queries: panel.Of(reached(rules.StageVolume, catalog.StageSent, expr.Interval, perChannel...)),
	}
}

func engagedOverTime() panel.Panel {
	share := func(stage, per catalog.Stage) expr.Expr { return ratio(rules.StageVolume, stage, per, expr.Interval) }
	engaged := share(catalog.StageEngaged, catalog.StageDelivered)
	return panel.Panel{
		Key: "engaged-over-time", Title: "Delivery and engagement, in each interval", Width: panel.Half,
		Unit: units.PercentUnit, Draw: panel.Lines, Every: tile,
		Description: "Share of sent notifications that were delivered, and of delivered ones that people engaged " +
			"with, in each interval of the graph. The dashed line is engagement in the week before.",
		Empty: "Nothing was sent",
		Queries: []panel.Query{
			{
				Of:     share(catalog.StageDelivered, catalog.StageSent),
				Legend: "delivered per sent", Color: panel.StageColor(catalog.StageDelivered),
			},
			{Of: engaged, Legend: "engaged per delivered", Color: panel.StageColor(catalog.StageEngaged)},
			reference("engaged a week before", engaged.Offset("1w")),
		},
	}
}

func costOverTime() panel.Panel {
	return panel.Panel{
		Key: "cost-over-time", Title: "Cost, per interval", Width: panel.Half, Unit: units.Short, Draw: panel.Bars,
		Every: tile, Decimals: new(2.0),
		Description: "What providers charged in each interval of the graph, by channel and currency.",
		Empty:       "No costs reported",
		Queries:     panel.Of(amount(rules.CostVolume, expr.Interval, perChannelCurrency)),
	}
}

func returnOverTime() panel.Panel {
	return panel.Panel{
		Key: "return-over-time", Title: "Earned per unit spent, over the 24 h before", Width: panel.Half,
		Unit: units.Short, Draw: panel.Lines, Decimals: new(2.0),
		Description: "Conversion value per unit of cost, over the 24 hours before each point. Below 1, sending costs " +
			"more than it earns. The dashed line is the week before.",
		Empty: "No costs or conversion values",
		Limit: panel.BadBelow(1),
		Queries: []panel.Query{
			{Of: returnOnCost(day, perCurrency...)},
			reference("{{currency}} a week before", returnOnCost(day, perCurrency...).Offset("1w")),
		},
	}
}

// Money.

func costForecast() panel.Panel {
	return panel.Panel{
		Title: "Cost of 30 days at the rate of the last 7", Width: panel.Half, Draw: panel.Lines,
		Decimals: new(2.0),
		Description: "Cost of a month at the average of the last seven days, by currency, and the budget from the " +
			"rules file.",
		Empty: "Less than a day of costs",
	}.Watches(rules.CostBudgetForecast, panel.Above, catalog.LabelCurrency)
}

func unitCostRise() panel.Panel {
	return panel.Panel{
		Title: "Cost per delivered, as a multiple of the week before", Width: panel.Half, Draw: panel.Lines,
		Decimals: new(2.0),
		Description: "Cost of a delivered notification over 24 hours, divided by its average in the week before: 1 " +
			"means no change.",
		Empty: "Less than a week of costs",
	}.Watches(rules.CostPerDeliveredHigh, panel.Above, perChannelCurrency...)
}

func moneyTable() panel.Panel {
	spent := amount(rules.CostVolume, day, perChannelCurrency)
	earned := amount(rules.ValueVolume, day, perChannelCurrency)
	return panel.Panel{
		Key: "money", Title: "Cost and return by channel, last 24 h", Width: panel.Full, Unit: units.Short,
		Description: "Cost and conversion value of each channel in the last 24 hours, the most expensive first.",
		Empty:       "No costs reported", LeadsTo: []panel.Destination{toDeliverability},
	}.Table(
		decimal("Cost", 2, expr.ZeroFill(spent, earned)),
		percent("Growth in a week", 0, change(spent, "1w")),
		decimal("Cost per delivered", 4, expr.Max(rules.CostPerDelivered).By(perChannelCurrency...)),
		decimal("Earned", 2, earned),
		decimal("Earned per unit spent", 2, returnOnCost(day, perChannelCurrency...)).WithLimit(panel.BadBelow(1)),
	)
}

func channelsOfTheDay() panel.Panel {
	share := func(stage, per catalog.Stage) expr.Expr {
		return ratio(rules.StageVolume, stage, per, day, perChannel...)
	}
	sent := reached(rules.StageVolume, catalog.StageSent, day, perChannel...)
	return panel.Panel{
		Key: "channels-day", Title: "Channels, last 24 h", Width: panel.Full, Unit: units.Short,
		Description: "Each channel over the last 24 hours, the busiest first. Click a channel to filter by it.",
		Empty:       "Nothing was sent", LeadsTo: []panel.Destination{toOperations, toEngagement},
	}.Table(
		count("Sent", sent),
		percent("Growth in a week", 0, change(sent, "1w")),
		percent("Delivered per sent", 1, share(catalog.StageDelivered, catalog.StageSent)),
		percent("Engaged per delivered", 1, share(catalog.StageEngaged, catalog.StageDelivered)),
		percent("Converted per delivered", 2, share(catalog.StageConverted, catalog.StageDelivered)),
		percent("Error budget left", 0, expr.Min(rules.ErrorBudgetRemaining).By(perChannel...)).
			WithLimit(panel.BadBelow(0)),
	)
}
