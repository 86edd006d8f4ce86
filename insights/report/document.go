package report

import (
	"time"

	"belfry/insights/display"
)

// Document is a report that has been made: what it says, in no particular format.
type Document struct {
	// Name is that of the kind of report, such as "weekly", and part of file names.
	Name string
	// Title is for people, such as "Weekly engagement", and Subject says what the report
	// is about beside the period: an experiment, or empty.
	Title, Subject string
	// From and To bound the period, in the zone of the report. To is not in it. Period
	// is the same in words, such as "16 to 22 November 2026".
	From, To time.Time
	Period   string
	// Before says in words what the period is compared with; empty for nothing.
	Before string
	// GeneratedAt is when the report was made.
	GeneratedAt time.Time
	// Headline is the report in one sentence, for the subject of an e-mail.
	Headline string
	// Problems lists in sentences what a reader must know before trusting the figures,
	// such as that a part of the period is missing.
	Problems []string
	Sections []Section
	// Queries lists the PromQL behind the figures. Blocks refer to them by their index.
	Queries []string
}

// Section is a part of a document. It has blocks, or the reason why it has none.
type Section struct {
	// Key names the kind of section, such as "channels"; it is unique in a document.
	Key, Title string
	Blocks     []Block
	Reason     string
}

// Block is one of [Prose], [Findings], [Figures], [Table], [Course] and [Bars].
type Block interface{ block() }

// Prose holds paragraphs.
type Prose []string

// Findings are things to know or to do, the most important first. Title may be empty.
type Findings struct {
	Title   string
	Items   []Finding
	Queries []int
}

// Finding is one of them.
type Finding struct {
	// Label says what it is in a word: a verdict, a state, a severity.
	Label display.Label
	// Title says what it is about, Text what is to be known or done, and Details holds
	// sentences with the evidence.
	Title, Text string
	Details     []string
}

// Figures are numbers with names, the most important first.
type Figures struct {
	Items   []display.Figure
	Queries []int
}

// Table holds rows of cells. Each row has a cell for each column; the first column
// names the row.
type Table struct {
	Title   string
	Columns []Column
	Rows    [][]Cell
	// Note says what a reader must know, such as what is withheld; empty for nothing.
	Note    string
	Queries []int
}

// Column describes a column of a table.
type Column struct {
	Name string
	// Numbers reports that its cells are figures, aligned to the right.
	Numbers bool
}

// Cell is a text or a figure.
type Cell struct {
	Text   string
	Figure *display.Figure
}

// Course is a chart of values over time. Each series is a line; a point's low and high
// are the band of what is expected, or of a forecast.
type Course struct {
	Title   string
	Unit    display.Unit
	Series  []Line
	Queries []int
}

// Line is a series of a [Course].
type Line struct {
	Name   string
	Points display.History
	// Ahead marks a forecast.
	Ahead bool
}

// Bars is a chart that compares figures of one unit, such as a rate by channel. Each has
// a bar, with its interval and a mark for the period before where they are known. With
// Effects, the figures are differences: points with intervals around a line at zero.
type Bars struct {
	Title   string
	Unit    display.Unit
	Items   []display.Figure
	Effects bool
	Queries []int
}

func (Prose) block()    {}
func (Findings) block() {}
func (Figures) block()  {}
func (Table) block()    {}
func (Course) block()   {}
func (Bars) block()     {}
