package render

import (
	"embed"
	"fmt"
	"html/template"
	"strings"

	"belfry/insights/display"
	"belfry/insights/report"
	"belfry/insights/report/chart"
)

// mailPart is a block of an e-mail.
type mailPart struct {
	part
	Cells [][]display.Figure // figures, two in a row
	Image string
	Width int
	Words string
}

// draw draws charts as the next images.
func (m *Message) draw(all []chart.Chart) error {
	for _, c := range all {
		picture, err := c.PNG(chart.Medium)
		if err != nil {
			return err
		}
		m.Images = append(m.Images, Image{imageName(len(m.Images)), "image/png", picture})
	}
	return nil
}

func imageName(i int) string { return fmt.Sprintf("chart-%d@belfry", i+1) }

// mailSection writes a section, and returns its charts, which become the images after the
// first so many.
func mailSection(s report.Section, d report.Document, images int) (string, []chart.Chart, error) {
	var pictures []chart.Chart
	var parts []mailPart
	for _, b := range s.Blocks {
		p := mailPart{part: part{Title: titleOf(b)}, Width: mailWidth}
		switch b := b.(type) {
		case report.Prose:
			p.Prose = b
		case report.Findings:
			p.Findings = b.Items
		case report.Figures:
			p.Cells = pairs(b.Items)
		case report.Table:
			p.Table = shortened(dense(b))
		case report.Course, report.Bars:
			c := chartOf(b, d)
			if p.Words = said(b, d); !c.Empty {
				p.Image = imageName(images + len(pictures))
				pictures = append(pictures, c)
			}
		}
		parts = append(parts, p)
	}
	var out strings.Builder
	err := mail.ExecuteTemplate(&out, "section", struct {
		Title, Reason string
		Parts         []mailPart
	}{s.Title, s.Reason, parts})
	return out.String(), pictures, err
}

func pairs(all []display.Figure) (rows [][]display.Figure) {
	for i := 0; i < len(all); i += 2 {
		rows = append(rows, all[i:min(i+2, len(all))])
	}
	return rows
}

// shortened returns the first rows of a table.
func shortened(t report.Table) *report.Table {
	if len(t.Rows) > mailRows {
		t.Note = strings.TrimSpace(fmt.Sprintf("The first %d of %d rows. %s", mailRows, len(t.Rows), t.Note))
		t.Rows = t.Rows[:mailRows]
	}
	return &t
}

//go:embed mail.html
var mailMarkup embed.FS

// tone is the color of what is good or bad, on white.
func tone(name string) template.CSS {
	switch name {
	case "good":
		return "#0b6b2e"
	case "bad":
		return "#b01f17"
	case "warn":
		return "#7d4a00"
	}
	return "#525a65"
}

var mail = template.Must(template.New("mail.html").Funcs(template.FuncMap{
	"heading": heading, "compared": compared, "made": made, "value": unbroken(value), "unknown": unknown,
	"interval": unbroken(interval),
	"promised": unbroken(promised), "change": display.Changed, "before": before, "judged": judged, "footnote": footnote,
	"tone": tone, "left": leftOut,
	"entries": func(t *report.Table) []entry { return entries(*t) },
	"fits":    func(t *report.Table) bool { return len(t.Columns) <= mailColumns },
	"brief":   brief,
}).ParseFS(mailMarkup, "mail.html"))
