package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// executive is for who has ten seconds: yesterday against last week, the month,
// and whether the promises hold.
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

// perCurrency never adds up different currencies.
var (
	perCurrency        = []*catalog.Label{catalog.LabelCurrency}
	perChannelCurrency = []*catalog.Label{catalog.LabelChannel, catalog.LabelCurrency}
)

// sayings are how titles name the windows, and how far back each is compared.
var sayings = map[expr.Window]struct {
	last, before, same string
	back               expr.Window
}{
	day:   {"last 24 h", "a week before", "the same 24 hours a week before", "1w"},
	month: {"last 30 days", "30 days before", "the 30 days before", "30d"},
}

// compared completes a card with a figure of the window and the same figure of
// the period before. It shows both rather than a change: a percentage alone leaves
// open whether it is of last week's figure or on top of it. Several figures, one
// for each value of a label, stand in the order of their size.
func compared(over expr.Window, of expr.Expr, p panel.Panel) panel.Panel {
	saying := sayings[over]
	now, before := saying.last, saying.before
	if labels := of.Labels(); len(labels) > 0 {
		now, before = panel.Legend(labels...), panel.Legend(labels...)+" before" // many figures leave little room
		of = expr.TopK(most, of)
	}
	p.Key += "-" + string(over)
	p.Title += ", " + saying.last
	p.Description += " Beside it the figure of " + saying.same + "."
	p.Width, p.Height, p.Draw = panel.Quarter, panel.Low, panel.Card
	if p.Unit == "" {
		p.Unit = units.Short
	}
	return p.With(
		panel.Query{Of: of, Legend: now},
		panel.Query{Of: of.Offset(saying.back), Legend: before, Color: panel.Faint},
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
	return compared(over, part(rules.StageVolume, catalog.StageDelivered, catalog.StageSent, over), panel.Panel{
		Key: "delivered", Title: "Delivered per sent", Unit: units.PercentUnit, Decimals: new(2.0),
		Description: "Share of what was sent that arrived.",
		Empty:       "Nothing was sent", LeadsTo: []panel.Destination{toDeliverability},
	})
}

func engagedIn(over expr.Window) panel.Panel {
	return compared(over, part(rules.StageVolume, catalog.StageEngaged, catalog.StageDelivered, over), panel.Panel{
		Key: "engaged", Title: "Engagement rate", Unit: units.PercentUnit, Decimals: new(1.0),
		Description: "Share of what was delivered that a person opened, clicked or acted on.",
		Empty:       "Nothing was delivered", LeadsTo: []panel.Destination{toEngagement},
	})
}

func convertedIn(over expr.Window) panel.Panel {
	return compared(over, part(rules.StageVolume, catalog.StageConverted, catalog.StageDelivered, over), panel.Panel{
		Key: "converted", Title: "Converted per delivered", Unit: units.PercentUnit, Decimals: new(2.0),
		Description: "Share of what was delivered that led to a conversion.",
		Empty:       "No conversions", LeadsTo: []panel.Destination{toEngagement},
	})
}

func costIn(over expr.Window) panel.Panel {
	return compared(over, amount(rules.CostVolume, over, perCurrency), panel.Panel{
		Key: "cost", Title: "Cost", Decimals: new(2.0),
		Description: "Money that providers charged, by currency.",
		Empty:       "No costs are reported",
	})
}

func valueIn(over expr.Window) panel.Panel {
	return compared(over, amount(rules.ValueVolume, over, perCurrency), panel.Panel{
		Key: "value", Title: "Earned by conversions", Decimals: new(2.0),
		Description: "Value that conversions reported, by currency.",
		Empty:       "No conversion reports a value",
	})
}

// returned is what conversions earned for each unit of money spent.
func returned(over expr.Window, by ...*catalog.Label) expr.Expr {
	return expr.Ratio(amount(rules.ValueVolume, over, by), amount(rules.CostVolume, over, by))
}

func returnIn(over expr.Window) panel.Panel {
	p := compared(over, returned(over, perCurrency...), panel.Panel{
		Key: "return", Title: "Earned per unit spent", Decimals: new(2.0),
		Description: "What conversions earned for each unit of money spent (return on investment): below 1 sending " +
			"costs more than it earns.",
		Empty: "Nothing was earned or spent",
	})
	p.Queries[0].Limit = panel.BadBelow(1)
	return p
}

func unitCostIn(over expr.Window) panel.Panel {
	delivered := reached(rules.StageVolume, catalog.StageDelivered, over)
	unitCost := expr.Ratio(amount(rules.CostVolume, over, perCurrency), delivered, expr.On().GroupLeft())
	p := compared(over, unitCost.Mul(expr.Num(1000)), panel.Panel{
		Title: "Cost per thousand delivered", Decimals: new(2.0),
		Description: "Money spent for a thousand notifications that arrived, by currency.",
		Empty:       "No costs are reported",
	})
	p.Key = "unit-cost" // as links know it
	return p
}

// Rates and promises.

func engagementDial() panel.Panel {
	return panel.Panel{
		Key: "engagement-rate", Title: "Engagement rate, last 24 h", Width: panel.Quarter, Unit: units.PercentUnit,
		Decimals: new(1.0), Draw: panel.Gauge,
		Description: "Share of what was delivered that a person opened, clicked or acted on. Opens by machines are " +
			"not counted.",
		Empty: "Nothing was delivered", Max: new(1.0), LeadsTo: []panel.Destination{toEngagement},
		Queries: []panel.Query{
			{Of: part(rules.StageVolume, catalog.StageEngaged, catalog.StageDelivered, day), Legend: "engaged"},
		},
	}
}

func deliveryDial() panel.Panel {
	return panel.Panel{
		Key: "delivery-rate", Title: "Delivered per sent, last 24 h", Width: panel.Quarter, Unit: units.PercentUnit,
		Decimals: new(1.0), Draw: panel.Gauge,
		Description: "Share of what was sent that arrived. Channels that confirm no deliveries pull it down.",
		Empty:       "Nothing was sent", Max: new(1.0), LeadsTo: []panel.Destination{toDeliverability},
		Queries: []panel.Query{
			{Of: part(rules.StageVolume, catalog.StageDelivered, catalog.StageSent, day), Legend: "delivered"},
		},
	}
}

func budgetDial() panel.Panel {
	return panel.Panel{
		Key: "budget-left", Title: "Error budget left, worst channel", Width: panel.Quarter,
		Unit: units.PercentUnit, Decimals: new(0.0), Draw: panel.Gauge,
		Description: "What is left of the 30 days' budget for lost notifications, on the channel with the least. At " +
			"0 the promise of delivery is broken.",
		Empty: "No history yet", Max: new(1.0), LeadsTo: []panel.Destination{toObjectives},
		Limit:   panel.BadBelow(0).WarnAt(0.25),
		Queries: []panel.Query{{Of: expr.Min(rules.ErrorBudgetRemaining).By(), Legend: "left"}},
	}
}

func channelShares() panel.Panel {
	return panel.Panel{
		Key: "channels-share", Title: "Sent by channel, last 24 h", Width: panel.Quarter, Unit: units.Short,
		Draw:        panel.Pie,
		Description: "How the notifications of the last 24 hours spread over the channels.",
		Empty:       "Nothing was sent", LeadsTo: []panel.Destination{toOperations},
		Queries: panel.Of(reached(rules.StageVolume, catalog.StageSent, day, perChannel...)),
	}
}
