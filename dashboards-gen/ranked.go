package dashboards

import (
	"strconv"

	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// The best and the worst by name, before the tables that hold all.

const (
	// named is how many are named.
	named = 3
	// leastJudged is how many notifications or attempts it takes to be judged: of a hundred,
	// one is a per cent.
	leastJudged = 100
)

// ranked completes a panel that names the first of a ranking of shares.
func ranked(first expr.Expr, p panel.Panel) panel.Panel {
	p.Title += " in " + panel.Period
	p.Description += " Those with fewer than " + strconv.Itoa(leastJudged) + " are left out."
	p.Height, p.Unit, p.Draw = panel.Low+1, units.PercentUnit, panel.Ranking
	p.Queries = panel.Of(first)
	return p
}

// shareOf returns a stage per delivered for each value of a label that was delivered enough
// to be judged.
func shareOf(of rules.Volume, l *catalog.Label, stages ...catalog.Stage) expr.Expr {
	delivered := reached(of, catalog.StageDelivered, expr.Range, l)
	part := expr.ZeroFill(amount(of, expr.Range, []*catalog.Label{l}, expr.Stage(stages...)), delivered)
	return capped(part.Div(delivered.Ge(expr.Num(leastJudged))))
}

// mostEngaging, leastEngaging and losingUsers name templates or campaigns.

func mostEngaging(of rules.Volume, l *catalog.Label) panel.Panel {
	return ranked(expr.TopK(named, shareOf(of, l, catalog.StageEngaged)), panel.Panel{
		Key: l.Name + "-best", Title: "Most engaging " + l.Name + "s", Width: panel.Third, Decimals: new(1.0),
		Description: "The three with the greatest share of delivered notifications that people engaged with.",
		Empty:       "None was delivered a hundred times",
	})
}

func leastEngaging(of rules.Volume, l *catalog.Label) panel.Panel {
	return ranked(expr.BottomK(named, shareOf(of, l, catalog.StageEngaged)), panel.Panel{
		Key: l.Name + "-worst", Title: "Least engaging " + l.Name + "s", Width: panel.Third, Decimals: new(1.0),
		Description: "The three with the least share of delivered notifications that people engaged with.",
		Empty:       "None was delivered a hundred times",
	})
}

func losingUsers(of rules.Volume, l *catalog.Label) panel.Panel {
	left := shareOf(of, l, catalog.StageOptedOut, catalog.StageComplained)
	return ranked(expr.TopK(named, left.Gt(expr.Num(0))), panel.Panel{
		Key: l.Name + "-losing", Title: "Stop or change first: " + l.Name + "s that lose users", Width: panel.Third,
		Decimals: new(2.0),
		Description: "The three with the greatest share of delivered notifications after which the recipient opted " +
			"out or complained.",
		Empty: "Nobody opted out or complained",
	})
}

// worstProviders and bestProviders name channels and providers.

func worstProviders() panel.Panel {
	return ranked(expr.BottomK(named, perAttempt()), panel.Panel{
		Key: "providers-worst", Title: "Worst providers, delivered per attempt", Width: panel.Half, Decimals: new(2.0),
		Description: "The three channels and providers that delivered the least of what was attempted. " + atProvider,
		Empty:       "None had a hundred attempts",
	})
}

func bestProviders() panel.Panel {
	return ranked(expr.TopK(named, perAttempt()), panel.Panel{
		Key: "providers-best", Title: "Best providers, delivered per attempt", Width: panel.Half, Decimals: new(2.0),
		Description: "The three channels and providers that delivered the most of what was attempted. " + atProvider,
		Empty:       "None had a hundred attempts",
	})
}

// perAttempt returns deliveries per attempt of those with enough attempts to be judged.
func perAttempt() expr.Expr {
	all, delivered := attempts(expr.Range)
	return delivered.Div(all.Ge(expr.Num(leastJudged)))
}
