package preview

import (
	"fmt"
	"math"
)

// Sizes of a table in pixels: the height of a row, and its text.
const (
	rowSize  = 27
	cellText = 12.5
)

// drawTable draws the header and as many rows as fit.
func drawTable(c *canvas, f frame, b box) {
	s := newSheet(f)
	widths := s.widths(b.w)
	shown := min(len(s.rows), max(0, int((b.h-rowSize)/rowSize)))
	x := b.x
	for i, col := range s.columns {
		col.cell(c, box{x, b.y, widths[i], rowSize}, col.name, linkBlue)
		x += widths[i]
	}
	c.rect(box{b.x, b.y + rowSize - 0.5, b.w, 1}, edge, "", 0)
	low, high := s.ends()
	var lines pen
	for i, r := range s.rows[:shown] {
		x, y := b.x, b.y+float64((i+1)*rowSize)
		for j, col := range s.columns {
			col.value(c, box{x, y, widths[j], rowSize}, r, low, high)
			x += widths[j]
		}
		lines.through(point{b.x, y + rowSize}, point{b.x + b.w, y + rowSize})
	}
	c.stroke(&lines, grid, 1, "")
	if shown < len(s.rows) {
		more := fmt.Sprintf("and %d more rows", len(s.rows)-shown)
		c.text(b.x+b.w, b.y+b.h+5, more, 11, faint, "end", false)
	}
}

// widths distributes the width by the longest texts.
func (s sheet) widths(all float64) []float64 {
	widths, sum := make([]float64, len(s.columns)), 0.0
	for i, col := range s.columns {
		widest := widthOf(col.name, cellText)
		for _, r := range s.rows {
			widest = math.Max(widest, widthOf(col.text(r), cellText))
		}
		widths[i] = math.Min(widest, 260) + 16
		sum += widths[i]
	}
	for i := range widths {
		widths[i] *= all / math.Max(sum, 1)
	}
	return widths
}

// ends returns the least and the greatest figure, the ends of the color scale.
func (s sheet) ends() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, r := range s.rows {
		for _, v := range r.values {
			low, high = least(low, v), greatest(high, v)
		}
	}
	return low, high
}

// value writes the text of the column in a row, with the colors of its cells.
func (c column) value(to *canvas, b box, r row, low, high float64) {
	hue := ink
	if v, ok := r.values[c.field]; ok {
		switch c.config.Custom.CellOptions.Type {
		case "color-text":
			hue = stepColor(c.config.Thresholds, v)
			if w, ok := mappedTo(c.config.Mappings, v); ok && w.Color != "" {
				hue = colorNamed(w.Color)
			}
		case "color-background":
			share := (v - low) / math.Max(high-low, 1e-9)
			to.rect(box{b.x, b.y, b.w - 1, b.h - 1}, mixed(weakest, strongBlue, share), "", 0)
		}
	}
	c.cell(to, b, c.text(r), hue)
}

// cell writes a text: figures to the right, words to the left.
func (c column) cell(to *canvas, b box, text, hue string) {
	if !c.number {
		to.fit(b.x+5, b.y+18, b.w-8, text, cellText, hue, "start")
		return
	}
	size := cellText
	if widthOf(text, size) > b.w-4 {
		size = 9.5
	}
	to.fit(b.x+b.w-5, b.y+18, b.w-2, text, size, hue, "end")
}
