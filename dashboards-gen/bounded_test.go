package dashboards_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// mostSeries limits the series of a query when every label is at its limit. Grafana
// draws that many lines in about a second. Nobody reads as many.
const mostSeries = 1024

// No query returns more series than a browser can draw, however many values the
// labels get: it aggregates, or takes the greatest.
func TestQueriesAreBounded(t *testing.T) {
	all := shapes(t)
	load(t, func(t *testing.T, d loaded) {
		for _, p := range d.panels {
			for _, q := range queries(t, p) {
				if n := all.of(parse(t, *p.Title, q.Expr)).size(); n > mostSeries {
					t.Errorf("panel %q: query %s can have %d series: aggregate further, or take the greatest: %s",
						*p.Title, *q.RefId, n, q.Expr)
				}
			}
		}
	})
}

// If a query has several series, its legend tells them apart.
func TestLegendsTellSeriesApart(t *testing.T) {
	all := shapes(t)
	load(t, func(t *testing.T, d loaded) {
		for _, p := range d.panels {
			if p.Type == "table" {
				continue // its columns are named, its rows have the labels
			}
			for _, q := range queries(t, p) {
				for label := range all.of(parse(t, *p.Title, q.Expr)).labels {
					if label != "job" && !strings.Contains(*q.LegendFormat, "{{"+label+"}}") && p.Repeat == nil {
						t.Errorf("panel %q: query %s has series by %s, which its legend %q does not name",
							*p.Title, *q.RefId, label, *q.LegendFormat)
					}
				}
			}
		}
	})
}

// shape describes a vector: how many values each label can have, and the largest
// number of label sets. Like all limits of the catalogue, the latter holds for each
// partition or process.
type shape struct {
	labels map[string]int
	most   int
}

// size returns the number of elements at the limits.
func (s shape) size() int {
	sets, places := 1, 1
	for label, values := range s.labels {
		if label == catalog.LabelPartition.Name || label == expr.Instance.Name {
			places *= values
		} else {
			sets *= values
		}
	}
	return min(sets, s.most) * places
}

// with returns the shape with some of the labels.
func (s shape) with(keep func(string) bool) shape {
	kept := map[string]int{}
	for name, values := range s.labels {
		if keep(name) {
			kept[name] = values
		}
	}
	return shape{kept, s.most}
}

// known maps the names of series to their shapes.
type known map[string]shape

func shapes(t *testing.T) known {
	t.Helper()
	all := known{}
	families := append(slices.Clone(catalog.All),
		expr.Up.Family, expr.Alerts.Family, expr.AlertsForState.Family, expr.RuleEvaluationFailures.Family)
	for _, f := range families {
		s := shape{labels: map[string]int{}, most: f.Sets}
		for _, l := range f.Labels {
			s.labels[l.Name] = l.Cardinality()
		}
		if f.Source.PerPartition() {
			s.labels[catalog.LabelPartition.Name] = catalog.LabelPartition.Cardinality()
		} else {
			s.labels[expr.Instance.Name] = expr.Instance.Cardinality()
		}
		if s.most == 0 { // Prometheus's own
			s.most = unlimited
		}
		all[f.Name], all[f.Name+"_sum"], all[f.Name+"_count"] = s, s, s
		buckets := s.with(func(string) bool { return true })
		buckets.labels["le"], buckets.most = len(f.Buckets)+1, s.most*(len(f.Buckets)+1)
		all[f.Name+"_bucket"] = buckets
	}
	for _, r := range rules.Recorded() {
		s := shape{labels: map[string]int{}, most: all.of(parse(t, r.Name, r.Definition.String())).most}
		for _, l := range r.Labels() {
			s.labels[l.Name] = l.Cardinality()
		}
		if s.most == 0 { // it reads a series that is recorded further below
			s.most = unlimited
		}
		all[r.Name] = s
	}
	return all
}

const unlimited = 1 << 30

// of returns the shape of an expression's result.
func (k known) of(node parser.Node) shape {
	switch n := node.(type) {
	case *parser.VectorSelector:
		return k[n.Name].with(func(label string) bool {
			return !slices.ContainsFunc(n.LabelMatchers, func(m *labels.Matcher) bool {
				return m.Name == label && m.Type == labels.MatchEqual
			})
		})
	case *parser.MatrixSelector:
		return k.of(n.VectorSelector)
	case *parser.ParenExpr:
		return k.of(n.Expr)
	case *parser.Call:
		return k.call(n)
	case *parser.AggregateExpr:
		return k.aggregate(n)
	case *parser.BinaryExpr:
		return k.binary(n)
	}
	return shape{most: 1}
}

func (k known) call(n *parser.Call) shape {
	for _, arg := range n.Args {
		if arg.Type() == parser.ValueTypeVector || arg.Type() == parser.ValueTypeMatrix {
			return k.of(arg).with(func(label string) bool {
				return n.Func.Name != "histogram_quantile" || label != "le"
			})
		}
	}
	return shape{most: 1}
}

func (k known) aggregate(n *parser.AggregateExpr) shape {
	inner := k.of(n.Expr)
	if n.Op == parser.TOPK || n.Op == parser.BOTTOMK {
		greatest, err := strconv.Atoi(n.Param.String())
		if err == nil {
			inner.most = min(inner.most, greatest)
		}
		return inner
	}
	return inner.with(func(label string) bool { return slices.Contains(n.Grouping, label) != n.Without })
}

func (k known) binary(n *parser.BinaryExpr) shape {
	left, right := k.of(n.LHS), k.of(n.RHS)
	switch {
	case n.LHS.Type() == parser.ValueTypeScalar:
		return right
	case n.RHS.Type() == parser.ValueTypeScalar, n.Op == parser.LUNLESS:
		return left
	case n.Op == parser.LOR:
		left.most = left.size() + right.size()
	case len(n.VectorMatching.MatchingLabels) == 0 && !n.VectorMatching.On:
		left.most = min(left.size(), right.size())
	}
	return left
}
