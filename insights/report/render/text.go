package render

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"belfry/insights/report"
)

// columns is how wide a text is, as e-mails and terminals like it.
const columns = 72

// percent stands for a percent sign that stays with its number: texts have no such character.
const percent = "\x00"

// text writes a report for a terminal, and for mail programs that show no markup.
func text(w io.Writer, d report.Document) error {
	p := &printed{doc: d}
	p.opening()
	for _, s := range d.Sections {
		p.section(s)
	}
	if len(d.Queries) > 0 {
		p.title("Queries", '-')
		for i, q := range d.Queries {
			p.wrap(fmt.Sprintf("%2d. ", i+1), q)
		}
		p.gap()
	}
	p.wrap("", fmt.Sprintf("Made by Belfry on %s.", made(d)))
	_, err := w.Write(p.out.Bytes())
	return err
}

// printed is a text in the making.
type printed struct {
	doc report.Document
	out bytes.Buffer
}

// gap leaves a line empty, and never two.
func (p *printed) gap() {
	if !bytes.HasSuffix(p.out.Bytes(), []byte("\n\n")) {
		p.out.WriteString("\n")
	}
}

func (p *printed) title(t string, under byte) {
	before := p.out.Len()
	p.wrap("", t)
	longest := 0
	for _, l := range strings.Split(p.out.String()[before:], "\n") {
		longest = max(longest, utf8.RuneCountInString(l))
	}
	p.out.WriteString(strings.Repeat(string(under), min(longest, columns)) + "\n\n")
}

// wrap writes a text in lines, the first behind a prefix and the others indented as far.
func (p *printed) wrap(prefix, t string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(prefix))
	at, fresh := 0, true
	for _, word := range strings.Fields(strings.ReplaceAll(t, " %", percent)) {
		word = strings.ReplaceAll(word, percent, " %")
		n := utf8.RuneCountInString(word)
		switch {
		case fresh:
			p.out.WriteString(prefix)
			at, fresh = utf8.RuneCountInString(prefix), false
		case at+1+n > columns:
			p.out.WriteString("\n" + indent)
			at = len(indent)
		default:
			p.out.WriteString(" ")
			at++
		}
		p.out.WriteString(word)
		at += n
	}
	if fresh {
		p.out.WriteString(strings.TrimRight(prefix, " "))
	}
	p.out.WriteString("\n")
}

func (p *printed) opening() {
	p.title(heading(p.doc), '=')
	p.wrap("", compared(p.doc))
	p.gap()
	if p.doc.Headline != "" {
		p.wrap("", p.doc.Headline)
		p.gap()
	}
	for _, problem := range p.doc.Problems {
		p.wrap("Note: ", problem)
		p.gap()
	}
}

func (p *printed) section(s report.Section) {
	p.title(s.Title, '-')
	if len(s.Blocks) == 0 {
		p.wrap("", s.Reason)
		p.gap()
	}
	for _, b := range s.Blocks {
		p.block(b)
	}
}

func (p *printed) block(b report.Block) {
	if title := titleOf(b); title != "" {
		p.wrap("", title+":")
		p.gap()
	}
	switch b := b.(type) {
	case report.Prose:
		for _, t := range b {
			p.wrap("", t)
			p.gap()
		}
	case report.Findings:
		for _, f := range b.Items {
			p.finding(f)
		}
	case report.Figures:
		p.rows(listed(report.Bars{Items: b.Items}))
	case report.Table:
		p.rows(dense(b))
	case report.Course:
		p.wrap("", said(b, p.doc))
	case report.Bars:
		p.rows(listed(b))
	}
	if s := source(queriesOf(b)); s != "" {
		p.wrap("", "["+s+"]")
	}
	p.gap()
}

func (p *printed) finding(f report.Finding) {
	t := f.Title
	if f.Text != "" {
		t += ": " + f.Text
	}
	if l := labelled(f.Label); l != "" {
		t = "[" + l + "] " + t
	}
	p.wrap("* ", t)
	for _, d := range f.Details {
		p.wrap("  - ", d)
	}
}

// rows writes a table as a list: lines of 72 characters have no room for columns. A table of
// names with one figure each takes a line for a row.
func (p *printed) rows(t report.Table) {
	for _, e := range entries(t) {
		if len(t.Columns) == 2 && len(e.Cells) == 1 {
			p.wrap("  ", e.Name+": "+cell(e.Cells[0].Cell))
			continue
		}
		p.wrap("  ", e.Name)
		for _, c := range e.Cells {
			p.wrap("    ", c.Name+": "+cell(c.Cell))
		}
	}
	if note := footnote(t); note != "" {
		p.gap()
		p.wrap("", note)
	}
}
