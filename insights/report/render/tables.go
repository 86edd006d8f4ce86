package render

import (
	"fmt"
	"slices"
	"strings"

	"belfry/insights/report"
)

// levels says what the intervals of a table promise.
func levels(t report.Table) string {
	var all []string
	for _, row := range t.Rows {
		for _, c := range row {
			if c.Figure == nil || interval(*c.Figure) == "" || c.Figure.Range.Level == "" {
				continue
			}
			if level := c.Figure.Range.Level; !slices.Contains(all, level) {
				all = append(all, level)
			}
		}
	}
	switch {
	case len(all) == 0:
		return ""
	case len(all) == 1 && strings.HasSuffix(all[0], " interval"):
		return fmt.Sprintf("Ranges are %ss.", all[0])
	case len(all) == 1:
		return fmt.Sprintf("Ranges are intervals, %s.", all[0])
	}
	return "Ranges are intervals: " + strings.Join(all, ", ") + "."
}

// dense returns a table without the columns in which no row has anything.
func dense(t report.Table) report.Table {
	var kept []int
	for i := range t.Columns {
		if slices.ContainsFunc(t.Rows, func(row []report.Cell) bool { return row[i] != report.Cell{} }) {
			kept = append(kept, i)
		}
	}
	if len(t.Rows) == 0 || len(kept) == len(t.Columns) {
		return t
	}
	columns, rows := t.Columns, t.Rows
	t.Columns, t.Rows = make([]report.Column, len(kept)), make([][]report.Cell, len(rows))
	for i, k := range kept {
		t.Columns[i] = columns[k]
		for j, row := range rows {
			t.Rows[j] = append(t.Rows[j], row[k])
		}
	}
	return t
}

// footnote says what a reader must know of a table.
func footnote(t report.Table) string {
	return strings.TrimSpace(t.Note + " " + levels(t))
}

// cell writes a cell of a table in one line.
func cell(c report.Cell) string {
	if c.Figure != nil {
		return told(*c.Figure)
	}
	return c.Text
}

// listed returns the figures of a chart as a table, for formats without pictures.
func listed(b report.Bars) report.Table {
	t := report.Table{Title: b.Title, Queries: b.Queries,
		Columns: []report.Column{{Name: "Name"}, {Name: "Figure", Numbers: true}}}
	for _, f := range b.Items {
		t.Rows = append(t.Rows, []report.Cell{{Text: f.Name}, {Figure: &f}})
	}
	return t
}

// entry is a row of a table as a list: what names it, and its other cells with the names of
// their columns.
type entry struct {
	Name  string
	Cells []named
}

type named struct {
	Name string
	report.Cell
}

// entries returns the rows of a table, for where columns have no room. Rows are named by the
// first cell, and by the second if that is a text too.
func entries(t report.Table) (all []entry) {
	lead := 1
	if len(t.Columns) > 2 && !t.Columns[1].Numbers {
		lead = 2
	}
	for _, row := range t.Rows {
		e := entry{}
		for i, c := range row {
			if i >= lead {
				if c != (report.Cell{}) {
					e.Cells = append(e.Cells, named{t.Columns[i].Name, c})
				}
				continue
			}
			if name := cell(c); e.Name == "" {
				e.Name = name
			} else if name != "" {
				e.Name += ", " + name
			}
		}
		all = append(all, e)
	}
	return all
}
