package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/rules"
	"belfry/rules/expr"
)

// promises holds what Belfry is for against what is true, each beside its trend. All of it
// fits on one screen.
func promises() panel.Dashboard {
	var all []panel.Panel
	for _, p := range []promise{
		promisedDelivery(), promisedAge(), promisedPages(),
		promisedResolution(), promisedMonitoring(), promisedDashboards(),
		promisedEngagement(), promisedCost(), promisedReaders(),
	} {
		all = append(all, p.panels()...)
	}
	return panel.Dashboard{
		UID: promisesUID, Title: "Promises", Folder: "leadership",
		Description: "Is what was promised kept?",
		From:        "now-30d", Refresh: "5m",
		Rows: []panel.Row{panel.NewRow("", all...)},
	}
}

// promise is a figure that is held to a bound, and the graph beside it.
type promise struct {
	// verdict draws the figure. Its title names the period.
	verdict panel.Panel
	of      expr.Expr
	bad     panel.Side
	limit   float64
	// words say what is promised, such as "at least 99.5 %".
	words string
	// trend draws its course; what is empty is as in the verdict.
	trend panel.Panel
	// why is the panel that explains it.
	why panel.Destination
}

// promisedHeight makes three rows of promises fill a screen.
const promisedHeight = 6

func (p promise) panels() []panel.Panel {
	v, t := p.verdict, p.trend
	v.Draw, v.Queries = panel.Verdict, panel.Kept(p.of, p.bad, p.limit, p.words)
	t.Key, t.Unit, t.Empty = v.Key+"-trend", v.Unit, v.Empty
	t.Draw = panel.Lines
	t.Limit = panel.BadAbove(p.limit)
	if p.bad == panel.Below {
		t.Limit = panel.BadBelow(p.limit)
	}
	for _, one := range []*panel.Panel{&v, &t} {
		one.Width, one.Height, one.LeadsTo = panel.Sixth, promisedHeight, []panel.Destination{p.why}
	}
	return []panel.Panel{v, t}
}

// The periods of promises, which do not follow the time range. A quarter has as many days
// whatever the calendar says.
const (
	month   expr.Window = "30d"
	quarter expr.Window = "90d"
)

func promisedDelivery() promise {
	kept := func(over expr.Window) expr.Expr {
		return expr.Min(expr.Num(1).Sub(rules.DeliverySLO.Ratio(over))).By()
	}
	return promise{
		of: kept(month), bad: panel.Below, limit: 0.995, words: "at least 99.5 %",
		why: toObjectives.At(rules.PanelObjectives, "objectives"),
		verdict: panel.Panel{
			Key: "delivery", Title: "Delivery, last 30 days", Unit: units.PercentUnit, Decimals: new(2.0),
			Description: "Share of sent notifications that neither we nor a provider lost, on the channel with the " +
				"least. What only the recipient can mend, such as a mailbox that does not exist, is not lost.",
			Empty: "Nothing was sent",
		},
		trend: panel.Panel{
			Title: "Delivery, trailing 24 h", Decimals: new(2.0),
			Description: "Share that was not lost in the 24 hours before each point, on the channel with the least.",
			Queries:     []panel.Query{{Of: kept(day), Legend: "not lost"}},
		},
	}
}

func promisedAge() promise {
	return promise{
		of: expr.Max(expr.MaxOverTime(rules.FiguresAge, month)).By(), bad: panel.Above, limit: 300,
		words: "under 5 min", why: toOperations.At(rules.PanelFreshness, "age of the figures"),
		verdict: panel.Panel{
			Key: "age", Title: "Oldest figures, last 30 days", Unit: units.Seconds,
			Description: "How old the figures on engagement and everything else were at the worst moment: how far " +
				"the exporter was behind the events. While it is down or shows no numbers, they grow older. How late " +
				"producers publish is not in it.",
			Empty: "No figures yet",
		},
		trend: panel.Panel{
			Title: "Age of the figures", Every: tile,
			Description: "The greatest age of the figures in each interval of the graph.",
			Queries: []panel.Query{
				{Of: expr.Max(expr.MaxOverTime(rules.FiguresAge, expr.Interval)).By(), Legend: "age"},
			},
		},
	}
}

func promisedPages() promise {
	slowest := func(of expr.Expr) expr.Expr { return expr.Max(of).By().Add(expr.Num(rules.PageWait.Seconds())) }
	return promise{
		of: slowest(expr.QuantileOverTime(0.95, rules.PageSeconds, month)), bad: panel.Above, limit: 60,
		words: "under 1 min", why: toObjectives.At(rules.AlertUnacknowledged.Panel, "alerts"),
		verdict: panel.Panel{
			Key: "page", Title: "Fault to page, last 30 days", Unit: units.Seconds,
			Description: "Time from the first evaluation in which the condition of an alert on a total fault held " +
				"until Alertmanager sends the page, which waits 5 s for more alerts: p95 of the slowest alert. Not " +
				"in it are the 10 to 30 s until the fault shows in what the condition reads, and the provider of the " +
				"page.",
			Empty: "No total fault paged",
		},
		trend: panel.Panel{
			Title: "Slowest page, per interval", Every: tile,
			Description: "The slowest page in each interval of the graph.",
			Queries: []panel.Query{
				{Of: slowest(expr.MaxOverTime(rules.PageSeconds, expr.Interval)), Legend: "slowest page"},
			},
		},
	}
}

func promisedResolution() promise {
	tookDays := expr.Sum(expr.SumOverTime(rules.ResolveVolume.IncreaseDay, month, panel.Paging)).By(expr.Le)
	tookDay := expr.Sum(rules.ResolveVolume.Increase1d.Where(panel.Paging)).By(expr.Le)
	return promise{
		of: expr.Quantile(0.95, tookDays), bad: panel.Above, limit: resolveWithin, words: "under 15 min",
		why: toObjectives.At("time-to-resolve", "time to resolve"),
		verdict: panel.Panel{
			Key: "resolve", Title: "Resolved, p95, last 30 days", Unit: units.Seconds,
			Description: "Time from firing to resolution within which 95 % of the pages were over, in the last 30 " +
				"full days in UTC. An alert ends a few minutes after its fault, so that one that flaps is one page.",
			Empty: "No page was resolved",
		},
		trend: panel.Panel{
			Title: "Resolved, p95, trailing 24 h",
			Description: "Time within which 95 % of the pages were over that were resolved in the 24 hours before " +
				"each point.",
			Queries: []panel.Query{{Of: expr.Quantile(0.95, tookDay), Legend: "p95"}},
		},
	}
}

func promisedMonitoring() promise {
	minutes := expr.SumOverTime(rules.MonitoringUp, month).Div(expr.Num(30 * 24 * 60))
	monthAgo := expr.PresentOverTime(rules.MonitoringUp, day).Offset("29d")
	return promise{
		of: expr.Min(minutes.And(monthAgo)).By(), bad: panel.Below, limit: 0.999, words: "at least 99.9 %",
		why: toOperations.At(rules.Watchdog.Panel, "exporter"),
		verdict: panel.Panel{
			Key: "monitoring", Title: "Belfry works, last 30 days", Unit: units.PercentUnit, Decimals: new(2.0),
			Description: "Share of all minutes of the last 30 days in which Prometheus evaluated rules, it reached " +
				"every exporter and Alertmanager, and every partition showed its numbers. A minute of which nothing " +
				"is recorded is one in which nothing worked.",
			Empty: "Not yet 30 days of history",
		},
		trend: panel.Panel{
			Title: "Belfry works, trailing 24 h", Decimals: new(2.0),
			Description: "Share of the minutes of the 24 hours before each point, once there are as many.",
			Queries:     []panel.Query{{Of: expr.Min(rules.MonitoringUpDay).By(), Legend: "works"}},
		},
	}
}
