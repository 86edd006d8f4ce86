package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// templates serves those who write messages and plan campaigns.
func templates() panel.Dashboard {
	return panel.Dashboard{
		UID: templatesUID, Title: "Templates & campaigns", Folder: "product",
		Description: "Which templates and campaigns work, and which do harm?",
		From:        "now-7d", Refresh: "1m",
		Filters: panel.Filters{
			Labels: withMoney([]*catalog.Label{catalog.LabelChannel, catalog.LabelTemplate, catalog.LabelCampaign}),
			From:   rules.TemplateVolume.Increase1d,
			Also:   map[*catalog.Label]panel.Expression{catalog.LabelCampaign: rules.CampaignVolume.Increase1d},
		},
		Rows: []panel.Row{
			panel.NewRow("",
				losingUsers(rules.TemplateVolume, catalog.LabelTemplate),
				leastEngaging(rules.TemplateVolume, catalog.LabelTemplate),
				mostEngaging(rules.TemplateVolume, catalog.LabelTemplate),
				templateTable(),
			),
			panel.NewRow("Templates over time", templateOpens(), templateClicks()).Closed(),
			panel.NewRow("Campaigns",
				losingUsers(rules.CampaignVolume, catalog.LabelCampaign),
				leastEngaging(rules.CampaignVolume, catalog.LabelCampaign),
				mostEngaging(rules.CampaignVolume, catalog.LabelCampaign),
				campaignTable(), campaignValue(), campaignConversions(),
			).Closed(),
			panel.NewRow("Suppressed", suppressed(), suppressedShares()).Closed(),
		},
	}
}

// maxRows limits the rows of a table that could have many.
const maxRows = 100

func templateTable() panel.Panel {
	return stageTableOf(rules.TemplateVolume, catalog.LabelTemplate, panel.Panel{
		Key: "templates", Title: "Templates in " + panel.Period, Width: panel.Full, Height: panel.Tall + panel.Low,
		Unit: units.Short,
		Description: "Engagement with each template in the time range, for the 100 most delivered. Click a heading " +
			"to sort, and a template to filter by it." + atMostAll,
		Empty: "No notifications with a template",
	})
}

func campaignTable() panel.Panel {
	return stageTableOf(rules.CampaignVolume, catalog.LabelCampaign, panel.Panel{
		Key: "campaigns", Title: "Campaigns in " + panel.Period, Width: panel.Full, Height: panel.Tall + panel.Low,
		Unit: units.Short,
		Description: "Engagement with each campaign in the time range, for the 100 most delivered. Click a heading " +
			"to sort, and a campaign to filter by it." + atMostAll,
		Empty: "No notifications with a campaign",
	})
}

// stageTableOf completes a table of engagement by a label and the channel, for the
// most delivered.
func stageTableOf(of rules.Volume, l *catalog.Label, p panel.Panel) panel.Panel {
	by := []*catalog.Label{l, catalog.LabelChannel}
	biggest := expr.TopK(maxRows, reached(of, catalog.StageDelivered, expr.Range, by...))
	columns := engagementColumns(biggest, func(stage, per catalog.Stage) expr.Expr {
		return capped(ratio(of, stage, per, expr.Range, by...)).And(biggest)
	})
	complained := capped(ratio(of, catalog.StageComplained, catalog.StageDelivered, expr.Range, by...)).And(biggest)
	return p.Table(append(columns, percent("Complaints", 3, complained).WithLimit(complaintLimit))...)
}

func templateOpens() panel.Panel {
	return overTime(rules.TemplateVolume, catalog.LabelTemplate,
		catalog.StageOpened, catalog.StageDelivered, panel.Panel{
			Key: "template-opens", Title: "Opened per delivered by template, trailing 24 h",
			Description: "Share of delivered notifications that were opened, over the 24 hours before each point, " +
				"for the ten most delivered templates at that point. Choose a template to see only it.",
			Empty: "No notifications with a template",
		})
}

func templateClicks() panel.Panel {
	return overTime(rules.TemplateVolume, catalog.LabelTemplate,
		catalog.StageClicked, catalog.StageOpened, panel.Panel{
			Key: "template-clicks", Title: "Clicked per opened by template, trailing 24 h",
			Description: "Share of opened notifications that were clicked, over the 24 hours before each point, for " +
				"the ten most delivered templates at that point.",
			Empty: "Nothing was clicked",
		})
}

func campaignConversions() panel.Panel {
	return overTime(rules.CampaignVolume, catalog.LabelCampaign,
		catalog.StageConverted, catalog.StageDelivered, panel.Panel{
			Key: "campaign-conversions", Title: "Converted per delivered by campaign, trailing 24 h",
			Description: "Share of delivered notifications that converted, over the 24 hours before each point, for " +
				"the ten most delivered campaigns at that point.",
			Empty: "No conversions",
		})
}

// overTime draws a ratio by the label, for the ten with the greatest volume. There
// are many templates, so few points keep a view of months fast.
func overTime(of rules.Volume, l *catalog.Label, stage, per catalog.Stage, p panel.Panel) panel.Panel {
	biggest := expr.TopK(10, reached(of, catalog.StageDelivered, day, l))
	p.Width, p.Height, p.Unit, p.Draw, p.Points = panel.Half, panel.Tall, units.PercentUnit, panel.Lines, 200
	p.Queries = panel.Of(ratio(of, stage, per, day, l).And(biggest))
	return p
}

func campaignValue() panel.Panel {
	return panel.Panel{
		Key: "campaign-value", Title: "Earned by campaign" + inCurrency + " in " + panel.Period, Width: panel.Half,
		Unit: units.LocaleFormat,
		Description: "Conversion value of the time range in the chosen currency, for the 100 campaigns that earned " +
			"most.",
		Empty: "No conversions with a value",
	}.Table(coins("Earned", expr.TopK(maxRows, money(rules.ValueVolume, expr.Range, catalog.LabelCampaign))))
}

// Suppressed.

func suppressed() panel.Panel {
	return panel.Panel{
		Key: "suppressed", Title: "Suppressed before sending, per interval", Width: panel.Half, Unit: units.Short,
		Draw: panel.Bars, Every: tile,
		Description: "Notifications that were not sent in each interval of the graph, by reason: the user's " +
			"preferences, quiet hours, a frequency cap, or a duplicate.",
		Empty:   "Nothing was suppressed",
		Queries: panel.Of(amount(rules.SuppressedVolume, expr.Interval, []*catalog.Label{catalog.LabelReason})),
	}
}

func suppressedShares() panel.Panel {
	return panel.Panel{
		Key: "suppressed-shares", Title: "Suppressed by reason in " + panel.Period, Width: panel.Half,
		Unit: units.LocaleFormat, Decimals: new(0.0), Draw: panel.Pie,
		Description: "Reasons why notifications of the time range were not sent.",
		Empty:       "Nothing was suppressed",
		Queries:     panel.Of(amount(rules.SuppressedVolume, expr.Range, []*catalog.Label{catalog.LabelReason})),
	}
}
