package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// deliverability serves those who manage providers and the sender's reputation.
func deliverability() panel.Dashboard {
	return panel.Dashboard{
		UID: rules.Deliverability, Title: "Deliverability", Folder: "sending",
		Description: "Which provider does not deliver, why, and is our reputation in danger?",
		From:        "now-24h", Refresh: "1m",
		Filters: panel.Filters{Labels: perProvider, From: rules.Sent.Rate5m},
		Rows: []panel.Row{
			panel.NewRow("", worstProviders(), bestProviders(), routes(), errorsOverTime(), faultShares()),
			panel.NewRow("Bounces", hardBounces(), bounceKinds()).Closed(),
			panel.NewRow("Complaints and opt-outs", complaints(), optOuts()).Closed(),
			panel.NewRow("Delivery over time, and errors by code",
				deliveredOverTime(), deliveredFall(), codesInRange(), badEnds()).Closed(),
		},
	}
}

// Where rates that hurt the sender's reputation turn bad, as the alerts have it.
var (
	hardBounceLimit = panel.BadAbove(rules.HardBounceCritical.Threshold).WarnAt(rules.HardBounceHigh.Threshold)
	complaintLimit  = panel.BadAbove(rules.ComplaintRateCritical.Threshold).WarnAt(rules.ComplaintRateHigh.Threshold)
)

// attempts returns the attempts at each provider whose outcome is known, and those of them
// that delivered.
func attempts(over expr.Window) (all, delivered expr.Expr) {
	arrived := reached(rules.ProviderVolume, catalog.StageDelivered, over, perProvider...)
	errors := amount(rules.ErrorVolume, over, perProvider)
	delivered = expr.ZeroFill(arrived, errors)
	return delivered.Add(expr.ZeroFill(errors, arrived)), delivered
}

// atProvider says what an attempt is.
const atProvider = "An attempt is a delivery, a failure or a bounce at the provider, retries and what another " +
	"provider had tried before included."

func routes() panel.Panel {
	all, delivered := attempts(expr.Range)
	per := func(whole expr.Expr, stage catalog.Stage) expr.Expr {
		return capped(expr.Ratio(reached(rules.ProviderVolume, stage, expr.Range, perProvider...), whole))
	}
	sent := reached(rules.ProviderVolume, catalog.StageSent, expr.Range, perProvider...)
	return panel.Panel{
		Key: "routes", Title: "Channels and providers in " + panel.Period, Width: panel.Full, Unit: units.LocaleFormat,
		Description: "Outcomes at each provider on each channel in the time range, the busiest first. " + atProvider +
			" Deferrals and soft bounces are per attempt; hard bounces and complaints are per notification that was " +
			"first sent there, as in the alerts. Click a provider to filter by it.",
		Empty: "Nothing was sent", LeadsTo: []panel.Destination{toOperations},
	}.Table(
		count("Attempts", all),
		count("Sent first", sent),
		percent("Delivered per attempt", 2, expr.Ratio(delivered, all)).WithLimit(deliveredLimit),
		percent("Deferred", 2, per(all, catalog.StageDeferred)),
		percent("Soft bounces", 2, per(all, catalog.StageBouncedSoft)),
		percent("Hard bounces per sent", 2, per(sent, catalog.StageBouncedHard)).WithLimit(hardBounceLimit),
		percent("Complaints per sent", 2, per(sent, catalog.StageComplained)).WithLimit(complaintLimit),
	)
}

func deliveredOverTime() panel.Panel {
	all, delivered := attempts(expr.Interval)
	return panel.Panel{
		Key: "delivered-over-time", Title: "Delivered per attempt by provider", Width: panel.Half,
		Unit: units.PercentUnit, Draw: panel.Lines, Every: tile,
		Description: "Deliveries per attempt, in each interval of the graph. " + atProvider,
		Empty:       "Nothing was attempted",
		Queries:     panel.Of(expr.Ratio(delivered, all)),
	}
}

func deliveredFall() panel.Panel {
	return panel.Panel{
		Title: "Delivered per sent, vs last week", Width: panel.Half, Draw: panel.Lines,
		Description: "Delivered per sent notification over the last hour, divided by that of the same hour last " +
			"week: 100 % means no change, even on channels that confirm few deliveries.",
		Empty: "Less than a week of history",
	}.Watches(rules.DeliveryRatioDrop, panel.Below, perChannel...)
}

// Bounces.

func hardBounces() panel.Panel {
	return panel.Panel{
		Title: "Hard bounces per sent, trailing 24 h", Width: panel.Half, Draw: panel.Lines,
		Decimals: new(2.0),
		Description: "Share of sent notifications that bounced permanently, because the address does not exist. " +
			"Providers review senders at 5 %.",
		Empty: "No bounces",
	}.Watches(rules.HardBounceHigh, panel.Above, perProvider...).Watches(rules.HardBounceCritical, panel.Above)
}

func bounceKinds() panel.Panel {
	of := func(stage catalog.Stage, legend string) panel.Query {
		return panel.Query{
			Of: reached(rules.ProviderVolume, stage, expr.Interval), Legend: legend, Color: panel.StageColor(stage),
		}
	}
	return panel.Panel{
		Key: "bounces", Title: "Bounces, per interval", Width: panel.Half, Unit: units.Short, Draw: panel.Bars,
		Every: tile,
		Description: "Bounces in each interval of the graph. Hard bounces are permanent; after a soft bounce a retry " +
			"may succeed.",
		Empty: "No bounces",
		Queries: []panel.Query{
			of(catalog.StageBouncedHard, "hard"),
			of(catalog.StageBouncedSoft, "soft"),
		},
	}
}

// Complaints and opt-outs.

func complaints() panel.Panel {
	return panel.Panel{
		Title: "Complaints per delivered, trailing 24 h", Width: panel.Half, Draw: panel.Lines,
		Decimals: new(3.0),
		Description: "Share of delivered notifications that recipients reported as spam. Mailbox providers ask for " +
			"less than 0.1 % and block senders above 0.3 %.",
		Empty: "No complaints",
	}.Watches(rules.ComplaintRateHigh, panel.Above, perChannel...).Watches(rules.ComplaintRateCritical, panel.Above)
}

func optOuts() panel.Panel {
	return panel.Panel{
		Title: "Opt-outs per delivered, vs last week", Width: panel.Half, Draw: panel.Lines,
		Decimals: new(2.0),
		Description: "Opt-outs per delivered notification over 24 hours, divided by their average in the week " +
			"before: 1 means no change.",
		Empty: "Less than a week of opt-outs",
	}.Watches(rules.OptOutSpike, panel.Above, perChannel...)
}

// Errors.

func errorsOverTime() panel.Panel {
	return panel.Panel{
		Key: "errors-by-fault", Title: "Errors by fault, per interval", Width: panel.Half, Unit: units.Short,
		Draw: panel.Bars, Every: tile,
		Description: "Failed and bounced attempts in each interval of the graph, by cause. Errors of recipients call " +
			"for cleaner lists, errors of a provider for a call to the provider, and errors of the platform for a " +
			"look at the last deployment.",
		Empty:   "No errors in this time range",
		Queries: panel.Of(amount(rules.FaultVolume, expr.Interval, perFault)),
	}
}

var perFault = []*catalog.Label{catalog.LabelFault}

func faultShares() panel.Panel {
	return panel.Panel{
		Key: "fault-shares", Title: "Errors by fault in " + panel.Period, Width: panel.Half, Unit: units.LocaleFormat,
		Decimals: new(0.0), Draw: panel.Pie,
		Description: "Failed and bounced attempts of the time range, by cause.",
		Empty:       "No errors",
		Queries:     panel.Of(amount(rules.FaultVolume, expr.Range, perFault)),
	}
}

func badEnds() panel.Panel {
	return panel.Panel{
		Title: "Invalid push tokens and failing webhooks, last hour", Width: panel.Half, Draw: panel.Lines,
		Description: "Share of what was sent in the last hour that met an invalid push token, or failed at a " +
			"webhook's endpoint. The provider cannot fix these: a new release or the owner of the endpoint can.",
		Empty: "No such errors",
	}.Watches(rules.PushTokenInvalidSurge, panel.Above, perProvider...).
		Watches(rules.WebhookEndpointFailing, panel.Above, perProvider...)
}

func codesInRange() panel.Panel {
	return panel.Panel{
		Key: "error-codes-day", Title: "Errors by code in " + panel.Period, Width: panel.Half, Unit: units.LocaleFormat,
		Description: "Failed and bounced attempts of the time range: the 100 most frequent codes, with their cause.",
		Empty:       "No errors",
	}.Table(count("Errors", expr.TopK(maxRows, amount(rules.ErrorVolume, expr.Range, perCode)).Gt(expr.Num(0))))
}

// perCode tells errors apart.
var perCode = []*catalog.Label{catalog.LabelErrorCode, catalog.LabelFault, catalog.LabelChannel, catalog.LabelProvider}
