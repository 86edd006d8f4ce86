package dashboards_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/gauge"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
	"github.com/grafana/grafana-foundation-sdk/go/piechart"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"

	dashboards "belfry/dashboards-gen"
)

// The SDK checks options and queries of the kinds that are registered.
func init() {
	runtime := cog.NewRuntime()
	runtime.RegisterDataqueryVariant(prometheus.VariantConfig())
	runtime.RegisterPanelcfgVariant(bargauge.VariantConfig())
	runtime.RegisterPanelcfgVariant(gauge.VariantConfig())
	runtime.RegisterPanelcfgVariant(heatmap.VariantConfig())
	runtime.RegisterPanelcfgVariant(piechart.VariantConfig())
	runtime.RegisterPanelcfgVariant(stat.VariantConfig())
	runtime.RegisterPanelcfgVariant(statetimeline.VariantConfig())
	runtime.RegisterPanelcfgVariant(table.VariantConfig())
	runtime.RegisterPanelcfgVariant(timeseries.VariantConfig())
}

// generated returns all files, generated once for all tests.
var generated = sync.OnceValues(dashboards.Files)

// files returns all generated files.
func files(t *testing.T) map[string][]byte {
	t.Helper()
	all, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// loaded is a dashboard as the SDK reads it back from its file.
type loaded struct {
	uid       string
	title     string
	panels    []sdk.Panel // all, also of closed rows
	rows      []sdk.RowPanel
	variables []sdk.VariableModel
	marks     []sdk.AnnotationQuery
	editable  bool
	links     []sdk.DashboardLink
}

// load reads every generated dashboard back and calls check for each.
func load(t *testing.T, check func(t *testing.T, d loaded)) {
	t.Helper()
	for path, content := range files(t) {
		t.Run(strings.TrimPrefix(path, dashboards.Directory+"/"), func(t *testing.T) {
			d := sdk.NewDashboard()
			if err := json.Unmarshal(content, d); err != nil {
				t.Fatal(err)
			}
			l := loaded{
				uid: *d.Uid, title: *d.Title, variables: d.Templating.List, marks: d.Annotations.List,
				editable: *d.Editable, links: d.Links,
			}
			for _, p := range d.Panels {
				if p.RowPanel != nil {
					l.rows = append(l.rows, *p.RowPanel)
					l.panels = append(l.panels, p.RowPanel.Panels...)
				} else {
					l.panels = append(l.panels, *p.Panel)
				}
			}
			check(t, l)
		})
	}
}

// The SDK reads every file strictly, and finds it valid.
func TestFilesAreValid(t *testing.T) {
	for path, content := range files(t) {
		if mistakes := refused(t, content); len(mistakes) > 0 {
			t.Errorf("%s: the SDK refuses it: %v", path, mistakes)
		}
		d := sdk.NewDashboard()
		if err := json.Unmarshal(content, d); err != nil {
			t.Errorf("%s: %v", path, err)
		} else if err := d.Validate(); err != nil {
			t.Errorf("%s: the SDK finds it invalid: %v", path, err)
		}
	}
}

// refused returns what the SDK's strict reading finds wrong: unknown fields, missing
// fields, wrong types. It does not see the options that only Grafana 13 knows. Without
// mistakes the SDK returns an empty list instead of nil, takes that for an error and drops
// the panels, so use it for the mistakes only.
func refused(t *testing.T, content []byte) cog.BuildErrors {
	t.Helper()
	var mistakes cog.BuildErrors
	content = withoutNewer(t, content)
	if err := sdk.NewDashboard().UnmarshalJSONStrict(content); !errors.As(err, &mistakes) {
		t.Fatal(err)
	}
	return mistakes
}

// queries returns the panel's targets. A target of another data source fails.
func queries(t *testing.T, p sdk.Panel) []prometheus.Dataquery {
	t.Helper()
	var list []prometheus.Dataquery
	for _, target := range p.Targets {
		q, ok := target.(*prometheus.Dataquery)
		if !ok {
			t.Fatalf("panel %q reads from %T", *p.Title, target)
		}
		list = append(list, *q)
	}
	return list
}
