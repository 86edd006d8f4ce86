package panel

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// The values of a closed label have colors of their own. Those of severities have a
// meaning.
func TestValuesHaveColors(t *testing.T) {
	of := func(l *catalog.Label, legend string) Panel {
		g := catalog.Gauge{Family: &catalog.Family{Name: "g", Kind: catalog.KindGauge, Labels: []*catalog.Label{l}}}
		return Panel{Title: "P", Queries: []Query{{Of: expr.Sum(expr.Select(g)).By(l), Legend: legend}}}
	}
	for _, test := range []struct {
		name string
		p    Panel
		want map[string]string
	}{
		{"devices", of(catalog.LabelDeviceType, ""), map[string]string{
			"mobile": sky, "desktop": gold, "tablet": teal, catalog.Other: pink, catalog.Unknown: Faint,
		}},
		{"severities", of(catalog.LabelSeverity, ""), map[string]string{
			"info": sky, "warning": orange, "critical": red, "emergency": violet,
		}},
		{"with a word", of(catalog.LabelDeviceType, "{{device_type}} before"), map[string]string{
			"/^mobile /": sky, "/^desktop /": gold, "/^tablet /": teal, "/^other /": pink, "/^unknown /": Faint,
		}},
		{"another name", of(catalog.LabelDeviceType, "all"), map[string]string{}},
	} {
		got := map[string]string{}
		for _, o := range test.p.seriesColors() {
			var color struct{ FixedColor string }
			text, err := json.Marshal(o.Properties[0].Value)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &color); err != nil {
				t.Fatal(err)
			}
			got[o.Matcher.Options.(string)] = color.FixedColor
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// Words have the colors of their values, also for a query with a limit of its own.
func TestWordsHaveTheColorsOfTheirValues(t *testing.T) {
	p := Panel{
		Key: "states", Title: "States", Unit: units.Short, Draw: States,
		Words: map[float64]string{0: "no", 1: "yes"}, Limit: BadBelow(1),
		Queries: []Query{{Of: rules.EventRate}, {Of: rules.EventRate, Limit: BadAbove(1)}},
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
	if o := all[0].Options; o["0"].Color != red || o["1"].Color != green || o["1"].Text != "yes" {
		t.Errorf("the words are %+v", all)
	}
	for _, o := range overrides {
		for _, changed := range o.Properties {
			var own words
			if changed.ID != "mappings" {
				continue
			}
			if err := json.Unmarshal(changed.Value, &own); err != nil {
				t.Fatal(err)
			}
			if o.Matcher.Options != "B" || own[0].Options["1"].Color != red || own[0].Options["0"].Color != green {
				t.Errorf("query %s has the words %+v", o.Matcher.Options, own)
			}
			return
		}
	}
	t.Error("query B has no words of its own")
}

// Grafana calls the figures of the only query with an answer "Value".
func TestTheFirstColumnKeepsItsName(t *testing.T) {
	two := grid{{Title: "Sent"}, {Title: "Failed"}}.arrange(perChannel)[1].Options.(map[string]any)
	want := map[string]any{
		"excludeByName": map[string]bool{"Time": true},
		"indexByName":   map[string]int{"channel": 0, "Value": 1, "Value #A": 1, "Value #B": 2},
		"renameByName": map[string]string{
			"channel": "Channel", "Value": "Sent", "Value #A": "Sent", "Value #B": "Failed",
		},
	}
	if diff := cmp.Diff(want, two); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
