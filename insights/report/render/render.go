// Package render writes reports in the formats that people and programs take: HTML, PDF,
// Markdown, text, CSV and JSON, and e-mail. Equal documents make equal bytes.
//
// Documents hold names that others gave. In every format they are texts: never markup, a
// formula, or a command to a terminal, and with nothing in them that nobody sees.
package render

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"belfry/insights/report"
)

// Format is a way to write a report.
type Format struct {
	// Name is what people call it, Extension ends the names of its files, MediaType is
	// what e-mails and HTTP call it.
	Name, Extension, MediaType string
	// Purpose says what it is good for.
	Purpose string
	write   func(io.Writer, report.Document) error
}

// Formats lists the formats.
var Formats = []Format{
	{"html", "html", "text/html; charset=utf-8", "to read on a screen or a phone, with charts", html},
	{"pdf", "pdf", "application/pdf", "to hand out and to print, with charts", pdf},
	{"markdown", "md", "text/markdown; charset=utf-8", "for wikis and issues", markdown},
	{"text", "txt", "text/plain; charset=utf-8", "for a terminal", text},
	{"csv", "csv", "text/csv; charset=utf-8", "the figures for a spreadsheet, one in a row", writeCSV},
	{"json", "json", "application/json", "for programs", writeJSON},
}

// Names returns the names of the formats.
func Names() (names []string) {
	for _, f := range Formats {
		names = append(names, f.Name)
	}
	return names
}

// Named returns the format with a name.
func Named(name string) (Format, error) {
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, fmt.Errorf("unknown format %q: choose one of %s", name, strings.Join(Names(), ", "))
	}
	return Formats[i], nil
}

// Write writes a report in the format with a name.
func Write(w io.Writer, d report.Document, format string) error {
	f, err := Named(format)
	if err != nil {
		return err
	}
	if err := f.write(w, clean(d)); err != nil {
		return fmt.Errorf("write the report %s as %s: %w", d.Name, format, err)
	}
	return nil
}

var unfit = regexp.MustCompile(`[^a-zA-Z0-9._-]+`)

// FileName returns a name for the file of a report, such as weekly-2026-11-16.pdf.
func FileName(d report.Document, f Format) string {
	name := strings.Trim(unfit.ReplaceAllString(d.Name, "-"), "-.")
	if name == "" {
		name = "report"
	}
	return fmt.Sprintf("%.80s-%s.%s", name, d.From.Format("2006-01-02"), f.Extension)
}
