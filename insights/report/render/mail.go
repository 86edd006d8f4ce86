package render

import (
	"fmt"
	"html/template"
	"strings"

	"belfry/insights/report"
)

// Message is a report as an e-mail.
type Message struct {
	// Subject is one line.
	Subject string
	// Text says the same as HTML, for programs that show no markup. It has no charts.
	Text, HTML string
	// Images are the pictures that HTML refers to as cid: and their name.
	Images []Image
}

// Image is a picture of an e-mail. Its name is its Content-ID without the angle brackets.
type Image struct {
	Name, Type string
	Data       []byte
}

// largest is how many bytes of HTML an e-mail has at most. Gmail cuts those of 102 kB.
const largest = 98_000

// longestSubject is how many characters a subject has at most.
const longestSubject = 180

// mailWidth is the width of the content in pixels.
const mailWidth = 558

// mailColumns is how many columns of a table have room. Rows of others are paragraphs.
const mailColumns = 4

// mailRows is how many rows of a table an e-mail has at most.
const mailRows = 12

// Mail returns a report as an e-mail. Sections that would make it so long that mail programs
// cut it are left out, and said to be in the full report, as are the queries.
func Mail(d report.Document) (Message, error) {
	d = clean(d)
	all := make([]string, len(d.Sections))
	for i, s := range d.Sections {
		all[i] = s.Title
	}
	m := Message{Subject: subject(d)}
	frame, err := framed(d, "", all)
	if err != nil {
		return Message{}, err
	}
	var body strings.Builder
	var shown []report.Section
	var left []string
	for _, s := range d.Sections {
		section, pictures, err := mailSection(s, d, len(m.Images))
		if err != nil {
			return Message{}, err
		}
		if len(frame)+body.Len()+len(section) > largest {
			left = append(left, s.Title)
			continue
		}
		body.WriteString(section)
		if err := m.draw(pictures); err != nil {
			return Message{}, err
		}
		shown = append(shown, s)
	}
	if m.HTML, err = framed(d, body.String(), left); err != nil {
		return Message{}, err
	}
	d.Sections = shown
	m.Text, err = alternative(d, left)
	return m, err
}

// framed writes the whole e-mail around its sections.
func framed(d report.Document, body string, left []string) (string, error) {
	var out strings.Builder
	err := mail.ExecuteTemplate(&out, "mail.html", struct {
		report.Document
		Body template.HTML
		Left []string
	}{d, template.HTML(body), left}) // it has been made by the same templates
	if err != nil {
		return "", fmt.Errorf("write the report %s as an e-mail: %w", d.Name, err)
	}
	return out.String(), nil
}

// subject is the title with its period, and as much of the headline as fits.
func subject(d report.Document) string {
	s := heading(d) + ", " + d.Period
	if d.Headline != "" {
		s += ": " + d.Headline
	}
	if runes := []rune(s); len(runes) > longestSubject {
		s = strings.TrimRight(string(runes[:longestSubject-1]), " ,;:") + "…"
	}
	return s
}

// alternative is the report as text, without the queries.
func alternative(d report.Document, left []string) (string, error) {
	d.Queries = nil
	for i, s := range d.Sections {
		for j, b := range s.Blocks {
			d.Sections[i].Blocks[j] = unsourced(b)
		}
	}
	if len(left) > 0 {
		d.Sections = append(d.Sections, report.Section{Title: "Left out for length", Reason: leftOut(left)})
	}
	var out strings.Builder
	err := text(&out, d)
	return out.String(), err
}

// leftOut says where the rest of a report is.
func leftOut(sections []string) string {
	return "The full report also has: " + strings.Join(sections, "; ") + "."
}

// unsourced returns a block, which is a copy, without its queries.
func unsourced(b report.Block) report.Block {
	switch b := b.(type) {
	case report.Findings:
		b.Queries = nil
		return b
	case report.Figures:
		b.Queries = nil
		return b
	case report.Table:
		b.Queries = nil
		return b
	case report.Course:
		b.Queries = nil
		return b
	case report.Bars:
		b.Queries = nil
		return b
	}
	return b
}
