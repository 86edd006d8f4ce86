package render

import (
	"io"
	"strconv"
	"strings"
	"time"

	"belfry/insights/display"
	"belfry/insights/report"
	"belfry/insights/table"
)

// row is a figure of a report. Columns are added at the end.
type row struct {
	Section string `parquet:"section"`
	// Block is the title of the block, or the kind of it.
	Block string `parquet:"block"`
	// Group names the row of a table, or the series of a chart.
	Group string `parquet:"group"`
	Name  string `parquet:"name"`
	// Unit is how values are meant: shares are from 0 to 1, and so are points.
	Unit     string   `parquet:"unit"`
	Value    *float64 `parquet:"value,optional"`
	Previous *float64 `parquet:"previous,optional"`
	// Change is the value less that of the period before.
	Change *float64 `parquet:"change,optional"`
	Low    *float64 `parquet:"low,optional"`
	High   *float64 `parquet:"high,optional"`
	// Level is what the interval promises, Reason why the value is not known.
	Level  string `parquet:"level"`
	Reason string `parquet:"reason"`
	// At is when, for the points of a chart.
	At *time.Time `parquet:"at,optional"`
}

// writeCSV writes the figures of a report, by RFC 4180. Texts that a spreadsheet could take for
// a formula get a single quote in front.
func writeCSV(w io.Writer, d report.Document) error {
	var rows []row
	for _, s := range d.Sections {
		for _, b := range s.Blocks {
			for _, r := range rowsOf(b) {
				r.Section = s.Title
				if r.Block = titleOf(b); r.Block == "" {
					r.Block = s.Title
				}
				rows = append(rows, r)
			}
		}
	}
	return table.Of(rows).WriteCSV(w)
}

func rowsOf(b report.Block) (rows []row) {
	switch b := b.(type) {
	case report.Figures:
		for _, f := range b.Items {
			rows = append(rows, rowOf(f))
		}
	case report.Bars:
		for _, f := range b.Items {
			rows = append(rows, rowOf(f))
		}
	case report.Table:
		for _, cells := range b.Rows {
			rows = append(rows, rowsOfCells(cells, b.Columns)...)
		}
	case report.Course:
		for _, l := range b.Series {
			for _, p := range l.Points {
				r := row{Group: l.Name, Name: l.Name, Unit: string(b.Unit), Value: p.Value, Low: p.Low, High: p.High,
					At: &p.At}
				if p.Value == nil {
					r.Reason = notKnown
				}
				rows = append(rows, r)
			}
		}
	}
	return rows
}

// rowsOfCells names the figures of a row by their columns, and the row by the texts before
// its first figure.
func rowsOfCells(cells []report.Cell, columns []report.Column) (rows []row) {
	var group []string
	for i, c := range cells {
		if c.Figure == nil {
			if len(rows) == 0 && c.Text != "" {
				group = append(group, c.Text)
			}
			continue
		}
		r := rowOf(*c.Figure)
		r.Group, r.Name = strings.Join(group, ", "), columns[i].Name
		rows = append(rows, r)
	}
	return rows
}

func rowOf(f display.Figure) row {
	r := row{Name: f.Name, Unit: string(f.Unit), Value: f.Value, Previous: f.Previous}
	if f.Value == nil {
		r.Reason = f.Reason
		return r
	}
	if f.Previous != nil {
		r.Change = difference(*f.Value, *f.Previous)
	}
	if f.Range != nil {
		r.Low, r.High, r.Level = &f.Range.Low, &f.Range.High, f.Range.Level
	}
	return r
}

// difference returns how much more a value is than another, without the noise in the last
// digits of two numbers that are almost the same.
func difference(x, from float64) *float64 {
	by, err := strconv.ParseFloat(strconv.FormatFloat(x-from, 'g', 12, 64), 64)
	if err != nil {
		return nil // too large
	}
	return &by
}
