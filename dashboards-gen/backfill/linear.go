package backfill

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// tile is a recorded series of increases over five minutes. It is a sum of the
// increases of counters.
type tile struct {
	expr.Recorded
	terms []term
}

// term adds the increases of a metric's series that match, times sign.
type term struct {
	metric   string
	matchers []*labels.Matcher
	sign     float64
}

// Suffixes of the series that a tally records, see [expr.Tally].
const (
	tallyTile = "5m"
	tallyLast = ":last"
)

// tiles returns all recorded series that are sums of increases over five minutes.
func tiles() ([]tile, error) {
	defined := map[string]expr.Recorded{}
	for _, r := range rules.Recorded() {
		defined[r.Name] = r
	}
	var all []tile
	for _, r := range rules.Recorded() {
		if r.Internal || !strings.HasSuffix(r.Name, ":increase"+tallyTile) {
			continue
		}
		tree, err := parser.NewParser(parser.Options{}).ParseExpr(r.Definition.String())
		if err != nil {
			return nil, err
		}
		t := tile{Recorded: r}
		t.read(tree, 1, defined)
		if len(t.terms) > 0 {
			all = append(all, t)
		}
	}
	return all, nil
}

// read adds the terms of an expression: sums, differences and unions of what a tally
// counts. What is multiplied by 0 adds nothing.
func (t *tile) read(node parser.Expr, sign float64, defined map[string]expr.Recorded) {
	switch n := node.(type) {
	case *parser.ParenExpr:
		t.read(n.Expr, sign, defined)
	case *parser.AggregateExpr:
		t.read(n.Expr, sign, defined)
	case *parser.BinaryExpr:
		last, counted := n.LHS.(*parser.VectorSelector)
		switch {
		case n.Op == parser.SUB && counted && strings.HasSuffix(last.Name, tallyLast+tallyTile):
			t.add(last, sign, defined[last.Name])
		case n.Op == parser.SUB:
			t.read(n.LHS, sign, defined)
			t.read(n.RHS, -sign, defined)
		case n.Op == parser.LOR:
			t.read(n.LHS, sign, defined)
			t.read(n.RHS, sign, defined)
		}
	}
}

// add adds the term of a tally's last values.
func (t *tile) add(last *parser.VectorSelector, sign float64, definition expr.Recorded) {
	metric, matchers := counted(definition)
	for _, m := range last.LabelMatchers {
		if m.Name != model.MetricNameLabel {
			matchers = append(matchers, m)
		}
	}
	t.terms = append(t.terms, term{metric, matchers, sign})
}

// counted returns the metric that a tally follows, and which series of it.
func counted(last expr.Recorded) (metric string, matchers []*labels.Matcher) {
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(last.Definition.String())
	if err != nil {
		panic("backfill: invalid shipped rule: " + err.Error())
	}
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok && metric == "" {
			metric = s.Name
			for _, m := range s.LabelMatchers {
				if m.Name != model.MetricNameLabel {
					matchers = append(matchers, m)
				}
			}
		}
		return nil
	})
	return metric, matchers
}

// matches reports whether a series with these labels counts.
func (t term) matches(values map[string]string) bool {
	return !slices.ContainsFunc(t.matchers, func(m *labels.Matcher) bool { return !m.Matches(values[m.Name]) })
}

// keep returns the values of a tile's labels.
func (t tile) keep(values map[string]string) []string {
	var kept []string
	for _, l := range t.Labels() {
		kept = append(kept, values[l.Name])
	}
	return kept
}

// sum is a recorded series that adds up the tiles of a window.
type sum struct {
	expr.Recorded
	of    string // the tile
	tiles int
}

// sums returns the recorded series that are sums of tiles over hours or days.
func sums(of []tile) ([]sum, error) {
	names := map[string]bool{}
	for _, t := range of {
		names[t.Name] = true
	}
	var all []sum
	for _, r := range rules.Recorded() {
		tree, err := parser.NewParser(parser.Options{}).ParseExpr(r.Definition.String())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.Name, err)
		}
		call, ok := tree.(*parser.Call)
		if !ok || call.Func.Name != "sum_over_time" {
			continue
		}
		window, ok := call.Args[0].(*parser.MatrixSelector)
		if !ok {
			continue // hours of the clock
		}
		if name := window.VectorSelector.(*parser.VectorSelector).Name; names[name] {
			all = append(all, sum{r, name, int(window.Range / step)})
		}
	}
	return all, nil
}

// families holds the family of each metric that an outline counts, and which of its
// samples the metric is.
var families = func() map[string]part {
	all := map[string]part{}
	for _, f := range catalog.All {
		switch f.Kind {
		case catalog.KindCounter:
			all[f.Name] = part{f, whole}
		case catalog.KindHistogram, catalog.KindSummary:
			all[f.Name+"_sum"], all[f.Name+"_count"] = part{f, total}, part{f, number}
			if f.Kind == catalog.KindHistogram {
				all[f.Name+"_bucket"] = part{f, bucket}
			}
		}
	}
	return all
}()

// part names a sample of a family.
type part struct {
	*catalog.Family
	sample sample
}

type sample int

const (
	whole  sample = iota // of a counter
	total                // of what was observed
	number               // of observations
	bucket
)
