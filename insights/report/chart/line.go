package chart

import (
	"slices"
	"time"

	"belfry/insights/display"
)

func hasBand(p display.Point) bool { return p.Low != nil && p.High != nil }

// runs cuts a history into the stretches in which each point has something to draw, and
// which lack no step.
func runs(h display.History, has func(display.Point) bool) (all []display.History) {
	longest := 16 * usual(h) / 10
	begin := -1
	for i, p := range h {
		apart := begin >= 0 && longest > 0 && p.At.Sub(h[i-1].At) > longest
		if begin >= 0 && (!has(p) || apart) {
			all = append(all, h[begin:i])
			begin = -1
		}
		if begin < 0 && has(p) {
			begin = i
		}
	}
	if begin >= 0 {
		all = append(all, h[begin:])
	}
	return all
}

// usual is the median step between points.
func usual(h display.History) time.Duration {
	steps := make([]time.Duration, 0, len(h))
	for i := 1; i < len(h); i++ {
		steps = append(steps, h[i].At.Sub(h[i-1].At))
	}
	if len(steps) == 0 {
		return 0
	}
	slices.Sort(steps)
	return steps[len(steps)/2]
}

func (k *course) drawBand(c *canvas, i int, x timeAxis, y axis) {
	color := strokeOf(k.number(i), false).color
	for _, run := range runs(k.lines[i], hasBand) {
		var over, under []spot
		for _, p := range run {
			over = append(over, spot{x.at(p.At), y.at(*p.High)})
			under = append(under, spot{x.at(p.At), y.at(*p.Low)})
		}
		if len(run) == 1 {
			at := over[0].X
			over = []spot{{at - 3, over[0].Y}, {at + 3, over[0].Y}}
			under = []spot{{at - 3, under[0].Y}, {at + 3, under[0].Y}}
		}
		over, under = thinned(over), thinned(under)
		slices.Reverse(under)
		c.area(append(over, under...), color)
	}
}

// mostMarked is how many points have each its marker. In longer series some have.
const mostMarked = 40

func (k *course) drawLine(c *canvas, i int, x timeAxis, y axis) {
	n, ahead := k.number(i), k.Series[i].Ahead
	s := strokeOf(n, ahead)
	every := 1 + len(k.lines[i])/mostMarked*5
	count := 0
	for _, run := range runs(k.joined(i), func(p display.Point) bool { return p.Value != nil }) {
		var line []spot
		for _, p := range run {
			line = append(line, spot{x.at(p.At), y.at(*p.Value)})
		}
		if len(line) > 1 {
			c.line(thinned(line), s.color, 2, s.dashes)
		}
		for j, at := range line {
			if count++; len(line) == 1 || !ahead && j%every == every/2 && len(k.Series) > 1 {
				c.mark(n, at, s.color)
			}
			if run[j].Odd {
				c.ring(at, 4, odd)
			}
		}
	}
}

// joined returns the points of a series. A forecast begins where the line before it ends.
func (k *course) joined(i int) display.History {
	if !k.Series[i].Ahead || i == 0 || len(k.lines[i]) == 0 || len(k.lines[i-1]) == 0 {
		return k.lines[i]
	}
	last := k.lines[i-1][len(k.lines[i-1])-1]
	if last.Value == nil || !last.At.Before(k.lines[i][0].At) {
		return k.lines[i]
	}
	return append(display.History{{At: last.At, Value: last.Value}}, k.lines[i]...)
}

// number returns which line a series is drawn as: a forecast as that before it.
func (k *course) number(i int) int {
	n := -1
	for j := 0; j <= i; j++ {
		if !k.Series[j].Ahead || n < 0 {
			n++
		}
	}
	return n
}

// thinned leaves out what nobody sees in a long line: of neighbors less than two pixels
// apart, all but the lowest and the highest.
func thinned(line []spot) []spot {
	const most, column = 400, 2.0
	if len(line) <= most {
		return line
	}
	var kept []spot
	for i := 0; i < len(line); {
		low, high, j := i, i, i
		for ; j < len(line) && line[j].X < line[i].X+column; j++ {
			if line[j].Y < line[low].Y {
				low = j
			}
			if line[j].Y > line[high].Y {
				high = j
			}
		}
		kept = append(kept, line[min(low, high)])
		if low != high {
			kept = append(kept, line[max(low, high)])
		}
		i = j
	}
	return append(kept, line[len(line)-1])
}
