package render

import (
	"bytes"
	"fmt"

	"github.com/go-pdf/fpdf"

	"belfry/insights/display"
	"belfry/insights/report"
)

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
