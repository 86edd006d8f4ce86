package rules

import (
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// Volume describes how much a counter grew, recorded so that a view of twelve months
// reads few samples. Increase5m is recorded every five minutes. Its samples tile
// the time: over any period they add up to exactly what was counted in it, as
// [expr.Tally] explains. Increase1h and Increase1d are their sums over the last
// hour and day, and as exact.
//
// IncreaseHour and IncreaseDay are recorded once for each hour of the clock and each day
// of UTC, at least [ClockLater] and less than an hour more after its end. They are the sums
// of its Increase5m, so that their samples tile the time as well, and are few. [HourComplete]
// and [DayComplete] tell of which hours and days there are such sums; read all others from
// Increase5m.
type Volume struct{ Increase5m, IncreaseHour, IncreaseDay, Increase1h, Increase1d expr.Recorded }

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

// tile declares Increase5m.
func (t tallied) tile(by ...*catalog.Label) expr.Recorded {
	return volumes.record(t.unit, t.what+":increase5m", expr.Sum(t.Increase()).Keeping(by...))
}

// tiled declares the sums of hours of the clock and days of UTC.
func (t tallied) tiled(tile expr.Recorded) Volume {
	return Volume{
		Increase5m:   tile,
		IncreaseHour: clock("1h", t.unit, t.what+":increase_hour", expr.SumOverTime(tile, withinHour)),
		IncreaseDay:  clock("1d", t.unit, t.what+":increase_day", expr.SumOverTime(tile, withinDay)),
	}
}

// ClockLater is how long after the end of an hour all of its increases are recorded: time
// for two evaluations.
const ClockLater = 10 * time.Minute

// Windows that hold the increases of an hour and a day, whether an engine includes what is
// at the very beginning of a window or not.
const withinHour, withinDay expr.Window = "59m59s999ms", "23h59m59s999ms"

// clock declares what an expression is whenever an hour of the clock or a day of UTC ends.
func clock(length expr.Window, unit catalog.Unit, name string, of expr.Expr) expr.Recorded {
	later := expr.Window(model.Duration(ClockLater).String())
	r := hours.offers(forInsights).series(unit, name, expr.Aligned(of, withinHour, length, later))
	r.Every = length.Duration()
	return hours.add(r)
}

func (t tallied) volume(by ...*catalog.Label) Volume { return t.of(t.tile(by...)) }

// forOwnViews says whom sums serve that no rule and no dashboard reads.
const forOwnViews = "hours and days of every volume, for an installation's own views of weeks and months"

// of declares the volume of a tile.
func (t tallied) of(tile expr.Recorded) Volume {
	sums := days.offers(forOwnViews)
	v := t.tiled(tile)
	v.Increase1h = sums.record(t.unit, t.what+":increase1h", expr.SumOverTime(tile, "1h"))
	v.Increase1d = sums.record(t.unit, t.what+":increase1d", expr.SumOverTime(tile, "1d"))
	return v
}

// daily declares a volume without Increase1h.
func (t tallied) daily(by ...*catalog.Label) Volume {
	v := t.tiled(t.tile(by...))
	v.Increase1d = days.offers(forInsights).record(t.unit, t.what+":increase1d", expr.SumOverTime(v.Increase5m, "1d"))
	return v
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
	grown := tallyOf(what, catalog.UnitNone, expr.BucketsOf(of))
	v := grown.tiled(grown.tile(by, expr.Le))
	v.Increase1d = sums.record(catalog.UnitNone, what+":increase1d", expr.SumOverTime(v.Increase5m, "1d"))
	return v
}

// hourly declares the mean of a gauge over the last hour, joined by the function.
func hourly(what string, of catalog.Gauge, join func(expr.Expr) expr.Expr) expr.Recorded {
	return days.offers(forInsights).record(of.Unit, what+":avg1h", join(expr.AvgOverTime(of, "1h")))
}
