package dashboards

import "belfry/rules"

// phone is one column of figures that fit a screen of 390 pixels, the one that
// decides whether to get up first.
func phone() Dashboard {
	column := []panel{
		alertsFiring(), unacknowledged(), sentInTotal(), deliveredInTotal(), failedInTotal(), slowestChannel(), budgetLeft(),
		sentIn(day), engagedIn(day), costIn(day), exporterUp(), alertTable(),
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
