package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// What people get of Belfry: quick dashboards, and improvements from quarter to quarter.

const noGrafana = "Grafana is not scraped"

func promisedDashboards() promise {
	slowest := func(over expr.Window) expr.Expr {
		took := expr.Increase(expr.BucketsOf(expr.GrafanaRequests), over,
			expr.Eq(expr.GrafanaHandler, expr.QueryHandler))
		return expr.Quantile(0.99, expr.Sum(took).By(expr.Le))
	}
	return promise{
		of: slowest("6h"), bad: panel.Above, limit: 2, words: "under 2 s",
		why: toPromises.At("dashboards-trend", "dashboard queries"),
		verdict: panel.Panel{
			Key: "dashboards", Title: "Slowest dashboards, last 6 h", Unit: units.Seconds,
			Description: "Time within which Grafana answered 99 % of the queries of panels. A dashboard asks for its " +
				"panels together, so the slowest decide when it is there. Queries of other dashboards of this " +
				"Grafana count too.",
			Empty: noGrafana,
		},
		trend: panel.Panel{
			Title:       "Dashboard queries, p99",
			Description: "Time within which Grafana answered 99 % of the queries of the hour before each point.",
			Queries:     []panel.Query{{Of: slowest(hour), Legend: "p99"}},
		},
	}
}

// quarterly returns the relative change since 90 days before.
func quarterly(e expr.Expr) expr.Expr {
	return expr.Ratio(e, e.Offset(quarter)).Sub(expr.Num(1))
}

// sinceLastQuarter keeps what is compared with the 90 days before, once these are recorded.
func sinceLastQuarter(changed expr.Expr) expr.Expr {
	recorded := expr.Max(expr.CountOverTime(rules.DayComplete, quarter).Offset(quarter)).By()
	return changed.And(recorded.Ge(expr.Num(85)), expr.On())
}

const noQuarter = "Not yet 180 days of history"

func promisedEngagement() promise {
	days := func(stage catalog.Stage) expr.Expr {
		return expr.Sum(expr.SumOverTime(rules.StageVolume.IncreaseDay, quarter, expr.Stage(stage))).By()
	}
	share := expr.Ratio(days(catalog.StageEngaged), days(catalog.StageDelivered))
	trailing := capped(ratio(rules.StageVolume, catalog.StageEngaged, catalog.StageDelivered, day))
	return promise{
		of: sinceLastQuarter(quarterly(share)), bad: panel.Below, limit: 0.15, words: "at least +15 %",
		why: toEngagement.At("funnel", "from sent to converted"),
		verdict: panel.Panel{
			Key: "engagement", Title: "Engagement, last 90 days", Unit: units.PercentUnit, Decimals: new(1.0),
			Description: "How much more of what was delivered people engaged with than in the 90 days before, " +
				"relative: from 20 % to 23 % is +15 %. In full days in UTC.",
			Empty: noQuarter,
		},
		trend: panel.Panel{
			Title: "Engaged, change in 90 days", Decimals: new(1.0), Signed: true,
			Description: "Relative change of the engagement rate of the 24 hours before each point against that of " +
				"90 days before.",
			Queries: []panel.Query{{Of: quarterly(trailing), Legend: "change"}},
		},
	}
}

func promisedCost() promise {
	spent := expr.Sum(expr.SumOverTime(rules.CostVolume.IncreaseDay, quarter)).By(catalog.LabelCurrency)
	trailing := expr.Sum(rules.CostVolume.Increase1d).By(catalog.LabelCurrency)
	return promise{
		of: sinceLastQuarter(quarterly(spent)), bad: panel.Above, limit: -0.2, words: "at most −20 %",
		why: toExecutive.At("cost-over-time", "cost"),
		verdict: panel.Panel{
			Key: "cost", Title: "Cost, last 90 days", Unit: units.PercentUnit, Decimals: new(1.0),
			Description: "How much more providers charged than in the 90 days before, by currency. Below 0 it is " +
				"less. In full days in UTC, and of all that was sent, however much that is.",
			Empty: noQuarter,
		},
		trend: panel.Panel{
			Title: "Cost, change in 90 days", Decimals: new(1.0), Signed: true,
			Description: "Relative change of the cost of the 24 hours before each point against that of 90 days " +
				"before, by currency.",
			Queries: []panel.Query{{Of: quarterly(trailing)}},
		},
	}
}

func promisedReaders() promise {
	seen := expr.Max(expr.Select(expr.GrafanaActiveUsers)).By()
	users := expr.Max(expr.Select(expr.GrafanaUsers)).By()
	return promise{
		of: expr.Ratio(seen, users), bad: panel.Below, limit: 0.8, words: "at least 80 %",
		why: toPromises.At("readers-trend", "users of Grafana"),
		verdict: panel.Panel{
			Key: "readers", Title: "Readers, last 30 days", Unit: units.PercentUnit, Decimals: new(0.0),
			Description: "Share of the users of Grafana whom it saw in the last 30 days. The promise is 80 % in a " +
				"week, which Grafana has no metric of: there are never more than these. Readers without an account " +
				"do not count.",
			Empty: noGrafana,
		},
		trend: panel.Panel{
			Title:       "Readers, trailing 30 days",
			Description: "Share of the users of Grafana whom it saw in the 30 days before each point.",
			Queries: []panel.Query{
				{Of: expr.Ratio(seen, users), Legend: "readers"},
			},
		},
	}
}
