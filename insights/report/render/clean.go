package render

import (
	"slices"
	"strings"

	"belfry/exporter/glyph"
	"belfry/insights/display"
	"belfry/insights/report"
)

// clean returns the document without characters that nobody sees, and with numbers that are
// not finite as figures that are not known.
func clean(d report.Document) report.Document {
	for _, s := range []*string{&d.Name, &d.Title, &d.Subject, &d.Period, &d.Before, &d.Headline} {
		*s = line(*s)
	}
	d.Problems, d.Queries = lines(d.Problems), lines(d.Queries)
	d.Sections = slices.Clone(d.Sections)
	for i, s := range d.Sections {
		s.Key, s.Title, s.Reason = line(s.Key), line(s.Title), line(s.Reason)
		s.Blocks = slices.Clone(s.Blocks)
		for j, b := range s.Blocks {
			s.Blocks[j] = cleanBlock(b, len(d.Queries))
		}
		d.Sections[i] = s
	}
	return d
}

func lines(texts []string) []string {
	all := make([]string, len(texts))
	for i, t := range texts {
		all[i] = line(t)
	}
	return all
}

// cleanBlock also leaves out references to queries that there are not.
func cleanBlock(b report.Block, queries int) report.Block {
	known := func(refs []int) []int {
		return slices.DeleteFunc(slices.Clone(refs), func(q int) bool { return q < 0 || q >= queries })
	}
	switch b := b.(type) {
	case report.Prose:
		return report.Prose(lines(b))
	case report.Findings:
		b.Title, b.Queries = line(b.Title), known(b.Queries)
		b.Items = slices.Clone(b.Items)
		for i, f := range b.Items {
			b.Items[i] = cleanFinding(f)
		}
		return b
	case report.Figures:
		b.Items, b.Queries = cleanFigures(b.Items), known(b.Queries)
		return b
	case report.Table:
		return cleanTable(b, known(b.Queries))
	case report.Course:
		b.Title, b.Unit, b.Queries = line(b.Title), cleanUnit(b.Unit), known(b.Queries)
		b.Series = slices.Clone(b.Series)
		for i := range b.Series {
			b.Series[i].Name = line(b.Series[i].Name)
			b.Series[i].Points = cleanHistory(b.Series[i].Points)
		}
		return b
	case report.Bars:
		b.Title, b.Unit, b.Queries = line(b.Title), cleanUnit(b.Unit), known(b.Queries)
		b.Items = cleanFigures(b.Items)
		return b
	}
	return b
}

func cleanFinding(f report.Finding) report.Finding {
	f.Label.Word, f.Label.Sign = line(f.Label.Word), line(f.Label.Sign)
	f.Title, f.Text, f.Details = line(f.Title), line(f.Text), lines(f.Details)
	if f.Label.Tone != "good" && f.Label.Tone != "bad" && f.Label.Tone != "warn" {
		f.Label.Tone = ""
	}
	return f
}

// cleanTable gives each row a cell for each column.
func cleanTable(t report.Table, queries []int) report.Table {
	t.Title, t.Note, t.Queries = line(t.Title), line(t.Note), queries
	t.Columns, t.Rows = slices.Clone(t.Columns), slices.Clone(t.Rows)
	for i := range t.Columns {
		t.Columns[i].Name = line(t.Columns[i].Name)
	}
	for i, cells := range t.Rows {
		row := make([]report.Cell, len(t.Columns))
		copy(row, cells)
		for k, c := range row {
			row[k].Text = line(c.Text)
			if c.Figure != nil {
				row[k].Figure = new(cleanFigure(*c.Figure))
			}
		}
		t.Rows[i] = row
	}
	return t
}

func cleanFigures(all []display.Figure) []display.Figure {
	clean := make([]display.Figure, len(all))
	for i, f := range all {
		clean[i] = cleanFigure(f)
	}
	return clean
}

func cleanFigure(f display.Figure) display.Figure {
	f.Name, f.Reason, f.Unit = line(f.Name), line(f.Reason), cleanUnit(f.Unit)
	f.Value, f.Previous = finite(f.Value), finite(f.Previous)
	if f.Range != nil {
		r := *f.Range
		r.Level = line(r.Level)
		f.Range = &r
		if !display.Finite(r.Low) || !display.Finite(r.High) {
			f.Range = nil
		}
	}
	if f.Value == nil && f.Reason == "" {
		f.Reason = notKnown
	}
	return f
}

func cleanUnit(u display.Unit) display.Unit { return display.Unit(line(string(u))) }

func cleanHistory(h display.History) display.History {
	clean := slices.Clone(h)
	for i, p := range clean {
		clean[i].Value, clean[i].Low, clean[i].High = finite(p.Value), finite(p.Low), finite(p.High)
	}
	return clean
}

func finite(x *float64) *float64 {
	if x == nil || !display.Finite(*x) {
		return nil
	}
	return x
}

// line returns a text for one line, without what nobody sees.
func line(t string) string { return glyph.Line(strings.ToValidUTF8(t, "\ufffd")) }
