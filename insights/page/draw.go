package page

import (
	"belfry/insights/display"
	"fmt"
	"math"
	"strings"
)

// The size of the drawings, in units of their viewBox. The page scales them.
const (
	sparkWidth, sparkHeight = 240.0, 44.0
	barWidth, barHeight     = 240.0, 20.0
	margin                  = 3.0
)

// drawing holds a picture as coordinates, and what it shows in words.
type drawing struct {
	Width, Height float64
	Label         string
	// Bands, Lines and Dashes hold points as SVG's polygon and polyline take them.
	Bands, Lines, Dashes []string
	// Dots mark single values, and Odd those that are anomalies.
	Dots, Odd []spot
	// Zero and Now are lines across the picture, nil if they are not drawn.
	Zero, Now *float64
}

type spot struct{ X, Y float64 }

// scale maps values to coordinates.
type scale struct{ low, high, from, to float64 }

func (s scale) at(x float64) float64 {
	if s.high == s.low {
		return (s.from + s.to) / 2
	}
	return round(s.from + (x-s.low)/(s.high-s.low)*(s.to-s.from))
}

// round keeps the page small.
func round(x float64) float64 { return math.Round(x*10) / 10 }

// spark draws a series, and beyond it what is ahead. Both may have bands.
func spark(name string, u display.Unit, history, ahead display.History) *drawing {
	history, ahead = finite(history), finite(ahead)
	all := append(append(display.History{}, history...), ahead...)
	low, high, found := extent(all)
	if !found {
		return nil
	}
	x := scale{0, float64(len(all) - 1), margin, sparkWidth - margin}
	y := scale{low, high, sparkHeight - margin, margin}
	d := &drawing{Width: sparkWidth, Height: sparkHeight, Label: spoken(name, u, history, ahead)}
	d.Bands = bands(all, x, y)
	lines, dots := polylines(history, 0, x, y)
	d.Lines, d.Dots = lines, dots
	if len(ahead) > 0 {
		start := max(len(history)-1, 0)
		joined := append(append(display.History{}, history[start:]...), ahead...)
		lines, dots = polylines(joined, start, x, y)
		now := x.at(float64(start))
		d.Dashes, d.Now = lines, &now
		d.Dots = append(d.Dots, dots...)
	}
	for i, p := range all {
		if p.Odd && p.Value != nil {
			d.Odd = append(d.Odd, spot{x.at(float64(i)), y.at(*p.Value)})
		}
	}
	return d
}

// finite makes gaps of what is not a number.
func finite(h display.History) display.History {
	clean := make(display.History, len(h))
	for i, p := range h {
		clean[i] = p
		for _, v := range []**float64{&clean[i].Value, &clean[i].Low, &clean[i].High} {
			if *v != nil && !display.Finite(**v) {
				*v = nil
			}
		}
	}
	return clean
}

// extent returns the range of everything that is drawn.
func extent(h display.History) (low, high float64, found bool) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, p := range h {
		for _, v := range []*float64{p.Value, p.Low, p.High} {
			if v != nil {
				low, high, found = min(low, *v), max(high, *v), true
			}
		}
	}
	return low, high, found
}

// runs cuts a history into the stretches in which each point has something to draw.
func runs(h display.History, has func(display.Point) bool) (all [][2]int) {
	for i := 0; i < len(h); {
		end := i
		for end < len(h) && has(h[end]) {
			end++
		}
		if end > i {
			all = append(all, [2]int{i, end})
		}
		i = max(end, i+1)
	}
	return all
}

// polylines draws the values, with a gap where there are none. A value between two
// gaps is a dot.
func polylines(h display.History, first int, x, y scale) (lines []string, dots []spot) {
	for _, r := range runs(h, func(p display.Point) bool { return p.Value != nil }) {
		var b strings.Builder
		for i := r[0]; i < r[1]; i++ {
			fmt.Fprintf(&b, "%g,%g ", x.at(float64(first+i)), y.at(*h[i].Value))
		}
		if r[1]-r[0] == 1 {
			dots = append(dots, spot{x.at(float64(first + r[0])), y.at(*h[r[0]].Value)})
			continue
		}
		lines = append(lines, strings.TrimSpace(b.String()))
	}
	return lines, dots
}

// bands draws what was expected, as areas.
func bands(h display.History, x, y scale) (areas []string) {
	for _, r := range runs(h, func(p display.Point) bool { return p.Low != nil && p.High != nil }) {
		var b strings.Builder
		for i := r[0]; i < r[1]; i++ {
			fmt.Fprintf(&b, "%g,%g ", x.at(float64(i)), y.at(*h[i].High))
		}
		for i := r[1] - 1; i >= r[0]; i-- {
			fmt.Fprintf(&b, "%g,%g ", x.at(float64(i)), y.at(*h[i].Low))
		}
		areas = append(areas, strings.TrimSpace(b.String()))
	}
	return areas
}

// spoken says what a sparkline shows to those who do not see it.
func spoken(name string, u display.Unit, history, ahead display.History) string {
	var b strings.Builder
	low, high, latest, odd := math.Inf(1), math.Inf(-1), math.NaN(), 0
	for _, p := range history {
		if p.Value != nil {
			low, high, latest = min(low, *p.Value), max(high, *p.Value), *p.Value
		}
		if p.Odd {
			odd++
		}
	}
	fmt.Fprintf(&b, "%s", name)
	if len(history) > 1 {
		fmt.Fprintf(&b, " from %s to %s", display.When(history[0].At), display.When(history[len(history)-1].At))
	}
	if low <= high {
		fmt.Fprintf(&b, ": lowest %s, highest %s, latest %s", display.Write(low, u), display.Write(high, u),
			display.Write(latest, u))
	}
	if odd > 0 {
		fmt.Fprintf(&b, ", with %d anomalies", odd)
	}
	if n := len(ahead); n > 0 && ahead[n-1].Value != nil {
		fmt.Fprintf(&b, "; forecast for %s: %s", display.When(ahead[n-1].At), display.Write(*ahead[n-1].Value, u))
	}
	return b.String()
}

// bars draws the effects of comparisons with one unit on one scale, with their
// intervals and the line of no effect. Comparisons without an effect have no drawing.
func bars(all []display.Comparison) []*drawing {
	low, high := map[display.Unit]float64{}, map[display.Unit]float64{}
	for _, c := range all {
		if c.Effect != nil {
			low[c.Unit], high[c.Unit] = min(low[c.Unit], *c.Effect), max(high[c.Unit], *c.Effect)
		}
		if c.Range != nil {
			low[c.Unit], high[c.Unit] = min(low[c.Unit], c.Range.Low), max(high[c.Unit], c.Range.High)
		}
	}
	drawn := make([]*drawing, len(all))
	for i, c := range all {
		if c.Effect != nil {
			drawn[i] = bar(c, scale{low[c.Unit], high[c.Unit], margin, barWidth - margin})
		}
	}
	return drawn
}

func bar(c display.Comparison, x scale) *drawing {
	zero, middle := x.at(0), barHeight/2
	d := &drawing{Width: barWidth, Height: barHeight, Zero: &zero, Dots: []spot{{x.at(*c.Effect), middle}}}
	d.Label = fmt.Sprintf("Effect of %s on %s: %s", c.Arm, c.Metric, display.Signed(*c.Effect, c.Unit))
	if c.Range == nil {
		return d
	}
	d.Lines = []string{fmt.Sprintf("%g,%g %g,%g", x.at(c.Range.Low), middle, x.at(c.Range.High), middle)}
	d.Label += fmt.Sprintf(", %s %s to %s", c.Range.Level, display.Signed(c.Range.Low, c.Unit),
		display.Signed(c.Range.High, c.Unit))
	return d
}
