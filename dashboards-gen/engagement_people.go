package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// When.

func hourTable() panel.Panel {
	engaged := part(rules.SendHourVolume, catalog.StageEngaged, catalog.StageDelivered, month, catalog.LabelHour)
	shown := func(title string, where ...expr.Matcher) panel.Column {
		return percent(title, 0, engaged.Where(where...))
	}
	columns := []panel.Column{shown("Any day")}
	for _, weekday := range catalog.Weekdays {
		columns = append(columns, shown(panel.Heading(weekday), expr.Eq(catalog.LabelWeekday, weekday)))
	}
	const rows = 26 // of the grid, for 24 hours and their heading
	return panel.Panel{
		Key: "hours", Title: "Engaged per delivered by local hour and weekday of sending, last 30 days",
		Width: panel.Full, Height: rows, Unit: units.PercentUnit,
		Description: "Of what was sent at this hour and weekday, in the receiver's own time, and delivered, the " +
			"share that people responded to: the bluer, the better. Over all channels.",
		Empty: "Nothing was delivered",
	}.ShadedTable(columns...)
}

func timeToOpen() panel.Panel {
	return panel.Panel{
		Key: "time-to-open", Title: "Time to open, median, over the 24 h before", Width: panel.Half,
		Unit: units.Seconds, Draw: panel.Lines,
		Description: "Half of the openers of the day before had opened within this time after sending, by channel.",
		Empty:       "Nothing was opened",
		Queries:     panel.Of(quantile(0.5, rules.TimeToOpenVolume, day, perChannel...)),
	}
}

func openHeat() panel.Panel {
	return panel.Panel{
		Key: "open-heat", Title: "Time to open of each notification", Width: panel.Half, Unit: units.Seconds,
		Draw: panel.Heatmap, Every: tile,
		Description: "How many notifications were opened how long after sending. The scale below the graph says how " +
			"many a colour stands for.",
		Empty:   "Nothing was opened",
		Queries: panel.Of(amount(rules.TimeToOpenVolume, expr.Interval, []*catalog.Label{expr.Le})),
	}
}

// How much is too much: the more a user was sent, the less the next is worth.

func fatigueOpens() panel.Panel {
	return fatigue("fatigue-opens", "Opened per delivered by sends before, last 7 days", 1, catalog.StageOpened,
		"Share of what was delivered that was opened, by how many notifications the user was sent in the 7 days "+
			"before. Where the bars fall, more sending buys less attention.")
}

func fatigueOptOuts() panel.Panel {
	return fatigue("fatigue-opt-outs", "Opted out per delivered by sends before, last 7 days", 2, catalog.StageOptedOut,
		"Share of what was delivered that made its user opt out, by how many notifications the user was sent in the "+
			"7 days before. Where the bars rise, sending costs users.")
}

// fatigue has a query for each class, because the classes have an order.
func fatigue(key, title string, decimals float64, stage catalog.Stage, description string) panel.Panel {
	p := panel.Panel{
		Key: key, Title: title, Width: panel.Third, Unit: units.PercentUnit, Decimals: &decimals,
		Draw:        panel.Ranking,
		Description: description + " Over all channels.", Empty: "None in 7 days",
	}
	for _, class := range catalog.RecentSends {
		p.Queries = append(p.Queries, panel.Query{
			Of: part(rules.FrequencyVolume, stage, catalog.StageDelivered, week).
				Where(expr.Eq(catalog.LabelRecent, class)),
			Legend: class + " before",
		})
	}
	return p
}

func preferences() panel.Panel {
	return panel.Panel{
		Key: "preferences", Title: "Opt-ins and opt-outs, per interval", Width: panel.Third, Unit: units.Short,
		Draw: panel.Bars, Every: tile,
		Description: "How many users allowed or forbade notifications in each interval of the graph.",
		Empty:       "Nobody changed their preferences",
		Queries:     panel.Of(amount(rules.PreferenceVolume, expr.Interval, []*catalog.Label{catalog.LabelChange})),
	}
}

// Who.

func segments() panel.Panel {
	return panel.Panel{
		Key: "segments", Title: "Users by segment", Width: panel.Third, Unit: units.Short, Draw: panel.Pie,
		Description: "New users were first seen within 7 days. The others are active, at risk or dormant when they " +
			"last engaged within 30 days, 90 days, or longer ago.",
		Empty:   "No user is known",
		Queries: panel.Of(expr.Sum(rules.Users).By(catalog.LabelSegment)),
	}
}

func activeUsers() panel.Panel {
	return panel.Panel{
		Key: "active-users", Title: "Active users", Width: panel.Third, Unit: units.Short, Draw: panel.Lines,
		Description: "Users that engaged within the last day, 7 days and 30 days.",
		Empty:       "No user is known",
		Queries: []panel.Query{
			{Of: expr.Sum(rules.ActiveUsers).By(catalog.LabelWindow), Legend: "within {{window}}"},
		},
	}
}

func actions() panel.Panel {
	return panel.Panel{
		Key: "actions", Title: "What people did, last 24 h", Width: panel.Third, Unit: units.Short,
		Draw:        panel.Ranking,
		Description: "Actions taken on notifications in the last 24 hours: the ten most frequent kinds.",
		Empty:       "No action was taken",
		Queries:     panel.Of(expr.TopK(10, amount(rules.ActionVolume, day, []*catalog.Label{catalog.LabelAction}))),
	}
}
