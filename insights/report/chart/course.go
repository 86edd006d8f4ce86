package chart

import (
	"cmp"
	"math"
	"slices"
	"time"

	"belfry/insights/display"
	"belfry/insights/report"
)

// stroke is how the line of a series is drawn.
type stroke struct {
	color  role
	dashes []float64
}

// strokeOf returns the line of the series with a number. A forecast has the color of the
// line that it continues, and short dashes.
func strokeOf(i int, ahead bool) stroke {
	patterns := [series][]float64{nil, {7, 3}, {2, 3}, {9, 3, 2, 3}, {12, 4}}
	s := stroke{line1 + role(i%series), patterns[i%series]}
	if ahead {
		s.dashes = []float64{3, 3}
	}
	return s
}

// OfCourse returns the chart of values over time, in a zone.
func OfCourse(c report.Course, zone *time.Location) Chart {
	drawn := Chart{Words: courseWords(c, zone)}
	k := course{Course: c, zone: zone}
	for _, l := range c.Series {
		k.lines = append(k.lines, cleaned(l.Points))
		for _, p := range k.lines[len(k.lines)-1] {
			k.extent.add(p.Value, p.Low, p.High)
			k.odd = k.odd || p.Odd && p.Value != nil
			k.bands = k.bands || hasBand(p)
			if k.from.IsZero() || p.At.Before(k.from) {
				k.from = p.At
			}
			if p.At.After(k.to) {
				k.to = p.At
			}
		}
	}
	k.from, k.to = k.from.In(zone), k.to.In(zone)
	drawn.Empty = !k.extent.some
	drawn.plan = k.plan
	return drawn
}

// course holds what a chart over time shows.
type course struct {
	report.Course
	zone       *time.Location
	lines      []display.History // as in Series, but drawable
	extent     extent
	from, to   time.Time
	odd, bands bool
}

// cleaned makes gaps of what cannot be drawn, and orders the points by time.
func cleaned(h display.History) display.History {
	clean := slices.Clone(h)
	for i := range clean {
		p := &clean[i]
		for _, v := range []**float64{&p.Value, &p.Low, &p.High} {
			if *v != nil && (!display.Finite(**v) || math.Abs(**v) > huge) {
				*v = nil
			}
		}
	}
	slices.SortStableFunc(clean, func(a, b display.Point) int { return a.At.Compare(b.At) })
	return clean
}

// The room of a chart over time, in pixels.
const (
	plotHeight, plotNarrow = 200.0, 165.0
	inset                  = 14.0 // on the right, and above the plot
	ticksY                 = 5    // how many steps the axis of values has
)

func (k *course) plan(wide float64, legible func(string) string) (float64, func(*canvas)) {
	y := newAxis(k.extent, k.Unit, ticksY, k.Unit == display.Count)
	y.name = legible(y.name)
	left := 0.0
	for i, t := range y.ticks {
		y.ticks[i].label = legible(t.label)
		left = max(left, width(y.ticks[i].label)+8)
	}
	legend := k.legend(legible).flow(wide)
	top := legend.height() + inset
	if y.name != "" {
		top += lineHeight
	}
	y.from, y.to = top+plotHeight, top
	if wide < Medium {
		y.from = top + plotNarrow
	}
	return y.from + 2*lineHeight + 8, func(c *canvas) {
		legend.draw(c)
		if y.name != "" {
			c.text(y.name, spot{0, top - inset}, start, quiet)
		}
		x := timeAxis{k.from, k.to, left, wide - inset}
		k.drawGrid(c, x, y)
		for i := range k.lines {
			k.drawBand(c, i, x, y)
		}
		for i := range k.lines {
			k.drawLine(c, i, x, y)
		}
	}
}

// timeAxis maps times to coordinates.
type timeAxis struct {
	first, last time.Time
	from, to    float64
}

func (a timeAxis) at(t time.Time) float64 {
	if !a.first.Before(a.last) {
		return (a.from + a.to) / 2
	}
	return a.from + float64(t.Sub(a.first))/float64(a.last.Sub(a.first))*(a.to-a.from)
}

func (k *course) drawGrid(c *canvas, x timeAxis, y axis) {
	for _, t := range y.ticks {
		at := y.at(t.at)
		c.line([]spot{{x.from, at}, {x.to, at}}, grid, 1, nil)
		c.text(t.label, spot{x.from - 8, at}, end, quiet)
	}
	all, name := moments(k.from, k.to, x.to-x.from)
	for _, m := range all {
		at := x.at(m.at)
		c.line([]spot{{at, y.from}, {at, y.from + 4}}, quiet, 1, nil)
		half := width(m.label) / 2
		c.text(m.label, spot{min(max(at, half), c.width-half), y.from + 0.9*lineHeight}, middle, quiet)
	}
	c.line([]spot{{x.from, y.from}, {x.to, y.from}}, quiet, 1, nil)
	c.text(name, spot{x.from, y.from + 1.9*lineHeight}, start, quiet)
}

// legend lists the series, and what bands and rings are.
func (k *course) legend(legible func(string) string) legend {
	var l legend
	if len(k.Series) > 1 || k.bands || k.odd {
		for i, one := range k.Series {
			n, s := k.number(i), strokeOf(k.number(i), one.Ahead)
			l = append(l, entry{name: legible(cmp.Or(one.Name, "Value")), sample: func(c *canvas, from, to spot) {
				c.line([]spot{from, to}, s.color, 2, s.dashes)
				if !one.Ahead && len(k.Series) > 1 {
					c.mark(n, spot{(from.X + to.X) / 2, from.Y}, s.color)
				}
			}})
		}
	}
	if k.bands {
		l = append(l, entry{name: k.bandName(), sample: func(c *canvas, from, to spot) {
			c.area([]spot{{from.X, from.Y - 5}, {to.X, from.Y - 5}, {to.X, from.Y + 5}, {from.X, from.Y + 5}}, line1)
		}})
	}
	if k.odd {
		l = append(l, entry{name: "Anomaly", sample: func(c *canvas, from, to spot) {
			c.ring(spot{(from.X + to.X) / 2, from.Y}, 4, odd)
		}})
	}
	return l
}

// bandName says what the bands are.
func (k *course) bandName() string {
	for i, h := range k.lines {
		if !k.Series[i].Ahead && slices.ContainsFunc(h, hasBand) {
			return "Expected range"
		}
	}
	return "95 % interval"
}
