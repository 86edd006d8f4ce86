package preview

import (
	"bytes"
	"encoding/json"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"belfry/dashboards-gen/view"
)

// Values are written as Grafana writes them.
func TestUnits(t *testing.T) {
	two, none := 2.0, 0.0
	for _, test := range []struct {
		unit     string
		value    float64
		decimals *float64
		want     string
	}{
		{"short", 1234567, nil, "1.23 Mil"}, {"short", 950, nil, "950"}, {"short", 0.00213, nil, "0.00213"},
		{"short", 0, nil, "0"}, {"short", -2500, nil, "-2.5 K"},
		{"percentunit", 0.9951, &two, "99.51%"}, {"percentunit", 1, &none, "100%"},
		{"s", 0.42, nil, "420 ms"}, {"s", 90, nil, "1.50 mins"}, {"s", 7200, nil, "2 hours"}, {"s", 0, nil, "0 s"},
		{"bytes", 1536, nil, "1.50 KiB"}, {"bytes", 0, nil, "0 B"}, {"binBps", 2048, nil, "2 KiB/s"},
		{"none", math.Inf(1), nil, "+∞"},
	} {
		if got := format(view.Field{Unit: test.unit, Decimals: test.decimals}, test.value); got != test.want {
			t.Errorf("%v in %s is %q, want %q", test.value, test.unit, got, test.want)
		}
	}
	words := view.Field{Mappings: []view.Mapping{{Type: "value", Options: json.RawMessage(
		`{"1": {"text": "up", "color": "green"}, "0": {"text": "down", "color": "red"}}`)}}}
	if got := format(words, 1); got != "up" {
		t.Errorf("1 is written as %q, want its word", got)
	}
	if got := (field{config: words}).colorOf(0, 0); got != colorNamed("red") {
		t.Errorf("0 has the color %s, want that of its word", got)
	}
	ranges := view.Field{Mappings: []view.Mapping{
		{Type: "range", Options: json.RawMessage(`{"from": 3, "to": 3.99, "result": {"text": "critical"}}`)},
	}}
	if got := format(ranges, 3.2) + " " + format(ranges, 2); got != "critical 2" {
		t.Errorf("3.2 and 2 are written as %q, want the word of the range for the first", got)
	}
	bare := []view.Mapping{
		{Type: "regex", Options: json.RawMessage(`{"pattern": "/^Notification(.+)$/", "result": {"text": "$1"}}`)},
	}
	if got, _ := wordFor(bare, "NotificationRetryStorm"); got.Text != "RetryStorm" {
		t.Errorf("a name is shown as %q, want it without its prefix", got.Text)
	}
	ago := column{field: "Value", number: true, config: view.Field{Unit: "dateTimeFromNow"}}
	if got := ago.text(row{values: map[string]float64{"Value": 100_000}, at: 1000}); got != "15 mins ago" {
		t.Errorf("900 s before is written as %q", got)
	}
	if got := format(view.Field{NoValue: "none yet"}, math.NaN()); got != "none yet" {
		t.Errorf("NaN is written as %q", got)
	}
}

// Axes end on round numbers and include every value.
func TestAxesAreRound(t *testing.T) {
	a := newAxis(view.Field{}, 3, 97, 5)
	if a.low != 0 || a.high != 100 || a.tick != 20 {
		t.Errorf("the axis of 3 to 97 is %+v", a)
	}
	for _, span := range [][2]float64{{0, 0}, {5, 5}, {1e-9, 1e-9}, {1e15, 1e15 + 1}, {-3, 2}} {
		values, _ := newAxis(view.Field{}, span[0], span[1], 4).labels(view.Field{})
		if len(values) < 2 || len(values) > 30 {
			t.Errorf("the axis of %v has %d labels", span, len(values))
		}
	}
}

func TestAxesHaveNoTrailingZeros(t *testing.T) {
	for text, want := range map[string]string{
		"0.500": "0.5", "16.70 mins": "16.7 mins", "1.50 K": "1.5 K", "2.00%": "2%", "100%": "100%", "0": "0",
		"10": "10", "0.0500": "0.05", "-0.10": "-0.1", "30.0": "30", "1.205": "1.205",
	} {
		if got := tidy(text); got != want {
			t.Errorf("%s becomes %s, want %s", text, got, want)
		}
	}
}

func picture(t *testing.T, width int, panels string, series ...view.Series) string {
	t.Helper()
	d, err := view.Load("grafana/dashboards/f/t.json", []byte(`{"title": "T", "panels": [`+panels+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	to := time.Unix(1_770_000_000, 0)
	o := view.Opened{Dashboard: d, Screen: view.Screen{From: to.Add(-time.Hour), To: to}}
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			o.Answers = append(o.Answers, view.Answer{Panel: p, Series: series, Query: view.Query{
				Target: target, Start: o.Screen.From, End: to, Step: time.Minute,
			}})
		}
	}
	return string(Draw(o, width))
}

// A gap in a series is a gap in its line.
func TestLinesHaveGaps(t *testing.T) {
	got := picture(t, 1600, `{"id": 1, "type": "timeseries", "title": "Lines", "gridPos": {"w": 12, "h": 8},
		"targets": [{"refId": "A", "legendFormat": "{{channel}}"}], "options": {"legend": {"showLegend": true}}}`,
		view.Series{
			Labels: map[string]string{"channel": "e<mail"},
			Times:  []float64{1769997000, 1769997060, 1769998000, 1769998060}, Values: []float64{1, 2, 3, 4},
		})
	if strings.Count(got, "e&lt;mail") != 1 {
		t.Error("the legend is missing, or not escaped")
	}
	lines := 0
	drawn := regexp.MustCompile(`<path d="([^"]*)" fill="none" stroke="` + ink)
	for _, path := range drawn.FindAllStringSubmatch(got, -1) {
		if strings.Count(path[1], "M") == 1 && strings.Count(path[1], "m") == 1 {
			lines++
		}
	}
	if lines != 1 {
		t.Errorf("%d lines have one gap, want 1", lines)
	}
}

// Panels without data say what that means, and panels of unknown kinds say so.
func TestEmptyPanelsSayWhy(t *testing.T) {
	got := picture(t, 1600, `{"id": 1, "type": "stat", "title": "A", "gridPos": {"w": 6, "h": 4},
		"fieldConfig": {"defaults": {"noValue": "Nothing was sent"}}},
		{"id": 2, "type": "geomap", "title": "B", "gridPos": {"x": 6, "w": 6, "h": 4}}`)
	for _, want := range []string{"Nothing was sent", "a panel of type geomap is not drawn", "not Grafana"} {
		if !strings.Contains(got, want) {
			t.Errorf("the picture does not say %q", want)
		}
	}
}

// On a phone panels are stacked, each as wide as the screen.
func TestNarrowScreensHaveOneColumn(t *testing.T) {
	got := picture(t, 390, `{"id": 1, "type": "stat", "title": "Left", "gridPos": {"x": 0, "w": 12, "h": 4}},
		{"id": 2, "type": "stat", "title": "Right", "gridPos": {"x": 12, "w": 12, "h": 4}}`)
	if n := strings.Count(got, `width="374"`); n != 2 {
		t.Errorf("%d panels are as wide as the screen, want 2:\n%s", n, got)
	}
}

// Tables join the answers by labels, in the order and with the names that the
// transformations give them.
func TestTablesAreOrganized(t *testing.T) {
	series := []view.Series{
		{Labels: map[string]string{"channel": "email"}, Times: []float64{1}, Values: []float64{1}},
		{Labels: map[string]string{"channel": "sms"}, Times: []float64{1}, Values: []float64{7}},
	}
	got := picture(t, 1600, `{"id": 1, "type": "table", "title": "Table", "gridPos": {"w": 24, "h": 8},
		"targets": [{"refId": "A", "instant": true}, {"refId": "B", "instant": true}],
		"options": {"sortBy": [{"displayName": "Sent", "desc": true}]},
		"transformations": [{"id": "merge"}, {"id": "organize", "options": {
			"indexByName": {"channel": 0, "Value #A": 1, "Value #B": 2},
			"renameByName": {"channel": "Channel", "Value #A": "Sent", "Value #B": "Failed"}}}]}`, series...)
	var places []int
	for _, text := range []string{">Channel<", ">Sent<", ">Failed<", ">sms<", ">email<"} {
		places = append(places, strings.Index(got, text))
	}
	for i, at := range places {
		if at < 0 || i > 0 && at < places[i-1] {
			t.Fatalf("columns and rows are at %v:\n%s", places, got)
		}
	}
	if !bytes.Contains([]byte(got), []byte("T: a preview")) {
		t.Error("the picture has no title")
	}
}

// A row without one of the labels shows the text of the column in its place.
func TestTablesShowThatALabelIsMissing(t *testing.T) {
	series := []view.Series{
		{Labels: map[string]string{"alert": "A", "channel": "email"}, Times: []float64{1}, Values: []float64{1}},
		{Labels: map[string]string{"alert": "B"}, Times: []float64{1}, Values: []float64{1}},
	}
	got := picture(t, 1600, `{"id": 1, "type": "table", "title": "Table", "gridPos": {"w": 24, "h": 8},
		"fieldConfig": {"defaults": {"noValue": "No alert is firing"}, "overrides": [{
			"matcher": {"id": "byName", "options": "channel"},
			"properties": [{"id": "noValue", "value": "anywhere"}]}]},
		"targets": [{"refId": "A", "instant": true}]}`, series...)
	if !strings.Contains(got, ">anywhere<") || strings.Contains(got, "No alert is firing") {
		t.Errorf("the missing channel is not shown as its column says:\n%s", got)
	}
}

// The transformation sortBy orders rows, and orders numbers as numbers.
func TestTablesAreSorted(t *testing.T) {
	var series []view.Series
	for _, hour := range []string{"0", "10", "2"} {
		series = append(series, view.Series{
			Labels: map[string]string{"hour": hour}, Times: []float64{1}, Values: []float64{5},
		})
	}
	got := picture(t, 1600, `{"id": 1, "type": "table", "title": "Table", "gridPos": {"w": 24, "h": 8},
		"targets": [{"refId": "A", "instant": true}],
		"transformations": [{"id": "merge"},
			{"id": "sortBy", "options": {"sort": [{"field": "hour", "desc": true}]}}]}`, series...)
	if ten, two := strings.Index(got, ">10<"), strings.Index(got, ">2<"); ten < 0 || ten > two {
		t.Errorf("10 is at %d and 2 at %d: want the greater first", ten, two)
	}
}
