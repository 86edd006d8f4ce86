package dashboards

import (
	"github.com/prometheus/common/model"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// tile is the length of the increases that sums over time are made of. A graph of
// such sums has no two points closer together.
var tile = model.Duration(rules.StageVolume.Increase5m.Every).String()

// The windows of graphs that do not follow the time range. Their titles name them.
const (
	fiveMinutes expr.Window = "5m"
	hour        expr.Window = "1h"
	day         expr.Window = "1d"
)

// amount returns how much a volume grew within the window, by the labels: within the time
// range, or over expr.Interval within each interval of a graph, so that the same panel
// reads well over an hour and over a year.
func amount(of rules.Volume, over expr.Window, by []*catalog.Label, where ...expr.Matcher) expr.Expr {
	switch over {
	case expr.Range:
		return expr.Sum(expr.SumOverTime(panel.InRange(of), over, where...)).By(by...)
	case day:
		return expr.Sum(of.Increase1d.Where(where...)).By(by...)
	default:
		return expr.Sum(expr.SumOverTime(of.Increase5m, over, where...)).By(by...)
	}
}

// reached returns how many notifications reached the stage within the window.
func reached(of rules.Volume, stage catalog.Stage, over expr.Window, by ...*catalog.Label) expr.Expr {
	return amount(of, over, by, expr.Stage(stage))
}

// ratio returns the notifications at one stage per those at another, as a ratio of
// sums over the window.
func ratio(of rules.Volume, stage, per catalog.Stage, over expr.Window, by ...*catalog.Label) expr.Expr {
	return expr.Ratio(reached(of, stage, over, by...), reached(of, per, over, by...))
}

// capped ends a share of short intervals at 1. What people do counts when they do it, so
// after a campaign more can engage in an interval than is delivered in it.
func capped(share expr.Expr) expr.Expr { return expr.ClampMax(share, 1) }

// atMostAll describes what is capped.
const atMostAll = " It counts when people act, also on what was delivered before, and is shown as at most 100 %."

// reference returns a query that the others are compared with: dashed and faint.
func reference(legend string, of panel.Expression) panel.Query {
	return panel.Query{Of: of, Legend: legend, Objective: true, Color: panel.Faint}
}

// change returns the relative change of a figure of the time range since the period before
// it, as long: 0.1 is 10 % more. There is none unless the period before was recorded as well.
func change(e expr.Expr) expr.Expr {
	tiles := panel.InRange(rules.StageVolume)
	recorded := expr.Max(expr.CountOverTime(tiles, expr.Range, expr.Stage(catalog.StageSent))).By()
	const almost = 0.95 // what a restart and an upgrade leave of a day
	comparable := recorded.Offset(expr.Range).Ge(recorded.Mul(expr.Num(almost)))
	return expr.Ratio(e, e.Offset(expr.Range)).Sub(expr.Num(1)).And(comparable, expr.On())
}

// quantile returns a quantile of the observations in the window, in the unit of the
// buckets.
func quantile(q float64, of rules.Volume, over expr.Window, by ...*catalog.Label) expr.Expr {
	return expr.Quantile(q, amount(of, over, append([]*catalog.Label{expr.Le}, by...)))
}
