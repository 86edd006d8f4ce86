package render_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	"golang.org/x/sync/errgroup"

	"belfry/exporter/glyph"
	"belfry/insights/report"
	"belfry/insights/report/render"
)

var update = flag.Bool("update", false, "write the expected files anew")

func TestExpected(t *testing.T) {
	for _, format := range []string{"markdown", "text", "csv", "json"} {
		f, err := render.Named(format)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", "example."+f.Extension)
		got := write(t, example(), format)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
	}
}

// Whatever a report holds: the same bytes each time, nothing that nobody sees, and no number
// that is none.
func TestEveryFormat(t *testing.T) {
	if _, err := render.Named("docx"); err == nil || !strings.Contains(err.Error(), "html") {
		t.Errorf("an unknown format: %v", err)
	}
	all := recorded(t)
	for name, d := range all {
		d.Queries = slices.Repeat([]string{"up"}, len(d.Queries)) // PromQL may ask for le="+Inf"
		all[name] = d
	}
	maps.Copy(all, map[string]report.Document{"example": example(), "hostile": hostile(), "empty": {}})
	for _, f := range render.Formats {
		for name, d := range all {
			got := write(t, d, f.Name)
			if got == "" {
				t.Errorf("%s: %s: nothing", name, f.Name)
			}
			if large := len(d.Queries) > 20; !large && got != write(t, d, f.Name) {
				t.Errorf("%s: %s: something else the second time", name, f.Name)
			}
			if f.Name == "pdf" {
				continue // see TestPDF
			}
			for _, bad := range []string{"NaN", "+Inf", "Infinity", "not known: not known", "%!"} {
				if strings.Contains(got, bad) {
					t.Errorf("%s: %s: holds %s", name, f.Name, bad)
				}
			}
			hidden := func(r rune) bool { return r != '\n' && r != '\r' && glyph.Hidden(r) }
			if i := strings.IndexFunc(got, hidden); i >= 0 {
				t.Errorf("%s: %s: holds %q", name, f.Name, got[i:min(i+4, len(got))])
			}
		}
	}
}

func TestFileName(t *testing.T) {
	f, _ := render.Named("markdown")
	if got := render.FileName(example(), f); got != "weekly-2026-11-16.md" {
		t.Errorf("got %s", got)
	}
	got := render.FileName(hostile(), f)
	if strings.ContainsAny(got, "/\\<>\" ") || strings.HasPrefix(got, ".") {
		t.Errorf("got %s", got)
	}
}

// In Markdown, names are texts and no markup: nothing of them becomes a link, a picture or
// an element, and each table has the cells of its columns.
func TestMarkdownIsText(t *testing.T) {
	var out bytes.Buffer
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	if err := md.Convert([]byte(write(t, hostile(), "markdown")), &out); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	if found := regexp.MustCompile(`<(a|img|script|style|input|iframe|pre|em|del)[ >]`).FindString(page); found != "" {
		t.Errorf("a name became %s", found)
	}
	if got, want := strings.Count(page, "<h2>"), 2*len(hostileNames)+1; got != want {
		t.Errorf("%d headings of sections, want %d", got, want)
	}
	if got, want := strings.Count(page, "<table>"), 3*len(hostileNames); got != want {
		t.Errorf("%d tables, want %d", got, want)
	}
}

// Lines of text are at most 72 characters, words that are longer aside.
func TestTextIsNarrow(t *testing.T) {
	for _, d := range []report.Document{example(), hostile()} {
		for _, line := range strings.Split(write(t, d, "text"), "\n") {
			if words := strings.Fields(line); len([]rune(line)) > 72 && len(words) > 2 {
				t.Errorf("a line of %d: %s", len([]rune(line)), line)
			}
		}
	}
}

func TestCSVIsRead(t *testing.T) {
	for name, d := range map[string]report.Document{"example": example(), "hostile": hostile()} {
		rows, err := csv.NewReader(strings.NewReader(write(t, d, "csv"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		column := map[string]int{}
		for i, name := range rows[0] {
			column[name] = i
		}
		for _, row := range rows[1:] {
			for i, cell := range row {
				number := i >= column["value"] && i <= column["high"]
				x, err := strconv.ParseFloat(cell, 64)
				if number && cell != "" && (err != nil || math.IsNaN(x) || math.IsInf(x, 0)) {
					t.Errorf("%s: %q is not a number", name, cell)
				}
				if !number && strings.ContainsRune("=+-@", rune((cell + " ")[0])) {
					t.Errorf("%s: %q is a formula", name, cell)
				}
			}
			if row[column["unit"]] == "" && row[column["value"]] != "" {
				t.Errorf("%s: a value without a unit: %q", name, row)
			}
			if row[column["value"]] == "" && row[column["reason"]] == "" {
				t.Errorf("%s: no value and no reason: %q", name, row)
			}
		}
	}
}

func TestJSONIsRead(t *testing.T) {
	for name, d := range map[string]report.Document{"example": example(), "hostile": hostile(), "empty": {}} {
		var got struct {
			Version  int
			From     time.Time
			Sections []struct {
				Reason string
				Blocks []struct {
					Type    string
					Items   []map[string]any
					Queries []int
				}
			}
			Queries []string
		}
		if err := json.Unmarshal([]byte(write(t, d, "json")), &got); err != nil {
			t.Fatal(err)
		}
		if !got.From.Equal(d.From) || len(got.Sections) != len(d.Sections) || got.Queries == nil || got.Version != 1 {
			t.Errorf("%s: got %+v", name, got)
		}
		for _, s := range got.Sections {
			if s.Blocks == nil || len(s.Blocks) == 0 && s.Reason == "" {
				t.Errorf("%s: a section without blocks and reason", name)
			}
			for _, b := range s.Blocks {
				for _, item := range b.Items {
					if v, ok := item["value"]; b.Type != "findings" && (!ok || v == nil && item["reason"] == "") {
						t.Errorf("%s: no value and no reason: %v", name, item)
					}
				}
				for _, q := range b.Queries {
					if q < 0 || q >= len(got.Queries) {
						t.Errorf("%s: a reference to query %d of %d", name, q, len(got.Queries))
					}
				}
			}
		}
	}
}

// Reports that are due together are made together.
func TestAtTheSameTime(t *testing.T) {
	var g errgroup.Group
	for range 3 {
		for _, f := range render.Formats {
			g.Go(func() error { return render.Write(io.Discard, example(), f.Name) })
		}
		g.Go(func() error {
			_, err := render.Mail(example())
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}
