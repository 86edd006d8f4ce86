package report_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/insights/display"
	"belfry/insights/report"
	"belfry/insights/report/render"
)

var update = flag.Bool("update", false, "write the expected reports anew")

// facts returns what a built-in report was made from: a demo with 95 days of simulated traffic
// and an outage of a provider. `go run ./cmd/prove documents --record` stores it anew.
func facts(t *testing.T, name string) *report.Facts {
	t.Helper()
	packed, err := os.ReadFile(filepath.Join("testdata", name+".json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	f := &report.Facts{}
	if err := json.NewDecoder(r).Decode(f); err != nil {
		t.Fatal(err)
	}
	return f
}

// Package render tries the other formats.
func TestBuiltinReportsInWords(t *testing.T) {
	for _, d := range report.Builtin() {
		t.Run(d.Name, func(t *testing.T) {
			var b bytes.Buffer
			doc := report.Compose(facts(t, d.Name))
			doc.Queries = nil // long, and the blocks say which
			if err := render.Write(&b, doc, "markdown"); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", d.Name+".md")
			if *update {
				if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), b.String()); diff != "" {
				t.Errorf("run go test -update if this is meant:\n%s", diff)
			}
		})
	}
}

// No chart is empty, no figure is without a value and a reason, no unit is unknown, and each block
// refers to queries of the appendix.
func TestBuiltinReportsAreWhole(t *testing.T) {
	for _, d := range report.Builtin() {
		doc := report.Compose(facts(t, d.Name))
		if len(doc.Sections) != len(d.Sections) || doc.Headline == "" {
			t.Errorf("%s: %d sections, headline %q", d.Name, len(doc.Sections), doc.Headline)
		}
		for _, s := range doc.Sections {
			if len(s.Blocks) == 0 && s.Reason == "" {
				t.Errorf("%s, %s: empty without a reason", d.Name, s.Key)
			}
			for _, b := range s.Blocks {
				checkBlock(t, d.Name+", "+s.Key, doc, b)
			}
		}
	}
}

func checkBlock(t *testing.T, where string, doc report.Document, b report.Block) {
	t.Helper()
	var queries []int
	switch b := b.(type) {
	case report.Prose:
		for _, p := range b {
			if !strings.HasSuffix(p, ".") {
				t.Errorf("%s: no sentence: %q", where, p)
			}
		}
		return
	case report.Findings:
		for _, f := range b.Items {
			if f.Title == "" || f.Text == "" || f.Label.Word == "" {
				t.Errorf("%s: incomplete finding %+v", where, f)
			}
		}
		return
	case report.Figures:
		queries = b.Queries
		for _, f := range b.Items {
			checkFigure(t, where, f)
		}
	case report.Table:
		queries = b.Queries
		for _, row := range b.Rows {
			if len(row) != len(b.Columns) {
				t.Errorf("%s: %d cells in %d columns", where, len(row), len(b.Columns))
			}
			for _, c := range row {
				if c.Figure != nil {
					checkFigure(t, where, *c.Figure)
				}
			}
		}
	case report.Course:
		queries = b.Queries
		known := 0
		for _, l := range b.Series {
			for _, p := range l.Points {
				if p.Value != nil {
					known++
				}
			}
		}
		if known < 2 || b.Unit == "" {
			t.Errorf("%s: the chart %q has %d points, in %q", where, b.Title, known, b.Unit)
		}
	case report.Bars:
		queries = b.Queries
		if len(b.Items) == 0 || b.Unit == "" {
			t.Errorf("%s: the chart %q has %d bars, in %q", where, b.Title, len(b.Items), b.Unit)
		}
	}
	for _, q := range queries {
		if q < 0 || q >= len(doc.Queries) {
			t.Errorf("%s: no query %d", where, q)
		}
	}
	if len(queries) == 0 {
		t.Errorf("%s: a block without queries: %T", where, b)
	}
}

func checkFigure(t *testing.T, where string, f display.Figure) {
	t.Helper()
	switch {
	case f.Unit == "" || f.Name == "":
		t.Errorf("%s: a figure without name or unit: %+v", where, f)
	case f.Value == nil && f.Reason == "":
		t.Errorf("%s: %s has no value and no reason", where, f.Name)
	case f.Value != nil && (math.IsNaN(*f.Value) || math.IsInf(*f.Value, 0)):
		t.Errorf("%s: %s is %v", where, f.Name, *f.Value)
	}
}

// What the summary says follows from the figures.
func TestSummary(t *testing.T) {
	f := facts(t, "monthly")
	f.Moves.All = nil
	calm := report.Compose(f)
	if text := calm.Sections[0].Blocks[0].(report.Prose)[1]; !strings.HasPrefix(text, "None of ") {
		t.Errorf("nothing moved: %s", text)
	}
	f.Analytics.TotalNotifications.Previous, f.Analytics.TotalNotifications.Change, f.Moves.Looked = nil, nil, 0
	alone := report.Compose(f)
	if text := alone.Sections[0].Blocks[0].(report.Prose)[1]; alone.Before != "" ||
		text != "There is too little data of the month before to tell changes from chance." {
		t.Errorf("nothing to compare with: %s; before %q", text, alone.Before)
	}
	f.Made = f.Period.To.Add(time.Minute)
	if early := report.Compose(f); len(early.Problems) == 0 || !strings.Contains(early.Problems[len(early.Problems)-1],
		"not yet complete") {
		t.Errorf("made too early: %q", early.Problems)
	}
}
