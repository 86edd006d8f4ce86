package render

import (
	"bytes"
	"fmt"
	"io"

	"github.com/go-pdf/fpdf"

	"belfry/insights/display"
	"belfry/insights/report"
	"belfry/insights/report/chart"
	"belfry/insights/report/typeface"
)

// The page, in millimeters.
const (
	pageWidth, pageHeight = 210.0, 297.0
	edge, top, foot       = 16.0, 18.0, 16.0
	inner                 = pageWidth - 2*edge
)

// ink is a color.
type ink struct{ r, g, b int }

// The colors, those of the insights page.
var (
	inkText  = ink{0x19, 0x1c, 0x20}
	inkQuiet = ink{0x52, 0x5a, 0x65}
	inkLine  = ink{0xd5, 0xd9, 0xdf}
	inkWarn  = ink{0x7d, 0x4a, 0x00}
	inkTones = map[string]ink{"good": {0x0b, 0x6b, 0x2e}, "bad": {0xb0, 0x1f, 0x17}, "warn": inkWarn}
)

// pdf writes a report as a PDF file. It is laid out twice: only the first time tells how many
// pages there are.
func pdf(w io.Writer, d report.Document) error {
	images, err := imagesOf(d)
	if err != nil {
		return err
	}
	draft := lay(d, images, 0)
	if err := draft.file.Error(); err != nil {
		return err
	}
	return lay(d, images, draft.file.PageCount()).file.Output(w)
}

// imagesOf draws the charts, by section and block. Empty charts have none. Each has another
// width, by a hair: fpdf orders images by it, and those of equal width by chance.
func imagesOf(d report.Document) (map[[2]int][]byte, error) {
	images := map[[2]int][]byte{}
	for i, s := range d.Sections {
		for j, b := range s.Blocks {
			switch b.(type) {
			case report.Course, report.Bars:
				image, err := chartOf(b, d).PNG(chart.Wide + len(images))
				if err != nil {
					return nil, err
				}
				images[[2]int{i, j}] = image
			}
		}
	}
	return images, nil
}

// paper is a PDF file in the making.
type paper struct {
	file     *fpdf.Fpdf
	doc      report.Document
	appendix int // the link to the queries
}

// lay lays out a report. Without a number of pages the footers do not have it.
func lay(d report.Document, images map[[2]int][]byte, pages int) *paper {
	p := &paper{file: fpdf.New("P", "mm", "A4", ""), doc: d}
	p.describe()
	// fpdf writes to the bytes of a font.
	p.file.AddUTF8FontFromBytes("go", "", bytes.Clone(typeface.Regular))
	p.file.AddUTF8FontFromBytes("go", "B", bytes.Clone(typeface.Bold))
	p.file.AddUTF8FontFromBytes("mono", "", bytes.Clone(typeface.Mono))
	p.file.SetMargins(edge, top, edge)
	p.file.SetAutoPageBreak(false, foot)
	p.file.SetHeaderFunc(p.header)
	p.file.SetFooterFunc(func() { p.footer(pages) })
	p.appendix = p.file.AddLink()
	p.file.AddPage()
	p.opening()
	for i, s := range d.Sections {
		p.heading(s.Title)
		if len(s.Blocks) == 0 {
			p.write(s.Reason, body.in(inkQuiet))
		}
		for j, b := range s.Blocks {
			p.block(b, fmt.Sprintf("%d-%d", i, j), images[[2]int{i, j}])
		}
	}
	p.queries()
	return p
}

// describe sets what programs show of the file, and what makes equal reports equal files.
func (p *paper) describe() {
	p.file.SetTitle(heading(p.doc)+", "+p.doc.Period, true)
	p.file.SetSubject(p.doc.Headline, true)
	p.file.SetCreator("Belfry", true)
	p.file.SetProducer("Belfry", true)
	p.file.SetLang("en")
	p.file.SetCreationDate(p.doc.GeneratedAt.UTC())
	p.file.SetModificationDate(p.doc.GeneratedAt.UTC())
	p.file.SetCatalogSort(true)
}

// header names the report on each page but the first.
func (p *paper) header() {
	p.file.SetXY(edge, top)
	if p.file.PageNo() == 1 {
		return
	}
	p.file.SetXY(edge, 9)
	p.line(typeface.Legible(p.fit(heading(p.doc)+", "+p.doc.Period, small, inner)), small.in(inkQuiet), inner, "L", 0)
	p.file.SetXY(edge, top)
}

func (p *paper) footer(pages int) {
	p.file.SetXY(edge, pageHeight-11)
	p.line("Made by Belfry on "+typeface.Legible(made(p.doc)), small.in(inkQuiet), inner/2, "L", 0)
	p.file.SetXY(edge+inner/2, pageHeight-11)
	p.line(fmt.Sprintf("%d of %d", p.file.PageNo(), pages), small.in(inkQuiet), inner/2, "R", 0)
}

func (p *paper) opening() {
	p.write(heading(p.doc), font{"go", "B", 20, inkText})
	p.gap(1)
	p.write(compared(p.doc), body.in(inkQuiet))
	p.gap(2)
	if p.doc.Headline != "" {
		p.write(p.doc.Headline, font{"go", "", 12.5, inkText})
		p.gap(2)
	}
	for _, problem := range p.doc.Problems {
		p.barred(inkWarn, func() { p.indented(problem, body.in(inkWarn), 4) })
	}
}

// heading begins a section. It stays with what follows.
func (p *paper) heading(title string) {
	p.gap(5)
	p.room(30)
	p.file.Bookmark(typeface.Legible(title), 0, -1)
	p.write(title, font{"go", "B", 14, inkText})
	p.gap(1.5)
}

func (p *paper) block(b report.Block, name string, image []byte) {
	if title := titleOf(b); title != "" {
		p.gap(1.5)
		p.room(max(22, 8+p.register(name, image)))
		p.write(title, font{"go", "B", 10, inkText})
		p.gap(0.8)
	}
	switch b := b.(type) {
	case report.Prose:
		for _, t := range b {
			p.write(t, body)
			p.gap(1.5)
		}
	case report.Findings:
		for _, f := range b.Items {
			p.finding(f)
		}
	case report.Figures:
		p.cards(b.Items)
	case report.Table:
		p.table(dense(b))
	case report.Course, report.Bars:
		p.picture(name, image, said(b, p.doc))
	}
	if s := source(queriesOf(b)); s != "" {
		p.room(small.height())
		p.line(s, small.in(inkQuiet), inner, "L", p.appendix)
		p.file.Ln(small.height())
	}
	p.gap(2)
}

func (p *paper) finding(f report.Finding) {
	tone, ok := inkTones[f.Label.Tone]
	if !ok {
		tone = inkQuiet
	}
	p.room(16)
	p.barred(tone, func() {
		if l := labelled(f.Label); l != "" {
			p.indented(l, font{"go", "B", 8.5, tone}, 4)
		}
		p.indented(f.Title, font{"go", "B", 9.5, inkText}, 4)
		if f.Text != "" {
			p.indented(f.Text, body, 4)
		}
		for _, d := range f.Details {
			p.indented(d, small.in(inkQuiet), 4)
		}
	})
}

// picture shows a chart, or says what is known where there is none.
func (p *paper) picture(name string, image []byte, words string) {
	if image == nil {
		p.write(words, body.in(inkQuiet))
		return
	}
	height := p.register(name, image)
	p.room(height + small.height())
	p.file.ImageOptions(name, edge, p.file.GetY(), inner, height, false, pngImage, 0, "")
	p.file.SetXY(edge, p.file.GetY()+height+1)
}

var pngImage = fpdf.ImageOptions{ImageType: "PNG"}

// register brings an image into the file, and returns how high it is across the page: 0 if
// there is none, or if the file has an error, which Output returns.
func (p *paper) register(name string, image []byte) float64 {
	if image == nil {
		return 0
	}
	size := p.file.RegisterImageOptionsReader(name, pngImage, bytes.NewReader(image))
	if size == nil || size.Width() == 0 {
		return 0
	}
	return inner * size.Height() / size.Width()
}

// cards shows figures, three in a row.
func (p *paper) cards(all []display.Figure) {
	const across, between, pad = 3, 4.0, 2.5
	wide := (inner - (across-1)*between) / across
	for i := 0; i < len(all); i += across {
		row := all[i:min(i+across, len(all))]
		lines, height := make([][]styled, len(row)), 0.0
		for k, f := range row {
			lines[k] = limited(p.wrapped(cardLines(f), wide-2*pad))
			height = max(height, heightOf(lines[k])+2*pad)
		}
		p.room(height)
		y := p.file.GetY()
		for k := range row {
			x := edge + float64(k)*(wide+between)
			p.draw(inkLine)
			p.file.Rect(x, y, wide, height, "D")
			p.stack(lines[k], x+pad, y+pad, wide-2*pad, "L")
		}
		p.file.SetXY(edge, y+height+3)
	}
}

func cardLines(f display.Figure) []styled {
	lines := []styled{{f.Name, small.in(inkQuiet)}}
	if f.Value == nil {
		lines = append(lines, styled{unknown(f), body})
	} else {
		lines = append(lines, styled{value(f), font{"go", "B", 14, inkText}})
		if r := promised(f); r != "" {
			lines = append(lines, styled{r, small.in(inkQuiet)})
		}
	}
	if c := display.Changed(f); c != nil {
		lines = append(lines, styled{changed(f), small.in(toned(c))})
	}
	if b := before(f); b != "" {
		lines = append(lines, styled{b, small.in(inkQuiet)})
	}
	return lines
}

func toned(c *display.Change) ink {
	if tone, ok := inkTones[c.Tone]; ok {
		return tone
	}
	return inkQuiet
}

// queries lists the PromQL.
func (p *paper) queries() {
	if len(p.doc.Queries) == 0 {
		return
	}
	p.heading("Queries")
	p.file.SetLink(p.appendix, p.file.GetY(), p.file.PageNo())
	for i, q := range p.doc.Queries {
		p.room(code8.height())
		p.line(fmt.Sprint(i+1), code8.in(inkQuiet), 8, "L", 0)
		p.indented(q, code8, 9)
		p.gap(0.8)
	}
}
