package cases

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"gopkg.in/yaml.v3"
)

// Parser parses every expression, as a Prometheus without feature flags does.
var Parser = parser.NewParser(parser.Options{})

// Rule describes a rule of the generated files.
type Rule struct {
	// ID identifies the rule: the name of the record or alert, with the labels that
	// distinguish it from others with that name.
	ID string
	// Name of the recorded series, or the alertname.
	Name  string
	Alert bool
	Expr  parser.Expr

	// For, KeepFiringFor, Labels and Annotations as in the rule file. A recorded
	// series has only labels.
	For, KeepFiringFor  time.Duration
	Labels, Annotations map[string]string

	// Group and Interval say when the rule is evaluated.
	Group    string
	Interval time.Duration

	promQL string    // Expr as text
	index  int       // position among all rules
	source yaml.Node // as in the rule file
}

// Rules holds all rules in the order of evaluation: a rule comes after those that
// it reads, in whatever group they are. Prometheus promises no order of groups.
// In this one, a case expects the results that all groups come to in the end.
type Rules struct {
	All     []*Rule
	reads   [][]int        // the rules that each rule reads, perhaps itself
	readers []map[int]bool // the rule itself and those that read it, directly or indirectly
}

// Load parses rule files by path, as rules.Files returns them.
func Load(files map[string][]byte) (*Rules, error) {
	var groups []*group
	for _, path := range slices.Sorted(maps.Keys(files)) {
		decoder := yaml.NewDecoder(bytes.NewReader(files[path]))
		decoder.KnownFields(true)
		var file struct {
			Groups []*group `yaml:"groups"`
		}
		if err := decoder.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read the rules of %s: %w", path, err)
		}
		groups = append(groups, file.Groups...)
	}
	for _, g := range groups {
		if err := g.parse(); err != nil {
			return nil, fmt.Errorf("group %s: %w", g.Name, err)
		}
	}
	rs := &Rules{}
	for _, g := range groups {
		rs.All = append(rs.All, g.rules...)
	}
	identify(rs.All)
	rs.order()
	return rs, nil
}

// order sorts the rules into the order of evaluation.
func (rs *Rules) order() {
	link := func() {
		rs.reads = nil
		for i, r := range rs.All {
			r.index = i
			rs.reads = append(rs.reads, rs.readBy(r.Expr))
		}
	}
	link()
	every := map[int]bool{}
	for i := range rs.All {
		every[i] = true
	}
	var ordered []*Rule
	for _, part := range rs.plan(every) {
		for _, i := range part.rules {
			ordered = append(ordered, rs.All[i])
		}
	}
	rs.All = ordered
	link()
	rs.readers = dependents(rs.reads)
}

// group mirrors a group of a rule file.
type group struct {
	Name     string         `yaml:"name"`
	Interval model.Duration `yaml:"interval"`
	Rules    []yaml.Node    `yaml:"rules"`
	rules    []*Rule
}

type ruleYAML struct {
	Record        string            `yaml:"record,omitempty"`
	Alert         string            `yaml:"alert,omitempty"`
	Expr          string            `yaml:"expr"`
	For           model.Duration    `yaml:"for,omitempty"`
	KeepFiringFor model.Duration    `yaml:"keep_firing_for,omitempty"`
	Labels        map[string]string `yaml:"labels,omitempty"`
	Annotations   map[string]string `yaml:"annotations,omitempty"`
}

func (g *group) parse() error {
	for _, node := range g.Rules {
		var r ruleYAML
		if err := node.Decode(&r); err != nil {
			return err
		}
		expr, err := Parser.ParseExpr(r.Expr)
		if err != nil {
			return fmt.Errorf("%s%s: %w", r.Record, r.Alert, err)
		}
		g.rules = append(g.rules, &Rule{
			Name: r.Record + r.Alert, Alert: r.Alert != "", Expr: expr, promQL: expr.String(),
			For: time.Duration(r.For), KeepFiringFor: time.Duration(r.KeepFiringFor),
			Labels: r.Labels, Annotations: r.Annotations,
			Group: g.Name, Interval: time.Duration(g.Interval), source: node,
		})
	}
	return nil
}

// identify sets the IDs: rules with the same name get the labels in which they
// differ.
func identify(all []*Rule) {
	named := map[string][]*Rule{}
	for _, r := range all {
		named[r.Name] = append(named[r.Name], r)
	}
	for name, same := range named {
		for i, r := range same {
			r.ID = name
			if len(same) == 1 {
				continue
			}
			apart := maps.Clone(r.Labels)
			maps.DeleteFunc(apart, func(label, v string) bool {
				return !slices.ContainsFunc(same, func(o *Rule) bool { return o.Labels[label] != v })
			})
			r.ID += labels.FromMap(apart).String()
			if slices.ContainsFunc(same[:i], func(o *Rule) bool { return o.ID == r.ID }) {
				r.ID += fmt.Sprintf("#%d", i+1)
			}
		}
	}
}

// The series that Prometheus writes for alerts.
const (
	seriesAlerts   = "ALERTS"
	seriesForState = "ALERTS_FOR_STATE"
)

// writes reports whether the rule may write a series that the matchers select.
func (r *Rule) writes(matchers []*labels.Matcher) bool {
	names := []string{r.Name}
	if r.Alert {
		names = []string{seriesAlerts, seriesForState}
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool {
			switch v, fixed := r.Labels[m.Name]; {
			case m.Name == model.MetricNameLabel:
				return !m.Matches(name)
			case m.Name == labels.AlertName && r.Alert:
				return !m.Matches(r.Name)
			case fixed && !strings.Contains(v, "{{"):
				return !m.Matches(v)
			}
			return false
		})
	})
}

// readBy returns the rules whose series an expression may select.
func (rs *Rules) readBy(expr parser.Expr) []int {
	var read []int
	for _, s := range selectors(expr) {
		for i, r := range rs.All {
			if r.writes(s.LabelMatchers) {
				read = append(read, i)
			}
		}
	}
	slices.Sort(read)
	return slices.Compact(read)
}

func selectors(expr parser.Expr) []*parser.VectorSelector {
	var found []*parser.VectorSelector
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok {
			found = append(found, s)
		}
		return nil
	})
	return found
}
