package preview

import (
	"math"
	"slices"
	"strings"
)

// drawGraph draws series over time: lines, or bars on top of each other.
func drawGraph(c *canvas, f frame, b box) {
	shown := slices.DeleteFunc(slices.Clone(f.fields), func(own field) bool { return own.config.Custom.HideFrom.Viz })
	b = drawLegend(c, f, shown, b)
	stacks := stack(shown)
	config := f.panel.FieldConfig.Defaults
	low, high := math.Inf(1), math.Inf(-1)
	for i, own := range shown {
		for j := range own.values {
			low, high = least(low, stacks[i][j].from), most(high, stacks[i][j].to)
		}
	}
	if math.IsInf(low, 1) || math.IsInf(high, -1) {
		low, high = 0, 1
	}
	plot := drawAxes(c, b, newAxis(config, low, high, int(b.h/45)), config, f.from, f.to)
	a := newAxis(config, low, high, int(b.h/45))
	end := c.clip(box{plot.x, plot.y - 2, plot.w, plot.h + 4})
	drawLimits(c, f, plot, a)
	for i, own := range shown {
		if own.config.Custom.FillBelowTo != "" {
			f.between(c, own, shown, plot, a, i)
		}
		if own.config.Custom.DrawStyle == "bars" {
			f.bars(c, own, stacks[i], plot, a, i)
		} else {
			f.line(c, own, stacks[i], plot, a, i)
		}
	}
	end()
}

// least and most leave out what is no number.
func least(a, b float64) float64 {
	if math.IsNaN(b) || math.IsInf(b, 0) {
		return a
	}
	return math.Min(a, b)
}

func most(a, b float64) float64 { return -least(-a, -b) }

// reach is where a value begins and ends on the axis.
type reach struct{ from, to float64 }

// stack puts stacked fields on top of each other by time; others begin at
// themselves.
func stack(fields []field) [][]reach {
	height := map[float64]float64{}
	all := make([][]reach, len(fields))
	for i, own := range fields {
		all[i] = make([]reach, len(own.values))
		for j, v := range own.values {
			all[i][j] = reach{v, v}
			if own.config.Custom.Stacking.Mode == "normal" && !math.IsNaN(v) {
				all[i][j] = reach{height[own.times[j]], height[own.times[j]] + v}
				height[own.times[j]] += v
			}
		}
	}
	return all
}

func (f frame) x(plot box, t float64) float64 { return plot.x + plot.w*(t-f.from)/(f.to-f.from) }

// line draws one series with gaps where nothing was measured.
func (f frame) line(c *canvas, own field, reaches []reach, plot box, a axis, i int) {
	width := 1.5
	if w := own.config.Custom.LineWidth; w != nil {
		width = *w
	}
	y := func(v float64) float64 { return plot.y + plot.h*(1-a.share(v)) }
	var d, area strings.Builder
	begun := math.NaN()
	closeArea := func(last float64) {
		if !math.IsNaN(begun) {
			area.WriteString("L" + px(f.x(plot, last)) + " " + px(y(a.low)) + "L" + px(f.x(plot, begun)) + " " + px(y(a.low)) + "Z")
		}
	}
	for j, r := range reaches {
		gap := j == 0 || math.IsNaN(reaches[j-1].to) || own.times[j]-own.times[j-1] > 1.5*max(f.step, 1)
		if gap && j > 0 {
			closeArea(own.times[j-1])
			begun = math.NaN()
		}
		if math.IsNaN(r.to) {
			continue
		}
		command := "L"
		if gap {
			command, begun = "M", own.times[j]
		}
		point := command + px(f.x(plot, own.times[j])) + " " + px(y(r.to))
		d.WriteString(point)
		area.WriteString(point)
		if gap && (j+1 == len(reaches) || own.times[j+1]-own.times[j] > 1.5*max(f.step, 1)) {
			c.rect(f.x(plot, own.times[j])-1.5, y(r.to)-1.5, 3, 3, own.colourOf(i, r.to), "", 1.5) // alone it would not show
		}
	}
	if n := len(own.times); n > 0 {
		closeArea(own.times[n-1])
	}
	last := reduce("lastNotNull", own.values)
	hue := own.colourOf(i, last)
	if opacity := own.config.Custom.FillOpacity; opacity > 0 && own.config.Custom.FillBelowTo == "" {
		c.path(area.String(), "none", 0, hue, opacity/100, "")
	}
	dash := ""
	if s := own.config.Custom.LineStyle; s != nil && s.Fill == "dash" {
		dash = "8 6"
	}
	if width > 0 {
		c.path(d.String(), hue, width, "none", 0, dash)
	}
}

// bars draws one series as the amounts of its intervals.
func (f frame) bars(c *canvas, own field, reaches []reach, plot box, a axis, i int) {
	width := max(plot.w*f.step/(f.to-f.from)*0.8, 1)
	var d strings.Builder
	for j, r := range reaches {
		if math.IsNaN(r.to) || r.to == r.from {
			continue
		}
		x := f.x(plot, own.times[j]) - width
		top, bottom := plot.y+plot.h*(1-a.share(r.to)), plot.y+plot.h*(1-a.share(r.from))
		if own.config.Custom.Stacking.Mode != "normal" {
			bottom = plot.y + plot.h*(1-a.share(math.Max(0, a.low)))
		}
		d.WriteString("M" + px(x) + " " + px(bottom) + "V" + px(top) + "h" + px(width) + "V" + px(bottom) + "Z")
	}
	c.path(d.String(), "none", 0, own.colourOf(i, reduce("lastNotNull", own.values)), max(own.config.Custom.FillOpacity, 60)/100, "")
}

// between fills from a series down to another: a band.
func (f frame) between(c *canvas, upper field, fields []field, plot box, a axis, i int) {
	below := slices.IndexFunc(fields, func(other field) bool { return other.name == upper.config.Custom.FillBelowTo })
	if below < 0 {
		return
	}
	var forth, back string
	for j, v := range upper.values {
		forth += map[bool]string{true: "M", false: "L"}[forth == ""] + px(f.x(plot, upper.times[j])) + " " + px(plot.y+plot.h*(1-a.share(v)))
	}
	lower := fields[below]
	for j := len(lower.values) - 1; j >= 0; j-- {
		back += "L" + px(f.x(plot, lower.times[j])) + " " + px(plot.y+plot.h*(1-a.share(lower.values[j])))
	}
	if forth != "" && back != "" {
		c.path(forth+back+"Z", "none", 0, upper.colourOf(i, 0), max(upper.config.Custom.FillOpacity, 10)/100, "")
	}
}

// drawLimits draws the thresholds as lines or areas where the panel shows them.
func drawLimits(c *canvas, f frame, plot box, a axis) {
	t, mode := f.panel.FieldConfig.Defaults.Thresholds, f.panel.FieldConfig.Defaults.Custom.ThresholdsStyle.Mode
	if t == nil || mode == "" || mode == "off" {
		return
	}
	for _, s := range t.Steps {
		if s.Value == nil || *s.Value > a.high || *s.Value < a.low {
			continue
		}
		y := plot.y + plot.h*(1-a.share(*s.Value))
		c.line(plot.x, y, plot.x+plot.w, y, colour(s.Color), 1.5, "8 6")
	}
}
