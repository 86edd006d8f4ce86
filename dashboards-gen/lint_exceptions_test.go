package dashboards_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/prometheus/promql/parser"
	"gopkg.in/yaml.v3"
)

// panelOf names a panel as .lint does.
type panelOf struct{ Dashboard, Panel string }

// The exceptions for dashboard-linter in .lint give a reason each. The four that hold
// everywhere are of a variable that no dashboard has. The others list the panels that
// draw a rate over a fixed window and the dashboards with a unit of their own, all of
// them and no others.
func TestLinterExceptions(t *testing.T) {
	content, err := os.ReadFile("../.lint")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Exclusions map[string]struct {
			Reason  string
			Entries []panelOf
		}
	}
	if err := yaml.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	got := map[string][]panelOf{}
	want := map[string][]panelOf{"target-rate-interval-rule": fixedRates(t), "panel-units-rule": ownUnits(t)}
	for _, about := range []string{"job", "instance"} {
		want["template-"+about+"-rule"], want["target-"+about+"-rule"] = nil, nil
		load(t, func(t *testing.T, d loaded) {
			for _, v := range d.variables {
				if v.Name == about {
					t.Errorf("the dashboard has the variable %s: .lint says that it has none", about)
				}
			}
		})
	}
	for rule, e := range file.Exclusions {
		if e.Reason == "" {
			t.Errorf("%s gives no reason", rule)
		}
		got[rule] = e.Entries
	}
	inOrder := cmpopts.SortSlices(func(a, b panelOf) int {
		return strings.Compare(a.Dashboard+a.Panel, b.Dashboard+b.Panel)
	})
	if diff := cmp.Diff(want, got, inOrder, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("exceptions in .lint (-needed +listed):\n%s", diff)
	}
}

// fixedRates returns the panels with a rate over a fixed window. [TestWindows] allows no other.
func fixedRates(t *testing.T) []panelOf {
	t.Helper()
	var found []panelOf
	load(t, func(t *testing.T, d loaded) {
		for _, p := range d.panels {
			this := panelOf{d.title, *p.Title}
			for _, q := range queries(t, p) {
				inspect(t, *p.Title, q.Expr, func(node parser.Node, _ []parser.Node) {
					call, ok := node.(*parser.Call)
					if ok && strings.HasSuffix(call.Func.Name, "rate") && !slices.Contains(found, this) {
						found = append(found, this)
					}
				})
			}
		}
	})
	return found
}

// ownUnits returns the dashboards with a panel whose unit is not of Grafana's list. The
// linter looks at three kinds of panels, if they map no values.
func ownUnits(t *testing.T) []panelOf {
	t.Helper()
	var found []panelOf
	load(t, func(t *testing.T, d loaded) {
		this := panelOf{Dashboard: d.title}
		for _, p := range d.panels {
			judged := slices.Contains([]string{"stat", "timeseries", "gauge"}, p.Type) &&
				p.FieldConfig.Defaults.Mappings == nil
			own := strings.Contains(*p.FieldConfig.Defaults.Unit, ":")
			if judged && own && !slices.Contains(found, this) {
				found = append(found, this)
			}
		}
	})
	return found
}
