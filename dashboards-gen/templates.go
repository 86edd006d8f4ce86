package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// templates is for who writes the messages and plans the campaigns.
func templates() Dashboard {
	return Dashboard{
		UID: templatesUID, Title: "Templates & campaigns", Folder: "product",
		Description: "Which templates and campaigns work, and which do harm?",
		from:        "now-7d", refresh: "1m",
		filters: filters{
			labels: []*catalog.Label{catalog.LabelChannel, catalog.LabelTemplate, catalog.LabelCampaign}, of: rules.TemplateVolume.Increase1d,
			also: map[*catalog.Label]expression{catalog.LabelCampaign: rules.CampaignVolume.Increase1d},
		},
		rows: []row{
			{"Templates", []panel{templateTable(), templateOpens(), templateClicks()}},
			{"Campaigns", []panel{campaignTable(), campaignValue(), campaignConversions()}},
			{"Held back", []panel{suppressed(), suppressedShares()}},
		},
	}
}

// most is how many rows a table of templates or campaigns has.
const most = 100

func templateTable() panel {
	return stageTableOf(rules.TemplateVolume, catalog.LabelTemplate, panel{
		key: "templates", title: "Templates, last 7 days", width: full, height: tall + low, unit: units.Short,
		description: "How people responded to each template in the last 7 days: the 100 most delivered. A click on a heading sorts, a click on a template narrows the dashboard to it.",
		empty:       "No notification names a template",
	})
}

func campaignTable() panel {
	return stageTableOf(rules.CampaignVolume, catalog.LabelCampaign, panel{
		key: "campaigns", title: "Campaigns, last 7 days", width: full, height: tall + low, unit: units.Short,
		description: "How people responded to each campaign in the last 7 days: the 100 most delivered. A click on a heading sorts, a click on a campaign narrows the dashboard to it.",
		empty:       "No notification names a campaign",
	})
}

// stageTableOf is a table of what is most delivered by a label and the channel.
func stageTableOf(of rules.Volume, l *catalog.Label, p panel) panel {
	by := []*catalog.Label{l, catalog.LabelChannel}
	biggest := expr.TopK(most, reached(of, catalog.StageDelivered, week, by...))
	columns := shares(biggest, func(stage, per catalog.Stage) expr.Expr {
		return part(of, stage, per, week, by...).And(biggest)
	})
	columns = append(columns, column{
		title: "Complaints", unit: units.PercentUnit, decimals: new(3.0),
		of:    part(of, catalog.StageComplained, catalog.StageDelivered, week, by...).And(biggest),
		limit: &limit{value: rules.ComplaintRateCritical.Threshold, worse: above, early: &rules.ComplaintRateHigh.Threshold},
	})
	return p.tabulates(columns...)
}

func templateOpens() panel {
	return overTime(rules.TemplateVolume, catalog.LabelTemplate, catalog.StageOpened, catalog.StageDelivered, panel{
		key: "template-opens", title: "Opened per delivered by template, over the 24 h before",
		description: "Share of what was delivered in the day before that was opened, for the ten most delivered templates of each moment. Choose a template to see only it.",
		empty:       "No notification names a template",
	})
}

func templateClicks() panel {
	return overTime(rules.TemplateVolume, catalog.LabelTemplate, catalog.StageClicked, catalog.StageOpened, panel{
		key: "template-clicks", title: "Clicked per opened by template, over the 24 h before",
		description: "Share of what was opened in the day before that led to a click, for the ten most delivered templates of each moment.",
		empty:       "Nothing was clicked",
	})
}

func campaignConversions() panel {
	return overTime(rules.CampaignVolume, catalog.LabelCampaign, catalog.StageConverted, catalog.StageDelivered, panel{
		key: "campaign-conversions", title: "Converted per delivered by campaign, over the 24 h before",
		description: "Share of what was delivered in the day before that converted, for the ten most delivered campaigns of each moment.",
		empty:       "Nothing converted",
	})
}

// overTime draws a share by the label for the ten with the greatest volume. The
// few points keep a view of months quick: there are many templates.
func overTime(of rules.Volume, l *catalog.Label, stage, per catalog.Stage, p panel) panel {
	biggest := expr.TopK(10, reached(of, catalog.StageDelivered, day, l))
	p.width, p.height, p.unit, p.draw, p.points = half, tall, units.PercentUnit, lines{}, 200
	p.queries = []query{{of: part(of, stage, per, day, l).And(biggest)}}
	return p
}

func campaignValue() panel {
	by := []*catalog.Label{catalog.LabelCampaign, catalog.LabelCurrency}
	return panel{
		key: "campaign-value", title: "Earned by campaign, last 7 days", width: half, height: tall, unit: units.Short,
		description: "Value that conversions reported in the last 7 days, for the 100 campaigns that earned most.",
		empty:       "No conversion reports a value",
	}.tabulates(column{title: "Earned", unit: units.Short, decimals: new(2.0), of: expr.TopK(most, amount(rules.ValueVolume, week, by))})
}

// Held back.

func suppressed() panel {
	return panel{
		key: "suppressed", title: "Held back before sending, per interval", width: half, height: tall, unit: units.Short, draw: bars{}, every: tile,
		description: "Notifications that were not sent in each interval of the graph, by reason: the user's preferences, quiet hours, a cap on frequency, or a duplicate.",
		empty:       "Nothing was held back",
		queries:     []query{{of: amount(rules.SuppressedVolume, expr.Interval, []*catalog.Label{catalog.LabelReason})}},
	}
}

func suppressedShares() panel {
	return panel{
		key: "suppressed-shares", title: "Held back by reason, last 24 h", width: half, height: tall, unit: units.Short, draw: pie{},
		description: "Why notifications of the last 24 hours were not sent.",
		empty:       "Nothing was held back",
		queries:     []query{{of: amount(rules.SuppressedVolume, day, []*catalog.Label{catalog.LabelReason})}},
	}
}
