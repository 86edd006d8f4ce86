package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// executive is for who has ten seconds: yesterday against last week, the month,
// and whether the promises hold.
func executive() Dashboard {
	return Dashboard{
		UID: rules.Executive, Title: "Executive", Folder: "leadership",
		Description: "Do notifications reach people, do people respond, and is it worth the money?",
		from:        "now-7d", refresh: "5m",
		filters: filters{labels: perChannel, of: rules.ChannelSent},
		rows: []row{
			{panels: []panel{
				sentIn(day), deliveredIn(day), engagedIn(day), convertedIn(day),
				costIn(day), valueIn(day), returnIn(day), unitCostIn(day),
			}},
			{"Rates and promises", []panel{engagementDial(), deliveryDial(), budgetDial(), channelShares()}},
			{"The last 30 days", []panel{sentIn(month), engagedIn(month), costIn(month), valueIn(month)}},
			{"Trend", []panel{sentOverTime(), engagedOverTime(), costOverTime(), returnOverTime()}},
			{"Money", []panel{costForecast(), unitCostRise(), moneyTable()}},
			{"Channels", []panel{channelsOfTheDay()}},
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
func compared(key, title, description, empty string, over expr.Window, of expr.Expr) panel {
	saying := sayings[over]
	now, before := saying.last, saying.before
	if labels := of.Labels(); len(labels) > 0 {
		now, before = placeholders(labels), placeholders(labels)+" before" // many figures leave little room
		of = expr.TopK(most, of)
	}
	return panel{
		key: key + "-" + string(over), title: title + ", " + saying.last, width: quarter, height: low, unit: units.Short, draw: card{},
		description: description + " Beside it the figure of " + saying.same + ".", empty: empty,
		queries: []query{{of: of, legend: now}, {of: of.Offset(saying.back), legend: before, colour: faint}},
	}
}

// sharing is a card with a share of the window and the same of the period before.
func sharing(key, title, description, empty string, over expr.Window, decimals float64, of expr.Expr) panel {
	p := compared(key, title, description, empty, over, of)
	p.unit, p.decimals = units.PercentUnit, &decimals
	return p
}

// money gives a card of amounts two decimals.
func money(p panel) panel {
	p.decimals = new(2.0)
	return p
}

func sentIn(over expr.Window) panel {
	p := compared("sent", "Sent", "Notifications sent.", "Nothing was sent", over, reached(rules.StageVolume, catalog.StageSent, over))
	p.leads = []place{toOperations}
	return p
}

func deliveredIn(over expr.Window) panel {
	p := sharing("delivered", "Delivered per sent", "Share of what was sent that arrived.", "Nothing was sent", over, 2,
		part(rules.StageVolume, catalog.StageDelivered, catalog.StageSent, over))
	p.leads = []place{toDeliverability}
	return p
}

func engagedIn(over expr.Window) panel {
	p := sharing("engaged", "Engagement rate", "Share of what was delivered that a person opened, clicked or acted on.", "Nothing was delivered", over, 1,
		part(rules.StageVolume, catalog.StageEngaged, catalog.StageDelivered, over))
	p.leads = []place{toEngagement}
	return p
}

func convertedIn(over expr.Window) panel {
	p := sharing("converted", "Converted per delivered", "Share of what was delivered that led to a conversion.", "No conversions", over, 2,
		part(rules.StageVolume, catalog.StageConverted, catalog.StageDelivered, over))
	p.leads = []place{toEngagement}
	return p
}

func costIn(over expr.Window) panel {
	return money(compared("cost", "Cost", "Money that providers charged, by currency.", "No costs are reported", over,
		amount(rules.CostVolume, over, perCurrency)))
}

func valueIn(over expr.Window) panel {
	return money(compared("value", "Earned by conversions", "Value that conversions reported, by currency.", "No conversion reports a value", over,
		amount(rules.ValueVolume, over, perCurrency)))
}

// returned is what conversions earned for each unit of money spent.
func returned(over expr.Window, by ...*catalog.Label) expr.Expr {
	return expr.Ratio(amount(rules.ValueVolume, over, by), amount(rules.CostVolume, over, by))
}

func returnIn(over expr.Window) panel {
	p := money(compared("return", "Earned per unit spent", "What conversions earned for each unit of money spent (return on investment): below 1 sending costs more than it earns.",
		"Nothing was earned or spent", over, returned(over, perCurrency...)))
	p.queries[0].limit = &limit{value: 1, worse: below}
	return p
}

func unitCostIn(over expr.Window) panel {
	unitCost := expr.Ratio(
		amount(rules.CostVolume, over, perCurrency), reached(rules.StageVolume, catalog.StageDelivered, over), expr.On().GroupLeft())
	p := money(compared("unit-cost", "Cost per thousand delivered", "Money spent for a thousand notifications that arrived, by currency.", "No costs are reported", over,
		unitCost.Mul(expr.Num(1000))))
	p.key = "unit-cost" // as links know it
	return p
}

// Rates and promises.

func engagementDial() panel {
	return panel{
		key: "engagement-rate", title: "Engagement rate, last 24 h", width: quarter, height: tall, unit: units.PercentUnit, decimals: new(1.0), draw: dial{},
		description: "Share of what was delivered that a person opened, clicked or acted on. Opens by machines are not counted.",
		empty:       "Nothing was delivered", most: new(1.0), leads: []place{toEngagement},
		queries: []query{{of: part(rules.StageVolume, catalog.StageEngaged, catalog.StageDelivered, day), legend: "engaged"}},
	}
}

func deliveryDial() panel {
	return panel{
		key: "delivery-rate", title: "Delivered per sent, last 24 h", width: quarter, height: tall, unit: units.PercentUnit, decimals: new(1.0), draw: dial{},
		description: "Share of what was sent that arrived. Channels that confirm no deliveries pull it down.",
		empty:       "Nothing was sent", most: new(1.0), leads: []place{toDeliverability},
		queries: []query{{of: part(rules.StageVolume, catalog.StageDelivered, catalog.StageSent, day), legend: "delivered"}},
	}
}

func budgetDial() panel {
	return panel{
		key: "budget-left", title: "Error budget left, worst channel", width: quarter, height: tall, unit: units.PercentUnit, decimals: new(0.0), draw: dial{},
		description: "What is left of the 30 days' budget for lost notifications, on the channel with the least. At 0 the promise of delivery is broken.",
		empty:       "No history yet", most: new(1.0), leads: []place{toObjectives},
		limit:   &limit{value: 0, worse: below, early: new(0.25)},
		queries: []query{{of: expr.Min(rules.ErrorBudgetRemaining).By(), legend: "left"}},
	}
}

func channelShares() panel {
	return panel{
		key: "channels-share", title: "Sent by channel, last 24 h", width: quarter, height: tall, unit: units.Short, draw: pie{},
		description: "How the notifications of the last 24 hours spread over the channels.",
		empty:       "Nothing was sent", leads: []place{toOperations},
		queries: []query{{of: reached(rules.StageVolume, catalog.StageSent, day, perChannel...)}},
	}
}
