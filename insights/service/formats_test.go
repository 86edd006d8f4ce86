package service

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// tables lists the operations whose answers are tables.
func (s *Service) tables() (all []string) {
	for path, op := range newRoutes(s).operations {
		if op.isTable {
			all = append(all, path)
		}
	}
	slices.Sort(all)
	return all
}

// Every table is there as JSON, CSV and Parquet, with the same columns in both of the
// latter, whether it is asked for by the parameter or by the header.
func TestFormats(t *testing.T) {
	s := serve(t, Options{Prometheus: newFake(t, replySame("100")).URL})
	for _, path := range s.tables() {
		t.Run(path, func(t *testing.T) {
			name := strings.TrimPrefix(path, apiPath)
			download := func(extension string) string {
				return fmt.Sprintf(`attachment; filename="belfry-%s-2026-11-30.%s"`, name, extension)
			}
			asCSV := s.get(t, path+"?format=csv")
			s.valid(t, path, asCSV)
			same(t, asCSV, s.get(t, path, "Accept", "text/csv"))
			checkHeader(t, asCSV, "Content-Type", "text/csv; charset=utf-8; header=present")
			checkHeader(t, asCSV, "Content-Disposition", download("csv"))
			records, err := csv.NewReader(bytes.NewReader(body(t, asCSV))).ReadAll()
			if err != nil || len(records) == 0 {
				t.Fatalf("%d records, %v", len(records), err)
			}

			asParquet := s.get(t, path+"?format=parquet")
			s.valid(t, path, asParquet)
			same(t, asParquet, s.get(t, path, "Accept", "text/html;q=0.1, application/vnd.apache.parquet"))
			checkHeader(t, asParquet, "Content-Type", parquetType)
			checkHeader(t, asParquet, "Content-Disposition", download("parquet"))
			text := body(t, asParquet)
			file, err := parquet.OpenFile(bytes.NewReader(text), int64(len(text)))
			if err != nil {
				t.Fatal(err)
			}
			if int(file.NumRows()) != len(records)-1 {
				t.Errorf("%d rows in Parquet, %d in CSV", file.NumRows(), len(records)-1)
			}
			var columns []string
			for _, column := range file.Schema().Columns() {
				columns = append(columns, strings.Join(column, "."))
			}
			if !slices.Equal(columns, records[0]) {
				t.Errorf("columns of Parquet %q, of CSV %q", columns, records[0])
			}

			asJSON := s.get(t, path)
			s.valid(t, path, asJSON)
			same(t, asJSON, s.get(t, path, "Accept", "text/html, application/xhtml+xml, */*;q=0.8"))
			same(t, asJSON, s.get(t, path+"?format=json", "Accept", "text/csv"))
			if d := asJSON.Header.Get("Content-Disposition"); d != "" {
				t.Errorf("JSON is offered as %s", d)
			}
			wrong := s.get(t, path+"?format=xls")
			if text := string(body(t, wrong)); wrong.StatusCode != http.StatusBadRequest ||
				!strings.Contains(text, `unknown format \"xls\"`) || wrong.Header.Get("Content-Disposition") != "" {
				t.Errorf("%s: %s", wrong.Status, text)
			}
		})
	}
}

func same(t *testing.T, a, b *http.Response) {
	t.Helper()
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != b.Header.Get("Content-Type") ||
		!bytes.Equal(body(t, a), body(t, b)) {
		t.Errorf("%s %s, and %s %s", a.Status, a.Header.Get("Content-Type"), b.Status, b.Header.Get("Content-Type"))
	}
}

func checkHeader(t *testing.T, r *http.Response, name, want string) {
	t.Helper()
	if got := r.Header.Get(name); got != want {
		t.Errorf("%s: %s, want %s", name, got, want)
	}
}

func TestAccepted(t *testing.T) {
	for _, c := range []struct {
		accept, media string
		want          float64
	}{
		{"", csvType, 1}, {"*/*", csvType, 1}, {"text/*;q=0.5", csvType, 0.5}, {"text/*;q=0.5", jsonType, 0},
		{"*/*;q=0.1, text/csv;q=0", csvType, 0}, {"text/csv;q=0, */*", csvType, 0}, {"text/csv", csvType, 1},
		{"garbage/;;q", csvType, 0}, {"application/json; q=0.7", jsonType, 0.7},
	} {
		if got := accepted(c.accept, c.media); got != c.want {
			t.Errorf("Accept: %s for %s: %g, want %g", c.accept, c.media, got, c.want)
		}
	}
}

// The same analytics in another format are not computed again.
func TestFormatsShareAnAnswer(t *testing.T) {
	var asked atomic.Int64
	s := serve(t, Options{Prometheus: newFake(t, func(w http.ResponseWriter, r *http.Request, promQL string) {
		asked.Add(1)
		replyNothing(w, r, promQL)
	}).URL})
	s.get(t, "/api/v1/analytics?last=3d")
	before := asked.Load()
	s.get(t, "/api/v1/analytics?last=3d&format=csv")
	if after := asked.Load(); after != before {
		t.Errorf("%d more queries", after-before)
	}
	if s.get(t, "/api/v1/analytics?last=2d"); asked.Load() == before {
		t.Error("another period is not computed")
	}
}
