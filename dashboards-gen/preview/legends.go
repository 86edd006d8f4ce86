package preview

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Sizes of a legend, in pixels.
const (
	legendRow    = 19
	legendColumn = 68
)

// drawLegend lists the series and returns the box that is left.
func drawLegend(c *canvas, f frame, b box) box {
	o := f.panel.Options.Legend
	f.fields = slices.Clone(f.fields)
	for i := range f.fields {
		f.fields[i].hue = f.fields[i].colorOf(i, f.fields[i].newest())
	}
	f.fields = slices.DeleteFunc(f.fields, func(own field) bool { return own.config.Custom.HideFrom.Legend })
	switch {
	case !o.ShowLegend || len(f.fields) == 0:
		return b
	case o.Placement == "right" && b.w > 420:
		width := math.Min(b.w*0.4, 170+64*float64(len(o.Calcs)))
		legendTable(c, f, box{b.x + b.w - width, b.y, width, b.h})
		return box{b.x, b.y, b.w - width - 8, b.h}
	case o.DisplayMode == "table":
		height := math.Min(b.h*0.4, float64(legendRow*(len(f.fields)+1)))
		legendTable(c, f, box{b.x, b.y + b.h - height, b.w, height})
		return box{b.x, b.y, b.w, b.h - height - 4}
	}
	return legendList(c, f, b)
}

// legendList writes names and values in lines below the graph, on at most a third of
// the box.
func legendList(c *canvas, f frame, b box) box {
	type entry struct {
		text, hue string
		x         float64
		line      int
	}
	var entries []entry
	x, line := 0.0, 0
	for _, own := range f.fields {
		text := own.name
		for _, calc := range f.panel.Options.Legend.Calcs {
			text += "  " + calcNames[calc] + ": " + format(own.config, reduce(calc, own.values))
		}
		width := widthOf(text, textSize) + 28
		if x > 0 && x+width > b.w {
			x, line = 0, line+1
		}
		entries = append(entries, entry{text, own.hue, x, line})
		x += width
	}
	lines := min(line+1, max(1, int(b.h/3/legendRow)))
	top := b.y + b.h - float64(lines*legendRow)
	for i, e := range entries {
		if e.line >= lines {
			more := fmt.Sprintf("+%d", len(entries)-i)
			c.text(b.x+b.w, top+float64(lines*legendRow)-5, more, textSize, faint, "end", false)
			break
		}
		y := top + float64(e.line*legendRow) + 14
		c.swatch(b.x+e.x, y, e.hue)
		c.fit(b.x+e.x+18, y, b.w-e.x-18, e.text, textSize, ink, "start")
	}
	return box{b.x, b.y, b.w, b.h - float64(lines*legendRow) - 4}
}

// legendTable writes a line for each series with its values in columns, the
// greatest first.
func legendTable(c *canvas, f frame, b box) {
	calcs := f.panel.Options.Legend.Calcs
	lines := slices.Clone(f.fields)
	if len(calcs) > 0 {
		slices.SortStableFunc(lines, func(x, y field) int { // what has no value last
			return -cmp.Compare(reduce(calcs[0], x.values), reduce(calcs[0], y.values))
		})
	}
	column := func(i int) float64 { return b.x + b.w - float64((len(calcs)-1-i)*legendColumn) }
	for i, calc := range calcs {
		c.text(column(i), b.y+12, calcNames[calc], 11.5, linkBlue, "end", false)
	}
	rows := max(int(b.h/legendRow)-1, 0)
	for i, own := range lines {
		y := b.y + float64((i+1)*legendRow) + 12
		if i >= rows-1 && len(lines) > rows {
			c.text(b.x+18, y, fmt.Sprintf("and %d more", len(lines)-i), textSize, faint, "start", false)
			return
		}
		c.swatch(b.x, y, own.hue)
		c.fit(b.x+18, y, b.w-18-float64(len(calcs)*legendColumn), own.name, textSize, ink, "start")
		for j, calc := range calcs {
			c.fit(column(j), y, legendColumn, format(own.config, reduce(calc, own.values)), textSize, ink, "end")
		}
	}
}
