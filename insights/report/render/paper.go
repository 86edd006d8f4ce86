package render

import (
	"strings"

	"belfry/insights/report/typeface"
)

// font is a typeface with its size in points and its color.
type font struct {
	family, style string
	size          float64
	color         ink
}

var (
	body  = font{"go", "", 9.5, inkText}
	small = font{"go", "", 7.5, inkText}
	code8 = font{"mono", "", 7.5, inkText}
)

func (f font) in(c ink) font {
	f.color = c
	return f
}

// height is that of a line, in millimeters.
func (f font) height() float64 { return f.size * 25.4 / 72 * 1.32 }

// styled is a text in a font.
type styled struct {
	text string
	font font
}

func (p *paper) use(f font) {
	p.file.SetFont(f.family, f.style, f.size)
	p.file.SetTextColor(f.color.r, f.color.g, f.color.b)
}

func (p *paper) draw(c ink) {
	p.file.SetDrawColor(c.r, c.g, c.b)
	p.file.SetLineWidth(0.2)
}

// line writes a line, which is legible and fits, without moving on.
func (p *paper) line(t string, f font, width float64, align string, link int) {
	p.use(f)
	p.file.CellFormat(width, f.height(), t, "", 0, align, false, link, "")
}

func (p *paper) gap(h float64) {
	if p.file.GetY() > top {
		p.file.SetXY(edge, p.file.GetY()+h)
	}
}

// room begins a page where there is no room for what follows.
func (p *paper) room(height float64) {
	if y := p.file.GetY(); y+height > pageHeight-foot && y > top {
		p.file.AddPage()
	}
}

// write writes a paragraph.
func (p *paper) write(t string, f font) { p.indented(t, f, 0) }

func (p *paper) indented(t string, f font, indent float64) {
	for _, l := range p.lines(t, f, inner-indent) {
		p.room(f.height())
		p.file.SetX(edge + indent)
		p.line(l, f, inner-indent, "L", 0)
		p.file.SetXY(edge, p.file.GetY()+f.height())
	}
}

// barred draws a bar beside what is written, as far as it is on one page.
func (p *paper) barred(c ink, write func()) {
	page, from := p.file.PageNo(), p.file.GetY()
	write()
	if p.file.PageNo() != page {
		from = top
	}
	p.file.SetFillColor(c.r, c.g, c.b)
	p.file.Rect(edge, from, 0.8, p.file.GetY()-from, "F")
	p.gap(2)
}

// lines cuts a text into lines of a width, also within words that are wider. A percent sign
// stays with its number.
func (p *paper) lines(t string, f font, width float64) (all []string) {
	p.use(f)
	width -= 2*p.file.GetCellMargin() + 0.1
	line := ""
	for _, word := range strings.Fields(strings.ReplaceAll(typeface.Legible(t), " %", percent)) {
		word = strings.ReplaceAll(word, percent, "\u00a0%")
		if joined := strings.TrimLeft(line+" "+word, " "); p.file.GetStringWidth(joined) <= width {
			line = joined
			continue
		}
		if line != "" {
			all = append(all, line)
		}
		var cut []string
		cut, line = p.cut(word, width)
		all = append(all, cut...)
	}
	if line != "" || len(all) == 0 {
		all = append(all, line)
	}
	return all
}

// cut cuts a word that is too wide for a line, and returns what is left for the next.
func (p *paper) cut(word string, width float64) (all []string, rest string) {
	from, used := 0, 0.0
	for i, r := range word {
		wide := p.file.GetStringWidth(string(r))
		if used+wide > width && i > from {
			all = append(all, word[from:i])
			from, used = i, 0
		}
		used += wide
	}
	return all, word[from:]
}

// fit shortens a text to one line.
func (p *paper) fit(t string, f font, width float64) string {
	if all := p.lines(t, f, width-4); len(all) > 1 {
		return all[0] + "…"
	}
	return t
}

// wrapped cuts texts into lines of a width.
func (p *paper) wrapped(texts []styled, width float64) (all []styled) {
	for _, t := range texts {
		for _, l := range p.lines(t.text, t.font, width) {
			all = append(all, styled{l, t.font})
		}
	}
	return all
}

func heightOf(lines []styled) (height float64) {
	for _, l := range lines {
		height += l.font.height()
	}
	return height
}

// stack writes lines one below the other.
func (p *paper) stack(lines []styled, x, y, width float64, align string) {
	for _, l := range lines {
		p.file.SetXY(x, y)
		p.line(l.text, l.font, width, align, 0)
		y += l.font.height()
	}
}
