package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"belfry/insights/display"
	"belfry/insights/report"
)

// value writes a figure, or why it is not known. Differences have a sign.
func value(f display.Figure) string {
	if f.Value == nil {
		return f.Reason
	}
	return written(*f.Value, f.Unit)
}

// unknown says that a figure is not known, and why.
func unknown(f display.Figure) string {
	if f.Reason == "" || f.Reason == notKnown {
		return notKnown
	}
	return notKnown + ": " + f.Reason
}

const notKnown = "not known"

func written(x float64, u display.Unit) string {
	if u == display.Points {
		return display.Signed(x, u)
	}
	return display.Write(x, u)
}

// interval writes the interval of a figure without what it promises, empty if it has none.
func interval(f display.Figure) string {
	switch {
	case f.Value == nil || f.Range == nil:
		return ""
	case f.Unit == display.Points:
		return display.Signed(f.Range.Low, f.Unit) + " to " + display.Signed(f.Range.High, f.Unit)
	}
	return display.Between(f.Range.Low, f.Range.High, f.Unit)
}

// promised writes the interval with what it promises.
func promised(f display.Figure) string {
	text := interval(f)
	if text == "" || f.Range.Level == "" {
		return text
	}
	if strings.Contains(f.Range.Level, "interval") {
		return f.Range.Level + " " + text
	}
	return fmt.Sprintf("interval %s %s", text, f.Range.Level)
}

// before writes the earlier value of a figure that has none to be compared with it, or whose
// change does not say it.
func before(f display.Figure) string {
	switch c := display.Changed(f); {
	case c != nil && c.From != "":
		return "from " + c.From
	case c == nil && f.Previous != nil:
		return "before: " + written(*f.Previous, f.Unit)
	}
	return ""
}

// changed writes the change of a figure with its arrow, empty if it is not known.
func changed(f display.Figure) string {
	c := display.Changed(f)
	if c == nil {
		return ""
	}
	return c.Arrow + " " + c.Text + judged(c)
}

// judged says whether a change is good, for those who do not see its color.
func judged(c *display.Change) string {
	if c.Tone == "" {
		return ""
	}
	return " (" + map[string]string{"good": "better", "bad": "worse"}[c.Tone] + ")"
}

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

// span is a run of queries with consecutive numbers, which begin at 1.
type span struct{ First, Last int }

// String writes a run.
func (s span) String() string {
	if s.First == s.Last {
		return fmt.Sprint(s.First)
	}
	return fmt.Sprintf("%d to %d", s.First, s.Last)
}

// spans returns the runs of queries. Two are no run.
func spans(queries []int) (all []span) {
	sorted := slices.Clone(queries)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	for i := 0; i < len(sorted); {
		end := i + 1
		for end < len(sorted) && sorted[end] == sorted[end-1]+1 {
			end++
		}
		if end-i == 2 {
			end = i + 1
		}
		all = append(all, span{sorted[i] + 1, sorted[end-1] + 1})
		i = end
	}
	return all
}

// source names the queries behind a block, empty if there are none.
func source(queries []int) string {
	all := spans(queries)
	if len(all) == 0 {
		return ""
	}
	texts := make([]string, len(all))
	for i, s := range all {
		texts[i] = s.String()
	}
	return many(all) + " " + strings.Join(texts, ", ")
}

// many says whether it is one query or more.
func many(all []span) string {
	if len(all) == 1 && all[0].First == all[0].Last {
		return "Query"
	}
	return "Queries"
}

// queriesOf returns the queries behind a block.
func queriesOf(b report.Block) []int {
	switch b := b.(type) {
	case report.Findings:
		return b.Queries
	case report.Figures:
		return b.Queries
	case report.Table:
		return b.Queries
	case report.Course:
		return b.Queries
	case report.Bars:
		return b.Queries
	}
	return nil
}

// titleOf returns the title of a block, which may be empty.
func titleOf(b report.Block) string {
	switch b := b.(type) {
	case report.Findings:
		return b.Title
	case report.Table:
		return b.Title
	case report.Course:
		return b.Title
	case report.Bars:
		return b.Title
	}
	return ""
}

// heading is the title of a report with its subject.
func heading(d report.Document) string {
	if d.Subject == "" {
		return d.Title
	}
	return d.Title + ": " + d.Subject
}

// compared says what the period is, and what it is compared with.
func compared(d report.Document) string {
	text := d.Period
	if zone := d.From.Location().String(); zone != "Local" && zone != "" {
		text += ", " + zone
	}
	if d.Before != "" {
		text += ", compared with " + d.Before
	}
	return text
}

// made says when the report was made, in its zone.
func made(d report.Document) string { return moment(d.GeneratedAt.In(d.From.Location())) }

func moment(t time.Time) string { return t.Format("2 Jan 2006, 15:04 MST") }

// labelled writes a label with its sign.
func labelled(l display.Label) string {
	return strings.TrimSpace(strings.TrimSpace(l.Sign) + " " + l.Word)
}

// told writes a figure with all that is known of it, in one line.
func told(f display.Figure) string {
	parts := []string{value(f)}
	if f.Value != nil {
		if r := interval(f); r != "" {
			parts[0] += " (" + r + ")"
		}
		if c := changed(f); c != "" {
			parts = append(parts, c)
		}
	}
	if b := before(f); b != "" {
		parts = append(parts, b)
	}
	return strings.Join(parts, ", ")
}

// said says what a chart shows, below its title.
func said(b report.Block, d report.Document) string {
	return strings.TrimPrefix(chartOf(b, d).Words, strings.TrimSuffix(titleOf(b), ".")+". ")
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
