package backtest

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// Rule describes an alerting rule.
type Rule struct {
	Name string
	// Expr is PromQL. Labels are added to those of an element; templates in them are
	// not expanded.
	Expr          string
	Labels        map[string]string
	For           time.Duration
	KeepFiringFor time.Duration
	// Interval between evaluations.
	Interval time.Duration
}

// defaultInterval is Prometheus's default for groups without an interval.
const defaultInterval = time.Minute

// Read returns the alerting rules of a Prometheus rule file. The error lists
// everything that Prometheus would reject.
func Read(content []byte) ([]Rule, error) {
	groups, wrong := rulefmt.Parse(content, false, model.UTF8Validation, parser.NewParser(parser.Options{}),
		slog.New(slog.DiscardHandler))
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	var rules []Rule
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			rule := Rule{
				Name: r.Alert, Expr: r.Expr, Labels: r.Labels, Interval: time.Duration(g.Interval),
				For: time.Duration(r.For), KeepFiringFor: time.Duration(r.KeepFiringFor),
			}
			if rule.Interval == 0 {
				rule.Interval = defaultInterval
			}
			rules = append(rules, rule)
		}
	}
	return rules, nil
}

// selector holds a selector of an expression without its range and offset, and how
// far it reads back.
type selector struct {
	name string // of the metric
	text string
	back time.Duration
}

// lookback limits the age of a sample, as in Prometheus.
const lookback = 5 * time.Minute

// selectors returns the selectors of the rule's expression in order, each once.
func (rule Rule) selectors() ([]selector, error) {
	expression, err := parser.NewParser(parser.Options{}).ParseExpr(rule.Expr)
	if err != nil {
		return nil, fmt.Errorf("parse the expression of %s: %w", rule.Name, err)
	}
	var all []selector
	parser.Inspect(expression, func(n parser.Node, path []parser.Node) error {
		v, ok := n.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		bare := &parser.VectorSelector{Name: v.Name, LabelMatchers: v.LabelMatchers}
		s := selector{name: v.Name, text: bare.String(), back: v.OriginalOffset + lookback}
		for _, above := range path {
			switch a := above.(type) {
			case *parser.MatrixSelector:
				s.back += a.Range
			case *parser.SubqueryExpr:
				s.back += a.Range + a.OriginalOffset
			}
		}
		if i := slices.IndexFunc(all, func(other selector) bool { return other.text == s.text }); i >= 0 {
			all[i].back = max(all[i].back, s.back)
		} else {
			all = append(all, s)
		}
		return nil
	})
	return all, nil
}
