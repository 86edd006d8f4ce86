package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// executive serves those who have ten seconds: yesterday against last week, the
// month, and whether the objectives are met.
func executive() panel.Dashboard {
	return panel.Dashboard{
		UID: rules.Executive, Title: "Executive", Folder: "leadership",
		Description: "Do notifications reach people, do people respond, and is it worth the money?",
		From:        "now-7d", Refresh: "5m",
		Filters: panel.Filters{Labels: perChannel, From: rules.ChannelSent},
		Rows: []panel.Row{
			panel.NewRow("",
				sentIn(day), deliveredIn(day), engagedIn(day), convertedIn(day),
				costIn(day), valueIn(day), returnIn(day), unitCostIn(day),
			),
			panel.NewRow("Rates and promises", engagementDial(), deliveryDial(), budgetDial(), channelShares()),
			panel.NewRow("The last 30 days", sentIn(month), engagedIn(month), costIn(month), valueIn(month)),
			panel.NewRow("Trend", sentOverTime(), engagedOverTime(), costOverTime(), returnOverTime()),
			panel.NewRow("Money", costForecast(), unitCostRise(), moneyTable()),
			panel.NewRow("Channels", channelsOfTheDay()),
		},
	}
}

// Money is never summed over currencies.
var (
	perCurrency        = []*catalog.Label{catalog.LabelCurrency}
	perChannelCurrency = []*catalog.Label{catalog.LabelChannel, catalog.LabelCurrency}
)

// periods says how titles name the windows, and how far back each is compared.
var periods = map[expr.Window]struct {
	last, before, same string
	back               expr.Window
}{
	day:   {"last 24 h", "a week before", "the same 24 hours of the week before", "1w"},
	month: {"last 30 days", "30 days before", "the 30 days before", "30d"},
}

// compared completes a card with a figure of the window and the same figure of the
// period before. It shows both rather than a change, since a percentage alone can
// mean a share of last week's figure or an increase over it. Several figures, one
// for each value of a label, are ordered by size.
func compared(over expr.Window, of expr.Expr, p panel.Panel) panel.Panel {
	period := periods[over]
	now, before := period.last, period.before
	if labels := of.Labels(); len(labels) > 0 {
		now, before = panel.Legend(labels...), panel.Legend(labels...)+" before" // many figures leave little room
		of = expr.TopK(maxRows, of)
	}
	p.Key += "-" + string(over)
	p.Title += ", " + period.last
	p.Description += " Compared with " + period.same + "."
	p.Width, p.Height, p.Draw = panel.Quarter, panel.Low, panel.Card
	if p.Unit == "" {
		p.Unit = units.Short
	}
	return p.With(
		panel.Query{Of: of, Legend: now},
		panel.Query{Of: of.Offset(period.back), Legend: before, Color: panel.Faint},
	)
}

func sentIn(over expr.Window) panel.Panel {
	return compared(over, reached(rules.StageVolume, catalog.StageSent, over), panel.Panel{
		Key: "sent", Title: "Sent",
		Description: "Notifications sent.",
		Empty:       "Nothing was sent", LeadsTo: []panel.Destination{toOperations},
	})
}

func deliveredIn(over expr.Window) panel.Panel {
	return compared(over, ratio(rules.StageVolume, catalog.StageDelivered, catalog.StageSent, over), panel.Panel{
		Key: "delivered", Title: "Delivered per sent", Unit: units.PercentUnit, Decimals: new(2.0),
		Description: "Share of sent notifications that were delivered.",
		Empty:       "Nothing was sent", LeadsTo: []panel.Destination{toDeliverability},
	})
}

func engagedIn(over expr.Window) panel.Panel {
	return compared(over, ratio(rules.StageVolume, catalog.StageEngaged, catalog.StageDelivered, over), panel.Panel{
		Key: "engaged", Title: "Engagement rate", Unit: units.PercentUnit, Decimals: new(1.0),
		Description: "Share of delivered notifications that a person opened, clicked or acted on.",
		Empty:       "Nothing was delivered", LeadsTo: []panel.Destination{toEngagement},
	})
}

func convertedIn(over expr.Window) panel.Panel {
	return compared(over, ratio(rules.StageVolume, catalog.StageConverted, catalog.StageDelivered, over), panel.Panel{
		Key: "converted", Title: "Converted per delivered", Unit: units.PercentUnit, Decimals: new(2.0),
		Description: "Share of delivered notifications that led to a conversion.",
		Empty:       "No conversions", LeadsTo: []panel.Destination{toEngagement},
	})
}

func costIn(over expr.Window) panel.Panel {
	return compared(over, amount(rules.CostVolume, over, perCurrency), panel.Panel{
		Key: "cost", Title: "Cost", Decimals: new(2.0),
		Description: "What providers charged, by currency.",
		Empty:       "No costs reported",
	})
}

func valueIn(over expr.Window) panel.Panel {
	return compared(over, amount(rules.ValueVolume, over, perCurrency), panel.Panel{
		Key: "value", Title: "Earned by conversions", Decimals: new(2.0),
		Description: "Value reported by conversions, by currency.",
		Empty:       "No conversions with a value",
	})
}

// returnOnCost returns the value of conversions per unit of cost.
func returnOnCost(over expr.Window, by ...*catalog.Label) expr.Expr {
	return expr.Ratio(amount(rules.ValueVolume, over, by), amount(rules.CostVolume, over, by))
}

func returnIn(over expr.Window) panel.Panel {
	p := compared(over, returnOnCost(over, perCurrency...), panel.Panel{
		Key: "return", Title: "Earned per unit spent", Decimals: new(2.0),
		Description: "Conversion value per unit of cost (return on investment). Below 1, sending costs more than it " +
			"earns.",
		Empty: "No costs or conversion values",
	})
	p.Queries[0].Limit = panel.BadBelow(1)
	return p
}

func unitCostIn(over expr.Window) panel.Panel {
	delivered := reached(rules.StageVolume, catalog.StageDelivered, over)
	unitCost := expr.Ratio(amount(rules.CostVolume, over, perCurrency), delivered, expr.On().GroupLeft())
	p := compared(over, unitCost.Mul(expr.Num(1000)), panel.Panel{
		Title: "Cost per thousand delivered", Decimals: new(2.0),
		Description: "Cost of a thousand delivered notifications, by currency.",
		Empty:       "No costs reported",
	})
	p.Key = "unit-cost" // as links know it
	return p
}

// Rates and promises.

func engagementDial() panel.Panel {
	return panel.Panel{
		Key: "engagement-rate", Title: "Engagement rate, last 24 h", Width: panel.Quarter, Unit: units.PercentUnit,
		Decimals: new(1.0), Draw: panel.Gauge,
		Description: "Share of delivered notifications that a person opened, clicked or acted on. Opens and clicks by " +
			"machines do not count.",
		Empty: "Nothing was delivered", Max: new(1.0), LeadsTo: []panel.Destination{toEngagement},
		Queries: []panel.Query{
			{Of: ratio(rules.StageVolume, catalog.StageEngaged, catalog.StageDelivered, day), Legend: "engaged"},
		},
	}
}

func deliveryDial() panel.Panel {
	return panel.Panel{
		Key: "delivery-rate", Title: "Delivered per sent, last 24 h", Width: panel.Quarter, Unit: units.PercentUnit,
		Decimals: new(1.0), Draw: panel.Gauge,
		Description: "Share of sent notifications that were delivered. Channels that do not confirm deliveries lower " +
			"it.",
		Empty: "Nothing was sent", Max: new(1.0), LeadsTo: []panel.Destination{toDeliverability},
		Queries: []panel.Query{
			{Of: ratio(rules.StageVolume, catalog.StageDelivered, catalog.StageSent, day), Legend: "delivered"},
		},
	}
}

func budgetDial() panel.Panel {
	return panel.Panel{
		Key: "budget-left", Title: "Error budget left, worst channel", Width: panel.Quarter,
		Unit: units.PercentUnit, Decimals: new(0.0), Draw: panel.Gauge,
		Description: "What is left of the 30-day budget for lost notifications, on the channel with the least. At 0 " +
			"the delivery objective is missed.",
		Empty: "No history yet", Max: new(1.0), LeadsTo: []panel.Destination{toObjectives},
		Limit:   panel.BadBelow(0).WarnAt(0.25),
		Queries: []panel.Query{{Of: expr.Min(rules.ErrorBudgetRemaining).By(), Legend: "left"}},
	}
}

func channelShares() panel.Panel {
	return panel.Panel{
		Key: "channels-share", Title: "Sent by channel, last 24 h", Width: panel.Quarter, Unit: units.Short,
		Draw:        panel.Pie,
		Description: "Notifications sent in the last 24 hours, by channel.",
		Empty:       "Nothing was sent", LeadsTo: []panel.Destination{toOperations},
		Queries: panel.Of(reached(rules.StageVolume, catalog.StageSent, day, perChannel...)),
	}
}
