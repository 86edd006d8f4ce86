package dashboards_test

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"belfry/exporter/catalog"
	"belfry/rules"
)

// The rules of Grafana's dashboard-linter hold for panels of every kind; the linter
// itself checks only some. Four of its rules do not apply: a variable and a matcher
// for job and for instance (template-job, template-instance, target-job,
// target-instance). The series that are drawn are recorded from all exporters.
// Partitions move between exporters, and a graph of one instance would end with
// each move. To keep several installations in one Prometheus, use several data
// sources, or add a label that the recorded series keep.
func TestLinter(t *testing.T) {
	load(t, func(t *testing.T, d loaded) {
		first := d.variables[0]
		if first.Type != sdk.VariableTypeDatasource || first.Name != "datasource" ||
			*first.Label != "Data source" || *first.Query.String != "prometheus" {
			t.Errorf("template-datasource: the first variable is %+v", first)
		}
		for _, v := range d.variables[1:] {
			if *v.Refresh != sdk.VariableRefreshOnTimeRangeChanged {
				t.Errorf("template-on-time-change-reload: variable %s is not refreshed", v.Name)
			}
			if *v.Label == "" || *v.Datasource.Uid != "${datasource}" {
				t.Errorf("variable %s has no label, or reads another data source", v.Name)
			}
		}
		if d.editable {
			t.Error("uneditable-dashboard: the dashboard can be edited")
		}
		for _, p := range d.panels {
			if len(p.Targets) == 0 {
				t.Errorf("panel-no-targets: panel %q has no queries", *p.Title)
			}
			if !knownUnits[*p.FieldConfig.Defaults.Unit] {
				t.Errorf("panel-units: panel %q is in %q", *p.Title, *p.FieldConfig.Defaults.Unit)
			}
			for _, o := range p.FieldConfig.Overrides {
				for _, property := range o.Properties {
					if unit, ok := property.Value.(string); ok && property.Id == "unit" && !knownUnits[unit] {
						t.Errorf("panel-units: panel %q has a column in %q", *p.Title, unit)
					}
				}
			}
		}
	})
}

// knownUnits has Grafana's names of the units that are used.
var knownUnits = map[string]bool{
	"none": true, "short": true, "dateTimeFromNow": true, "percentunit": true, "s": true, "bytes": true, "binBps": true,
	"locale": true, "suffix: ×": true,
}

// Counters are read as rates or increases (target-counter-agg), over a window of at
// least two scrapes and at most six hours of raw samples. (target-rate-interval
// knows only $__rate_interval. Over a year that window is half a day of raw samples
// at each point; a fixed window reads the same few.) Sums over the graph's interval
// are sums of tiles, and the points of their graph are at least a tile apart.
func TestWindows(t *testing.T) {
	// Distinct users are counted from the beginning of an experiment and never reset:
	// their total is the figure.
	totals := []string{catalog.ExperimentUsers.Name, catalog.ExperimentCrossovers.Name}
	raw := counters()
	load(t, func(t *testing.T, d loaded) {
		for _, p := range d.panels {
			for _, q := range queries(t, p) {
				inspect(t, *p.Title, q.Expr, func(node parser.Node, path []parser.Node) {
					switch n := node.(type) {
					case *parser.VectorSelector:
						over, ranged := window(path)
						if raw[n.Name] && !ranged && !slices.Contains(totals, n.Name) {
							t.Errorf("panel %q reads the counter %s without a rate", *p.Title, n.Name)
						}
						if ranged && !isRecorded(n.Name) && (over < 20*time.Second || over > 6*time.Hour) {
							t.Errorf("panel %q reads %s of the raw series %s", *p.Title, model.Duration(over), n.Name)
						}
						if !isRecorded(n.Name) && n.OriginalOffset > 6*time.Hour {
							t.Errorf("panel %q reads the raw series %s %s back",
								*p.Title, n.Name, model.Duration(n.OriginalOffset))
						}
					case *parser.SubqueryExpr:
						if !*q.Instant || n.Step != 5*time.Minute || !strings.Contains(n.Expr.String(), ":increase5m") {
							t.Errorf("panel %q has a subquery other than of tiles at each tile: record it", *p.Title)
						}
					}
				})
				follows := strings.Contains(q.Expr, "[$__interval]")
				if follows != (q.Interval != nil && *q.Interval == "5m") {
					t.Errorf("panel %q: query %s sums over the interval %v, with the least interval %v",
						*p.Title, *q.RefId, follows, q.Interval)
				}
				if strings.Contains(q.Expr, "$__rate_interval") {
					t.Errorf("panel %q reads more samples over a longer time range: %s", *p.Title, q.Expr)
				}
				for _, over := range inRange.FindAllStringSubmatch(q.Expr, -1) {
					tiles := strings.HasSuffix(over[1], ":increase$tile") || strings.HasSuffix(over[1], ")")
					if !*q.Instant || !tiles {
						t.Errorf("panel %q reads all samples of %s in the time range", *p.Title, over[1])
					}
				}
			}
		}
	})
}

// inRange matches what a query reads over the time range.
var inRange = regexp.MustCompile(`([\w:$)]+)(?:\{[^}]*\})?\[\$__range[\]:]`)

// counters returns the raw series that only grow.
func counters() map[string]bool {
	names := map[string]bool{}
	for _, f := range catalog.All {
		switch f.Kind {
		case catalog.KindHistogram, catalog.KindSummary:
			names[f.Name+"_bucket"], names[f.Name+"_sum"], names[f.Name+"_count"] = true, true, true
		case catalog.KindCounter:
			names[f.Name] = true
		}
	}
	return names
}

// window returns the range of the selector at the end of the path, if it has one.
func window(path []parser.Node) (time.Duration, bool) {
	if len(path) == 0 {
		return 0, false
	}
	m, ok := path[len(path)-1].(*parser.MatrixSelector)
	if !ok {
		return 0, false
	}
	return m.Range, true
}

// isRecorded says whether a rule records the series.
func isRecorded(name string) bool { return recorded()[name] }

var recorded = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, r := range rules.Recorded() {
		names[r.Name] = true
	}
	return names
})

func inspect(t *testing.T, where, query string, see func(parser.Node, []parser.Node)) {
	t.Helper()
	parser.Inspect(parse(t, where, query), func(node parser.Node, path []parser.Node) error {
		if node != nil {
			see(node, path)
		}
		return nil
	})
}

// A title names the period of a figure that does not follow the time range, and that of one
// that does.
func TestFixedPeriodsAreInTheTitle(t *testing.T) {
	load(t, func(t *testing.T, d loaded) {
		for _, p := range d.panels {
			for _, q := range queries(t, p) {
				if strings.Contains(q.Expr, "[$__range]") && !strings.Contains(*p.Title, "in $period") {
					t.Errorf("panel %q is over the time range, but its title does not say so", *p.Title)
				}
				for _, long := range regexp.MustCompile(`\[(7d|30d)\]|:increase1d`).FindAllString(q.Expr, -1) {
					if *q.Instant && !strings.Contains(*p.Title, ", last ") {
						t.Errorf("panel %q is over %s, but its title does not say so", *p.Title, long)
					}
					if *q.Range && long != ":increase1d" {
						t.Errorf("panel %q sums over %s at each point of its graph", *p.Title, long)
					}
				}
			}
		}
	})
}

// All kinds of panel are used.
func TestEveryKindOfPanelOccurs(t *testing.T) {
	occurs := map[string]int{}
	load(t, func(t *testing.T, d loaded) {
		for _, p := range d.panels {
			occurs[p.Type]++
			if strings.Contains(marshal(t, p), `"drawStyle":"bars"`) {
				occurs["bars"]++
			}
		}
	})
	for _, kind := range []string{
		"timeseries", "bars", "bargauge", "piechart", "stat", "table", "heatmap", "gauge", "state-timeline",
	} {
		if occurs[kind] == 0 {
			t.Errorf("no panel is of the kind %s", kind)
		}
	}
}
