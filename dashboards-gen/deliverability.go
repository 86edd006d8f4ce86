package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// deliverability is for who looks after providers and the senders' reputation.
func deliverability() Dashboard {
	return Dashboard{
		UID: rules.Deliverability, Title: "Deliverability", Folder: "sending",
		Description: "Which provider does not deliver, why, and is our reputation in danger?",
		from:        "now-24h", refresh: "1m",
		filters: filters{labels: perProvider, of: rules.Sent.Rate5m},
		rows: []row{
			{panels: []panel{routes()}},
			{"Delivery", []panel{deliveredOverTime(), deliveredFall()}},
			{"Bounces", []panel{hardBounces(), bounceKinds()}},
			{"Complaints and opt-outs", []panel{complaints(), optOuts()}},
			{"Errors", []panel{errorsOverTime(), faultShares(), badEnds(), codesOfTheDay()}},
		},
	}
}

func routes() panel {
	volume := rules.ProviderVolume
	share := func(title string, stage catalog.Stage, l *limit) column {
		return column{
			title: title, of: part(volume, stage, catalog.StageSent, day, perProvider...), unit: units.PercentUnit, decimals: new(2.0), limit: l,
		}
	}
	return panel{
		key: "routes", title: "Channels and providers, last 24 h", width: full, height: tall, unit: units.Short,
		description: "What became of what was sent through each provider on each channel in the last 24 hours, the busiest first. A click on a provider narrows the dashboard to it.",
		empty:       "Nothing was sent", leads: []place{toOperations},
	}.tabulates(
		column{title: "Sent", of: reached(volume, catalog.StageSent, day, perProvider...), unit: units.Short},
		share("Delivered", catalog.StageDelivered, nil),
		share("Failed", catalog.StageFailed, nil),
		share("Bounced hard", catalog.StageBouncedHard, &limit{value: rules.HardBounceCritical.Threshold, worse: above, early: &rules.HardBounceHigh.Threshold}),
		share("Bounced softly", catalog.StageBouncedSoft, nil),
		share("Recovered", catalog.StageRecovered, nil),
		share("Complaints", catalog.StageComplained, &limit{value: rules.ComplaintRateCritical.Threshold, worse: above, early: &rules.ComplaintRateHigh.Threshold}),
	)
}

func deliveredOverTime() panel {
	return panel{
		key: "delivered-over-time", title: "Delivered per sent by provider", width: half, height: tall, unit: units.PercentUnit, draw: lines{}, every: tile,
		description: "Share of what was sent that arrived, in each interval of the graph. A delivery counts when it happens, so the share can pass 100 % while a queue drains.",
		empty:       "Nothing was sent",
		queries:     []query{{of: part(rules.ProviderVolume, catalog.StageDelivered, catalog.StageSent, expr.Interval, perProvider...)}},
	}
}

func deliveredFall() panel {
	return panel{
		title: "Delivered per sent, as a multiple of the week before", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "The last hour's share of deliveries divided by that of the same hour a week before: 100 % is as usual, whatever the channel confirms.",
		empty:       "No history of a week yet",
	}.watches(rules.DeliveryRatioDrop, below, perChannel...)
}

// Bounces.

func hardBounces() panel {
	return panel{
		title: "Hard bounces per sent, over the 24 h before", width: half, height: tall, unit: units.PercentUnit, draw: lines{}, decimals: new(2.0),
		description: "Share of what was sent that bounced for good, because the address is dead. Providers review senders at 5 %.",
		empty:       "Nothing bounced",
	}.watches(rules.HardBounceHigh, above, perProvider...).watches(rules.HardBounceCritical, above)
}

func bounceKinds() panel {
	of := func(stage catalog.Stage, legend, colour string) query {
		return query{of: reached(rules.ProviderVolume, stage, expr.Interval), legend: legend, colour: colour}
	}
	return panel{
		key: "bounces", title: "Bounces, per interval", width: half, height: tall, unit: units.Short, draw: bars{}, every: tile,
		description: "Bounces in each interval of the graph: hard ones are for good, soft ones may be mended by trying again.",
		empty:       "Nothing bounced",
		queries:     []query{of(catalog.StageBouncedHard, "hard", palette[4]), of(catalog.StageBouncedSoft, "soft", palette[1])},
	}
}

// Complaints and opt-outs.

func complaints() panel {
	return panel{
		title: "Complaints per delivered, over the 24 h before", width: half, height: tall, unit: units.PercentUnit, draw: lines{}, decimals: new(3.0),
		description: "Share of what was delivered that its receivers reported as spam. Mailbox providers ask for less than 0.1 % and block senders above 0.3 %.",
		empty:       "Nobody complained",
	}.watches(rules.ComplaintRateHigh, above, perChannel...).watches(rules.ComplaintRateCritical, above)
}

func optOuts() panel {
	return panel{
		title: "Opt-outs per delivered, as a multiple of the week before", width: half, height: tall, unit: units.Short, draw: lines{}, decimals: new(2.0),
		description: "Share of what was delivered in the day before that made its user opt out, divided by its mean of the week before: 1 is as usual.",
		empty:       "No opt-outs for a week yet",
	}.watches(rules.OptOutSpike, above, perChannel...)
}

// Errors.

func errorsOverTime() panel {
	return panel{
		key: "errors-by-fault", title: "Errors by fault, per interval", width: half, height: tall, unit: units.Short, draw: bars{}, every: tile,
		description: "Failed and bounced attempts in each interval of the graph, by whose fault they are. Recipients' faults need cleaner lists, providers' a call to the provider, " +
			"the platform's a look at the last deployment.",
		empty:   "No errors in this time range",
		queries: []query{{of: amount(rules.FaultVolume, expr.Interval, perFault)}},
	}
}

var perFault = []*catalog.Label{catalog.LabelFault}

func faultShares() panel {
	return panel{
		key: "fault-shares", title: "Errors by fault, last 24 h", width: half, height: tall, unit: units.Short, draw: pie{},
		description: "Whose fault the failed and bounced attempts of the last 24 hours were.",
		empty:       "No errors",
		queries:     []query{{of: amount(rules.FaultVolume, day, perFault)}},
	}
}

func badEnds() panel {
	return panel{
		title: "Invalid push tokens and failing webhooks, last hour", width: half, height: tall, unit: units.PercentUnit, draw: lines{},
		description: "Share of what was sent in the hour before that met an invalid push token, or failed at a webhook's endpoint. No provider mends these; a new release or the endpoint's owner does.",
		empty:       "No such error",
	}.watches(rules.PushTokenInvalidSurge, above, perProvider...).watches(rules.WebhookEndpointFailing, above, perProvider...)
}

func codesOfTheDay() panel {
	return panel{
		key: "error-codes-day", title: "Errors by code, last 24 h", width: half, height: tall, unit: units.Short,
		description: "Failed and bounced attempts of the last 24 hours: the 100 most frequent codes, with whose fault they are.",
		empty:       "No errors",
	}.tabulates(column{
		title: "Errors", unit: units.Short, decimals: new(0.0),
		of: expr.TopK(most, amount(rules.ErrorVolume, day, perCode)),
	})
}

// perCode tells errors apart.
var perCode = []*catalog.Label{catalog.LabelErrorCode, catalog.LabelFault, catalog.LabelChannel, catalog.LabelProvider}
