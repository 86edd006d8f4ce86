package chart

import (
	"fmt"

	"belfry/insights/display"
	"belfry/insights/report"
)

// OfBars returns the chart that compares figures. Bars begin at zero. Effects, and rates that
// lie far from zero, are points instead, on an axis that shows how they differ.
func OfBars(b report.Bars) Chart {
	k := bars{Bars: b, dots: b.Effects}
	for _, f := range b.Items {
		k.extent.add(f.Value, f.Previous)
		if f.Value != nil && f.Range != nil {
			k.extent.add(&f.Range.Low, &f.Range.High)
		}
		k.before = k.before || drawable(f.Previous)
		k.intervals = k.intervals || drawable(f.Value) && f.Range != nil
	}
	if !b.Effects && k.extent.low > nearTop*k.extent.high {
		k.dots = true
	}
	return Chart{Words: barsWords(b), Empty: !k.extent.some, plan: k.plan}
}

// nearTop is the share of the largest value from which on bars would all look alike.
const nearTop = 0.7

func drawable(x *float64) bool {
	var e extent
	e.add(x)
	return e.some
}

// bars holds what a chart of figures shows.
type bars struct {
	report.Bars
	extent            extent
	dots              bool
	before, intervals bool
}

// The room of a chart of bars, in pixels. On a phone names stand above their bars.
const (
	rowWide, rowNarrow = 26.0, 40.0
	mostName           = 220.0
	half               = 7.0 // of a bar's height
)

func (k *bars) plan(wide float64, legible func(string) string) (float64, func(*canvas)) {
	names, values := make([]string, len(k.Items)), make([]string, len(k.Items))
	nameRoom, valueRoom := 0.0, 0.0
	for i, f := range k.Items {
		names[i], values[i] = fit(legible(f.Name), mostName), fit(legible(k.written(f)), 110)
		nameRoom, valueRoom = max(nameRoom, width(names[i])+10), max(valueRoom, width(values[i])+10)
	}
	row := rowWide
	if wide < Medium {
		row, nameRoom = rowNarrow, 6
	}
	legend := k.legend().flow(wide)
	top := legend.height() + 6
	most := 6
	if wide < Medium {
		most = 3
	}
	x := newAxis(k.extent, k.Unit, most, k.Effects || !k.dots)
	x.from, x.to = nameRoom, wide-valueRoom-8
	for i, t := range x.ticks {
		x.ticks[i].label = legible(t.label)
	}
	x.name = legible(x.name)
	bottom := top + row*float64(len(k.Items))
	height := bottom + lineHeight + 6
	if x.name != "" {
		height += lineHeight
	}
	return height, func(c *canvas) {
		legend.draw(c)
		k.drawGrid(c, x, top, bottom)
		for i, f := range k.Items {
			y := top + row*(float64(i)+0.5)
			if wide < Medium {
				c.rect(0, y-18, width(names[i]), y-2, ground) // no line runs through the name
				c.text(names[i], spot{0, y - 10}, start, text)
				y += 8
			} else {
				c.text(names[i], spot{nameRoom - 10, y}, end, text)
			}
			k.drawFigure(c, f, x, y)
			c.text(values[i], spot{wide, y}, end, text)
		}
	}
}

// written is the figure at the end of its row.
func (k *bars) written(f display.Figure) string {
	switch {
	case f.Value == nil || !display.Finite(*f.Value):
		return "not known"
	case k.Effects:
		return display.Signed(*f.Value, k.Unit)
	}
	return display.Write(*f.Value, k.Unit)
}

func (k *bars) drawGrid(c *canvas, x axis, top, bottom float64) {
	last := -1e9
	for _, t := range x.ticks {
		at := x.at(t.at)
		color, dashes := grid, []float64(nil)
		if t.at == 0 {
			color = quiet
			if k.Effects {
				dashes = []float64{4, 3}
			}
		}
		c.line([]spot{{at, top}, {at, bottom}}, color, 1, dashes)
		if half := width(t.label) / 2; at-half > last+8 {
			c.text(t.label, spot{min(max(at, half), c.width-half), bottom + 0.8*lineHeight}, middle, quiet)
			last = at + half
		}
	}
	if x.name != "" {
		c.text(x.name, spot{(x.from + x.to) / 2, bottom + 1.8*lineHeight}, middle, quiet)
	}
}

func (k *bars) drawFigure(c *canvas, f display.Figure, x axis, y float64) {
	if drawable(f.Previous) && k.dots {
		c.before(spot{x.at(*f.Previous), y}, line2) // below, for the value is what counts
	}
	if drawable(f.Value) && !k.dots {
		c.rect(min(x.at(0), x.at(*f.Value)), y-half, max(x.at(0), x.at(*f.Value)), y+half, line1)
	}
	if drawable(f.Value) && f.Range != nil && drawable(&f.Range.Low) && drawable(&f.Range.High) {
		k.drawInterval(c, x.at(f.Range.Low), x.at(f.Range.High), y)
	}
	if drawable(f.Value) && k.dots {
		c.painter.Circle(5*fine, whole(x.at(*f.Value)), whole(y), palette[line1], palette[ground], fine)
	}
	if drawable(f.Previous) && !k.dots {
		c.before(spot{x.at(*f.Previous), y}, line2)
	}
}

// drawInterval draws a whisker. On a bar it has an edge in the color of the ground.
func (k *bars) drawInterval(c *canvas, from, to, y float64) {
	parts := [][]spot{{{from, y}, {to, y}}, {{from, y - 4}, {from, y + 4}}, {{to, y - 4}, {to, y + 4}}}
	if !k.dots {
		for _, p := range parts {
			c.line(p, ground, 4, nil)
		}
	}
	for _, p := range parts {
		c.line(p, text, 1.5, nil)
	}
}

func (k *bars) legend() (l legend) {
	if k.intervals {
		l = append(l, entry{name: k.level(), sample: func(c *canvas, from, to spot) {
			k.drawInterval(c, from.X+2, to.X-2, from.Y)
		}})
	}
	if k.before {
		l = append(l, entry{name: "Period before", sample: func(c *canvas, from, to spot) {
			c.before(spot{(from.X + to.X) / 2, from.Y}, line2)
		}})
	}
	if k.dots && !k.Effects {
		l = append(l, entry{name: "The axis does not begin at zero"})
	}
	return l
}

// level says what the intervals promise, if that is the same for all.
func (k *bars) level() string {
	level := ""
	for _, f := range k.Items {
		switch {
		case f.Range == nil || f.Range.Level == level:
		case level != "":
			return "Interval"
		default:
			level = f.Range.Level
		}
	}
	if level == "at every look" {
		return "Interval that holds at every look"
	}
	return fmt.Sprintf("%.40s", level)
}
