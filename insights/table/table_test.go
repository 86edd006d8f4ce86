package table

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
)

type row struct {
	At       time.Time `parquet:"at,timestamp(millisecond)"`
	Template string    `parquet:"template"`
	Volume   int64     `parquet:"volume"`
	Rate     *float64  `parquet:"rate,optional"`
	Flagged  bool      `parquet:"flagged"`
}

var rows = []row{
	{time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), "welcome", 3, new(-0.25), true},
	{time.Date(2026, 3, 30, 1, 0, 0, 0, time.FixedZone("", 3600)), `=HYPERLINK("http://x","a, b")`, 0, nil, false},
}

func TestWriteCSV(t *testing.T) {
	var out strings.Builder
	if err := Of(rows).WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	const want = "at,template,volume,rate,flagged\n" +
		"2026-03-29T01:00:00Z,welcome,3,-0.25,true\n" +
		`2026-03-30T00:00:00Z,"'=HYPERLINK(""http://x"",""a, b"")",0,,false` + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Parquet keeps texts as they are, and what is missing apart from 0.
func TestWriteParquet(t *testing.T) {
	for _, want := range [][]row{rows, nil} {
		var out bytes.Buffer
		if err := Of(want).WriteParquet(&out); err != nil {
			t.Fatal(err)
		}
		got, err := parquet.Read[row](bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.Transformer("UTC", time.Time.UTC)); len(got)+len(want) > 0 && diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		file, err := parquet.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		var columns []string
		for _, path := range file.Schema().Columns() {
			columns = append(columns, path...)
		}
		if diff := cmp.Diff(Of(rows).Columns(), columns); diff != "" {
			t.Errorf("columns (-want +got):\n%s", diff)
		}
	}
}

// No text that comes back from a CSV file begins like a formula, and none is lost.
func FuzzHarmless(f *testing.F) {
	for _, text := range []string{
		"", "a", "=1+1", " =1", "\u00a0@SUM(A1)", "\t=1", "-", "'x", "＝1", "a\r\n=1", "\x00=1",
	} {
		f.Add(text)
	}
	type one struct {
		Text string `parquet:"text"`
	}
	f.Fuzz(func(t *testing.T, text string) {
		var out strings.Builder
		if err := Of([]one{{text}, {"end"}}).WriteCSV(&out); err != nil {
			t.Fatal(err)
		}
		reader := csv.NewReader(strings.NewReader(out.String()))
		records, err := reader.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := reader.Read(); err != io.EOF {
			t.Fatal("more than one table")
		}
		got := records[1][0]
		if text == "" {
			return // an empty line, which readers skip
		}
		begin := strings.TrimLeft(got, " \u00a0\u3000")
		if begin != "" && strings.ContainsRune(formulaStarts, []rune(begin)[0]) {
			t.Errorf("%q is read as %q, a formula", text, got)
		}
		if read := strings.ReplaceAll(text, "\r\n", "\n"); !strings.HasSuffix(got, read) {
			t.Errorf("%q is read as %q", text, got)
		}
	})
}
