package dashboards_test

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/gauge"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
	"github.com/grafana/grafana-foundation-sdk/go/piechart"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"

	"github.com/prometheus/prometheus/promql/parser"

	"belfry/exporter/catalog"
	"belfry/rules"
)

// A panel says what it shows, in what unit, and what it means that it is empty.
func TestPanelsExplainThemselves(t *testing.T) {
	load(t, func(t *testing.T, d loaded) {
		for _, p := range d.panels {
			defaults, description := p.FieldConfig.Defaults, ""
			if p.Description != nil {
				description = *p.Description
			}
			switch {
			case p.Title == nil || *p.Title == "":
				t.Errorf("panel %d has no title", *p.Id)
			case len(description) < 40 || !strings.HasSuffix(description, "."):
				t.Errorf("panel %q: its description %q is not a sentence of 40 letters or more with a full stop",
					*p.Title, description)
			case defaults.Unit == nil || *defaults.Unit == "":
				t.Errorf("panel %q has no unit", *p.Title)
			case defaults.NoValue == nil || *defaults.NoValue == "":
				t.Errorf("panel %q does not say why it is empty", *p.Title)
			case defaults.Min == nil && p.Type != "timeseries", defaults.Min != nil && *defaults.Min != 0:
				t.Errorf("panel %q does not start at 0", *p.Title) // lines may go below
			case len(defaults.Thresholds.Steps) == 0:
				t.Errorf("panel %q has no colors", *p.Title)
			}
		}
	})
}

// Queries have names, legends and the data source that the reader chose.
func TestQueriesAreComplete(t *testing.T) {
	load(t, func(t *testing.T, d loaded) {
		for _, p := range d.panels {
			for i, q := range queries(t, p) {
				if want := string(rune('A' + i)); *q.RefId != want {
					t.Errorf("panel %q: query %d is %q, want %q", *p.Title, i, *q.RefId, want)
				}
				if *q.LegendFormat == "" {
					t.Errorf("panel %q: query %s has no legend", *p.Title, *q.RefId)
				}
				if *q.Datasource.Uid != "${datasource}" || *p.Datasource.Uid != "${datasource}" {
					t.Errorf("panel %q: query %s does not go to the chosen data source", *p.Title, *q.RefId)
				}
				if *q.Instant == *q.Range {
					t.Errorf("panel %q: query %s must be either instant or range", *p.Title, *q.RefId)
				}
			}
		}
	})
}

// Each kind of panel has the options that the SDK leaves empty, and the SDK checks it.
func TestPanelsFillWhatTheSDKLeavesOut(t *testing.T) {
	tooltip := func(t *testing.T, title string, own common.VizTooltipOptions) {
		t.Helper()
		if own.Mode != common.TooltipDisplayModeMulti || own.Sort != common.SortOrderDescending {
			t.Errorf("panel %q has the tooltip %+v", title, own)
		}
	}
	legend := func(t *testing.T, title string, l common.VizLegendOptions) {
		t.Helper()
		if !l.ShowLegend || l.DisplayMode == "" || l.Placement == "" {
			t.Errorf("panel %q hides its legend", title)
		}
	}
	load(t, func(t *testing.T, d loaded) {
		for _, p := range d.panels {
			switch o := p.Options.(type) {
			case *timeseries.Options:
				legend(t, *p.Title, o.Legend)
				tooltip(t, *p.Title, o.Tooltip)
				if len(o.Legend.Calcs) == 0 {
					t.Errorf("panel %q has a legend without values", *p.Title)
				}
				if *o.Orientation == "" {
					t.Errorf("panel %q has an empty orientation", *p.Title)
				}
			case *statetimeline.Options:
				if o.Legend.ShowLegend || len(p.FieldConfig.Defaults.Mappings) == 0 {
					t.Errorf("panel %q has a legend instead of words for its values", *p.Title)
				}
				tooltip(t, *p.Title, o.Tooltip)
			case *stat.Options:
				if o.Orientation == "" || len(o.ReduceOptions.Calcs) == 0 {
					t.Errorf("panel %q has the options %+v", *p.Title, o)
				}
			case *bargauge.Options:
				if o.Orientation == "" || o.DisplayMode == "" || o.NamePlacement == "" ||
					len(o.ReduceOptions.Calcs) == 0 {
					t.Errorf("panel %q has the options %+v", *p.Title, o)
				}
			case *gauge.Options:
				if o.Orientation == "" || o.Sizing == "" || len(o.ReduceOptions.Calcs) == 0 ||
					p.FieldConfig.Defaults.Max == nil {
					t.Errorf("panel %q has the options %+v", *p.Title, o)
				}
			case *heatmap.Options:
				if *o.Calculate || o.Color.Scheme == "" || !o.Legend.Show || *o.YAxis.Unit == "" ||
					*queries(t, p)[0].Format != prometheus.PromQueryFormatHeatmap {
					t.Errorf("panel %q has the options %+v", *p.Title, o)
				}
			case *piechart.Options:
				if !o.Legend.ShowLegend || len(o.Legend.Values) == 0 || o.Tooltip.Mode == "" || o.Orientation == "" {
					t.Errorf("panel %q has the options %+v", *p.Title, o)
				}
			case *table.Options:
				sorted := func(by sdk.DataTransformerConfig) bool { return by.Id == "sortBy" }
				if !o.ShowHeader || len(o.SortBy) == 0 && !slices.ContainsFunc(p.Transformations, sorted) {
					t.Errorf("panel %q has the options %+v", *p.Title, o)
				}
			default:
				t.Errorf("panel %q is a %s, whose options %T are not checked", *p.Title, p.Type, o)
			}
		}
	})
}

// Panels have ids, are on the grid, leave no gaps and do not overlap.
func TestPanelsHaveTheirPlace(t *testing.T) {
	load(t, func(t *testing.T, d loaded) {
		ids, open, inside := map[uint32]string{}, grid{}, map[uint32]bool{}
		known := func(title string, id uint32) {
			t.Helper()
			// Grafana's ids are positive and have at most 31 bits.
			if id == 0 || id > math.MaxInt32 || ids[id] != "" {
				t.Errorf("%q has the id %d, which is invalid or that of %q: give the panel another key",
					title, id, ids[id])
			}
			ids[id] = title
		}
		for _, r := range d.rows {
			known("row "+*r.Title, r.Id)
			open.stand(t, "row "+*r.Title, r.GridPos)
			if r.Collapsed != (len(r.Panels) > 0) {
				t.Errorf("row %q hides %d panels inside: collapsed is %v", *r.Title, len(r.Panels), r.Collapsed)
			}
			closed := grid{}
			for _, p := range r.Panels {
				inside[*p.Id] = true
				closed.stand(t, *p.Title, p.GridPos)
				if p.GridPos != nil && p.GridPos.Y <= r.GridPos.Y {
					t.Errorf("%q is above its row %q", *p.Title, *r.Title)
				}
			}
			closed.isFull(t)
		}
		for _, p := range d.panels {
			known(*p.Title, *p.Id)
			if !inside[*p.Id] {
				open.stand(t, *p.Title, p.GridPos)
			}
		}
		open.isFull(t)
	})
}

// grid has the titles of what stands on Grafana's grid.
type grid map[spot]string

type spot struct{ x, y uint32 }

// stand places something. Two things at one place fail.
func (g grid) stand(t *testing.T, title string, at *sdk.GridPos) {
	t.Helper()
	if at == nil || at.W == 0 || at.H == 0 || at.X+at.W > 24 {
		t.Errorf("%q is at %+v", title, at)
		return
	}
	for x := at.X; x < at.X+at.W; x++ {
		for y := at.Y; y < at.Y+at.H; y++ {
			if other := g[spot{x, y}]; other != "" {
				t.Fatalf("%q and %q overlap at %d, %d", title, other, x, y)
			}
			g[spot{x, y}] = title
		}
	}
}

// isFull fails for what leaves a gap beside it.
func (g grid) isFull(t *testing.T) {
	t.Helper()
	wide, first := map[uint32]int{}, map[uint32]spot{} // by height: the columns taken, and the leftmost
	for at := range g {
		wide[at.y]++
		if left, ok := first[at.y]; !ok || at.x < left.x {
			first[at.y] = at
		}
	}
	told := map[string]bool{}
	for y, n := range wide {
		if title := g[first[y]]; n < 24 && !told[title] {
			told[title] = true
			t.Errorf("beside %q only %d of 24 columns are taken: widen a panel, or move one", title, n)
		}
	}
}

// An alert links to a panel that draws the alert's value and threshold, and links to
// its runbook.
func TestAlertsHaveTheirPanel(t *testing.T) {
	panels := map[string]sdk.Panel{}
	load(t, func(t *testing.T, d loaded) {
		for _, p := range d.panels {
			panels[fmt.Sprint(d.uid, "/", *p.Id)] = p
		}
	})
	for _, a := range rules.Alerts() {
		p, ok := panels[fmt.Sprint(a.Dashboard, "/", rules.PanelID(a.Dashboard, a.Panel))]
		if !ok {
			t.Errorf("alert %s links to a panel %q that dashboard %q does not have", a.Name, a.Panel, a.Dashboard)
			continue
		}
		if !slices.ContainsFunc(p.Links, func(l sdk.DashboardLink) bool { return *l.Url == rules.RunbookURL(a.Name) }) {
			t.Errorf("panel %q does not link to the runbook of %s", *p.Title, a.Name)
		}
		if a.Name == rules.Watchdog.Name {
			continue // it has no value to draw
		}
		// A threshold is drawn only where there is a value that is held to it.
		var drawn []string
		held := map[string]bool{}
		for _, q := range queries(t, p) {
			threshold, of, below := strings.Cut(unnarrowed(q.Expr), " and on () ")
			drawn = append(drawn, withoutIdle(t, unnarrowed(q.Expr)))
			held[threshold] = below && strings.Contains(of, "group("+a.Value.String()+")")
		}
		if !slices.Contains(drawn, withoutIdle(t, a.Value.String())) {
			t.Errorf("panel %q draws %q, but %s watches %s", *p.Title, drawn, a.Name, a.Value)
		}
		if bound := boundOf(a); bound != "" {
			if !held[bound] {
				t.Errorf("panel %q draws %q, but %s is held to %s", *p.Title, drawn, a.Name, bound)
			}
			continue
		}
		if !slices.ContainsFunc(p.FieldConfig.Defaults.Thresholds.Steps, func(s sdk.Threshold) bool {
			return s.Value != nil && *s.Value == a.Threshold
		}) {
			t.Errorf("panel %q does not draw the threshold %v of %s", *p.Title, a.Threshold, a.Name)
		}
		inForce := fmt.Sprintf("max(%s{rule=%q,severity=%q})", catalog.AlertThreshold.Name, a.ID(), a.Severity)
		if a.When != nil && !held[inForce] {
			t.Errorf("panel %q does not draw the threshold of %s that is in force: %s", *p.Title, a.Name, inForce)
		}
	}
}

// boundOf returns the alert's threshold, as panels draw it, if it is a series.
func boundOf(a rules.Alert) string {
	switch a.Name {
	case rules.VolumeLow.Name:
		return rules.VolumeSeason.Lower.String()
	case rules.VolumeHigh.Name:
		return rules.VolumeSeason.Upper.String()
	case rules.EngagementDrop.Name:
		return rules.EngagementSeason.Lower.String()
	case rules.ProviderLatencyHigh.Name:
		return `max by (channel) (notification_objective{name="delivery_latency_threshold_seconds"})`
	}
	return ""
}

var choice = regexp.MustCompile(`,?\w+=~"\$\w+"`)

// unnarrowed returns the query without the reader's choices.
func unnarrowed(query string) string {
	return strings.ReplaceAll(choice.ReplaceAllString(query, ""), "{}", "")
}

// withoutIdle returns the query as Prometheus writes it, without the part that leaves out
// the value unknown while it is 0.
func withoutIdle(t *testing.T, query string) string {
	t.Helper()
	e := parse(t, query, query)
	for {
		both, ok := e.(*parser.BinaryExpr)
		if !ok || both.Op != parser.LUNLESS || !strings.Contains(both.RHS.String(), `="unknown"`) {
			break
		}
		e = both.LHS
	}
	for {
		inside, ok := e.(*parser.ParenExpr)
		if !ok {
			return e.String()
		}
		e = inside.Expr
	}
}

// Readers can filter a dashboard and open the others. They cannot edit what the next
// generation would overwrite.
func TestDashboardsAreReadOnlyAndLinked(t *testing.T) {
	load(t, func(t *testing.T, d loaded) {
		if d.editable {
			t.Error("the dashboard can be edited")
		}
		if len(d.links) != 1 || !d.links[0].IncludeVars || !d.links[0].KeepTime {
			t.Errorf("the links to the other dashboards are %+v", d.links)
		}
		var names []string
		for _, v := range d.variables {
			names = append(names, v.Name)
			if v.Type != sdk.VariableTypeQuery {
				continue
			}
			// Money of two currencies cannot be added up, and the time range has one length.
			single := slices.Contains([]string{"currency", "period", "tile"}, v.Name)
			if *v.Multi == single || *v.IncludeAll == single || *v.Refresh == sdk.VariableRefreshNever {
				t.Errorf("variable %s takes one value or several, or is not refreshed", v.Name)
			}
		}
		if len(names) == 0 || names[0] != "datasource" {
			t.Errorf("the variables are %v: the data source must be first", names)
		}
		for _, p := range d.panels {
			for _, name := range linked.FindAllStringSubmatch(marshal(t, p), -1) {
				if !slices.Contains(names, name[1]+name[2]) {
					t.Errorf("panel %q links with a variable %q that the dashboard does not have",
						*p.Title, name[1]+name[2])
				}
			}
		}
	})
}

// linked matches a variable in a link of a panel.
var linked = regexp.MustCompile(`\$\{(\w+):queryparam\}|var-(\w+)=`)

func marshal(t *testing.T, p sdk.Panel) string {
	t.Helper()
	content, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Alerts and deployments are annotated in the graphs.
func TestGraphsAreAnnotated(t *testing.T) {
	load(t, func(t *testing.T, d loaded) {
		var names []string
		for _, a := range d.marks {
			names = append(names, a.Name)
			if !a.Enable {
				t.Errorf("the annotations %q are off", a.Name)
			}
		}
		if diff := cmp.Diff([]string{"Alerts", "Deployments"}, names); diff != "" {
			t.Errorf("annotations (-want +got):\n%s", diff)
		}
	})
}

// Not all alerts have a channel or a provider. Nothing links to what is filtered by a label
// that is missing.
func TestAlertsDoNotLinkToNothing(t *testing.T) {
	load(t, func(t *testing.T, d loaded) {
		for _, p := range d.panels {
			ofAlerts := func(q prometheus.Dataquery) bool {
				return regexp.MustCompile(`\bALERTS\b|` + catalog.AlertCondition.Name).MatchString(q.Expr)
			}
			filters := regexp.MustCompile(`var-\w+=`).FindString(marshal(t, p))
			if slices.ContainsFunc(queries(t, p), ofAlerts) && filters != "" {
				t.Errorf("panel %q links with %s", *p.Title, filters)
			}
		}
	})
}
