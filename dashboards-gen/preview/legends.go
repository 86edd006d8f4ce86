package preview

import (
	"fmt"
	"math"
	"slices"
)

const legendRow = 19

// drawLegend lists the series as the panel's options say and returns what is
// left of the box.
func drawLegend(c *canvas, f frame, fields []field, b box) box {
	o := f.panel.Options.Legend
	shown := slices.DeleteFunc(slices.Clone(fields), func(own field) bool { return own.config.Custom.HideFrom.Legend })
	switch {
	case !o.ShowLegend || len(shown) == 0:
		return b
	case o.Placement == "right" && b.w > 420:
		width := math.Min(b.w*0.4, 170+64*float64(len(o.Calcs)))
		legendTable(c, f, shown, box{b.x + b.w - width, b.y, width, b.h})
		return box{b.x, b.y, b.w - width - 8, b.h}
	case o.DisplayMode == "table":
		height := math.Min(b.h*0.4, float64(legendRow*(len(shown)+1)))
		legendTable(c, f, shown, box{b.x, b.y + b.h - height, b.w, height})
		return box{b.x, b.y, b.w, b.h - height - 4}
	}
	return legendList(c, f, shown, b)
}

// legendList writes names with their values one behind the other below the
// graph, in at most three lines.
func legendList(c *canvas, f frame, fields []field, b box) box {
	type entry struct {
		text, hue string
		x         float64
		line      int
	}
	var entries []entry
	x, line := 0.0, 0
	for i, own := range fields {
		text := own.name
		for _, calc := range f.panel.Options.Legend.Calcs {
			text += "  " + calcNames[calc] + ": " + format(own.config, reduce(calc, own.values))
		}
		width := widthOf(text, 12) + 28
		if x > 0 && x+width > b.w {
			x, line = 0, line+1
		}
		entries = append(entries, entry{text, own.colorOf(i, reduce("lastNotNull", own.values)), x, line})
		x += width
	}
	lines := min(line+1, max(1, int(b.h/3/legendRow)))
	top := b.y + b.h - float64(lines*legendRow)
	for i, e := range entries {
		if e.line >= lines {
			c.text(b.x+b.w, top+float64(lines*legendRow)-5, fmt.Sprintf("+%d", len(entries)-i), 12, faint, "end", false)
			break
		}
		y := top + float64(e.line*legendRow) + 14
		c.swatch(b.x+e.x, y, e.hue)
		c.fit(b.x+e.x+18, y, b.w-e.x-18, e.text, 12, ink, "start")
	}
	return box{b.x, b.y, b.w, b.h - float64(lines*legendRow) - 4}
}

// legendTable writes a line for each series with its values in columns.
func legendTable(c *canvas, f frame, fields []field, b box) {
	calcs := f.panel.Options.Legend.Calcs
	const column = 68
	order := slices.Clone(fields)
	places := map[string]int{}
	for i, own := range fields {
		places[own.name+own.refID] = i
	}
	if len(calcs) > 0 {
		slices.SortStableFunc(order, func(x, y field) int {
			a, b := reduce(calcs[0], x.values), reduce(calcs[0], y.values)
			switch {
			case a > b || math.IsNaN(b) && !math.IsNaN(a):
				return -1
			case a < b || math.IsNaN(a) && !math.IsNaN(b):
				return 1
			}
			return 0
		})
	}
	for i, calc := range calcs {
		c.text(b.x+b.w-float64((len(calcs)-1-i)*column), b.y+12, calcNames[calc], 11.5, linkBlue, "end", false)
	}
	rows := max(int(b.h/legendRow)-1, 0)
	for i, own := range order {
		y := b.y + float64((i+1)*legendRow) + 12
		if i >= rows-1 && len(order) > rows {
			c.text(b.x+18, y, fmt.Sprintf("and %d more", len(order)-i), 12, faint, "start", false)
			return
		}
		c.swatch(b.x, y, own.colorOf(places[own.name+own.refID], reduce("lastNotNull", own.values)))
		c.fit(b.x+18, y, b.w-18-float64(len(calcs)*column), own.name, 12, ink, "start")
		for j, calc := range calcs {
			c.fit(b.x+b.w-float64((len(calcs)-1-j)*column), y, column, format(own.config, reduce(calc, own.values)), 12, ink, "end")
		}
	}
}
