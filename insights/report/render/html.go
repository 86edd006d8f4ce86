package render

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"belfry/insights/display"
	"belfry/insights/report"
	"belfry/insights/report/chart"
)

//go:embed report.css
var reportStyle string

//go:embed report.html
var markup embed.FS

var style = chart.Style + reportStyle

// Policy is the content security policy of reports as HTML, which they also carry
// themselves: nothing is loaded and nothing runs.
var Policy = "default-src 'none'; style-src 'sha256-" + hashOf(style) + "'; base-uri 'none'; form-action 'none'"

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// sheet is what the template of a report takes.
type sheet struct {
	report.Document
	Style    template.CSS
	Policy   string
	Sections []sheetSection
}

type sheetSection struct {
	ID, Title, Reason string
	Parts             []part
}

// part is a block, of which one kind is set.
type part struct {
	Title    string
	Prose    report.Prose
	Findings []report.Finding
	Figures  []display.Figure
	Table    *report.Table
	Chart    *picture
	Queries  []span
}

// picture is a chart in two widths, of which the page shows one. Without one, Words say
// what is known.
type picture struct {
	Wide, Narrow template.HTML
	Words        string
}

func html(w io.Writer, d report.Document) error {
	s := sheet{Document: d, Style: template.CSS(style), Policy: Policy}
	for i, from := range d.Sections {
		to := sheetSection{ID: anchor(d.Sections, i), Title: from.Title, Reason: from.Reason}
		for _, b := range from.Blocks {
			p, err := partOf(b, d)
			if err != nil {
				return err
			}
			to.Parts = append(to.Parts, p)
		}
		s.Sections = append(s.Sections, to)
	}
	return page.Execute(w, s)
}

var anchored = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// anchor is the id of a section: its key, so that links to it last, if nothing else has it.
func anchor(all []report.Section, i int) string {
	key := all[i].Key
	taken := slices.ContainsFunc(all[:i], func(s report.Section) bool { return s.Key == key })
	if !anchored.MatchString(key) || taken || key == "main" || strings.HasPrefix(key, "quer") {
		return fmt.Sprintf("section-%d", i+1)
	}
	return key
}

func partOf(b report.Block, d report.Document) (part, error) {
	p := part{Title: titleOf(b), Queries: spans(queriesOf(b))}
	var err error
	switch b := b.(type) {
	case report.Prose:
		p.Prose = b
	case report.Findings:
		p.Findings = b.Items
	case report.Figures:
		p.Figures = b.Items
	case report.Table:
		p.Table = new(dense(b))
	case report.Course, report.Bars:
		p.Chart, err = pictureOf(chartOf(b, d), said(b, d))
	}
	return p, err
}

// chartOf returns the chart of a block that is one.
func chartOf(b report.Block, d report.Document) chart.Chart {
	if c, ok := b.(report.Course); ok {
		return chart.OfCourse(c, d.From.Location())
	}
	return chart.OfBars(b.(report.Bars))
}

func pictureOf(c chart.Chart, words string) (*picture, error) {
	wide, err := c.SVG(chart.Wide)
	if err != nil {
		return nil, err
	}
	narrow, err := c.SVG(chart.Narrow)
	return &picture{template.HTML(wide), template.HTML(narrow), words}, err // package chart escapes what it draws
}

// brief reports whether a text may stay in one line.
func brief(t string) bool { return utf8.RuneCountInString(t) <= 24 }

// unbroken keeps a number and its percent sign in one line.
func unbroken(write func(display.Figure) string) func(display.Figure) string {
	return func(f display.Figure) string { return strings.ReplaceAll(write(f), " %", "\u00a0%") }
}

var page = template.Must(template.New("report.html").Funcs(template.FuncMap{
	"heading": heading, "compared": compared, "made": made, "value": unbroken(value),
	"unknown": unknown, "interval": unbroken(interval), "promised": unbroken(promised),
	"change": display.Changed, "before": before, "judged": judged, "footnote": footnote,
	"many": many, "brief": brief,
	"next": func(i int) int { return i + 1 },
}).ParseFS(markup, "report.html"))
