package custom

import (
	"fmt"
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/units"
	"github.com/prometheus/common/model"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/exporter/strict"
	"belfry/rules"
	"belfry/rules/expr"
)

// distributions maps the names of metrics that a heat map can show to their buckets.
var distributions = map[string]rules.Volume{
	"delivery_latency": rules.LatencyVolume, "time_to_open": rules.TimeToOpenVolume,
	"processing": rules.ProcessingVolume,
}

// Distributions returns the names of the metrics that a heat map can show.
func Distributions() []string { return sortedNames(distributions) }

// heatmap compiles a heat map, which shows the distribution of a time.
func (c *checker) heatmap(path string, w widget, p panel.Panel) panel.Panel {
	volume, known := distributions[w.Metric]
	if !known {
		c.Wrong(path+".metric", "%s",
			strict.Unknown("distribution for a heat map", w.Metric, sortedNames(distributions)))
		return p
	}
	for _, field := range []string{"groupBy", "aggregation", "timeRange", "limit", "max"} {
		if c.Has(path + "." + field) {
			c.Wrong(path+"."+field, "does not apply to a heat map, which shows all values in each interval")
		}
	}
	tiles := volume.Increase5m
	labels := slices.DeleteFunc(tiles.Labels(), func(l *catalog.Label) bool { return l == expr.Le })
	if !c.narrowed(path, w.Filters, labels) {
		return p
	}
	var where []expr.Matcher
	for _, name := range sortedNames(w.Filters) {
		i := slices.IndexFunc(labels, func(l *catalog.Label) bool { return l.Name == name })
		where = append(where, expr.Match(labels[i], w.Filters[name]))
	}
	p.Unit, p.Every = units.Seconds, model.Duration(tiles.Every).String()
	if p.Description == "" {
		p.Description = fmt.Sprintf(
			"Distribution of %s. The scale below the graph shows how many values a color stands for.", w.Metric)
	}
	return p.With(panel.Query{Of: expr.Sum(expr.SumOverTime(tiles, expr.Interval, where...)).By(expr.Le)})
}
