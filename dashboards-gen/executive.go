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

// compared is a card with a figure of the window and the same figure of the
// period before. It shows both rather than a change: a percentage alone leaves
// open whether it is of last week's figure or on top of it. Several figures, one
// for each value of a label, stand in the order of their size.
func compared(key, title, description, empty string, over expr.Window, of expr.Expr) panel.Panel {
	saying := sayings[over]
	now, before := saying.last, saying.before
	if labels := of.Labels(); len(labels) > 0 {
		now, before = panel.Legend(labels...), panel.Legend(labels...)+" before" // many figures leave little room
		of = expr.TopK(most, of)
	}
	return panel.Panel{
		Key: key + "-" + string(over), Title: title + ", " + saying.last, Width: panel.Quarter, Height: panel.Low, Unit: units.Short, Draw: panel.Card,
		Description: description + " Beside it the figure of " + saying.same + ".", Empty: empty,
		Queries: []panel.Query{{Of: of, Legend: now}, {Of: of.Offset(saying.back), Legend: before, Color: panel.Faint}},
	}
}

// sharing is a card with a share of the window and the same of the period before.
func sharing(key, title, description, empty string, over expr.Window, decimals float64, of expr.Expr) panel.Panel {
	p := compared(key, title, description, empty, over, of)
	p.Unit, p.Decimals = units.PercentUnit, &decimals
	return p
}

// money gives a card of amounts two decimals.
func money(p panel.Panel) panel.Panel {
	p.Decimals = new(2.0)
	return p
}

func sentIn(over expr.Window) panel.Panel {
	p := compared("sent", "Sent", "Notifications sent.", "Nothing was sent", over, reached(rules.StageVolume, catalog.StageSent, over))
	p.LeadsTo = []panel.Destination{toOperations}
	return p
}

func deliveredIn(over expr.Window) panel.Panel {
	p := sharing("delivered", "Delivered per sent", "Share of what was sent that arrived.", "Nothing was sent", over, 2,
		part(rules.StageVolume, catalog.StageDelivered, catalog.StageSent, over))
	p.LeadsTo = []panel.Destination{toDeliverability}
	return p
}

func engagedIn(over expr.Window) panel.Panel {
	p := sharing("engaged", "Engagement rate", "Share of what was delivered that a person opened, clicked or acted on.", "Nothing was delivered", over, 1,
		part(rules.StageVolume, catalog.StageEngaged, catalog.StageDelivered, over))
	p.LeadsTo = []panel.Destination{toEngagement}
	return p
}

func convertedIn(over expr.Window) panel.Panel {
	p := sharing("converted", "Converted per delivered", "Share of what was delivered that led to a conversion.", "No conversions", over, 2,
		part(rules.StageVolume, catalog.StageConverted, catalog.StageDelivered, over))
	p.LeadsTo = []panel.Destination{toEngagement}
	return p
}

func costIn(over expr.Window) panel.Panel {
	return money(compared("cost", "Cost", "Money that providers charged, by currency.", "No costs are reported", over,
		amount(rules.CostVolume, over, perCurrency)))
}

func valueIn(over expr.Window) panel.Panel {
	return money(compared("value", "Earned by conversions", "Value that conversions reported, by currency.", "No conversion reports a value", over,
		amount(rules.ValueVolume, over, perCurrency)))
}

// returned is what conversions earned for each unit of money spent.
func returned(over expr.Window, by ...*catalog.Label) expr.Expr {
	return expr.Ratio(amount(rules.ValueVolume, over, by), amount(rules.CostVolume, over, by))
}

func returnIn(over expr.Window) panel.Panel {
	p := money(compared("return", "Earned per unit spent", "What conversions earned for each unit of money spent (return on investment): below 1 sending costs more than it earns.",
		"Nothing was earned or spent", over, returned(over, perCurrency...)))
	p.Queries[0].Limit = panel.BadBelow(1)
	return p
}

func unitCostIn(over expr.Window) panel.Panel {
	unitCost := expr.Ratio(
		amount(rules.CostVolume, over, perCurrency), reached(rules.StageVolume, catalog.StageDelivered, over), expr.On().GroupLeft())
	p := money(compared("unit-cost", "Cost per thousand delivered", "Money spent for a thousand notifications that arrived, by currency.", "No costs are reported", over,
		unitCost.Mul(expr.Num(1000))))
	p.Key = "unit-cost" // as links know it
	return p
}

// Rates and promises.

func engagementDial() panel.Panel {
	return panel.Panel{
		Key: "engagement-rate", Title: "Engagement rate, last 24 h", Width: panel.Quarter, Unit: units.PercentUnit, Decimals: new(1.0), Draw: panel.Gauge,
		Description: "Share of what was delivered that a person opened, clicked or acted on. Opens by machines are not counted.",
		Empty:       "Nothing was delivered", Max: new(1.0), LeadsTo: []panel.Destination{toEngagement},
		Queries: []panel.Query{{Of: part(rules.StageVolume, catalog.StageEngaged, catalog.StageDelivered, day), Legend: "engaged"}},
	}
}

func deliveryDial() panel.Panel {
	return panel.Panel{
		Key: "delivery-rate", Title: "Delivered per sent, last 24 h", Width: panel.Quarter, Unit: units.PercentUnit, Decimals: new(1.0), Draw: panel.Gauge,
		Description: "Share of what was sent that arrived. Channels that confirm no deliveries pull it down.",
		Empty:       "Nothing was sent", Max: new(1.0), LeadsTo: []panel.Destination{toDeliverability},
		Queries: []panel.Query{{Of: part(rules.StageVolume, catalog.StageDelivered, catalog.StageSent, day), Legend: "delivered"}},
	}
}

func budgetDial() panel.Panel {
	return panel.Panel{
		Key: "budget-left", Title: "Error budget left, worst channel", Width: panel.Quarter, Unit: units.PercentUnit, Decimals: new(0.0), Draw: panel.Gauge,
		Description: "What is left of the 30 days' budget for lost notifications, on the channel with the least. At 0 the promise of delivery is broken.",
		Empty:       "No history yet", Max: new(1.0), LeadsTo: []panel.Destination{toObjectives},
		Limit:   panel.BadBelow(0).WarnAt(0.25),
		Queries: []panel.Query{{Of: expr.Min(rules.ErrorBudgetRemaining).By(), Legend: "left"}},
	}
}

func channelShares() panel.Panel {
	return panel.Panel{
		Key: "channels-share", Title: "Sent by channel, last 24 h", Width: panel.Quarter, Unit: units.Short, Draw: panel.Pie,
		Description: "How the notifications of the last 24 hours spread over the channels.",
		Empty:       "Nothing was sent", LeadsTo: []panel.Destination{toOperations},
		Queries: []panel.Query{{Of: reached(rules.StageVolume, catalog.StageSent, day, perChannel...)}},
	}
}
