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

// Rule is one alerting rule.
type Rule struct {
	Name string
	// Expr is PromQL. Labels are what the rule adds to those of an element;
	// templates in them are not filled in.
	Expr          string
	Labels        map[string]string
	For           time.Duration
	KeepFiringFor time.Duration
	// Interval is how often the rule is evaluated.
	Interval time.Duration
}

// defaultInterval is that of Prometheus for groups that name none.
const defaultInterval = time.Minute

// Read returns the alerting rules of a rule file of Prometheus. The error says
// everything that Prometheus would refuse in it.
func Read(content []byte) ([]Rule, error) {
	groups, wrong := rulefmt.Parse(content, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
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

// selector is one of an expression's, without its window and offset, and how
// far both reach back.
type selector struct {
	text string
	back time.Duration
}

// lookback is how far Prometheus looks back for a sample.
const lookback = 5 * time.Minute

// selectors are those of the rule's expression, in order, each once.
func (rule Rule) selectors() ([]selector, error) {
	expression, err := parser.NewParser(parser.Options{}).ParseExpr(rule.Expr)
	if err != nil {
		return nil, fmt.Errorf("read the expression of %s: %w", rule.Name, err)
	}
	var all []selector
	parser.Inspect(expression, func(n parser.Node, path []parser.Node) error {
		v, ok := n.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		s := selector{text: (&parser.VectorSelector{Name: v.Name, LabelMatchers: v.LabelMatchers}).String(), back: v.OriginalOffset + lookback}
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
