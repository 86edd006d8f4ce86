package preview

import (
	"math"
	"slices"
)

// plot maps times and values to a box.
type plot struct {
	box
	axis
	from, to float64 // the time axis, in seconds since 1970
	step     float64 // seconds between two points
}

func (p plot) atTime(t float64) float64 { return p.x + p.w*(t-p.from)/(p.to-p.from) }

func (p plot) atValue(v float64) float64 { return p.y + p.h*(1-p.share(v)) }

// gap reports whether samples are missing between two times.
func (p plot) gap(before, after float64) bool { return after-before > 1.5*max(p.step, 1) }

// drawGraph draws series over time: lines, or stacked bars.
func drawGraph(c *canvas, f frame, b box) {
	b = drawLegend(c, f, b)
	stacks := stack(f.fields)
	config := f.panel.FieldConfig.Defaults
	low, high := math.Inf(1), math.Inf(-1)
	for i, own := range f.fields {
		for j := range own.values {
			low, high = least(low, stacks[i][j].from), greatest(high, stacks[i][j].to)
		}
	}
	if math.IsInf(low, 1) || math.IsInf(high, -1) {
		low, high = 0, 1
	}
	p := plot{axis: newAxis(config, low, high, int(b.h/45)), from: f.from, to: f.to, step: f.step}
	p.box = drawAxes(c, b, p.axis, config, f.from, f.to)
	end := c.clip(box{p.x, p.y - 2, p.w, p.h + 4})
	drawLimits(c, f, p)
	for i, own := range f.fields {
		if own.config.Custom.FillBelowTo != "" {
			drawBand(c, own, f.fields, p, i)
		}
		if own.config.Custom.DrawStyle == "bars" {
			drawAmounts(c, own, stacks[i], p, i)
		} else {
			drawLine(c, own, p, i)
		}
	}
	end()
}

// least and greatest ignore NaN and infinities.
func least(a, b float64) float64 {
	if math.IsNaN(b) || math.IsInf(b, 0) {
		return a
	}
	return math.Min(a, b)
}

func greatest(a, b float64) float64 { return -least(-a, -b) }

// reach says where a value begins and ends on the axis.
type reach struct{ from, to float64 }

// stack returns the reaches of the fields. Stacked fields begin where those below end.
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

// drawLine draws one series, with gaps where there are no samples. If the series
// spans the graph, the same path fills the area below it.
func drawLine(c *canvas, own field, p plot, i int) {
	width := 1.5
	if w := own.config.Custom.LineWidth; w != nil {
		width = *w
	}
	if width == 0 {
		return
	}
	hue := own.colorOf(i, own.newest())
	dash := ""
	if s := own.config.Custom.LineStyle; s != nil && s.Fill == "dash" {
		dash = "8 6"
	}
	lines := runs(own, p)
	if own.config.Custom.FillOpacity > 0 && own.config.Custom.FillBelowTo == "" && spans(lines, p) {
		c.path(area(lines[0], p, width), hue, width, hue, own.config.Custom.FillOpacity/100, dash)
		return
	}
	var line pen
	for _, points := range lines {
		if len(points) == 1 { // a line would not show
			c.rect(box{points[0].x - 1.5, points[0].y - 1.5, 3, 3}, hue, "", 1.5)
			continue
		}
		line.through(thin(points)...)
	}
	c.stroke(&line, hue, width, dash)
}

// area returns a line that spans the graph, closed outside of the graph, where its
// stroke does not show.
func area(points []point, p plot, width float64) *pen {
	left, right, bottom := p.x-width, p.x+p.w+width, p.y+p.h+2+width
	var closed pen
	closed.through(point{left, bottom}, point{left, points[0].y})
	for _, at := range thin(points) {
		closed.line(at.x, at.y)
	}
	closed.line(right, points[len(points)-1].y)
	closed.line(right, bottom)
	closed.close()
	return &closed
}

// runs returns the points of a series, cut where there are gaps.
func runs(own field, p plot) [][]point {
	var all [][]point
	for j, v := range own.values {
		if math.IsNaN(v) {
			continue
		}
		at := point{p.atTime(own.times[j]), p.atValue(v)}
		if j == 0 || math.IsNaN(own.values[j-1]) || p.gap(own.times[j-1], own.times[j]) {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], at)
	}
	return all
}

// spans reports whether a line goes from one side of the graph to the other.
func spans(lines [][]point, p plot) bool {
	if len(lines) != 1 || len(lines[0]) < 2 {
		return false
	}
	points := lines[0]
	return points[0].x <= p.x+1 && points[len(points)-1].x >= p.x+p.w-1
}

// drawAmounts draws one series as bars, one for each interval.
func drawAmounts(c *canvas, own field, reaches []reach, p plot, i int) {
	width := max(p.w*p.step/(p.to-p.from)*0.8, 1)
	var bars pen
	for j, r := range reaches {
		if math.IsNaN(r.to) || r.to == r.from {
			continue
		}
		x := p.atTime(own.times[j]) - width
		top, bottom := p.atValue(r.to), p.atValue(r.from)
		if own.config.Custom.Stacking.Mode != "normal" {
			bottom = p.atValue(math.Max(0, p.low))
		}
		bars.through(point{x, bottom}, point{x, top}, point{x + width, top}, point{x + width, bottom})
		bars.close()
	}
	hue := own.colorOf(i, own.newest())
	c.fill(&bars, hue, max(own.config.Custom.FillOpacity, 60)/100)
}

// drawBand fills the area between a series and another below it.
func drawBand(c *canvas, upper field, fields []field, p plot, i int) {
	below := slices.IndexFunc(fields, func(other field) bool { return other.name == upper.config.Custom.FillBelowTo })
	if below < 0 || len(upper.values) == 0 || len(fields[below].values) == 0 {
		return
	}
	edge := func(own field) []point { return thin(slices.Concat(runs(own, p)...)) }
	forth, back := edge(upper), edge(fields[below])
	slices.Reverse(back)
	var band pen
	band.through(slices.Concat(forth, back)...)
	band.close()
	c.fill(&band, upper.colorOf(i, 0), max(upper.config.Custom.FillOpacity, 10)/100)
}

// drawLimits draws the thresholds as lines, if the panel shows them.
func drawLimits(c *canvas, f frame, p plot) {
	t, mode := f.panel.FieldConfig.Defaults.Thresholds, f.panel.FieldConfig.Defaults.Custom.ThresholdsStyle.Mode
	if t == nil || mode == "" || mode == "off" {
		return
	}
	for _, s := range t.Steps {
		if s.Value == nil || *s.Value > p.high || *s.Value < p.low {
			continue
		}
		var line pen
		line.through(point{p.x, p.atValue(*s.Value)}, point{p.x + p.w, p.atValue(*s.Value)})
		c.stroke(&line, colorNamed(s.Color), 1.5, "8 6")
	}
}
