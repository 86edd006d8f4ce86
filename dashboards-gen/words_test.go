package dashboards

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/units"
	"github.com/prometheus/prometheus/promql/promqltest"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// What is over does not stay on a panel, and where nobody evaluates alerts the
// panel does not say that there are none.
func TestAlertsAreCounted(t *testing.T) {
	const (
		watchdog = `ALERTS{alertname="NotificationWatchdog",rule="NotificationWatchdog",alertstate="firing",severity="info"}`
		down     = `ALERTS{alertname="NotificationChannelDown",rule="NotificationChannelDown",alertstate="firing",severity="critical",channel="sms"}`
		burn     = `ALERTS{alertname="NotificationErrorBudgetBurn",rule="NotificationErrorBudgetBurn/1h",alertstate="firing",severity="critical",channel="sms"}`
		holds    = `notification_alert_condition{severity="critical",channel="sms",rule=`
		nobody   = `notification_alert_acknowledged{channel="sms",rule=`
	)
	for _, test := range []struct {
		name         string
		series       []string
		firing, open []float64
		names        []float64
	}{
		{"no rules", nil, nil, nil, nil},
		{"nothing fires", []string{watchdog}, []float64{0}, []float64{0}, []float64{0}},
		{"one fires", []string{watchdog, down, holds + `"NotificationChannelDown"}`}, []float64{1}, []float64{1}, []float64{1}},
		{"one fires still, and its condition is over", []string{watchdog, down}, []float64{1}, []float64{0}, []float64{1}},
		{"a condition holds, and nothing fires yet", []string{watchdog, holds + `"NotificationChannelDown"}`}, []float64{0}, []float64{0}, []float64{0}},
		{"one is acknowledged, and another of its channel", []string{
			watchdog, down, burn, holds + `"NotificationChannelDown"}`, holds + `"NotificationErrorBudgetBurn/1h"}`, nobody + `"NotificationChannelDown"}`,
		}, []float64{2}, []float64{0}, []float64{1, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			load := "load 1m\n"
			for _, s := range test.series {
				load += "  " + s + " 1x5\n"
			}
			storage := promqltest.LoadedStorage(t, load)
			defer storage.Close()
			engine := promqltest.NewTestEngine(t, false, 5*time.Minute, 1000)
			ask := func(p panel) []float64 {
				var values []float64
				for _, q := range p.queries {
					asked, err := engine.NewInstantQuery(t.Context(), storage, nil, q.of.Where().String(), time.Unix(60, 0))
					if err != nil {
						t.Fatal(err)
					}
					answer, err := asked.Exec(t.Context()).Vector()
					if err != nil {
						t.Fatal(err)
					}
					for _, sample := range answer {
						values = append(values, sample.F)
					}
				}
				return values
			}
			for _, panel := range []struct {
				panel panel
				want  []float64
			}{{alertsFiring(), test.firing}, {unacknowledged(), test.open}, {alertNames(), test.names}} {
				if diff := cmp.Diff(panel.want, ask(panel.panel)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", panel.panel.title, diff)
				}
			}
		})
	}
}

// The values of a closed label have colours of their own, those of severities
// with a meaning.
func TestValuesHaveColours(t *testing.T) {
	of := func(l *catalog.Label, legend string) panel {
		return panel{title: "P", queries: []query{{of: expr.Sum(expr.Select(catalog.Gauge{Family: &catalog.Family{Name: "g", Kind: catalog.KindGauge, Labels: []*catalog.Label{l}}})).By(l), legend: legend}}}
	}
	for _, test := range []struct {
		name string
		p    panel
		want map[string]string
	}{
		{"devices", of(catalog.LabelDeviceType, ""), map[string]string{
			"mobile": palette[0], "desktop": palette[1], "tablet": palette[2], catalog.Other: palette[3], catalog.Unknown: faint,
		}},
		{"severities", of(catalog.LabelSeverity, ""), map[string]string{"info": plain, "warning": careful, "critical": bad, "emergency": "#CC79A7"}},
		{"more than the palette has", of(catalog.LabelHour, ""), map[string]string{}},
		{"any value", of(catalog.LabelProvider, ""), map[string]string{}},
		{"another name", of(catalog.LabelDeviceType, "{{device_type}} before"), map[string]string{}},
	} {
		got := map[string]string{}
		for _, o := range test.p.valueColours() {
			var colour struct{ FixedColor string }
			text, err := json.Marshal(o.Properties[0].Value)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &colour); err != nil {
				t.Fatal(err)
			}
			got[o.Matcher.Options.(string)] = colour.FixedColor
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// A card says whose figure it is only where there could be several.
func TestCardsNameTheirFigures(t *testing.T) {
	for _, test := range []struct {
		p    panel
		want common.BigValueTextMode
	}{
		{sentIn(day), common.BigValueTextModeAuto},
		{costIn(day), common.BigValueTextModeValueAndName},
		{alertNames(), common.BigValueTextModeName},
		{alertsFiring(), common.BigValueTextModeValue},
	} {
		built, err := test.p.build(example())
		if err != nil {
			t.Fatal(err)
		}
		if got := built.Options.(stat.Options).TextMode; got != test.want {
			t.Errorf("%q shows %q, want %q", test.p.title, got, test.want)
		}
	}
}

// Words have the colours of their values, for a query with a limit of its own too.
func TestWordsHaveTheColoursOfTheirValues(t *testing.T) {
	p := panel{
		key: "states", title: "States", unit: units.Short, draw: states{}, words: map[float64]string{0: "no", 1: "yes"}, limit: &limit{value: 1, worse: below},
		queries: []query{{of: rules.EventRate}, {of: rules.EventRate, limit: &limit{value: 1, worse: above}}},
	}
	built, err := p.build(example())
	if err != nil {
		t.Fatal(err)
	}
	content, err := json.Marshal([]any{built.FieldConfig.Defaults.Mappings, built.FieldConfig.Overrides})
	if err != nil {
		t.Fatal(err)
	}
	type words []struct {
		Options map[string]struct{ Text, Color string }
	}
	var got []json.RawMessage
	if err := json.Unmarshal(content, &got); err != nil {
		t.Fatal(err)
	}
	var all words
	if err := json.Unmarshal(got[0], &all); err != nil {
		t.Fatal(err)
	}
	var overrides []struct {
		Matcher    struct{ Options string }
		Properties []struct {
			ID    string
			Value json.RawMessage
		}
	}
	if err := json.Unmarshal(got[1], &overrides); err != nil {
		t.Fatal(err)
	}
	if o := all[0].Options; o["0"].Color != bad || o["1"].Color != good || o["1"].Text != "yes" {
		t.Errorf("the words are %+v", all)
	}
	for _, o := range overrides {
		for _, property := range o.Properties {
			var own words
			if property.ID != "mappings" {
				continue
			}
			if err := json.Unmarshal(property.Value, &own); err != nil {
				t.Fatal(err)
			}
			if o.Matcher.Options != "B" || own[0].Options["1"].Color != bad || own[0].Options["0"].Color != good {
				t.Errorf("query %s has the words %+v", o.Matcher.Options, own)
			}
			return
		}
	}
	t.Error("query B has no words of its own")
}

// Grafana calls the figures of the only query with an answer "Value".
func TestTheFirstColumnKeepsItsName(t *testing.T) {
	two := grid{{title: "Sent"}, {title: "Failed"}}.arrange(perChannel)[1].Options.(map[string]any)
	want := map[string]any{
		"excludeByName": map[string]bool{"Time": true},
		"indexByName":   map[string]int{"channel": 0, "Value": 1, "Value #A": 1, "Value #B": 2},
		"renameByName":  map[string]string{"channel": "Channel", "Value": "Sent", "Value #A": "Sent", "Value #B": "Failed"},
	}
	if diff := cmp.Diff(want, two); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
