package chart

import (
	"math"
	"strconv"
	"strings"

	"belfry/exporter/glyph"
	"belfry/insights/display"
)

// axis maps values of a unit to coordinates.
type axis struct {
	low, high float64
	from, to  float64
	ticks     []tick
	// name is the unit where it is too long to stand at each tick.
	name string
}

// tick is a value with a label.
type tick struct {
	at    float64
	label string
}

func (a axis) at(x float64) float64 {
	if a.high == a.low {
		return (a.from + a.to) / 2
	}
	return a.from + (x-a.low)/(a.high-a.low)*(a.to-a.from)
}

// extent is the range of values that a chart shows.
type extent struct {
	low, high float64
	some      bool
}

func (e *extent) add(all ...*float64) {
	for _, x := range all {
		switch {
		case x == nil || !display.Finite(*x) || math.Abs(*x) > huge:
		case !e.some:
			*e = extent{*x, *x, true}
		default:
			e.low, e.high = min(e.low, *x), max(e.high, *x)
		}
	}
}

// huge is the size beyond which a value is not drawn: the steps of an axis would overflow.
const huge = 1e300

// scaled is how the values of a unit stand at an axis: times factor, with a suffix.
type scaled struct {
	factor float64
	suffix string
}

// scaleOf chooses the size of the unit that suits the largest value.
func scaleOf(u display.Unit, largest float64) scaled {
	switch u {
	case display.Share:
		return scaled{100, " %"}
	case display.Points:
		return scaled{100, " points"}
	case display.Count, display.Number:
		return suited(largest, scaled{1, ""}, []size{{1e15, 1, ""}, {1e9, 1e9, "G"}, {1e6, 1e6, "M"}, {1e4, 1e3, "k"}})
	case display.Seconds:
		return suited(largest, scaled{1000, " ms"},
			[]size{{172800, 86400, " days"}, {7200, 3600, " h"}, {120, 60, " min"}, {1, 1, " s"}})
	case display.Probability:
		return scaled{1, ""}
	}
	return scaled{1, " " + glyph.Line(string(u))}
}

// size is a way to write values from a size on: in so many, with a suffix.
type size struct {
	from, of float64
	suffix   string
}

func suited(largest float64, small scaled, sizes []size) scaled {
	for _, s := range sizes {
		if largest >= s.from {
			return scaled{1 / s.of, s.suffix}
		}
	}
	return small
}

// longSuffix is the length of a unit that stands once beside the axis.
const longSuffix = 5

// newAxis returns an axis with about so many ticks, whose ends are ticks. Without a zero it
// shows no more than the values take.
func newAxis(e extent, u display.Unit, most int, zero bool) axis {
	if zero {
		e.add(new(0.0))
	}
	s := scaleOf(u, max(math.Abs(e.low), math.Abs(e.high)))
	low, high := e.low*s.factor, e.high*s.factor
	if high-low <= 1e-9*max(math.Abs(low), math.Abs(high), 1e-12) {
		pad := max(math.Abs(high)*0.1, smallest(u))
		if !zero || low < 0 {
			low -= pad
		}
		high += pad
	}
	step := nice((high - low) / float64(max(most, 2)))
	if u == display.Count && s.factor == 1 {
		step = max(step, 1)
	}
	first, last := math.Floor(low/step+1e-9), math.Ceil(high/step-1e-9)
	if u == display.Share && e.low >= 0 && e.high <= 1 {
		first, last = max(first, 0), min(last, math.Round(100/step))
	}
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	a := axis{low: first * step / s.factor, high: last * step / s.factor}
	suffix := s.suffix
	if len([]rune(suffix)) > longSuffix {
		a.name, suffix = strings.TrimSpace(suffix), ""
	}
	for i := first; i <= last; i++ {
		label := written(i*step, decimals)
		if label != "0" || suffix == "" || suffix[0] == ' ' { // 0 k is 0
			label += suffix
		}
		a.ticks = append(a.ticks, tick{i * step / s.factor, label})
	}
	return a
}

// smallest is half of the range that is shown around a value of 0.
func smallest(u display.Unit) float64 {
	if u == display.Share || u == display.Points {
		return 0.5
	}
	return 1
}

// nice rounds a step up to 1, 2 or 5 times a power of ten.
func nice(step float64) float64 {
	if step <= 0 || !display.Finite(step) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(step)))
	for _, m := range []float64{1, 2, 5} {
		if step <= m*power*(1+1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// written writes a number with the signs that package display uses, and never as −0.
func written(x float64, decimals int) string {
	size := strconv.FormatFloat(math.Abs(x), 'f', decimals, 64)
	if math.Abs(x) >= 1e15 {
		size = strconv.FormatFloat(math.Abs(x), 'g', 3, 64)
	} else if len(size) == 4 && decimals == 0 {
		size = size[:1] + "," + size[1:]
	}
	switch {
	case !strings.ContainsAny(size, "123456789"):
		return "0"
	case x < 0:
		return "−" + size
	}
	return size
}
