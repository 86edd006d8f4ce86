package view_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/dashboards-gen/view"
	"belfry/rules/promapi"
)

const file = `{"uid": "u", "title": "T", "templating": {"list": [
  {"type": "datasource", "name": "datasource"},
  {"type": "query", "name": "channel", "query": "label_values(sent, channel)", "allValue": ".*"},
  {"type": "query", "name": "provider", "query": "label_values(sent{channel=~\"$channel\"}, provider)",
    "allValue": ".+"}]},
 "panels": [{"type": "row", "title": "Row", "gridPos": {"y": 1}},
  {"id": 1, "type": "timeseries", "title": "A", "targets": [
   {"refId": "A", "expr": "rate(sent{channel=~\"$channel\",provider=~\"$provider\"}[5m])"},
   {"refId": "B", "expr": "sum_over_time(sent[1d])", "instant": true},
   {"refId": "C", "expr": "sum_over_time(sent[$__interval])", "interval": "5m"}]}]}`

// prometheus returns a server that has three values of every label and no series.
func prometheus(t *testing.T) view.Source {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/values") {
			w.Write([]byte(`{"status":"success","data":["a","b","c"]}`))
			return
		}
		w.Write([]byte(`{"status":"success","data":{"resultType":"matrix","result":[]}}`))
	}))
	t.Cleanup(server.Close)
	return source(t, server)
}

func source(t *testing.T, server *httptest.Server) view.Source {
	t.Helper()
	api, err := promapi.New(server.URL, promapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return view.Prometheus(api)
}

// queries returns those of the dashboard over a time range, by panel and name.
func queries(t *testing.T, span time.Duration) map[string]view.Query {
	t.Helper()
	d, err := view.Load("grafana/dashboards/f/t.json", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	if d.Folder != "f" || len(d.Rows) != 1 {
		t.Errorf("the dashboard is in %q and has %d rows", d.Folder, len(d.Rows))
	}
	to := time.Date(2026, 3, 2, 12, 0, 3, 0, time.UTC)
	o, err := d.Open(t.Context(), prometheus(t), view.Screen{
		From: to.Add(-span), To: to, Points: 1000, Scrape: 10 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]view.Query{}
	for _, a := range o.Answers {
		all[a.Panel.Title+a.Query.RefID] = a.Query
	}
	return all
}

// Variables stand for all of their values, and Grafana's own for the step.
func TestQueriesAreFilledIn(t *testing.T) {
	got := map[string]string{}
	for name, q := range queries(t, 24*time.Hour) {
		got[name] = q.PromQL
	}
	want := map[string]string{
		"AA": `rate(sent{channel=~".*",provider=~".+"}[5m])`,
		"AB": "sum_over_time(sent[1d])",
		"AC": "sum_over_time(sent[5m])",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("queries (-want +got):\n%s", diff)
	}
}

// Steps are those of Grafana: round, about one point per pixel, never shorter than
// the data source or the query allows, and aligned to multiples of themselves.
func TestStepsAreGrafanas(t *testing.T) {
	for _, test := range []struct {
		span time.Duration
		want time.Duration
	}{
		{time.Hour, 10 * time.Second}, {24 * time.Hour, time.Minute}, {7 * 24 * time.Hour, 10 * time.Minute},
		{30 * 24 * time.Hour, 30 * time.Minute}, {365 * 24 * time.Hour, 6 * time.Hour},
	} {
		q := queries(t, test.span)["AA"]
		if q.Step != test.want || !q.Start.Equal(q.Start.Truncate(test.want)) {
			t.Errorf("over %s the step is %s from %s, want %s", test.span, q.Step, q.Start, test.want)
		}
	}
}

// A panel that repeats is drawn for each value, two in a row, and what stands
// below it moves down.
func TestPanelsRepeat(t *testing.T) {
	d, err := view.Load("t.json", []byte(`{"templating": {"list": [
		{"type": "query", "name": "channel", "query": "label_values(sent, channel)", "allValue": ".*"}]},
		"panels": [{"id": 1, "title": "Of $channel", "repeat": "channel", "maxPerRow": 2, "gridPos": {"w": 24, "h": 8},
			"targets": [{"refId": "A", "expr": "x{c=~\"$channel\"}"}]},
		{"id": 2, "title": "Below", "gridPos": {"y": 8, "w": 24, "h": 4}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	to := time.Unix(1_770_000_000, 0)
	screen := view.Screen{From: to.Add(-time.Hour), To: to, Points: 100, Scrape: time.Second}
	o, err := d.Open(t.Context(), prometheus(t), screen)
	if err != nil {
		t.Fatal(err)
	}
	type drawn struct {
		Title string
		Place view.Place
	}
	var got []drawn
	for _, p := range o.Panels {
		got = append(got, drawn{p.Title, p.Place})
	}
	want := []drawn{
		{"Of a", view.Place{X: 0, Y: 0, W: 12, H: 8}}, {"Of b", view.Place{X: 12, Y: 0, W: 12, H: 8}},
		{"Of c", view.Place{X: 0, Y: 8, W: 12, H: 8}}, {"Below", view.Place{X: 0, Y: 16, W: 24, H: 4}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("panels (-want +got):\n%s", diff)
	}
	if len(o.Answers) != 3 || o.Answers[2].Query.PromQL != `x{c=~"c"}` {
		t.Errorf("the answers are %+v", o.Answers)
	}
}

// A variable that the dashboard does not have is an error, not an empty value.
func TestUnknownVariableIsRefused(t *testing.T) {
	d, err := view.Load("t.json", []byte(`{"panels": [
		{"title": "A", "targets": [{"refId": "A", "expr": "x{c=\"$gone\"}"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Panels[0].Queries(view.Screen{To: time.Now(), Points: 10, Scrape: time.Second}, nil)
	if err == nil || !strings.Contains(err.Error(), "$gone") {
		t.Errorf("the error is %v", err)
	}
}

func TestRefusedQueriesSayWhy(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		w.Write([]byte(`{"status":"error","error":"parse error: unexpected end"}`))
	}))
	defer server.Close()
	d, err := view.Load("t.json", []byte(`{"panels": [{"targets": [{"refId": "A", "expr": "sum("}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Open(t.Context(), source(t, server), view.Screen{To: time.Now(), Points: 10, Scrape: time.Second})
	if err == nil || !strings.Contains(err.Error(), "unexpected end") || !strings.Contains(err.Error(), "sum(") {
		t.Errorf("the error is %v", err)
	}
}

// An override of one field leaves the others as they are.
func TestOverridesAreNotShared(t *testing.T) {
	d, err := view.Load("t.json", []byte(`{"panels": [{"fieldConfig": {"defaults": {
		"decimals": 1, "min": 1, "max": 1, "color": {"mode": "fixed"}, "thresholds": {"steps": [{"color": "red"}]},
		"custom": {"lineWidth": 1, "axisSoftMin": 1, "axisSoftMax": 1, "lineStyle": {"fill": "solid"}}}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	defaults := d.Panels[0].FieldConfig.Defaults
	own := defaults
	for id, value := range map[string]string{
		"decimals": "2", "min": "2", "max": "2",
		"color": `{"mode": "thresholds"}`, "thresholds": `{"steps": [{"color": "green"}]}`,
		"custom.lineWidth": "2", "custom.axisSoftMin": "2", "custom.axisSoftMax": "2",
		"custom.lineStyle": `{"fill": "dash"}`,
	} {
		if err := own.Set(id, []byte(value)); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	if *own.Decimals != 2 || *own.Custom.LineWidth != 2 || own.Custom.LineStyle.Fill != "dash" ||
		own.Color.Mode != "thresholds" {
		t.Errorf("the field is %+v", own)
	}
	c := defaults.Custom
	if *defaults.Decimals != 1 || *defaults.Min != 1 || *defaults.Max != 1 ||
		defaults.Color.Mode != "fixed" || defaults.Thresholds.Steps[0].Color != "red" ||
		*c.LineWidth != 1 || *c.AxisSoftMin != 1 || *c.AxisSoftMax != 1 || c.LineStyle.Fill != "solid" {
		t.Errorf("the override changed the panel: %+v", defaults)
	}
}

// What stands in a closed row is asked for only when all is.
func TestClosedRowsWait(t *testing.T) {
	d, err := view.Load("t.json", []byte(`{"panels": [
		{"id": 1, "title": "Open", "targets": [{"refId": "A", "expr": "x"}]},
		{"type": "row", "title": "More", "collapsed": true, "panels": [
			{"id": 2, "title": "Closed", "targets": [{"refId": "A", "expr": "y"}]}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for first, want := range map[bool]int{true: 1, false: 2} {
		screen := view.Screen{To: time.Now(), Points: 10, Scrape: time.Second, First: first}
		o, err := d.Open(t.Context(), prometheus(t), screen)
		if err != nil {
			t.Fatal(err)
		}
		if len(o.Answers) != want || len(o.Panels) != want {
			t.Errorf("first is %v: %d panels and %d answers, want %d", first, len(o.Panels), len(o.Answers), want)
		}
	}
}
