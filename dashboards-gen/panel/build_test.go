package panel

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

var (
	perChannel  = []*catalog.Label{catalog.LabelChannel}
	perProvider = []*catalog.Label{catalog.LabelChannel, catalog.LabelProvider}
)

// example returns a dashboard with one row of panels.
func example(panels ...Panel) Dashboard {
	return Dashboard{
		UID: "belfry-example", Title: "Example", Folder: "examples", From: "now-1h", Refresh: "1m",
		Filters: Filters{Labels: perProvider, From: rules.Sent.Rate5m},
		Rows:    []Row{NewRow("", panels...)},
	}
}

// sized returns a panel of a size that draws something.
func sized(key string, width, height uint32) Panel {
	return Panel{
		Key: key, Title: key, Unit: units.Short, Width: width, Height: height, Draw: Lines,
		Queries: []Query{{Of: rules.EventRate}},
	}
}

// A mistake in an expression stops the generation. The error says where it is.
func TestMistakesStopGeneration(t *testing.T) {
	mistaken := expr.Sum(expr.Rate(catalog.Errors, "soon")).By(catalog.LabelChannel)
	differing := Panel{Key: "uneven", Title: "Uneven", Unit: units.Short, Width: Full, Height: Tall}.Table(
		Column{Title: "Sent", Of: expr.Sum(rules.Sent.Rate5m).By(perChannel...), Unit: units.Short},
		Column{Title: "Failed", Of: expr.Sum(rules.Failed.Rate5m).By(perProvider...), Unit: units.Short},
	)
	broken := sized("broken", Full, Tall)
	broken.Queries = append(broken.Queries, Query{Of: mistaken})
	offering := example()
	offering.Filters.From = mistaken

	for _, test := range []struct {
		name      string
		dashboard Dashboard
		want      []string
	}{
		{
			"an expression", example(sized("fine", Full, Tall), broken),
			[]string{"dashboard belfry-example: panel broken: query B:", `window "soon"`},
		},
		{
			"the columns of a table", example(differing),
			[]string{"panel uneven:", `column "Failed" has other labels than "Sent"`},
		},
		{
			"a key twice", example(sized("same", Half, Tall), sized("same", Half, Tall)),
			[]string{`dashboard belfry-example: panels "same" and "same" have the key "same": ` +
				`give each a key of its own`},
		},
		{"a variable", offering, []string{"variable channel:", `window "soon"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			content, err := test.dashboard.JSON()
			if err == nil {
				t.Fatalf("it was written:\n%s", content)
			}
			for _, part := range test.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error %q lacks %q", err, part)
				}
			}
		})
	}
}

// Panels fill the grid from left to right and wrap below the tallest.
func TestPanelsFlow(t *testing.T) {
	d := example(sized("a", Half, 4), sized("b", Third, 6), sized("c", Half, 4))
	d.Rows = append(d.Rows, NewRow("More", sized("d", Full, 8)))
	placed, err := d.layOut()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]sdk.GridPos{}
	for _, p := range placed {
		if p.RowPanel != nil {
			got[*p.RowPanel.Title] = *p.RowPanel.GridPos
		} else {
			got[strings.TrimSuffix(*p.Panel.Title, ", all channels")] = *p.Panel.GridPos
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

// A choice narrows the selectors that have its label, and no others.
func TestFiltersNarrow(t *testing.T) {
	for _, test := range []struct {
		of   Expression
		want string
	}{
		{rules.Sent.Rate5m, `channel_provider:notification_sent:rate5m{channel=~"$channel",provider=~"$provider"}`},
		{rules.LatencyP95, `channel:notification_delivery_latency_seconds:p95_rate5m{channel=~"$channel"}`},
		{rules.EventRate, `job:notification_events:rate30s`},
	} {
		got := Filters{Labels: perProvider}.narrow(test.of)
		if got.Err() != nil || got.String() != test.want {
			t.Errorf("got %s (%v), want %s", got, got.Err(), test.want)
		}
	}
}

// A click on a series filters by it and keeps the other choices and the time range,
// if every series has the label.
func TestLinksKeepTheOtherChoices(t *testing.T) {
	both := sized("both", Half, Tall)
	both.Queries = []Query{{Of: rules.ProviderDeliveredPerAttempt}}
	channels := sized("channels", Half, Tall)
	channels.Queries = []Query{{Of: rules.ProviderDeliveredPerAttempt}, {Of: rules.LatencyP95}}
	const kept = "/d/belfry-example?${datasource:queryparam}&${__url_time_range}&"
	for _, test := range []struct {
		panel Panel
		want  []string
	}{
		{both, []string{
			kept + "var-channel=${__field.labels.channel}&${provider:queryparam}",
			kept + "var-provider=${__field.labels.provider}&${channel:queryparam}",
		}},
		{channels, []string{kept + "var-channel=${__field.labels.channel}&${provider:queryparam}"}},
		{sized("neither", Half, Tall), nil},
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
			t.Errorf("links of %s (-want +got):\n%s", test.panel.Key, diff)
		}
	}
}

// Values on the bad side of a limit are red. Without a limit no value is.
func TestLimitsColour(t *testing.T) {
	for _, test := range []struct {
		limit *Limit
		want  []sdk.Threshold
	}{
		{nil, []sdk.Threshold{{Color: neutral}}},
		{BadAbove(0.5), []sdk.Threshold{{Color: green}, {Color: red, Value: new(0.5)}}},
		{BadBelow(1), []sdk.Threshold{{Color: red}, {Color: green, Value: new(1.0)}}},
		{
			BadAbove(3).WarnAt(2.0),
			[]sdk.Threshold{{Color: green}, {Color: orange, Value: new(2.0)}, {Color: red, Value: new(3.0)}},
		},
		{
			BadBelow(3).WarnAt(4.0),
			[]sdk.Threshold{{Color: red}, {Color: orange, Value: new(3.0)}, {Color: green, Value: new(4.0)}},
		},
	} {
		if diff := cmp.Diff(test.want, test.limit.steps().Steps); diff != "" {
			t.Errorf("colors of %+v (-want +got):\n%s", test.limit, diff)
		}
	}
}

// The values of a limit's lines ascend, as Grafana requires.
func TestLimitsAreLines(t *testing.T) {
	for _, test := range []struct {
		limit Limit
		want  []sdk.Threshold
	}{
		{*BadBelow(1), []sdk.Threshold{{Color: neutral}, {Color: red, Value: new(1.0)}}},
		{
			*BadAbove(3).WarnAt(2.0),
			[]sdk.Threshold{{Color: neutral}, {Color: orange, Value: new(2.0)}, {Color: red, Value: new(3.0)}},
		},
		{
			*BadBelow(3).WarnAt(4.0),
			[]sdk.Threshold{{Color: neutral}, {Color: red, Value: new(3.0)}, {Color: orange, Value: new(4.0)}},
		},
	} {
		if diff := cmp.Diff(test.want, test.limit.lines().Steps); diff != "" {
			t.Errorf("lines of %+v (-want +got):\n%s", test.limit, diff)
		}
	}
}

// Two severities of an alert share a panel, a value and a limit. The threshold that
// is reached first warns.
func TestAlertsShareAPanel(t *testing.T) {
	p := sized("shared", Half, Tall)
	p.Queries = nil
	p = p.Watches(rules.HardBounceCritical, Above).Watches(rules.HardBounceHigh, Above)
	var legends []string
	for _, q := range p.Queries {
		legends = append(legends, p.legend(q))
	}
	want := []string{"{{channel}} {{provider}}", "critical threshold", "warning threshold"}
	if diff := cmp.Diff(want, legends); diff != "" {
		t.Errorf("queries (-want +got):\n%s", diff)
	}
	if p.Limit.value != rules.HardBounceCritical.Threshold || *p.Limit.early != rules.HardBounceHigh.Threshold {
		t.Errorf("the limit is %+v", p.Limit)
	}
	if len(p.runbooks) != 2 {
		t.Errorf("%d links to runbooks, want 2", len(p.runbooks))
	}
}

// A threshold that is drawn as a series is not drawn again as a constant.
func TestThresholdsAreDrawnOnce(t *testing.T) {
	still := sized("still", Half, Tall)
	still.Limit = BadAbove(1)
	for _, test := range []struct {
		panel Panel
		want  common.GraphThresholdsStyleMode
	}{
		{still, common.GraphThresholdsStyleModeDashed},
		{sized("series", Half, Tall).Watches(rules.HardBounceHigh, Above), common.GraphThresholdsStyleModeOff},
	} {
		built, err := test.panel.build(example())
		if err != nil {
			t.Fatal(err)
		}
		if got := built.FieldConfig.Defaults.Custom.(common.GraphFieldConfig).ThresholdsStyle.Mode; got != test.want {
			t.Errorf("panel %s draws its limit in the style %q, want %q", test.panel.Title, got, test.want)
		}
	}
}

// A click leads to other dashboards, filtered by what was clicked.
func TestLeadsKeepChoicesAndTime(t *testing.T) {
	p := sized("leading", Half, Tall)
	p.Queries = Of(rules.LatencyP95)
	p.LeadsTo = []Destination{{UID: rules.Performance, Title: "Performance"}}
	built, err := p.build(example())
	if err != nil {
		t.Fatal(err)
	}
	const want = "/d/belfry-performance?${datasource:queryparam}&${__url_time_range}" +
		"&var-channel=${__field.labels.channel}&${provider:queryparam}"
	if got := *built.FieldConfig.Defaults.Links[1].Url; got != want {
		t.Errorf("it leads to %s, want %s", got, want)
	}
}

// A choice whose label the first series lacks is offered from another.
func TestChoicesComeFromTheirOwnSeries(t *testing.T) {
	f := Filters{
		Labels: []*catalog.Label{catalog.LabelChannel, catalog.LabelCampaign}, From: rules.ChannelSent,
		Also: map[*catalog.Label]Expression{catalog.LabelCampaign: rules.CampaignVolume.Increase1d},
	}
	list, err := f.variables()
	if err != nil {
		t.Fatal(err)
	}
	const want = `label_values(stage_campaign_channel:notification_campaign_stage:increase1d` +
		`{channel=~"$channel"}, campaign)`
	if got := *list[2].Query.String; got != want {
		t.Errorf("campaigns come from %s, want %s", got, want)
	}
}

// A panel takes the unit of the alert that it draws, or of a recorded series,
// unless it names one.
func TestUnitsFollowTheSeries(t *testing.T) {
	for _, test := range []struct {
		panel Panel
		want  string
	}{
		{Panel{Draw: Lines}.Watches(rules.QueueWaitHigh, Above), "s"},
		{Panel{Draw: Lines, Queries: Of(rules.ErrorsPerOutcome)}, "percentunit"},
		{Panel{Draw: Lines, Queries: Of(rules.ErrorsPerOutcome), Unit: "short"}, "short"},
	} {
		built, err := test.panel.build(example())
		if err != nil {
			t.Fatal(err)
		}
		if got := *built.FieldConfig.Defaults.Unit; got != test.want {
			t.Errorf("the unit of %q is %q, want %q", test.panel.Key, got, test.want)
		}
	}
}

// A column is at least as wide as its heading, and the columns of a panel of half the
// screen fit into it at 1600 pixels.
func TestColumnsShowTheirHeadings(t *testing.T) {
	const half = 744.0 // pixels
	all := 0.0
	for _, title := range []string{"Delivered", "Opened", "Click-to-open", "Converted", "Dismissed", "Opted out"} {
		for _, o := range (Column{Title: title}).properties() {
			if o.Id != "custom.minWidth" {
				continue
			}
			width := o.Value.(float64)
			if least := 6.9*float64(len(title)) + 24; width < least { // 14 px of Inter, an arrow and the margins
				t.Errorf("column %q has %v px, and its heading %v", title, width, least)
			}
			all += width
		}
	}
	for _, o := range labelCell(catalog.LabelCategory) {
		if o.Id == "custom.minWidth" {
			all += o.Value.(float64)
		}
	}
	if all > half {
		t.Errorf("seven columns have %v px", all)
	}
}
