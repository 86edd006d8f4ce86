package expr

import (
	"slices"

	"belfry/exporter/catalog"
)

// Tally follows a counter tile by tile, so that its increases are exact: those
// of any period add up to the difference of the counter, to the unit, and an
// integer stays one. [Increase] loses the step between the last scrape of one
// window and the first of the next, and extrapolates the rest.
//
// A tile ends at an evaluation of its rule group and begins at the value that
// was recorded for the tile before. So nothing is lost when an evaluation is
// missed, when a scrape is late, while a series is hidden, or while Prometheus
// is down, for up to a day. A series that appears begins at the first value that
// was scraped of it in its first tile, which the exporter's hold makes 0. A
// partition that moves to another pod goes on where it was.
//
// A counter that has fallen has started over at 0. What it counted before that
// in the same tile is in the tile as well, as far as it was scraped. Three things
// cannot be known: that it started over, where it has passed its old value by
// the end of the same tile, which is then short of that value; what a counter
// that appears or starts over had counted in a tile whose evaluation was missed; and
// what one had counted that starts over in the tile in which it appeared.
//
// Both series are recorded before the increases, Last first, in a group that is
// evaluated as often as a tile is long.
type Tally struct {
	// Last holds the newest value of each series in the tile.
	Last Recorded
	// Start holds the value from which a tile counts where that is not what was
	// recorded for the tile before: of series that have appeared, come back or
	// started over.
	Start Recorded
}

// NewTally follows a counter, or the series of it that match, in tiles of the
// given length.
func NewTally[C Cumulative](name string, of C, tile Window, where ...Matcher) Tally {
	in := func(function string) Expr { return ranged(function, read(of), tile, where, alone) }
	anywhere := func(of Expr) Expr { return Max(of).Without(places...) }
	var t Tally
	// The place that a partition has left must not hide that it goes on from 0 in
	// another: where it is shown now, its value of now counts.
	t.Last = record(perSeries, name+":last"+string(tile),
		anywhere(read(of).Where(where...)).Or(anywhere(in("last_over_time"))))
	before := t.before()
	// What a series counted in the tile before it fell is counted from below 0.
	peak := anywhere(in("max_over_time")).Gt(t.Last)
	fell := ClampMax(before.Sub(peak), 0).Or(before.Gt(t.Last).Mul(Num(0)))
	away := LastOverTime(t.Last, "1d").Offset("1h")
	appeared := away.Le(t.Last).Or(Min(in("min_over_time")).Without(places...))
	t.Start = record(perSeries, name+":start"+string(tile), fell.Or(appeared.Unless(before)))
	return t
}

// perSeries names the level of what is recorded for each series of a counter.
const perSeries = "series"

// justBefore sets an offset that leaves out what is being recorded.
const justBefore Window = "1s"

// before returns what was recorded for the tile before, within an hour.
func (t Tally) before() Expr { return LastOverTime(t.Last, "1h").Offset(justBefore) }

// Increase returns how much each series has grown since the tile before. What is
// recorded of it tiles the time.
func (t Tally) Increase(where ...Matcher) Expr {
	// After a restart of Prometheus a start of an earlier tile can be read for
	// minutes; only that of now counts.
	start := LastOverTime(t.Start, justBefore)
	return t.Last.Where(where...).Sub(start.Or(t.before()))
}

// places lists the labels that name where a series was scraped. They change when
// a partition moves, and its count goes on.
var places = []*catalog.Label{podContainer, Instance, podNode, pod}

// Places returns the labels that name where a series was scraped.
func Places() []*catalog.Label { return slices.Clone(places) }
