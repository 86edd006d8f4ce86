package preview

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	dashboards "belfry/dashboards-gen"
	"belfry/dashboards-gen/view"
)

// again is the command that records the answers.
const again = "go run ./cmd/belfry dashboards preview --only executive --only operations " +
	"--record dashboards-gen/preview/recorded /tmp/previews"

// What is committed is small, and the same on every run.
func TestPicturesAreSmallAndStable(t *testing.T) {
	files, err := dashboards.Files()
	if err != nil {
		t.Fatal(err)
	}
	once, err := Pictures(files)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := Pictures(files)
	if err != nil {
		t.Fatal(err)
	}
	size := 0
	for path, content := range once {
		size += len(content)
		if !bytes.Equal(content, twice[path]) {
			t.Errorf("%s differs between two runs", path)
		}
	}
	if len(once) != 2 || size > 300_000 {
		t.Errorf("%d pictures of %d bytes: want two of less than 300 kB together", len(once), size)
	}
}

// Every query of a recorded dashboard has an answer, and every answer has a query.
func TestEveryQueryIsRecorded(t *testing.T) {
	files, err := dashboards.Files()
	if err != nil {
		t.Fatal(err)
	}
	all, err := view.LoadAll(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		file, err := recorded.ReadFile("recorded/" + strings.TrimPrefix(d.UID, "belfry-") + ".ndjson")
		if err != nil {
			continue
		}
		r, err := readRecording(file)
		if err != nil {
			t.Fatal(err)
		}
		o, err := r.reopen(d)
		if err != nil {
			t.Fatal(err)
		}
		asked := map[string]bool{}
		for _, a := range o.Answers {
			asked[queryKey(a.Query)] = true
			if !r.has(a.Query) {
				t.Errorf("%s: panel %q: query %s has no recorded answer; run %s",
					d.UID, a.Panel.Title, a.Query.RefID, again)
			}
		}
		for name := range r.answers {
			if !asked[name] {
				t.Errorf("%s: no panel has the recorded query %s; run %s", d.UID, name, again)
			}
		}
	}
}

// example returns a dashboard with one panel and one query.
func example(t *testing.T, query string) view.Dashboard {
	t.Helper()
	d, err := view.Load("f/example.json", fmt.Appendf(nil, `{"title": "Example", "panels": [
		{"id": 1, "type": "timeseries", "title": "A", "gridPos": {"w": 12, "h": 8},
		"targets": [{"refId": "A", "expr": %q, "legendFormat": "{{channel}}"}]}]}`, query))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A recording answers with the series that were recorded, to five digits.
func TestRecordingsAnswerAgain(t *testing.T) {
	to := time.Unix(1_770_000_000, 0).UTC()
	o := view.Opened{Dashboard: example(t, "x"), Screen: Screen(1600, to, 6*time.Hour)}
	queries, err := o.Panels[0].Queries(o.Screen, nil)
	if err != nil {
		t.Fatal(err)
	}
	begin := float64(queries[0].Start.Unix())
	series := []view.Series{{
		Labels: map[string]string{"channel": "email"},
		Times:  []float64{begin, begin + 300, begin + 600, begin + 1500, begin + 1800},
		Values: []float64{0.333333333, 5, 5, math.Inf(1), 1e9},
	}}
	o.Answers = []view.Answer{{Panel: o.Panels[0], Query: queries[0], Series: series}}
	file, err := Record(o, 1600)
	if err != nil {
		t.Fatal(err)
	}
	if want := `"values":"0.33333 5*2 -*2 +Inf 1e+09 -*66"`; !strings.Contains(string(file), want) {
		t.Errorf("the file lacks %s:\n%s", want, file)
	}
	r, err := readRecording(file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.reopen(o.Dashboard)
	if err != nil {
		t.Fatal(err)
	}
	series[0].Values[0] = 0.33333
	if diff := cmp.Diff(series, got.Answers[0].Series); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
	changed, err := r.reopen(example(t, "y"))
	if err != nil {
		t.Fatal(err)
	}
	if text := string(Draw(changed, 1600)); !strings.Contains(text, "Not recorded yet") {
		t.Errorf("a panel with a changed query does not say so:\n%s", text)
	}
}

// A damaged recording is an error, never a panic, and reading and writing agree.
func FuzzRecording(f *testing.F) {
	f.Add("0.5 1*70 -")
	f.Add("1*0 -*x e")
	f.Add("1*999999999999999999")
	to := time.Unix(1_770_000_000, 0).UTC()
	q := view.Query{PromQL: "x", Start: to.Add(-time.Hour), End: to, Step: time.Minute}
	f.Fuzz(func(t *testing.T, values string) {
		s, err := decode(values, q)
		if err != nil {
			return
		}
		written := encode(s, q)
		again, err := decode(written, q)
		if err != nil || encode(again, q) != written {
			t.Errorf("%q is read again as %v (%v)", written, again, err)
		}
	})
}
