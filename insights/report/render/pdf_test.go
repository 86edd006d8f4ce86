package render_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"belfry/insights/report"
)

var (
	streams = regexp.MustCompile(`(?s)/Filter /FlateDecode /Length \d+>>\nstream\n(.*?)\nendstream`)
	written = regexp.MustCompile(`(?s)\(((?:[^()\\]|\\.)*)\) ?Tj`)
	escaped = regexp.MustCompile(`(?s)\\(.)`)
)

// pagesOf returns the text of each page of a PDF file that package fpdf made.
func pagesOf(t *testing.T, file string) (pages []string) {
	t.Helper()
	for _, s := range streams.FindAllStringSubmatch(file, -1) {
		r, err := zlib.NewReader(strings.NewReader(s[1]))
		if err != nil {
			continue
		}
		content, err := io.ReadAll(r)
		if err != nil || !bytes.Contains(content, []byte("Tj")) || !bytes.Contains(content, []byte("BT")) {
			continue
		}
		var page strings.Builder
		for _, l := range written.FindAllSubmatch(content, -1) {
			page.WriteString(decoded(string(l[1])) + "\n")
		}
		pages = append(pages, page.String())
	}
	return pages
}

// decoded returns a string of PDF, which is in UTF-16.
func decoded(s string) string {
	s = escaped.ReplaceAllStringFunc(s, func(e string) string {
		if e == `\r` {
			return "\r"
		}
		return e[1:]
	})
	var units []uint16
	for i := 0; i+1 < len(s); i += 2 {
		units = append(units, uint16(s[i])<<8|uint16(s[i+1]))
	}
	return string(utf16.Decode(units))
}

// utf16Text is a text as outlines and titles have it.
func utf16Text(s string) string {
	text := "\xfe\xff"
	for _, u := range utf16.Encode([]rune(s)) {
		text += string([]byte{byte(u >> 8), byte(u)})
	}
	return text
}

// A PDF file says what the report says, on numbered pages, with an outline and a title.
func TestPDF(t *testing.T) {
	d := example()
	file := write(t, d, "pdf")
	pages := pagesOf(t, file)
	if n := strings.Count(file, "/Type /Page\n"); n != len(pages) || n < 2 {
		t.Fatalf("%d pages, and %d with text", n, len(pages))
	}
	for i, page := range pages {
		if want := fmt.Sprintf("%d of %d\n", i+1, len(pages)); !strings.Contains(page, want) {
			t.Errorf("page %d does not say %q", i+1, want)
		}
	}
	all := strings.ReplaceAll(strings.Join(pages, ""), "\u00a0", " ")
	for _, want := range append([]string{
		"Weekly engagement: winter", d.Headline, "Two hours of 18 November are missing.",
		"98.50 %", "98.30 % to 98.70 %",
		"▲ up 0.20 points (better)", "the provider does not confirm", "not known: no conversion was", "√ Ship it",
		"No notification names a template.",
		"2 groups are withheld: fewer than 20 users. Ranges are 95 % intervals.",
	}, d.Queries...) {
		if !strings.Contains(all, want+"\n") {
			t.Errorf("the file does not say %q", want)
		}
	}
	for _, s := range d.Sections {
		if !strings.Contains(file, utf16Text(s.Title)) {
			t.Errorf("the outline lacks %s", s.Title)
		}
	}
	for _, want := range []string{utf16Text("Weekly engagement: winter, 16 to 22 November 2026"),
		"/CreationDate (D:20261123073000)", "/Lang (en)"} {
		if !strings.Contains(file, want) {
			t.Errorf("the file lacks %q", want)
		}
	}
	if len(file) > 1_000_000 {
		t.Errorf("%d bytes", len(file))
	}
}

// A table that takes several pages has its header on each.
func TestPDFRepeatsHeaders(t *testing.T) {
	d := example()
	long := channels()
	for range 30 {
		long.Rows = append(long.Rows, channels().Rows...)
	}
	d.Sections = []report.Section{{Title: "Channels", Blocks: []report.Block{long}}}
	pages := pagesOf(t, write(t, d, "pdf"))
	with := 0
	for _, page := range pages {
		if rows := strings.Contains(page, "3,100,234\n"); rows != strings.Contains(page, "Mean delivery time\n") {
			t.Errorf("a page with rows (%t) has a header (%t)", rows, !rows)
		} else if rows {
			with++
		}
	}
	if with < 3 {
		t.Errorf("the table takes %d pages", with)
	}
}
