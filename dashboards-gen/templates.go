package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// templates is for who writes the messages and plans the campaigns.
func templates() panel.Dashboard {
	return panel.Dashboard{
		UID: templatesUID, Title: "Templates & campaigns", Folder: "product",
		Description: "Which templates and campaigns work, and which do harm?",
		From:        "now-7d", Refresh: "1m",
		Filters: panel.Filters{
			Labels: []*catalog.Label{catalog.LabelChannel, catalog.LabelTemplate, catalog.LabelCampaign},
			From:   rules.TemplateVolume.Increase1d,
			Also:   map[*catalog.Label]panel.Expression{catalog.LabelCampaign: rules.CampaignVolume.Increase1d},
		},
		Rows: []panel.Row{
			panel.NewRow("Templates", templateTable(), templateOpens(), templateClicks()),
			panel.NewRow("Campaigns", campaignTable(), campaignValue(), campaignConversions()),
			panel.NewRow("Held back", suppressed(), suppressedShares()),
		},
	}
}

// most is how many rows a table of templates or campaigns has.
const most = 100

func templateTable() panel.Panel {
	return stageTableOf(rules.TemplateVolume, catalog.LabelTemplate, panel.Panel{
		Key: "templates", Title: "Templates, last 7 days", Width: panel.Full, Height: panel.Tall + panel.Low,
		Unit: units.Short,
		Description: "How people responded to each template in the last 7 days: the 100 most delivered. A click on a " +
			"heading sorts, a click on a template narrows the dashboard to it.",
		Empty: "No notification names a template",
	})
}

func campaignTable() panel.Panel {
	return stageTableOf(rules.CampaignVolume, catalog.LabelCampaign, panel.Panel{
		Key: "campaigns", Title: "Campaigns, last 7 days", Width: panel.Full, Height: panel.Tall + panel.Low,
		Unit: units.Short,
		Description: "How people responded to each campaign in the last 7 days: the 100 most delivered. A click on a " +
			"heading sorts, a click on a campaign narrows the dashboard to it.",
		Empty: "No notification names a campaign",
	})
}

// stageTableOf is a table of what is most delivered by a label and the channel.
func stageTableOf(of rules.Volume, l *catalog.Label, p panel.Panel) panel.Panel {
	by := []*catalog.Label{l, catalog.LabelChannel}
	biggest := expr.TopK(most, reached(of, catalog.StageDelivered, week, by...))
	columns := responses(biggest, func(stage, per catalog.Stage) expr.Expr {
		return part(of, stage, per, week, by...).And(biggest)
	})
	complained := part(of, catalog.StageComplained, catalog.StageDelivered, week, by...).And(biggest)
	return p.Table(append(columns, percent("Complaints", 3, complained).WithLimit(complaintLimit))...)
}

func templateOpens() panel.Panel {
	return overTime(rules.TemplateVolume, catalog.LabelTemplate,
		catalog.StageOpened, catalog.StageDelivered, panel.Panel{
			Key: "template-opens", Title: "Opened per delivered by template, over the 24 h before",
			Description: "Share of what was delivered in the day before that was opened, for the ten most delivered " +
				"templates of each moment. Choose a template to see only it.",
			Empty: "No notification names a template",
		})
}

func templateClicks() panel.Panel {
	return overTime(rules.TemplateVolume, catalog.LabelTemplate,
		catalog.StageClicked, catalog.StageOpened, panel.Panel{
			Key: "template-clicks", Title: "Clicked per opened by template, over the 24 h before",
			Description: "Share of what was opened in the day before that led to a click, for the ten most delivered " +
				"templates of each moment.",
			Empty: "Nothing was clicked",
		})
}

func campaignConversions() panel.Panel {
	return overTime(rules.CampaignVolume, catalog.LabelCampaign,
		catalog.StageConverted, catalog.StageDelivered, panel.Panel{
			Key: "campaign-conversions", Title: "Converted per delivered by campaign, over the 24 h before",
			Description: "Share of what was delivered in the day before that converted, for the ten most delivered " +
				"campaigns of each moment.",
			Empty: "Nothing converted",
		})
}

// overTime draws a share by the label for the ten with the greatest volume. The
// few points keep a view of months quick: there are many templates.
func overTime(of rules.Volume, l *catalog.Label, stage, per catalog.Stage, p panel.Panel) panel.Panel {
	biggest := expr.TopK(10, reached(of, catalog.StageDelivered, day, l))
	p.Width, p.Height, p.Unit, p.Draw, p.Points = panel.Half, panel.Tall, units.PercentUnit, panel.Lines, 200
	p.Queries = panel.Of(part(of, stage, per, day, l).And(biggest))
	return p
}

func campaignValue() panel.Panel {
	by := []*catalog.Label{catalog.LabelCampaign, catalog.LabelCurrency}
	return panel.Panel{
		Key: "campaign-value", Title: "Earned by campaign, last 7 days", Width: panel.Half, Unit: units.Short,
		Description: "Value that conversions reported in the last 7 days, for the 100 campaigns that earned most.",
		Empty:       "No conversion reports a value",
	}.Table(decimal("Earned", 2, expr.TopK(most, amount(rules.ValueVolume, week, by))))
}

// Held back.

func suppressed() panel.Panel {
	return panel.Panel{
		Key: "suppressed", Title: "Held back before sending, per interval", Width: panel.Half, Unit: units.Short,
		Draw: panel.Bars, Every: tile,
		Description: "Notifications that were not sent in each interval of the graph, by reason: the user's " +
			"preferences, quiet hours, a cap on frequency, or a duplicate.",
		Empty:   "Nothing was held back",
		Queries: panel.Of(amount(rules.SuppressedVolume, expr.Interval, []*catalog.Label{catalog.LabelReason})),
	}
}

func suppressedShares() panel.Panel {
	return panel.Panel{
		Key: "suppressed-shares", Title: "Held back by reason, last 24 h", Width: panel.Half, Unit: units.Short,
		Draw:        panel.Pie,
		Description: "Why notifications of the last 24 hours were not sent.",
		Empty:       "Nothing was held back",
		Queries:     panel.Of(amount(rules.SuppressedVolume, day, []*catalog.Label{catalog.LabelReason})),
	}
}
