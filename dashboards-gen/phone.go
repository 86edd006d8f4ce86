package dashboards

import (
	"belfry/dashboards-gen/panel"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// alertNames lists the names of firing alerts, which a table would cut off, in the colors of
// their severity.
func alertNames() panel.Panel {
	p := alertTable(panel.Full)
	p.Draw = panel.Names
	p.Description = "Alerts that are firing, on all channels and providers, the most urgent first and causes before " +
		"what follows from them. The dashboard SLO & alerts has their values."
	p.Limit = panel.BadAbove(panel.Rank(settings.Critical)).WarnAt(panel.Rank(settings.Warning))
	p.Queries = []panel.Query{
		{Of: expr.TopK(maxRows, ranks()), Legend: panel.Legend(perAlert...)},
		// The panel shows nothing but names, so its text for no data would not show.
		{Of: expr.Max(watchdog).By().Mul(expr.Num(0)).Unless(expr.Max(panel.Firing).By()), Legend: p.Empty},
	}
	p.Empty = noRules
	return p
}

// phone is one column for a screen of 390 pixels. The figures that decide whether
// to get up come first.
func phone() panel.Dashboard {
	column := []panel.Panel{
		alertsFiring(), unacknowledged(), alertNames(), sentInTotal(), deliveredInTotal(), failedInTotal(),
		slowestChannel(), budgetLeft(), sentIn(), engagedIn(), costIn(), exporterUp(),
	}
	for i := range column {
		column[i].Width = panel.Full
		if column[i].Height == panel.Low {
			column[i].Height = panel.Low + 1
		}
	}
	return panel.Dashboard{
		UID: phoneUID, Title: "Phone", Folder: "on-call",
		Description: "Do I have to get up?",
		From:        "now-6h", Refresh: "1m",
		Filters: panel.Filters{Labels: withMoney(perChannel), From: rules.ChannelSent},
		Rows:    []panel.Row{panel.NewRow("", column...)},
	}
}
