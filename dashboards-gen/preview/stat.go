package preview

import (
	"math"
)

// drawStat draws the value of each field large, side by side if there is room.
func drawStat(c *canvas, f frame, b box) {
	n := float64(len(f.fields))
	across := f.panel.Options.Orientation != "horizontal" && b.w >= b.h
	named := n > 1 || f.panel.Options.TextMode == "value_and_name"
	for i, own := range f.fields {
		part := box{b.x, b.y + b.h*float64(i)/n, b.w, b.h / n}
		if across {
			part = box{b.x + b.w*float64(i)/n, b.y, b.w / n, b.h}
		}
		if f.panel.Options.TextMode == "name" {
			f.statName(c, own, part)
		} else {
			f.stat(c, own, part, named)
		}
	}
}

// statSize returns the text size that fits a box.
func statSize(text string, b box) float64 {
	letters := float64(max(len([]rune(text)), 3))
	return math.Min(math.Max(math.Min(b.h*0.42, b.w*0.95/(0.58*letters)), 12), 64)
}

// statName draws the name of a field in place of its value.
func (f frame) statName(c *canvas, own field, b box) {
	value := own.newest()
	size := math.Min(statSize(format(own.config, value), b), 20)
	c.fit(b.x+b.w/2, b.y+b.h/2+size*0.35, b.w, own.name, size, own.colorOf(0, value), "middle")
}

func (f frame) stat(c *canvas, own field, b box, named bool) {
	value := own.newest()
	text, hue := format(own.config, value), own.colorOf(0, value)
	size := statSize(text, b)
	middle := b.y + b.h/2 + size*0.35
	if named {
		label := math.Max(9, math.Min(math.Min(14, b.h*0.2), b.w*0.95/widthOf(own.name, 1)))
		middle += label * 0.6
		c.fit(b.x+b.w/2, middle-size*0.95, b.w, own.name, label, ink, "middle")
	}
	c.text(b.x+b.w/2, middle, text, size, hue, "middle", true)
}
