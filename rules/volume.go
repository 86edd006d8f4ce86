package rules

import (
	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// Volume describes how much a counter grew, recorded so that a view of twelve months
// reads few samples. Increase5m is recorded every five minutes. Its samples tile
// the time: over any period they add up to exactly what was counted in it, as
// [expr.Tally] explains. Increase1h and Increase1d are their sums over the last
// hour and day, and as exact.
type Volume struct{ Increase5m, Increase1h, Increase1d expr.Recorded }

// tallied holds a counter that volumes are recorded of.
type tallied struct {
	what string
	unit catalog.Unit
	expr.Tally
}

func tally(what string, of catalog.Counter) tallied { return tallyOf(what, of.Unit, of) }

func tallyOf[C expr.Cumulative](what string, unit catalog.Unit, of C) tallied {
	return tallied{what, unit, volumes.tally(expr.NewTally(what, of, "5m"))}
}

func (t tallied) volume(by ...*catalog.Label) Volume {
	tile := volumes.record(t.unit, t.what+":increase5m", expr.Sum(t.Increase()).Keeping(by...))
	sums := days.offers("hours and days of every volume, for an installation's own views of weeks and months")
	return Volume{
		Increase5m: tile,
		Increase1h: sums.record(t.unit, t.what+":increase1h", expr.SumOverTime(tile, "1h")),
		Increase1d: sums.record(t.unit, t.what+":increase1d", expr.SumOverTime(tile, "1d")),
	}
}

// daily declares a volume without Increase1h.
func (t tallied) daily(by ...*catalog.Label) Volume {
	tile := volumes.record(t.unit, t.what+":increase5m", expr.Sum(t.Increase()).Keeping(by...))
	return Volume{
		Increase5m: tile,
		Increase1d: days.offers(forInsights).record(t.unit, t.what+":increase1d", expr.SumOverTime(tile, "1d")),
	}
}

// part declares a volume of the sum or the count of observations, without
// Increase1h.
func part(what string, unit catalog.Unit, of expr.Part, by *catalog.Label) Volume {
	return tallyOf(what, unit, of).daily(by)
}

// volume declares the only volume of a counter.
func volume(what string, of catalog.Counter, by ...*catalog.Label) Volume {
	return tally(what, of).volume(by...)
}

func buckets(what string, of catalog.Histogram, by *catalog.Label) Volume {
	return bucketsIn(days, what, of, by)
}

// bucketsIn declares Increase1d through the given group.
func bucketsIn(sums group, what string, of catalog.Histogram, by *catalog.Label) Volume {
	what += "_bucket"
	grown := tallyOf(what, catalog.UnitNone, expr.BucketsOf(of)).Increase()
	tile := volumes.record(catalog.UnitNone, what+":increase5m", expr.Sum(grown).Keeping(by, expr.Le))
	return Volume{
		Increase5m: tile,
		Increase1d: sums.record(catalog.UnitNone, what+":increase1d", expr.SumOverTime(tile, "1d")),
	}
}

// hourly declares the mean of a gauge over the last hour, joined by the function.
func hourly(what string, of catalog.Gauge, join func(expr.Expr) expr.Expr) expr.Recorded {
	return days.offers(forInsights).record(of.Unit, what+":avg1h", join(expr.AvgOverTime(of, "1h")))
}
