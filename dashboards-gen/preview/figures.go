package preview

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// drawBars draws the value of each field as a bar with its name and figure.
func drawBars(c *canvas, f frame, b box) {
	rows := min(len(f.fields), max(1, int(b.h/20)))
	high, longest := 0.0, 0.0
	for _, own := range f.fields {
		high = math.Max(high, own.newest())
		longest = math.Max(longest, widthOf(own.name, 12.5))
	}
	if m := f.panel.FieldConfig.Defaults.Max; m != nil {
		high = *m
	}
	names, figures := math.Min(longest+10, b.w*0.42), 74.0
	height := math.Min(b.h/float64(rows), 44)
	for i, own := range f.fields[:rows] {
		y := b.y + float64(i)*height
		value := own.newest()
		hue := own.colorOf(i, value)
		c.fit(b.x, y+height/2+4, names-6, own.name, 12.5, ink, "start")
		track := box{b.x + names, y + 3, b.w - names - figures, height - 6}
		c.rect(track, grid, "", 2)
		if share := value / cmp.Or(high, 1); share > 0 {
			track.w *= math.Min(1, share)
			c.rect(track, hue, "", 2)
		}
		c.text(b.x+b.w, y+height/2+4, format(own.config, value), 12.5, hue, "end", true)
	}
	if rows < len(f.fields) {
		c.text(b.x+b.w, b.y+b.h+6, fmt.Sprintf("and %d more", len(f.fields)-rows), 11, faint, "end", false)
	}
}

// drawPie draws the values as parts of a ring, with their shares.
func drawPie(c *canvas, f frame, b box) {
	fields := slices.Clone(f.fields)
	slices.SortStableFunc(fields, func(x, y field) int { return cmp.Compare(y.newest(), x.newest()) })
	total := 0.0
	for _, own := range fields {
		total += math.Max(0, zeroIfNaN(own.newest()))
	}
	chart := box{b.x, b.y, math.Min(b.h, b.w*0.45), b.h}
	turn := 0.0
	for i, own := range fields {
		value := own.newest()
		hue := own.colorOf(i, value)
		share := "–"
		if total > 0 {
			share = fmt.Sprintf("%.0f%%", 100*value/total)
		}
		if value > 0 {
			drawSlice(c, chart, turn, turn+value/total, hue)
			turn += value / total
		}
		y := b.y + float64(i)*20 + math.Max(16, b.h/2-float64(len(fields))*10)
		if y > b.y+b.h {
			continue
		}
		left, right := chart.x+chart.w+12, b.x+b.w
		c.swatch(left, y, hue)
		c.fit(left+18, y, right-left-18-130, own.name, 12.5, ink, "start")
		c.text(right-76, y, share, 12.5, ink, "end", false)
		c.text(right, y, format(own.config, value), 12.5, ink, "end", false)
	}
}

// drawSlice draws a part of a pie, clockwise from the top; 1 is all of it.
func drawSlice(c *canvas, b box, from, to float64, hue string) {
	if to-from > 0.99 { // the ends of an arc would be one point, which has no direction
		drawSlice(c, b, from, (from+to)/2, hue)
		drawSlice(c, b, (from+to)/2, to, hue)
		return
	}
	x, y, radius := b.x+b.w/2, b.y+b.h/2, math.Min(b.w, b.h)*0.38
	at := func(share float64) (float64, float64) {
		angle := 2*math.Pi*share - math.Pi/2
		return x + radius*math.Cos(angle), y + radius*math.Sin(angle)
	}
	var p pen
	p.move(at(from))
	endX, endY := at(to)
	p.arc(radius, to-from > 0.5, endX, endY)
	c.stroke(&p, hue, radius*0.5, "")
}

func zeroIfNaN(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}
