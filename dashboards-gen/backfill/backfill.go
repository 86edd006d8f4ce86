// Package backfill writes the past of a notification platform as the blocks of
// a Prometheus, so that dashboards can be looked at and timed without waiting
// for a year.
//
// There are two pasts. A replayed one is true: simulated events are counted as
// the exporter counts them, the counters are scraped at simulated times, and
// Prometheus' own rule engine evaluates the shipped rules over them. It is days
// long. A made-up one is as large as a year: every series has the labels that a
// typical platform would give it, and values of the right kind that nobody
// counted. It serves for measuring only.
//
// A dashboard says itself what it reads: the names are found in its queries, and
// label sets follow from the catalogue, so that nothing here changes when a
// panel does.
package backfill

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
	"gopkg.in/yaml.v3"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Kind is a metric that somebody writes: scraped, or recorded by a rule.
type Kind struct {
	Name   string
	Labels []*catalog.Label
	Le     []float64 // upper bounds of the buckets, where it is those of a histogram
	// Every is the time between two samples.
	Every    time.Duration
	Recorded bool
	// Counts is set for counters.
	Counts bool
}

// scrape is the shipped scrape interval.
const scrape = 10 * time.Second

// Kinds are all metrics that can be there, by name: those of the catalogue, the
// shipped rules' and Prometheus' own that the rules read.
func Kinds() (map[string]Kind, error) {
	kinds := map[string]Kind{}
	add := func(k Kind) { kinds[k.Name] = k }
	for _, f := range []*catalog.Family{expr.Up.Family, expr.Alerts.Family, expr.RuleEvaluationFailures.Family, expr.RuleIterationsMissed.Family} {
		add(Kind{Name: f.Name, Labels: f.Labels, Every: scrape, Counts: f.Kind == catalog.KindCounter})
	}
	up := kinds[expr.Up.Name]
	up.Labels = []*catalog.Label{expr.Job}
	add(up)
	for _, f := range catalog.All {
		labels := slices.Clone(f.Labels)
		if f.Source.PerPartition() {
			labels = append(labels, catalog.LabelPartition)
		}
		k := Kind{Name: f.Name, Labels: labels, Every: scrape, Counts: f.Kind != catalog.KindGauge}
		switch f.Kind {
		case catalog.KindHistogram, catalog.KindSummary:
			for _, part := range []string{"_sum", "_count"} {
				add(Kind{Name: f.Name + part, Labels: labels, Every: scrape, Counts: true})
			}
			if f.Kind == catalog.KindHistogram {
				k.Name, k.Le = f.Name+"_bucket", f.Buckets
				k.Labels = append(k.Labels, expr.Le)
				add(k)
			}
		default:
			add(k)
		}
	}
	every, err := intervals()
	if err != nil {
		return nil, err
	}
	for _, r := range rules.Recorded() {
		k := Kind{Name: r.Name, Labels: r.Labels(), Every: every[r.Name], Recorded: true}
		if slices.Contains(k.Labels, expr.Le) {
			k.Le = bucketsOf(r.Name)
		}
		add(k)
	}
	return kinds, nil
}

// intervals are how often each series is recorded, read from the rule files.
func intervals() (map[string]time.Duration, error) {
	files, err := rules.Files()
	if err != nil {
		return nil, err
	}
	every := map[string]time.Duration{}
	for path, content := range files {
		var file struct {
			Groups []struct {
				Interval model.Duration
				Rules    []struct{ Record string }
			}
		}
		if err := yaml.Unmarshal(content, &file); err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		for _, g := range file.Groups {
			for _, r := range g.Rules {
				every[r.Record] = time.Duration(g.Interval)
			}
		}
	}
	return every, nil
}

// bucketsOf finds the histogram whose buckets a series was recorded from.
func bucketsOf(recorded string) []float64 {
	for _, f := range catalog.All {
		if f.Kind == catalog.KindHistogram && strings.Contains(recorded, ":"+f.Name) {
			return f.Buckets
		}
	}
	return nil
}

// Read are the names of the metrics that a query reads. What Grafana fills in
// must be filled in.
func Read(promQL string) ([]string, error) {
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(promQL)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", promQL, err)
	}
	var names []string
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok && s.Name != "" {
			names = append(names, s.Name)
		}
		return nil
	})
	return names, nil
}
