package dashboards

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/promql/promqltest"

	"belfry/dashboards-gen/panel"
	"belfry/dashboards-gen/view"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// shown returns a panel as Grafana loads it.
func shown(t *testing.T, p panel.Panel) view.Panel {
	t.Helper()
	d := panel.Dashboard{
		UID: "belfry-example", Title: "Example", Filters: panel.Filters{Labels: perProvider, From: rules.Sent.Rate5m},
		Rows: []panel.Row{panel.NewRow("", p)},
	}
	content, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := view.Load("examples/example.json", content)
	if err != nil {
		t.Fatal(err)
	}
	return loaded.Panels[0]
}

// said returns the words for a value, or the text for none.
func said(p view.Panel, values []float64) string {
	for _, m := range p.FieldConfig.Defaults.Mappings {
		var words map[string]struct{ Text string }
		var special struct {
			Match  string
			Result struct{ Text, Color string }
		}
		switch {
		case len(values) == 0 && m.Type == "special":
			if json.Unmarshal(m.Options, &special) == nil && special.Match == "null+nan" {
				return special.Result.Text
			}
		case len(values) > 0 && m.Type == "value":
			if json.Unmarshal(m.Options, &words) == nil && words[fmt.Sprint(values[0])].Text != "" {
				return words[fmt.Sprint(values[0])].Text
			}
		}
	}
	return fmt.Sprint(values)
}

// What a panel of one value says depends on why there is none.
func TestEmptyPanelsSayWhy(t *testing.T) {
	const (
		up     = `up{job="belfry-exporter",instance="a"} 1x10`
		down   = `up{job="belfry-exporter",instance="a"} 0x10`
		events = `job:notification_events:rate30s{job="belfry-exporter"} 1x10`
		tile   = `stage_channel:notification_stage:increase5m{stage="%s",channel="%s"} 7 _x10`
		rate   = `channel_provider:notification_sent:rate1m{channel="sms",provider="a"} 0.5x10`
	)
	sent, email := fmt.Sprintf(tile, "sent", "sms"), fmt.Sprintf(tile, "delivered", "email")
	for _, test := range []struct {
		name   string
		series []string
		of     panel.Panel
		want   string
	}{
		{"no exporter", nil, sentIn(), "Belfry sees no data: check the exporter"},
		{"the exporter is down", []string{down}, sentIn(), "Belfry sees no data: check the exporter"},
		{"five minutes old", []string{up, events}, sentIn(), "No complete interval yet"},
		{"no events yet", []string{up}, sentIn(), "Nothing was sent"},
		{"nothing on this channel", []string{up, events, email}, sentIn(), "Nothing was sent"},
		{"there is a value", []string{up, events, sent}, sentIn(), "[7]"},
		{"there is a value still", []string{down, sent}, sentIn(), "[7]"},
		{"a rate needs no interval", []string{up, events}, sentInTotal(), "Nothing sent yet"},
		{"a rate of no exporter", nil, sentInTotal(), "Belfry sees no data: check the exporter"},
		{"a rate", []string{up, rate}, sentInTotal(), "[0.5]"},
		{"alerts are not counted by the exporter", nil, alertsFiring(), noRules},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := shown(t, test.of)
			got := said(p, instant(t, test.series, p.Targets[0].Expr))
			if got != test.want {
				t.Errorf("it says %q, want %q", got, test.want)
			}
		})
	}
}

// instant answers a query for the channel sms.
func instant(t *testing.T, series []string, promQL string) []float64 {
	t.Helper()
	storage := promqltest.LoadedStorage(t, "load 1m\n  "+strings.Join(series, "\n  ")+"\n")
	defer storage.Close()
	engine := promqltest.NewTestEngine(t, false, 5*time.Minute, 1000)
	promQL = strings.NewReplacer("$channel", "sms", "$provider", ".*", "$__range", "1h", "$tile", "5m").Replace(promQL)
	asked, err := engine.NewInstantQuery(t.Context(), storage, nil, promQL, time.Unix(300, 0))
	if err != nil {
		t.Fatal(err)
	}
	found, err := asked.Exec(t.Context()).Vector()
	if err != nil {
		t.Fatal(err)
	}
	var values []float64
	for _, sample := range found {
		values = append(values, sample.F)
	}
	return values
}

// A threshold does not hide that there is nothing that is held to it.
func TestLoneThresholdsAreNotDrawn(t *testing.T) {
	const (
		limit = `notification_alert_threshold{rule="NotificationProviderDown",severity="critical"} 0.5x10`
		value = `channel_provider:notification_slo_errors_per_outcome:ratio_rate30s{channel="sms",provider="a"} 0.1x10`
	)
	p := shown(t, providerDown())
	for _, test := range []struct {
		series []string
		want   []float64
	}{{[]string{limit}, nil}, {[]string{limit, value}, []float64{0.1, 0.5}}} {
		var got []float64
		for _, target := range p.Targets {
			got = append(got, instant(t, test.series, target.Expr)...)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("of %q it draws (-want +got):\n%s", test.series, diff)
		}
	}
}

// Grafana colors a missing value as one below all thresholds. Where that is red, a mapping
// makes it neutral, in all cells and numbers of all dashboards.
func TestMissingValuesAreNotRed(t *testing.T) {
	for _, d := range loadAll(t) {
		for _, p := range d.Panels {
			if single := []string{"stat", "gauge", "bargauge"}; slices.Contains(single, p.Type) {
				neutral(t, d.UID+": "+p.Title, p.FieldConfig.Defaults.Mappings)
			}
			for _, o := range p.FieldConfig.Overrides {
				f := view.Field{}
				for _, own := range o.Properties {
					if err := f.Set(own.ID, own.Value); err != nil {
						t.Fatal(err)
					}
				}
				if p.Type == "table" && f.Thresholds != nil || len(f.Mappings) > 0 && p.Type == "stat" {
					neutral(t, fmt.Sprintf("%s: %s %s", d.UID, p.Title, o.Matcher.Options), f.Mappings)
				}
			}
		}
	}
}

// neutral fails if a missing value has no words in the color of text.
func neutral(t *testing.T, where string, mappings []view.Mapping) {
	t.Helper()
	if !slices.ContainsFunc(mappings, func(m view.Mapping) bool {
		return m.Type == "special" && strings.Contains(string(m.Options), `"null+nan"`) &&
			strings.Contains(string(m.Options), `"color": "text"`)
	}) {
		t.Errorf("%s: a missing value can be red", where)
	}
}

func loadAll(t *testing.T) []view.Dashboard {
	t.Helper()
	files, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	all, err := view.LoadAll(files)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A graph or a table cannot find out why it is empty. Of what the exporter counts it says
// that all may be missing, and links to what tells.
func TestGraphsDoNotClaimThatNothingHappened(t *testing.T) {
	for _, test := range []struct {
		of   panel.Panel
		want string
	}{
		{sentRate(), "None in this time range. If all is empty: Belfry sees no data: check the exporter"},
		{sentOverTime(), "Nothing was sent, or no complete interval yet. If all is empty: Belfry sees no data: check " +
			"the exporter"},
		{alertTable(alertsWidth), "No alert is firing, or no rules are evaluated"},
	} {
		if got := shown(t, test.of).FieldConfig.Defaults.NoValue; got != test.want {
			t.Errorf("%s says %q, want %q", test.of.Title, got, test.want)
		}
	}
}

// A title says which of the reader's choices do not apply to the panel.
func TestTitlesSayWhatIsNotFiltered(t *testing.T) {
	of := func(e panel.Expression) panel.Panel {
		return panel.Panel{Key: "k", Title: "T", Width: panel.Half, Draw: panel.Lines, Queries: panel.Of(e)}
	}
	unfiltered := of(rules.Sent.Rate5m)
	unfiltered.Unfiltered = true
	named := of(rules.EventRate)
	named.Title = "T, all channels"
	limit := panel.Query{Of: expr.Max(expr.Select(catalog.AlertThreshold)).By(), Objective: true}
	for _, test := range []struct {
		of   panel.Panel
		want string
	}{
		{of(rules.Sent.Rate5m), "T"}, {of(rules.Sent.Rate5m).With(limit), "T"},
		{of(rules.ChannelSent), "T, all providers"}, {of(rules.EventRate), "T, all channels"},
		{unfiltered, "T, all channels"}, {named, "T, all channels"},
	} {
		if got := shown(t, test.of).Title; got != test.want {
			t.Errorf("the title is %q, want %q", got, test.want)
		}
	}
}
