package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// When.

func hourTable() panel {
	engaged := part(rules.SendHourVolume, catalog.StageEngaged, catalog.StageDelivered, month, catalog.LabelHour)
	shown := func(title string, where ...expr.Matcher) column {
		return column{title: title, unit: units.PercentUnit, decimals: new(0.0), of: engaged.Where(where...)}
	}
	columns := []column{shown("Any day")}
	for _, weekday := range catalog.Weekdays {
		columns = append(columns, shown(heading(&catalog.Label{Name: weekday}), expr.Eq(catalog.LabelWeekday, weekday)))
	}
	const rows = 26 // of the grid, for 24 hours and their heading
	return panel{
		key: "hours", title: "Engaged per delivered by local hour and weekday of sending, last 30 days", width: full, height: rows, unit: units.PercentUnit,
		description: "Of what was sent at this hour and weekday, in the receiver's own time, and delivered, the share that people responded to: the bluer, the better. Over all channels.",
		empty:       "Nothing was delivered",
	}.shades(columns...)
}

func timeToOpen() panel {
	return panel{
		key: "time-to-open", title: "Time to open, median, over the 24 h before", width: half, height: tall, unit: units.Seconds, draw: lines{},
		description: "Half of the openers of the day before had opened within this time after sending, by channel.",
		empty:       "Nothing was opened",
		queries:     []query{{of: quantile(0.5, rules.TimeToOpenVolume, day, perChannel...)}},
	}
}

func openHeat() panel {
	return panel{
		key: "open-heat", title: "Time to open of each notification", width: half, height: tall, unit: units.Seconds, draw: heat{}, every: tile,
		description: "How many notifications were opened how long after sending. The scale below the graph says how many a colour stands for.",
		empty:       "Nothing was opened",
		queries:     []query{{of: amount(rules.TimeToOpenVolume, expr.Interval, []*catalog.Label{expr.Le}), legend: "{{le}}"}},
	}
}

// How much is too much: the more a user was sent, the less the next is worth.

func fatigueOpens() panel {
	return fatigue("fatigue-opens", "Opened per delivered by sends before, last 7 days", 1, catalog.StageOpened,
		"Share of what was delivered that was opened, by how many notifications the user was sent in the 7 days before. Where the bars fall, more sending buys less attention.")
}

func fatigueOptOuts() panel {
	return fatigue("fatigue-opt-outs", "Opted out per delivered by sends before, last 7 days", 2, catalog.StageOptedOut,
		"Share of what was delivered that made its user opt out, by how many notifications the user was sent in the 7 days before. Where the bars rise, sending costs users.")
}

// fatigue has a query for each class, because the classes have an order.
func fatigue(key, title string, decimals float64, stage catalog.Stage, description string) panel {
	p := panel{
		key: key, title: title, width: third, height: tall, unit: units.PercentUnit, decimals: &decimals, draw: ranking{},
		description: description + " Over all channels.", empty: "None in 7 days",
	}
	for _, class := range catalog.RecentSends {
		p.queries = append(p.queries, query{
			of: part(rules.FrequencyVolume, stage, catalog.StageDelivered, week).Where(expr.Eq(catalog.LabelRecent, class)), legend: class + " before",
		})
	}
	return p
}

func preferences() panel {
	return panel{
		key: "preferences", title: "Opt-ins and opt-outs, per interval", width: third, height: tall, unit: units.Short, draw: bars{}, every: tile,
		description: "How many users allowed or forbade notifications in each interval of the graph.",
		empty:       "Nobody changed their preferences",
		queries:     []query{{of: amount(rules.PreferenceVolume, expr.Interval, []*catalog.Label{catalog.LabelChange})}},
	}
}

// Who.

func segments() panel {
	return panel{
		key: "segments", title: "Users by segment", width: third, height: tall, unit: units.Short, draw: pie{},
		description: "New users were first seen within 7 days. The others are active, at risk or dormant when they last engaged within 30 days, 90 days, or longer ago.",
		empty:       "No user is known",
		queries:     []query{{of: expr.Sum(rules.Users).By(catalog.LabelSegment)}},
	}
}

func activeUsers() panel {
	return panel{
		key: "active-users", title: "Active users", width: third, height: tall, unit: units.Short, draw: lines{},
		description: "Users that engaged within the last day, 7 days and 30 days.",
		empty:       "No user is known",
		queries:     []query{{of: expr.Sum(rules.ActiveUsers).By(catalog.LabelWindow), legend: "within {{window}}"}},
	}
}

func actions() panel {
	return panel{
		key: "actions", title: "What people did, last 24 h", width: third, height: tall, unit: units.Short, draw: ranking{},
		description: "Actions taken on notifications in the last 24 hours: the ten most frequent kinds.",
		empty:       "No action was taken",
		queries:     []query{{of: expr.TopK(10, amount(rules.ActionVolume, day, []*catalog.Label{catalog.LabelAction}))}},
	}
}
