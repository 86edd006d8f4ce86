package dashboards

import (
	"belfry/rules"
	"belfry/rules/expr"
)

// alertNames lists what fires by its names, which a table would cut off.
func alertNames() panel {
	p := alertTable(half)
	p.draw, p.limit = names{}, &limit{value: 1, worse: above}
	p.queries = []query{
		{of: expr.TopK(most, expr.Max(firing).By(perAlert...)), legend: placeholders(perAlert)},
		// The panel shows names and nothing else: its text for no answer would not be seen.
		{of: expr.Max(watching).By().Mul(expr.Num(0)).Unless(expr.Max(firing).By()), legend: p.empty},
	}
	p.empty = noRules
	return p
}

// phone is one column of figures that fit a screen of 390 pixels, the one that
// decides whether to get up first.
func phone() Dashboard {
	column := []panel{
		alertsFiring(), unacknowledged(), sentInTotal(), deliveredInTotal(), failedInTotal(), slowestChannel(), budgetLeft(),
		sentIn(day), engagedIn(day), costIn(day), exporterUp(), alertNames(),
	}
	for i := range column {
		column[i].width = full
		if column[i].height == low {
			column[i].height = low + 1
		}
	}
	return Dashboard{
		UID: phoneUID, Title: "Phone", Folder: "on-call",
		Description: "Do I have to get up?",
		from:        "now-6h", refresh: "1m",
		filters: filters{labels: perChannel, of: rules.ChannelSent},
		rows:    []row{{panels: column}},
	}
}
