package render

import (
	"bytes"
	"fmt"
	"io"

	"github.com/go-pdf/fpdf"

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
