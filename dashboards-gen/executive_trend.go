package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Where it is going: the time range against the week before it.

func sentOverTime() panel {
	return panel{
		key: "sent-over-time", title: "Sent, per interval", width: half, height: tall, unit: units.Short, draw: bars{}, every: tile,
		description: "Notifications sent in each interval of the graph, by channel. A choice of a longer time range makes the intervals longer.",
		empty:       "Nothing was sent", leads: []place{toOperations},
		queries: []query{{of: reached(rules.StageVolume, catalog.StageSent, expr.Interval, perChannel...)}},
	}
}

func engagedOverTime() panel {
	share := func(stage, per catalog.Stage) expr.Expr { return part(rules.StageVolume, stage, per, expr.Interval) }
	engaged := share(catalog.StageEngaged, catalog.StageDelivered)
	return panel{
		key: "engaged-over-time", title: "Delivery and engagement, in each interval", width: half, height: tall, unit: units.PercentUnit, draw: lines{}, every: tile,
		description: "Shares of what was sent that arrived, and of what arrived that people responded to, in each interval of the graph. The dashed line is the engagement of the week before.",
		empty:       "Nothing was sent",
		queries: []query{
			{of: share(catalog.StageDelivered, catalog.StageSent), legend: "delivered per sent", colour: palette[2]},
			{of: engaged, legend: "engaged per delivered", colour: plain},
			{of: engaged.Offset("1w"), legend: "engaged a week before", objective: true, colour: faint},
		},
	}
}

func costOverTime() panel {
	return panel{
		key: "cost-over-time", title: "Cost, per interval", width: half, height: tall, unit: units.Short, draw: bars{}, every: tile, decimals: new(2.0),
		description: "Money that providers charged in each interval of the graph, by channel and currency.",
		empty:       "No costs are reported",
		queries:     []query{{of: amount(rules.CostVolume, expr.Interval, perChannelCurrency)}},
	}
}

func returnOverTime() panel {
	return panel{
		key: "return-over-time", title: "Earned per unit spent, over the 24 h before", width: half, height: tall, unit: units.Short, draw: lines{}, decimals: new(2.0),
		description: "What conversions earned for each unit of money spent, over the day before each moment. Below 1 sending costs more than it earns; the dashed line is the week before.",
		empty:       "Nothing was earned or spent",
		limit:       &limit{value: 1, worse: below},
		queries: []query{
			{of: returned(day, perCurrency...)},
			{of: returned(day, perCurrency...).Offset("1w"), legend: "{{currency}} a week before", objective: true, colour: faint},
		},
	}
}

// Money.

func costForecast() panel {
	return panel{
		title: "Cost of 30 days at the pace of the last 7", width: half, height: tall, unit: units.Short, draw: lines{}, decimals: new(2.0),
		description: "What a month costs if each day does as the mean of the last seven, by currency, and the budget of the rules file.",
		empty:       "No costs are reported for a day yet",
	}.watches(rules.CostBudgetForecast, above, catalog.LabelCurrency)
}

func unitCostRise() panel {
	return panel{
		title: "Cost per delivered, as a multiple of the week before", width: half, height: tall, unit: units.Short, draw: lines{}, decimals: new(2.0),
		description: "Cost of a delivered notification over 24 hours, divided by its mean of the week before: 1 is as usual.",
		empty:       "No costs are reported for a week yet",
	}.watches(rules.CostPerDeliveredHigh, above, perChannelCurrency...)
}

func moneyTable() panel {
	spent, earned := amount(rules.CostVolume, day, perChannelCurrency), amount(rules.ValueVolume, day, perChannelCurrency)
	return panel{
		key: "money", title: "Cost and return by channel, last 24 h", width: full, height: tall, unit: units.Short,
		description: "Money spent and earned on each channel in the last 24 hours, the dearest first.",
		empty:       "No costs are reported", leads: []place{toDeliverability},
	}.tabulates(
		column{title: "Cost", of: expr.ZeroFill(spent, earned), unit: units.Short, decimals: new(2.0)},
		column{title: "Growth in a week", of: change(spent, "1w"), unit: units.PercentUnit, decimals: new(0.0)},
		column{title: "Cost per delivered", of: expr.Max(rules.CostPerDelivered).By(perChannelCurrency...), unit: units.Short, decimals: new(4.0)},
		column{title: "Earned", of: earned, unit: units.Short, decimals: new(2.0)},
		column{
			title: "Earned per unit spent", of: returned(day, perChannelCurrency...), unit: units.Short, decimals: new(2.0),
			limit: &limit{value: 1, worse: below},
		},
	)
}

func channelsOfTheDay() panel {
	share := func(stage, per catalog.Stage) expr.Expr {
		return part(rules.StageVolume, stage, per, day, perChannel...)
	}
	sent := reached(rules.StageVolume, catalog.StageSent, day, perChannel...)
	return panel{
		key: "channels-day", title: "Channels, last 24 h", width: full, height: tall, unit: units.Short,
		description: "Each channel over the last 24 hours, the busiest first. A click on a channel narrows the dashboard to it.",
		empty:       "Nothing was sent", leads: []place{toOperations, toEngagement},
	}.tabulates(
		column{title: "Sent", of: sent, unit: units.Short},
		column{title: "Growth in a week", of: change(sent, "1w"), unit: units.PercentUnit, decimals: new(0.0)},
		column{title: "Delivered per sent", of: share(catalog.StageDelivered, catalog.StageSent), unit: units.PercentUnit, decimals: new(1.0)},
		column{title: "Engaged per delivered", of: share(catalog.StageEngaged, catalog.StageDelivered), unit: units.PercentUnit, decimals: new(1.0)},
		column{title: "Converted per delivered", of: share(catalog.StageConverted, catalog.StageDelivered), unit: units.PercentUnit, decimals: new(2.0)},
		column{
			title: "Error budget left", of: expr.Min(rules.ErrorBudgetRemaining).By(perChannel...), unit: units.PercentUnit, decimals: new(0.0),
			limit: &limit{value: 0, worse: below},
		},
	)
}
