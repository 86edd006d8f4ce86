package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Where it is going: the time range against the week before it.

func sentOverTime() panel.Panel {
	return panel.Panel{
		Key: "sent-over-time", Title: "Sent, per interval", Width: panel.Half, Unit: units.Short, Draw: panel.Bars,
		Every: tile,
		Description: "Notifications sent in each interval of the graph, by channel. A choice of a longer time range " +
			"makes the intervals longer.",
		Empty: "Nothing was sent", LeadsTo: []panel.Destination{toOperations},
		Queries: panel.Of(reached(rules.StageVolume, catalog.StageSent, expr.Interval, perChannel...)),
	}
}

func engagedOverTime() panel.Panel {
	share := func(stage, per catalog.Stage) expr.Expr { return part(rules.StageVolume, stage, per, expr.Interval) }
	engaged := share(catalog.StageEngaged, catalog.StageDelivered)
	return panel.Panel{
		Key: "engaged-over-time", Title: "Delivery and engagement, in each interval", Width: panel.Half,
		Unit: units.PercentUnit, Draw: panel.Lines, Every: tile,
		Description: "Shares of what was sent that arrived, and of what arrived that people responded to, in each " +
			"interval of the graph. The dashed line is the engagement of the week before.",
		Empty: "Nothing was sent",
		Queries: []panel.Query{
			{
				Of:     share(catalog.StageDelivered, catalog.StageSent),
				Legend: "delivered per sent", Color: panel.Palette[2],
			},
			{Of: engaged, Legend: "engaged per delivered", Color: panel.Plain},
			reference("engaged a week before", engaged.Offset("1w")),
		},
	}
}

func costOverTime() panel.Panel {
	return panel.Panel{
		Key: "cost-over-time", Title: "Cost, per interval", Width: panel.Half, Unit: units.Short, Draw: panel.Bars,
		Every: tile, Decimals: new(2.0),
		Description: "Money that providers charged in each interval of the graph, by channel and currency.",
		Empty:       "No costs are reported",
		Queries:     panel.Of(amount(rules.CostVolume, expr.Interval, perChannelCurrency)),
	}
}

func returnOverTime() panel.Panel {
	return panel.Panel{
		Key: "return-over-time", Title: "Earned per unit spent, over the 24 h before", Width: panel.Half,
		Unit: units.Short, Draw: panel.Lines, Decimals: new(2.0),
		Description: "What conversions earned for each unit of money spent, over the day before each moment. Below 1 " +
			"sending costs more than it earns; the dashed line is the week before.",
		Empty: "Nothing was earned or spent",
		Limit: panel.BadBelow(1),
		Queries: []panel.Query{
			{Of: returned(day, perCurrency...)},
			reference("{{currency}} a week before", returned(day, perCurrency...).Offset("1w")),
		},
	}
}

// Money.

func costForecast() panel.Panel {
	return panel.Panel{
		Title: "Cost of 30 days at the pace of the last 7", Width: panel.Half, Draw: panel.Lines,
		Decimals: new(2.0),
		Description: "What a month costs if each day does as the mean of the last seven, by currency, and the budget " +
			"of the rules file.",
		Empty: "No costs are reported for a day yet",
	}.Watches(rules.CostBudgetForecast, panel.Above, catalog.LabelCurrency)
}

func unitCostRise() panel.Panel {
	return panel.Panel{
		Title: "Cost per delivered, as a multiple of the week before", Width: panel.Half, Draw: panel.Lines,
		Decimals: new(2.0),
		Description: "Cost of a delivered notification over 24 hours, divided by its mean of the week before: 1 is " +
			"as usual.",
		Empty: "No costs are reported for a week yet",
	}.Watches(rules.CostPerDeliveredHigh, panel.Above, perChannelCurrency...)
}

func moneyTable() panel.Panel {
	spent := amount(rules.CostVolume, day, perChannelCurrency)
	earned := amount(rules.ValueVolume, day, perChannelCurrency)
	return panel.Panel{
		Key: "money", Title: "Cost and return by channel, last 24 h", Width: panel.Full, Unit: units.Short,
		Description: "Money spent and earned on each channel in the last 24 hours, the dearest first.",
		Empty:       "No costs are reported", LeadsTo: []panel.Destination{toDeliverability},
	}.Table(
		decimal("Cost", 2, expr.ZeroFill(spent, earned)),
		percent("Growth in a week", 0, change(spent, "1w")),
		decimal("Cost per delivered", 4, expr.Max(rules.CostPerDelivered).By(perChannelCurrency...)),
		decimal("Earned", 2, earned),
		decimal("Earned per unit spent", 2, returned(day, perChannelCurrency...)).WithLimit(panel.BadBelow(1)),
	)
}

func channelsOfTheDay() panel.Panel {
	share := func(stage, per catalog.Stage) expr.Expr {
		return part(rules.StageVolume, stage, per, day, perChannel...)
	}
	sent := reached(rules.StageVolume, catalog.StageSent, day, perChannel...)
	return panel.Panel{
		Key: "channels-day", Title: "Channels, last 24 h", Width: panel.Full, Unit: units.Short,
		Description: "Each channel over the last 24 hours, the busiest first. A click on a channel narrows the " +
			"dashboard to it.",
		Empty: "Nothing was sent", LeadsTo: []panel.Destination{toOperations, toEngagement},
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
