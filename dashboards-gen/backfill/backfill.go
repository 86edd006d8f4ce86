// Package backfill writes the past of a notification platform as Prometheus
// blocks, so that dashboards can be viewed and timed without waiting for a year.
//
// There are three kinds of past. A [Replay] is true and days long: simulated events
// are counted by the exporter's fold, scraped in simulated time, and the shipped
// rules are evaluated on them. A [History] is true and weeks long, and leads into live
// traffic: of the weeks there is what rules record for long views, computed from
// notifications that are drawn without their events. A [Year] is made up and serves
// for measuring only: every series has the labels that a typical platform would give
// it, and values of the right kind that nobody counted.
//
// What a year needs is read from the queries of the dashboards, and label sets
// follow from the catalogue, so nothing here changes when a panel does.
package backfill

import (
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Kind describes a metric that is scraped, or recorded by a rule.
type Kind struct {
	Name   string
	Labels []*catalog.Label
	Le     []float64 // upper bounds, if the metric is the buckets of a histogram
	Unit   catalog.Unit
	Every  time.Duration // between two samples

	Recorded bool
	Counts   bool // for counters
}

// The shipped scrape interval.
const scrape = 10 * time.Second

// Kinds returns all metrics by name: those of the catalogue, those that the
// shipped rules record, and those of Prometheus and Grafana that rules and dashboards read.
func Kinds() map[string]Kind {
	kinds := map[string]Kind{}
	for _, f := range slices.Concat(prometheusFamilies, grafanaFamilies, catalog.All) {
		for _, k := range scraped(f) {
			kinds[k.Name] = k
		}
	}
	up := kinds[expr.Up.Name]
	up.Labels = []*catalog.Label{expr.Job}
	kinds[up.Name] = up
	for _, r := range rules.Recorded() {
		k := Kind{Name: r.Name, Labels: r.Labels(), Unit: r.Unit, Every: r.Every, Recorded: true}
		if slices.Contains(k.Labels, expr.Le) {
			k.Le = bucketsOf(r, kinds)
		}
		kinds[k.Name] = k
	}
	return kinds
}

// prometheusFamilies lists what Prometheus itself writes and rules read.
var prometheusFamilies = []*catalog.Family{
	expr.Up.Family, expr.Alerts.Family, expr.AlertsForState.Family,
	expr.RuleEvaluationFailures.Family, expr.RuleIterationsMissed.Family,
}

// grafanaFamilies lists what Grafana shows and dashboards read.
var grafanaFamilies = []*catalog.Family{
	expr.GrafanaRequests.Family, expr.GrafanaActiveUsers.Family, expr.GrafanaUsers.Family,
}

// recordedFamilies lists the families of the catalogue that rules record.
var recordedFamilies = []*catalog.Family{
	catalog.AlertCondition.Family, catalog.AlertValue.Family, catalog.AlertThreshold.Family,
}

// scraped returns the metrics that a scrape makes of a family.
func scraped(f *catalog.Family) []Kind {
	labels := slices.Clone(f.Labels)
	if f.Source.PerPartition() {
		labels = append(labels, catalog.LabelPartition)
	}
	k := Kind{
		Name: f.Name, Labels: labels, Unit: f.Unit, Every: scrape, Counts: f.Kind != catalog.KindGauge,
		Recorded: slices.Contains(recordedFamilies, f),
	}
	if f.Kind == catalog.KindCounter || f.Kind == catalog.KindGauge {
		return []Kind{k}
	}
	sum, count, bucket := k, k, k
	sum.Name, count.Name, bucket.Name = f.Name+"_sum", f.Name+"_count", f.Name+"_bucket"
	if f.Kind == catalog.KindSummary {
		return []Kind{sum, count}
	}
	bucket.Labels, bucket.Le = append(labels, expr.Le), f.Buckets
	return []Kind{sum, count, bucket}
}

// bucketsOf returns the bounds of the buckets that a series is recorded from.
func bucketsOf(r expr.Recorded, kinds map[string]Kind) []float64 {
	names, err := Read(r.Definition.String())
	if err != nil {
		panic("backfill: invalid shipped rule: " + err.Error())
	}
	for _, name := range names {
		if le := kinds[name].Le; le != nil {
			return le
		}
	}
	return nil
}

// Read returns the names of the metrics that a query reads. Grafana's variables
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
