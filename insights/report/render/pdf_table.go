package render

import (
	"strings"

	"belfry/insights/display"
	"belfry/insights/report"
	"belfry/insights/report/typeface"
)

// The fonts of tables.
var (
	tableText = font{"go", "", 8.5, inkText}
	tableName = font{"go", "B", 8.5, inkText}
	tableMore = font{"go", "", 7, inkQuiet}
	tableHead = font{"go", "B", 7.5, inkQuiet}
)

// rowPad is what is above and below the text of a row, and widest how wide a column wants to
// be at most, in millimeters. A name is broken where it takes more than widestName.
const rowPad, widest, widestName = 1.1, 55.0, 40.0

// table draws a table. Its header is repeated on each page.
func (p *paper) table(t report.Table) {
	head := make([][]styled, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = []styled{{c.Name, tableHead}}
	}
	rows := make([][][]styled, len(t.Rows))
	for i, cells := range t.Rows {
		rows[i] = make([][]styled, len(cells))
		for k, c := range cells {
			rows[i][k] = cellLines(c, k == 0)
		}
	}
	widths := p.widths(append([][][]styled{head}, rows...), len(t.Columns))
	p.room(20)
	p.row(head, widths, t.Columns)
	for _, r := range rows {
		page := p.file.PageNo()
		if p.room(p.heightOfRow(r, widths)); p.file.PageNo() != page {
			p.row(head, widths, t.Columns)
		}
		p.row(r, widths, t.Columns)
	}
	if note := footnote(t); note != "" {
		p.gap(1)
		p.write(note, small.in(inkQuiet))
	}
}

// cellLines returns what a cell shows: a figure with its interval and its change below.
func cellLines(c report.Cell, first bool) []styled {
	plain := tableText
	if first {
		plain = tableName
	}
	f := c.Figure
	switch {
	case f == nil:
		return []styled{{c.Text, plain}}
	case f.Value == nil:
		return []styled{{f.Reason, tableMore}}
	}
	lines := []styled{{value(*f), plain}}
	if r := interval(*f); r != "" {
		lines = append(lines, styled{r, tableMore})
	}
	if change := display.Changed(*f); change != nil {
		lines = append(lines, styled{changed(*f), tableMore.in(toned(change))})
	}
	return lines
}

// widths shares the page among the columns: as much as their texts take, or less of what
// those have that can be broken.
func (p *paper) widths(rows [][][]styled, columns int) []float64 {
	wants, needs := make([]float64, columns), make([]float64, columns)
	for _, r := range rows {
		for i, lines := range r {
			for _, l := range lines {
				want, need := p.extent(l)
				wants[i] = max(wants[i], min(want, widest))
				if i == 0 {
					needs[i] = max(needs[i], min(need, widestName))
				} else {
					needs[i] = max(needs[i], min(need, widest/2))
				}
			}
		}
	}
	want, need := sum(wants), sum(needs)
	widths := make([]float64, columns)
	for i := range widths {
		switch {
		case want <= inner:
			widths[i] = wants[i] * inner / want
		case need < inner:
			widths[i] = needs[i] + (wants[i]-needs[i])*(inner-need)/(want-need)
		default:
			widths[i] = needs[i] * inner / need
		}
	}
	return widths
}

func sum(all []float64) (total float64) {
	for _, x := range all {
		total += x
	}
	return total
}

// extent returns how wide a text is in one line, and how wide its widest word is.
func (p *paper) extent(l styled) (line, word float64) {
	const pad = 4
	p.use(l.font)
	text := strings.ReplaceAll(typeface.Legible(l.text), " %", "\u00a0%")
	for w := range strings.SplitSeq(text, " ") {
		word = max(word, p.file.GetStringWidth(w))
	}
	return p.file.GetStringWidth(text) + pad, word + pad
}

func (p *paper) heightOfRow(r [][]styled, widths []float64) float64 {
	height := 0.0
	for i, lines := range r {
		height = max(height, heightOf(p.shown(lines, widths[i])))
	}
	return height + 2*rowPad
}

// shown returns the lines of a cell: no more than a page has room for.
func (p *paper) shown(lines []styled, width float64) []styled {
	return limited(p.wrapped(lines, width-1))
}

// limited cuts what no page has room for.
func limited(lines []styled) []styled {
	height := 0.0
	for i, l := range lines {
		if height += l.font.height(); height > pageHeight-top-foot-40 {
			return append(lines[:i:i], styled{"…", tableText})
		}
	}
	return lines
}

func (p *paper) row(r [][]styled, widths []float64, columns []report.Column) {
	x, y, height := edge, p.file.GetY(), p.heightOfRow(r, widths)
	for i, lines := range r {
		align := "L"
		if columns[i].Numbers {
			align = "R"
		}
		p.stack(p.shown(lines, widths[i]), x, y+rowPad, widths[i]-1, align)
		x += widths[i]
	}
	p.draw(inkLine)
	p.file.Line(edge, y+height, edge+inner, y+height)
	p.file.SetXY(edge, y+height)
}
