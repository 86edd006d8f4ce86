package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Trend: the time range against the period before it.

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
	share := func(stage, per catalog.Stage) expr.Expr {
		return capped(ratio(rules.StageVolume, stage, per, expr.Interval))
	}
	engaged := share(catalog.StageEngaged, catalog.StageDelivered)
	return panel.Panel{
		Key: "engaged-over-time", Title: "Delivery and engagement, in each interval", Width: panel.Half,
		Unit: units.PercentUnit, Draw: panel.Lines, Every: tile,
		Description: "Share of sent notifications that were delivered, and of delivered ones that people engaged " +
			"with, in each interval of the graph. The dashed line is engagement in the period before the time range.",
		Empty: "Nothing was sent",
		Queries: []panel.Query{
			{
				Of:     share(catalog.StageDelivered, catalog.StageSent),
				Legend: "delivered per sent", Color: panel.StageColor(catalog.StageDelivered),
			},
			{Of: engaged, Legend: "engaged per delivered", Color: panel.StageColor(catalog.StageEngaged)},
			reference("engaged in the "+panel.Period+" before", engaged.Offset(expr.Range)),
		},
	}
}

func costOverTime() panel.Panel {
	return panel.Panel{
		Key: "cost-over-time", Title: "Cost, $currency, per interval", Width: panel.Half, Unit: units.Short,
		Draw: panel.Bars, Every: tile, Decimals: new(2.0),
		Description: "What providers charged in each interval of the graph in the chosen currency, by channel.",
		Empty:       "No costs reported",
		Queries:     panel.Of(money(rules.CostVolume, expr.Interval, perChannel...)),
	}
}

func returnOverTime() panel.Panel {
	return panel.Panel{
		Key: "return-over-time", Title: "Return on spend, trailing 24 h", Width: panel.Full,
		Unit: times, Draw: panel.Lines, Decimals: new(2.0),
		Description: "Conversion value per unit of cost in the chosen currency, over the 24 hours before each point. " +
			"Below 1, sending costs more than it earns. The dashed line is the period before the time range.",
		Empty: "No costs or conversion values",
		Limit: panel.BadBelow(1),
		Queries: []panel.Query{
			{Of: returnOnCost(day), Legend: "earned per unit spent"},
			reference("in the "+panel.Period+" before", returnOnCost(day).Offset(expr.Range)),
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
		Empty: "Less than 7 days of costs",
	}.Watches(rules.CostBudgetForecast, panel.Above, catalog.LabelCurrency)
}

func unitCostRise() panel.Panel {
	return panel.Panel{
		Title: "Cost per delivered, vs last week", Width: panel.Half, Draw: panel.Lines,
		Decimals: new(2.0),
		Description: "Cost of a delivered notification over 24 hours, divided by its average in the week before: 1 " +
			"means no change.",
		Empty: "Less than a week of costs",
	}.Watches(rules.CostPerDeliveredHigh, panel.Above, perChannelCurrency...)
}

func moneyTable() panel.Panel {
	spent := money(rules.CostVolume, expr.Range, perChannel...)
	earned := money(rules.ValueVolume, expr.Range, perChannel...)
	delivered := reached(rules.StageVolume, catalog.StageDelivered, expr.Range, perChannel...)
	return panel.Panel{
		Key: "money", Title: "Cost and return by channel" + inCurrency + " in " + panel.Period, Width: panel.Full,
		Unit: units.LocaleFormat,
		Description: "Cost and conversion value of each channel in the chosen currency, the most expensive first. " +
			comparedColumn,
		Empty: "No costs reported", LeadsTo: []panel.Destination{toDeliverability},
	}.Table(
		coins("Cost", expr.ZeroFill(spent, earned)),
		percent("vs the period before", 0, change(spent)),
		coins("Cost per thousand delivered", expr.Ratio(spent, delivered).Mul(expr.Num(1000))),
		coins("Earned", earned),
		panel.Column{
			Title: "Return on spend", Of: returnOnCost(expr.Range, perChannel...), Unit: times, Decimals: new(2.0),
			Limit: panel.BadBelow(1),
		},
	)
}

// comparedColumn describes a column of changes.
const comparedColumn = "The change is relative to the period before, of the same length, once that was recorded too."

func channelsInRange() panel.Panel {
	share := func(stage, per catalog.Stage) expr.Expr {
		return capped(ratio(rules.StageVolume, stage, per, expr.Range, perChannel...))
	}
	sent := reached(rules.StageVolume, catalog.StageSent, expr.Range, perChannel...)
	return panel.Panel{
		Key: "channels-in-range", Title: "Channels in " + panel.Period, Width: panel.Full, Unit: units.LocaleFormat,
		Description: "Each channel over the time range, the busiest first. " + comparedColumn +
			" Click a channel to filter by it." + atMostAll,
		Empty: "Nothing was sent", LeadsTo: []panel.Destination{toOperations, toEngagement},
	}.Table(
		count("Sent", sent),
		percent("vs the period before", 0, change(sent)),
		percent("Delivered per sent", 1, share(catalog.StageDelivered, catalog.StageSent)).WithLimit(deliveredLimit),
		percent("Engaged per delivered", 1, share(catalog.StageEngaged, catalog.StageDelivered)),
		percent("Converted per delivered", 2, share(catalog.StageConverted, catalog.StageDelivered)),
		percent("30-day budget", 0, expr.Min(rules.ErrorBudgetRemaining).By(perChannel...)).
			WithLimit(panel.BadBelow(0)),
	)
}
