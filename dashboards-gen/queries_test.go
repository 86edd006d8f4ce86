package dashboards_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Every query, whatever the reader chooses, is PromQL over series that exist.
func TestQueriesReadWhatExists(t *testing.T) {
	series := existing()
	check := func(t *testing.T, where, query string) {
		t.Helper()
		for _, tiles := range []string{"5m", "_day"} { // what the time range chooses among
			for _, selector := range selectors(t, where, strings.ReplaceAll(query, "$tile", tiles)) {
				if !series[selector.Name] {
					t.Errorf("%s reads %s, which neither the catalogue nor a rule has", where, selector.Name)
				}
			}
		}
	}
	load(t, func(t *testing.T, d loaded) {
		choices := map[string]bool{}
		for _, v := range d.variables {
			choices[v.Name] = true
		}
		for _, p := range d.panels {
			list := queries(t, p)
			if len(list) == 0 {
				t.Errorf("panel %q has no queries", *p.Title)
			}
			for _, q := range list {
				check(t, *p.Title+" "+*q.RefId, q.Expr)
				for _, name := range variable.FindAllStringSubmatch(q.Expr, -1) {
					if !choices[name[1]] {
						t.Errorf("panel %q reads a variable %q that the dashboard does not have", *p.Title, name[1])
					}
				}
			}
		}
		for _, v := range d.variables {
			if v.Type != "query" {
				continue
			}
			asked := offers.FindStringSubmatch(*v.Query.String)
			if asked == nil || asked[1] != "" && asked[2] != v.Name ||
				asked[1] == "" && !strings.Contains(*v.Regex, v.Name+`="`) {
				t.Errorf("variable %s offers %s, not the values of its label", v.Name, *v.Query.String)
				continue
			}
			check(t, "variable "+v.Name, asked[1]+asked[3])
		}
		for _, a := range d.marks {
			if a.Expr != nil {
				check(t, "annotation "+a.Name, *a.Expr)
			}
		}
	})
}

// offers matches the query of a variable: of label values, or of an answer.
var offers = regexp.MustCompile(`^(?:label_values\((.*), (\w+)\)|query_result\((.*)\))$`)

// reason matches what a query returns if there is no value: why.
var reason = regexp.MustCompile(` or on \(\) \(?vector\(-.*`)

// A reader's choice reaches every selector of a query, not just some of them,
// unless the series does not have the label.
func TestChoicesReachWholeQueries(t *testing.T) {
	load(t, func(t *testing.T, d loaded) {
		for _, v := range d.variables {
			if v.Type != "query" {
				continue
			}
			if v.Multi == nil || !*v.Multi {
				continue // of one value, which titles and units name
			}
			for _, p := range d.panels {
				for _, q := range queries(t, p) {
					// Why there is no value is said of the installation.
					q.Expr = reason.ReplaceAllString(q.Expr, "")
					all, narrowed := map[string]int{}, map[string]int{}
					for _, selector := range selectors(t, *p.Title, q.Expr) {
						all[selector.Name]++
						for _, m := range selector.LabelMatchers {
							// What filled puts in.
							if m.Name == v.Name && m.Type == labels.MatchRegexp && m.Value == ".*" {
								narrowed[selector.Name]++
							}
						}
					}
					for name, times := range narrowed {
						if times != all[name] {
							t.Errorf("panel %q: %s narrows %s in %d places of %d",
								*p.Title, v.Name, name, times, all[name])
						}
					}
				}
			}
		}
	})
}

// Every query of a table aggregates by the labels that the table shows. A further
// label, or the name of a series, would give each column rows of its own.
func TestTablesAggregate(t *testing.T) {
	load(t, func(t *testing.T, d loaded) {
		for _, p := range d.panels {
			if p.Type != "table" {
				continue
			}
			for _, q := range queries(t, p) {
				if !aggregates(parse(t, *p.Title, q.Expr)) {
					t.Errorf("panel %q: %s does not name the labels of its result", *p.Title, q.Expr)
				}
			}
		}
	})
}

// aggregates reports whether the labels of the result are those of a "by".
func aggregates(node parser.Expr) bool {
	switch n := node.(type) {
	case *parser.AggregateExpr:
		if n.Op == parser.TOPK || n.Op == parser.BOTTOMK {
			return aggregates(n.Expr)
		}
		return !n.Without
	case *parser.BinaryExpr:
		return aggregates(n.LHS) || n.LHS.Type() == parser.ValueTypeScalar && aggregates(n.RHS)
	case *parser.Call: // such as a quantile, which has a vector among its arguments
		return slices.ContainsFunc(n.Args, func(arg parser.Expr) bool { return aggregates(arg) })
	case *parser.ParenExpr:
		return aggregates(n.Expr)
	}
	return false
}

// existing returns the names of all series that can exist: those of the catalogue,
// with the series of histograms and summaries, the recorded ones, Prometheus's own and
// Grafana's.
func existing() map[string]bool {
	names := map[string]bool{
		expr.Up.Name: true, expr.Alerts.Name: true, expr.AlertsForState.Name: true,
		expr.RuleEvaluationFailures.Name:      true,
		expr.GrafanaRequests.Name + "_bucket": true, expr.GrafanaActiveUsers.Name: true, expr.GrafanaUsers.Name: true,
	}
	for _, f := range catalog.All {
		switch f.Kind {
		case catalog.KindHistogram:
			names[f.Name+"_bucket"], names[f.Name+"_sum"], names[f.Name+"_count"] = true, true, true
		case catalog.KindSummary:
			names[f.Name+"_sum"], names[f.Name+"_count"] = true, true
		default:
			names[f.Name] = true
		}
	}
	for _, r := range rules.Recorded() {
		names[r.Name] = true
	}
	return names
}

// selectors returns what a query reads.
func selectors(t *testing.T, where, query string) []*parser.VectorSelector {
	t.Helper()
	var found []*parser.VectorSelector
	parser.Inspect(parse(t, where, query), func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok {
			found = append(found, s)
		}
		return nil
	})
	return found
}

// parse reads a query as Prometheus does, once Grafana has filled in its variables.
func parse(t *testing.T, where, query string) parser.Expr {
	t.Helper()
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(filled(query))
	if err != nil {
		t.Fatalf("%s: %s is not PromQL: %v", where, query, err)
	}
	return tree
}

// filled returns the query with Grafana's variables filled in and everything chosen.
func filled(query string) string {
	own := strings.NewReplacer("$__rate_interval", "40s", "$__interval", "5m",
		"$__range_s", "3600", "$__range", "1h", "$tile", "5m").Replace(query)
	return variable.ReplaceAllString(own, `".*"`)
}

// variable matches a variable of the dashboard in a query.
var variable = regexp.MustCompile(`"\$(\w+)"`)
