package dashboards

import (
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// executive serves those who have ten seconds: the time range against the period before,
// and whether the objectives are met.
func executive() panel.Dashboard {
	return panel.Dashboard{
		UID: rules.Executive, Title: "Executive", Folder: "leadership",
		Description: "Do notifications reach people, do people respond, and is it worth the money?",
		From:        "now-7d", Refresh: "5m",
		Filters: panel.Filters{Labels: withMoney(perChannel), From: rules.ChannelSent},
		Rows: []panel.Row{
			panel.NewRow("",
				sentIn(), deliveredIn(), engagedIn(), convertedIn(),
				costIn(), valueIn(), returnIn(), unitCostIn(),
				budgetDial(), channelShares(), sentOverTime(),
				channelsInRange(),
			),
			panel.NewRow("Trend", engagedOverTime(), costOverTime(), returnOverTime()).Closed(),
			panel.NewRow("Money", moneyTable(), costForecast(), unitCostRise()).Closed(),
		},
	}
}

// withMoney returns the labels of filters with the currency, of which the reader chooses
// one: money is never added up over currencies.
func withMoney(labels []*catalog.Label) []*catalog.Label {
	return append(slices.Clone(labels), catalog.LabelCurrency)
}

// judgment says whether more of something is good.
type judgment int

const (
	neither judgment = iota
	moreIsBetter
	lessIsBetter
)

// colors returns the colors of a rise and of a fall.
func (j judgment) colors() (rise, fall string) {
	switch j {
	case moreIsBetter:
		return panel.Better, panel.Worse
	case lessIsBetter:
		return panel.Worse, panel.Better
	}
	return panel.Faint, panel.Faint
}

// compared completes a card with a figure of the time range and its change since the period
// before. The name says what the figure counts.
func compared(name string, of expr.Expr, j judgment, p panel.Panel) panel.Panel {
	p.Key += "-in-range"
	p.Title += " in " + panel.Period
	p.Description += " The arrow is the relative change since the period before, of the same length. It appears once " +
		"that period was recorded too."
	p.Width, p.Height, p.Draw = panel.Quarter, panel.Low, panel.Card
	rise, fall := j.colors()
	moved := func(arrow string, by expr.Expr, color string) panel.Query {
		return panel.Query{
			Of: by, Legend: arrow + " vs the " + panel.Period + " before",
			Unit: units.PercentUnit, Decimals: new(1.0), Color: color,
		}
	}
	const little = 0.005 // which is neither good nor bad
	changed := change(of)
	return p.With(
		panel.Query{Of: of, Legend: name},
		moved("▲", changed.Gt(expr.Num(little)), rise),
		moved("▼", expr.Num(0).Sub(changed.Lt(expr.Num(-little))), fall),
		moved("≈", expr.Abs(changed).Le(expr.Num(little)), panel.Faint),
	)
}

func sentIn() panel.Panel {
	return compared("sent", reached(rules.StageVolume, catalog.StageSent, expr.Range), neither, panel.Panel{
		Key: "sent", Title: "Sent", Unit: units.LocaleFormat, Decimals: new(0.0),
		Description: "Notifications sent.",
		Empty:       "Nothing was sent", LeadsTo: []panel.Destination{toOperations},
	})
}

// shareIn completes a card of the share of what reached a stage that also reached another, of
// which more is better.
func shareIn(stage, per catalog.Stage, p panel.Panel) panel.Panel {
	p.Unit, p.Description = units.PercentUnit, p.Description+atMostAll
	return compared(p.Key, capped(ratio(rules.StageVolume, stage, per, expr.Range)), moreIsBetter, p)
}

func deliveredIn() panel.Panel {
	return shareIn(catalog.StageDelivered, catalog.StageSent, panel.Panel{
		Key: "delivered", Title: "Delivered per sent", Decimals: new(2.0), Limit: deliveredLimit,
		Description: "Share of sent notifications that were delivered. Channels that do not confirm deliveries lower " +
			"it.",
		Empty: "Nothing was sent", LeadsTo: []panel.Destination{toDeliverability},
	})
}

// whoEngages says what the engagement rate is.
const whoEngages = "Share of delivered notifications that a person opened, clicked or acted on. Opens and clicks by " +
	"machines do not count."

func engagedIn() panel.Panel {
	return shareIn(catalog.StageEngaged, catalog.StageDelivered, panel.Panel{
		Key: "engaged", Title: "Engagement rate", Decimals: new(1.0), Description: whoEngages,
		Empty: "Nothing was delivered", LeadsTo: []panel.Destination{toEngagement},
	})
}

func convertedIn() panel.Panel {
	return shareIn(catalog.StageConverted, catalog.StageDelivered, panel.Panel{
		Key: "converted", Title: "Converted per delivered", Decimals: new(2.0),
		Description: "Share of delivered notifications that led to a conversion.",
		Empty:       "No conversions", LeadsTo: []panel.Destination{toEngagement},
	})
}

// perChannelCurrency tells money of different currencies apart.
var perChannelCurrency = []*catalog.Label{catalog.LabelChannel, catalog.LabelCurrency}

// inCurrency follows the title of what is in the chosen currency.
const inCurrency = ", $currency,"

// money returns how much of a volume of money there was in the chosen currency.
func money(of rules.Volume, over expr.Window, by ...*catalog.Label) expr.Expr {
	return amount(of, over, by, expr.Var(catalog.LabelCurrency))
}

func costIn() panel.Panel {
	return compared("spent", money(rules.CostVolume, expr.Range), lessIsBetter, panel.Panel{
		Key: "cost", Title: "Cost" + inCurrency, Unit: units.LocaleFormat, Decimals: new(2.0),
		Description: "What providers charged in the chosen currency.",
		Empty:       "No costs reported",
	})
}

func valueIn() panel.Panel {
	return compared("earned", money(rules.ValueVolume, expr.Range), moreIsBetter, panel.Panel{
		Key: "value", Title: "Earned by conversions" + inCurrency, Unit: units.LocaleFormat, Decimals: new(2.0),
		Description: "Value reported by conversions in the chosen currency.",
		Empty:       "No conversions with a value",
	})
}

// times is the unit of factors.
const times = "suffix: ×"

// returnOnCost returns the value of conversions per unit of cost, in the chosen currency.
func returnOnCost(over expr.Window, by ...*catalog.Label) expr.Expr {
	return expr.Ratio(money(rules.ValueVolume, over, by...), money(rules.CostVolume, over, by...))
}

func returnIn() panel.Panel {
	p := compared("earned per unit spent", returnOnCost(expr.Range), moreIsBetter, panel.Panel{
		Key: "return", Title: "Return on spend", Unit: times, Decimals: new(2.0),
		Description: "Conversion value per unit of cost, in the chosen currency. Below 1, sending costs more than it " +
			"earns.",
		Empty: "No costs or conversion values",
	})
	p.Queries[0].Limit = panel.BadBelow(1)
	return p
}

func unitCostIn() panel.Panel {
	delivered := reached(rules.StageVolume, catalog.StageDelivered, expr.Range)
	unitCost := expr.Ratio(money(rules.CostVolume, expr.Range), delivered)
	return compared("per thousand", unitCost.Mul(expr.Num(1000)), lessIsBetter, panel.Panel{
		Key: "unit-cost", Title: "Cost per thousand delivered" + inCurrency,
		Unit: units.LocaleFormat, Decimals: new(2.0),
		Description: "Cost of a thousand delivered notifications, in the chosen currency.",
		Empty:       "No costs reported",
	})
}

// Rates and promises.

func engagementDial() panel.Panel {
	share := ratio(rules.StageVolume, catalog.StageEngaged, catalog.StageDelivered, expr.Range)
	return panel.Panel{
		Key: "engagement-rate", Title: "Engagement rate in " + panel.Period, Width: panel.Quarter,
		Unit: units.PercentUnit, Decimals: new(1.0), Draw: panel.Gauge,
		Description: whoEngages + atMostAll,
		Empty:       "Nothing was delivered", Max: new(1.0), LeadsTo: []panel.Destination{toEngagement},
		Queries: []panel.Query{{Of: capped(share), Legend: "engaged"}},
	}
}

func budgetDial() panel.Panel {
	return panel.Panel{
		Key: "budget-left", Title: "30-day error budget, worst channel", Width: panel.Quarter,
		Unit: units.PercentUnit, Decimals: new(0.0), Draw: panel.Gauge,
		Description: "What is left of the 30-day budget for lost notifications, on the channel with the least. At 0 " +
			"the delivery objective is missed.",
		Empty: shortHistory, Max: new(1.0), LeadsTo: []panel.Destination{toObjectives},
		Limit:   panel.BadBelow(0).WarnAt(0.25),
		Queries: []panel.Query{{Of: expr.Min(rules.ErrorBudgetRemaining).By(), Legend: "left"}},
	}
}

func channelShares() panel.Panel {
	return panel.Panel{
		Key: "channels-share", Title: "Sent by channel in " + panel.Period, Width: panel.Quarter,
		Unit: units.LocaleFormat, Decimals: new(0.0), Draw: panel.Pie,
		Description: "Notifications sent in the time range, by channel.",
		Empty:       "Nothing was sent", LeadsTo: []panel.Destination{toOperations},
		Queries: panel.Of(reached(rules.StageVolume, catalog.StageSent, expr.Range, perChannel...)),
	}
}
