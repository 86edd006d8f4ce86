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
	engaged := capped(ratio(rules.SendHourVolume,
		catalog.StageEngaged, catalog.StageDelivered, expr.Range, catalog.LabelHour))
	shown := func(title string, where ...expr.Matcher) panel.Column {
		return percent(title, 0, engaged.Where(where...))
	}
	columns := []panel.Column{shown("Any day")}
	for _, weekday := range catalog.Weekdays {
		columns = append(columns, shown(panel.Heading(weekday), expr.Eq(catalog.LabelWeekday, weekday)))
	}
	const rows = 26 // of the grid, for 24 hours and their heading
	return panel.Panel{
		Key: "hours", Title: "Engaged per delivered by local hour and weekday of sending in " + panel.Period,
		Width: panel.Full, Height: rows, Unit: units.PercentUnit,
		Description: "Share of delivered notifications that people engaged with, by the hour and weekday of sending " +
			"in the recipient's time zone, over all channels. A stronger blue is better. Choose at least a week: " +
			"days that the time range does not have are empty.",
		Empty: "Nothing was delivered",
	}.ShadedTable(columns...)
}

func timeToOpen() panel.Panel {
	return panel.Panel{
		Key: "time-to-open", Title: "Time to open, median, trailing 24 h", Width: panel.Half,
		Unit: units.Seconds, Draw: panel.Lines,
		Description: "Median time from sending to the first open, over the 24 hours before each point, by channel.",
		Empty:       "Nothing was opened",
		Queries:     panel.Of(quantile(0.5, rules.TimeToOpenVolume, day, perChannel...)),
	}
}

func openHeat() panel.Panel {
	return panel.Panel{
		Key: "open-heat", Title: "Time to open of each notification", Width: panel.Half, Unit: units.Seconds,
		Draw: panel.Heatmap, Every: tile,
		Description: "Distribution of the time from sending to the first open. The scale below the graph shows how " +
			"many notifications a color stands for.",
		Empty:   "Nothing was opened",
		Queries: panel.Of(amount(rules.TimeToOpenVolume, expr.Interval, []*catalog.Label{expr.Le})),
	}
}

// How much is too much: the more a user was sent, the less the next one is worth.

func fatigueOpens() panel.Panel {
	return fatigue(catalog.StageOpened, panel.Panel{
		Key: "fatigue-opens", Title: "Opened per delivered by sends before in " + panel.Period, Decimals: new(1.0),
		Description: "Share of delivered notifications that were opened, by how many notifications the user was sent " +
			"in the 7 days before. Where the bars fall, sending more gets less attention.",
	})
}

func fatigueOptOuts() panel.Panel {
	return fatigue(catalog.StageOptedOut, panel.Panel{
		Key: "fatigue-opt-outs", Title: "Opted out per delivered by sends before in " + panel.Period,
		Decimals: new(2.0),
		Description: "Share of delivered notifications after which the user opted out, by how many notifications the " +
			"user was sent in the 7 days before. Where the bars rise, sending more loses users.",
	})
}

// fatigue has a query for each class of users, because the classes have an order.
func fatigue(stage catalog.Stage, p panel.Panel) panel.Panel {
	p.Width, p.Unit, p.Draw, p.Empty = panel.Third, units.PercentUnit, panel.Ranking, "None in the time range"
	p.Description += " Over all channels. A class that was delivered too little to judge is left out."
	shares := ratio(rules.FrequencyVolume, stage, catalog.StageDelivered, expr.Range)
	for _, class := range catalog.RecentSends {
		p.Queries = append(p.Queries, panel.Query{
			Of: shares.Where(expr.Eq(catalog.LabelRecent, class)).Le(expr.Num(1)), Legend: class + " before",
		})
	}
	return p
}

func preferences() panel.Panel {
	return panel.Panel{
		Key: "preferences", Title: "Opt-ins and opt-outs, per interval", Width: panel.Third, Unit: units.Short,
		Draw: panel.Bars, Every: tile,
		Description: "Users who opted in or out in each interval of the graph.",
		Empty:       "No changes of preferences",
		Queries:     panel.Of(amount(rules.PreferenceVolume, expr.Interval, []*catalog.Label{catalog.LabelChange})),
	}
}

// Who.

func segments() panel.Panel {
	return panel.Panel{
		Key: "segments", Title: "Users by segment", Width: panel.Third, Unit: units.Short, Draw: panel.Pie,
		Description: "New users were first seen in the last 7 days. All others are active, at risk or dormant: they " +
			"last engaged within 30 days, within 90 days, or longer ago.",
		Empty:   "No users yet",
		Queries: panel.Of(expr.Sum(rules.Users).By(catalog.LabelSegment)),
	}
}

func activeUsers() panel.Panel {
	return panel.Panel{
		Key: "active-users", Title: "Active users", Width: panel.Third, Unit: units.Short, Draw: panel.Lines,
		Description: "Users who engaged in the last day, 7 days and 30 days.",
		Empty:       "No users yet",
		Queries: []panel.Query{
			{Of: expr.Sum(rules.ActiveUsers).By(catalog.LabelWindow), Legend: "within {{window}}"},
		},
	}
}

func actions() panel.Panel {
	return panel.Panel{
		Key: "actions", Title: "What people did in " + panel.Period, Width: panel.Third, Unit: units.LocaleFormat,
		Decimals: new(0.0), Draw: panel.Ranking,
		Description: "Actions taken on notifications in the time range: the ten most frequent.",
		Empty:       "No actions",
		Queries: panel.Of(
			expr.TopK(10, amount(rules.ActionVolume, expr.Range, []*catalog.Label{catalog.LabelAction}))),
	}
}
