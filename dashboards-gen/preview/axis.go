package preview

import (
	"math"
	"regexp"
	"strings"
	"time"

	"belfry/dashboards-gen/view"
)

// axis maps values to a scale.
type axis struct {
	low, high, tick float64
}

// newAxis returns an axis that spans the values and the limits of the configuration,
// and ends on a tick.
func newAxis(c view.Field, low, high float64, ticks int) axis {
	if c.Custom.AxisSoftMin != nil {
		low = min(low, *c.Custom.AxisSoftMin)
	}
	if c.Custom.AxisSoftMax != nil {
		high = max(high, *c.Custom.AxisSoftMax)
	}
	if c.Min != nil {
		low = *c.Min
	}
	if c.Max != nil {
		high = *c.Max
	}
	if !(high > low) {
		high = low + 1
	}
	if high-low < 1e-9*math.Abs(high) {
		high = low + math.Abs(low)/10 // finer than floating point can tell
	}
	a := axis{low: low, high: high, tick: niceStep((high - low) / float64(max(ticks, 1)))}
	if c.Min == nil {
		a.low = math.Floor(a.low/a.tick) * a.tick
	}
	if c.Max == nil {
		a.high = math.Ceil(a.high/a.tick) * a.tick
	}
	return a
}

// niceStep rounds up to 1, 2 or 5 times a power of ten.
func niceStep(rough float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= rough {
			return m * power
		}
	}
	return 10 * power
}

// share returns where a value is between the ends, from 0 to 1.
func (a axis) share(value float64) float64 {
	return math.Max(-0.05, math.Min(1.05, (value-a.low)/(a.high-a.low)))
}

// labels returns the ticks with their texts.
func (a axis) labels(c view.Field) (values []float64, texts []string) {
	c.Mappings = nil
	if c.Unit != "percentunit" || a.tick >= 0.01 {
		c.Decimals = nil
	}
	for i := 0; ; i++ {
		v := a.low + float64(i)*a.tick
		if v > a.high+a.tick/1e6 {
			return values, texts
		}
		v = math.Round(v/a.tick*1e6) / 1e6 * a.tick
		values, texts = append(values, v), append(texts, tidy(format(c, roundTo(v, a.tick))))
	}
}

var trailing = regexp.MustCompile(`^(\D*\d+)(\.\d*[1-9])?\.?0+(\D.*)?$`)

// tidy removes trailing zeros.
func tidy(text string) string {
	if !strings.Contains(text, ".") {
		return text
	}
	return trailing.ReplaceAllString(text, "$1$2$3")
}

// roundTo removes floating-point noise from a multiple of a tick.
func roundTo(v, tick float64) float64 {
	digits := math.Pow10(int(math.Max(0, 2-math.Floor(math.Log10(tick)))))
	return math.Round(v*digits) / digits
}

// tickSteps lists the distances between two ticks of the time axis, in seconds.
var tickSteps = []float64{
	60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 2 * 86400, 7 * 86400, 14 * 86400, month,
}

const (
	day   = 86400.0
	month = 31 * day
)

// timeTicks returns round times with their texts, as many as there is room for.
func timeTicks(from, to float64, room int) (times []float64, texts []string) {
	step := month
	for _, s := range tickSteps {
		if (to-from)/s <= float64(room) {
			step = s
			break
		}
	}
	layout := "2006-01"
	switch {
	case step < day && to-from <= day+3600:
		layout = "15:04"
	case step < day:
		layout = "01/02 15:04"
	case step < month:
		layout = "01/02"
	}
	for t := math.Ceil(from/step) * step; t <= to; t += step {
		times, texts = append(times, t), append(texts, time.Unix(int64(t), 0).UTC().Format(layout))
	}
	return times, texts
}

// drawAxes draws the grid and its labels, and returns the box that is left.
func drawAxes(c *canvas, b box, a axis, config view.Field, from, to float64) box {
	values, texts := a.labels(config)
	widest := 0.0
	for _, text := range texts {
		widest = math.Max(widest, widthOf(text, 11.5))
	}
	left := b.inner(widest+8, 4, 6, 20)
	var lines pen
	for i, v := range values {
		y := left.y + left.h*(1-a.share(v))
		lines.through(point{left.x, y}, point{left.x + left.w, y})
		c.text(left.x-6, y+4, texts[i], 11.5, faint, "end", false)
	}
	c.stroke(&lines, grid, 1, "")
	drawTimes(c, left, from, to)
	return left
}

// drawTimes labels the time axis below a box.
func drawTimes(c *canvas, b box, from, to float64) {
	times, names := timeTicks(from, to, int(b.w/85))
	var lines pen
	for i, t := range times {
		x := b.x + b.w*(t-from)/(to-from)
		lines.through(point{x, b.y}, point{x, b.y + b.h})
		if half := widthOf(names[i], 11.5) / 2; x-half >= b.x-30 && x+half <= b.x+b.w+8 {
			c.text(x, b.y+b.h+16, names[i], 11.5, faint, "middle", false)
		}
	}
	c.stroke(&lines, grid, 1, "")
}
