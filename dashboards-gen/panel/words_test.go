package panel

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// No value that Belfry names itself is shown with an underscore.
func TestValuesAreWords(t *testing.T) {
	code := map[*catalog.Label]bool{ // names of fields and metrics, which people look up
		catalog.LabelField: true, catalog.LabelIDField: true, catalog.LabelRepaired: true,
	}
	for _, l := range catalog.Labels {
		for _, v := range l.Values {
			if word := wordOf(l, v); strings.Contains(word, "_") && !code[l] {
				t.Errorf("%s %q is shown as %q", l.Name, v, word)
			}
		}
	}
	for l, words := range valueWords {
		for v := range words {
			if !l.Free() && !l.Known(v) {
				t.Errorf("%s has no value %q", l.Name, v)
			}
		}
	}
}

// Series have words for names, at the place of the label in their legend, and the color
// of the value.
func TestSeriesHaveWordsForNames(t *testing.T) {
	verdicts := expr.Max(expr.Select(catalog.ExperimentVerdict)).By(
		catalog.LabelExperiment, catalog.LabelVariant, catalog.LabelVerdict)
	for _, test := range []struct {
		of         Expression
		name, want string
	}{
		{rules.LatencyP95, "in_app", "in-app"},
		{expr.Sum(rules.Sent.Rate5m).By(perProvider...), "in_app in_app", "in-app in_app"},
		{verdicts, "in_app b stop_harm", "in_app b stop: harm"},
		{rules.StepP95, "queue_wait", "queue wait"},
		{rules.QueueMessages, "in_app", "in_app"}, // a name of the platform
	} {
		p := Panel{Queries: Of(test.of)}
		got := test.name
		for _, t := range p.seriesWords() {
			o := t.Options.(map[string]string)
			got = regexp.MustCompile(strings.Trim(o["regex"], "/")).ReplaceAllLiteralString(got, o["renamePattern"])
		}
		if got != test.want {
			t.Errorf("%s is called %q, want %q", test.name, got, test.want)
		}
	}
	got := colorsOf(t, Panel{Queries: Of(rules.LatencyP95)}, "in-app")
	if diff := cmp.Diff(map[string]string{"in-app": Palette[3]}, got); diff != "" {
		t.Errorf("colors (-want +got):\n%s", diff)
	}
}

// A cell of a table shows the word, and keeps the value for its links.
func TestCellsShowWords(t *testing.T) {
	shown := func(l *catalog.Label) map[string]string {
		content, err := json.Marshal(cellWords(l))
		if err != nil {
			t.Fatal(err)
		}
		var own []struct {
			Value []struct {
				Options map[string]struct{ Text string }
			}
		}
		if err := json.Unmarshal(content, &own); err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{}
		for _, p := range own {
			for v, to := range p.Value[0].Options {
				texts[v] = to.Text
			}
		}
		return texts
	}
	for _, test := range []struct {
		label *catalog.Label
		want  map[string]string
	}{
		{catalog.LabelChannel, map[string]string{"in_app": "in-app"}},
		{catalog.LabelVerdict, map[string]string{
			"stop_harm": "stop: harm", "stop_loser": "stop: loser", "ship": "winner", "immature": "too early",
			"no_meaningful_difference": "no difference",
		}},
		{catalog.LabelProvider, map[string]string{}},
	} {
		if diff := cmp.Diff(test.want, shown(test.label)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.label.Name, diff)
		}
	}
}
