package dashboards

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// example is a dashboard of one row with the panels.
func example(panels ...panel) Dashboard {
	return Dashboard{
		UID: "belfry-example", Title: "Example", Folder: "examples", from: "now-1h", refresh: "1m",
		filters: filters{labels: perProvider, of: rules.Sent.Rate5m},
		rows:    []row{{panels: panels}},
	}
}

// sized is a panel of the size that draws something.
func sized(key string, width, height uint32) panel {
	return panel{
		key: key, title: key, unit: units.Short, width: width, height: height, draw: lines{},
		queries: []query{{of: rules.EventRate}},
	}
}

// A mistake in an expression stops the generation and says where it is.
func TestMistakesStopGeneration(t *testing.T) {
	mistaken := expr.Sum(expr.Rate(catalog.Errors, "soon")).By(catalog.LabelChannel)
	differing := panel{key: "uneven", title: "Uneven", unit: units.Short, width: full, height: tall}.tabulates(
		column{title: "Sent", of: expr.Sum(rules.Sent.Rate5m).By(perChannel...), unit: units.Short},
		column{title: "Failed", of: expr.Sum(rules.Failed.Rate5m).By(perProvider...), unit: units.Short},
	)
	broken := sized("broken", full, tall)
	broken.queries = append(broken.queries, query{of: mistaken})
	offering := example()
	offering.filters.of = mistaken

	for _, test := range []struct {
		name      string
		dashboard Dashboard
		want      []string
	}{
		{"an expression", example(sized("fine", full, tall), broken), []string{"dashboard belfry-example: panel broken: query B:", `window "soon"`}},
		{"the columns of a table", example(differing), []string{"panel uneven:", `column "Failed" has other labels than "Sent"`}},
		{"a variable", offering, []string{"variable channel:", `window "soon"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			content, err := test.dashboard.json()
			if err == nil {
				t.Fatalf("it was written:\n%s", content)
			}
			for _, part := range test.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error is %q: want %q in it", err, part)
				}
			}
		})
	}
}

// Panels fill the grid from left to right and wrap below the highest.
func TestPanelsFlow(t *testing.T) {
	d := example(sized("a", half, 4), sized("b", third, 6), sized("c", half, 4))
	d.rows = append(d.rows, row{"More", []panel{sized("d", full, 8)}})
	placed, err := d.place()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]sdk.GridPos{}
	for _, p := range placed {
		if p.RowPanel != nil {
			got[*p.RowPanel.Title] = *p.RowPanel.GridPos
		} else {
			got[*p.Panel.Title] = *p.Panel.GridPos
		}
	}
	want := map[string]sdk.GridPos{
		"a":    {X: 0, Y: 0, W: 12, H: 4},
		"b":    {X: 12, Y: 0, W: 8, H: 6},
		"c":    {X: 0, Y: 6, W: 12, H: 4},
		"More": {X: 0, Y: 10, W: 24, H: 1},
		"d":    {X: 0, Y: 11, W: 24, H: 8},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}

// A choice narrows what has its label, and leaves alone what has not.
func TestFiltersNarrow(t *testing.T) {
	for _, test := range []struct {
		of   expression
		want string
	}{
		{rules.Sent.Rate5m, `channel_provider:notification_sent:rate5m{channel=~"$channel",provider=~"$provider"}`},
		{rules.LatencyP95, `channel:notification_delivery_latency_seconds:p95_rate5m{channel=~"$channel"}`},
		{rules.EventRate, `job:notification_events:rate30s`},
	} {
		got := filters{labels: perProvider}.narrow(test.of)
		if got.Err() != nil || got.String() != test.want {
			t.Errorf("got %s (%v), want %s", got, got.Err(), test.want)
		}
	}
}

// A click on a series leads to nothing but that series, with the other choices
// and the time range kept, where the label is on every line.
func TestLinksKeepTheOtherChoices(t *testing.T) {
	both := sized("both", half, tall)
	both.queries = []query{{of: rules.ProviderDeliveredPerSent}}
	channels := sized("channels", half, tall)
	channels.queries = []query{{of: rules.ProviderDeliveredPerSent}, {of: rules.LatencyP95}}
	const kept = "/d/belfry-example?${datasource:queryparam}&${__url_time_range}&"
	for _, test := range []struct {
		panel panel
		want  []string
	}{
		{both, []string{
			kept + "var-channel=${__field.labels.channel}&${provider:queryparam}",
			kept + "var-provider=${__field.labels.provider}&${channel:queryparam}",
		}},
		{channels, []string{kept + "var-channel=${__field.labels.channel}&${provider:queryparam}"}},
		{sized("neither", half, tall), nil},
	} {
		built, err := test.panel.build(example())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range built.FieldConfig.Defaults.Links {
			got = append(got, *l.Url)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("links of %s (-want +got):\n%s", test.panel.key, diff)
		}
	}
}

// Values on the bad side of a limit are red, and without one none is.
func TestLimitsColour(t *testing.T) {
	for _, test := range []struct {
		limit *limit
		want  []sdk.Threshold
	}{
		{nil, []sdk.Threshold{{Color: neutral}}},
		{&limit{value: 0.5, worse: above}, []sdk.Threshold{{Color: good}, {Color: bad, Value: new(0.5)}}},
		{&limit{value: 1, worse: below}, []sdk.Threshold{{Color: bad}, {Color: good, Value: new(1.0)}}},
		{&limit{value: 3, worse: above, early: new(2.0)}, []sdk.Threshold{{Color: good}, {Color: careful, Value: new(2.0)}, {Color: bad, Value: new(3.0)}}},
		{&limit{value: 3, worse: below, early: new(4.0)}, []sdk.Threshold{{Color: bad}, {Color: careful, Value: new(3.0)}, {Color: good, Value: new(4.0)}}},
	} {
		if diff := cmp.Diff(test.want, test.limit.colours().Steps); diff != "" {
			t.Errorf("colours of %+v (-want +got):\n%s", test.limit, diff)
		}
	}
}

// The values of a limit's lines ascend, as Grafana wants them.
func TestLimitsAreLines(t *testing.T) {
	for _, test := range []struct {
		limit limit
		want  []sdk.Threshold
	}{
		{limit{value: 1, worse: below}, []sdk.Threshold{{Color: neutral}, {Color: bad, Value: new(1.0)}}},
		{limit{value: 3, worse: above, early: new(2.0)}, []sdk.Threshold{{Color: neutral}, {Color: careful, Value: new(2.0)}, {Color: bad, Value: new(3.0)}}},
		{limit{value: 3, worse: below, early: new(4.0)}, []sdk.Threshold{{Color: neutral}, {Color: bad, Value: new(3.0)}, {Color: careful, Value: new(4.0)}}},
	} {
		if diff := cmp.Diff(test.want, test.limit.line().Steps); diff != "" {
			t.Errorf("lines of %+v (-want +got):\n%s", test.limit, diff)
		}
	}
}

// Two severities of an alert share a panel, its value and one limit; the one
// that is reached first warns.
func TestAlertsShareAPanel(t *testing.T) {
	p := sized("shared", half, tall)
	p.queries = nil
	p = p.watches(rules.HardBounceCritical, above).watches(rules.HardBounceHigh, above)
	var legends []string
	for _, q := range p.queries {
		legends = append(legends, p.name(q))
	}
	if diff := cmp.Diff([]string{"{{channel}} {{provider}}", "critical threshold", "warning threshold"}, legends); diff != "" {
		t.Errorf("queries (-want +got):\n%s", diff)
	}
	if p.limit.value != rules.HardBounceCritical.Threshold || *p.limit.early != rules.HardBounceHigh.Threshold {
		t.Errorf("the limit is %+v", p.limit)
	}
	if len(p.links) != 2 {
		t.Errorf("%d links to runbooks, want 2", len(p.links))
	}
}

// A threshold that is drawn as a series is not drawn a second time as it was
// when the dashboard was generated.
func TestThresholdsAreDrawnOnce(t *testing.T) {
	still := sized("still", half, tall)
	still.limit = &limit{value: 1, worse: above}
	for _, test := range []struct {
		panel panel
		want  common.GraphThresholdsStyleMode
	}{
		{still, common.GraphThresholdsStyleModeDashed},
		{sized("series", half, tall).watches(rules.HardBounceHigh, above), common.GraphThresholdsStyleModeOff},
	} {
		built, err := test.panel.build(example())
		if err != nil {
			t.Fatal(err)
		}
		if got := built.FieldConfig.Defaults.Custom.(common.GraphFieldConfig).ThresholdsStyle.Mode; got != test.want {
			t.Errorf("panel %s draws its limit in the style %q, want %q", test.panel.title, got, test.want)
		}
	}
}

// A click leads on to other dashboards, narrowed to what was clicked.
func TestLeadsKeepChoicesAndTime(t *testing.T) {
	p := sized("leading", half, tall)
	p.queries, p.leads = []query{{of: rules.LatencyP95}}, []place{toPerformance}
	built, err := p.build(example())
	if err != nil {
		t.Fatal(err)
	}
	const want = "/d/belfry-performance?${datasource:queryparam}&${__url_time_range}&var-channel=${__field.labels.channel}&${provider:queryparam}"
	if got := *built.FieldConfig.Defaults.Links[1].Url; got != want {
		t.Errorf("it leads to %s, want %s", got, want)
	}
}

// A choice whose label the first series lacks is offered from another.
func TestChoicesComeFromTheirOwnSeries(t *testing.T) {
	f := filters{
		labels: []*catalog.Label{catalog.LabelChannel, catalog.LabelCampaign}, of: rules.ChannelSent,
		also: map[*catalog.Label]expression{catalog.LabelCampaign: rules.CampaignVolume.Increase1d},
	}
	list, err := f.variables()
	if err != nil {
		t.Fatal(err)
	}
	const want = `label_values(stage_campaign_channel:notification_campaign_stage:increase1d{channel=~"$channel"}, campaign)`
	if got := *list[2].Query.String; got != want {
		t.Errorf("campaigns come from %s, want %s", got, want)
	}
}
