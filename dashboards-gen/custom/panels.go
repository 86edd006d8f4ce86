package custom

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-foundation-sdk/go/units"
	"github.com/prometheus/common/model"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/exporter/strict"
	"belfry/rules"
	"belfry/rules/expr"
)

// panel compiles one panel.
func (c *checker) panel(path string, w widget) panel.Panel {
	c.Needed(path+".title", "what is drawn")
	p := panel.Panel{
		Title: literal(w.Title), Description: literal(w.Description), Empty: "No data in this time range", Max: w.Max,
		Width: panel.Half, Height: panel.Tall,
	}
	k, known := c.kind(path, w.Widget)
	if known {
		p.Width, p.Height, p.Draw = k.width, k.height, k.draw
	}
	c.size(path, w.Size, &p)
	p.Limit = c.limit(path, w)
	if !c.Needed(path+".metric", "a name of `belfry rules metrics`") {
		return p
	}
	if known && k.draw == panel.Heatmap {
		return c.heatmap(path, w, p)
	}
	m, found := c.metrics[w.Metric]
	if _, mayBe := distributions[w.Metric]; mayBe && !known {
		return p // of a heat map
	}
	if !found {
		c.Wrong(path+".metric", "%s (`belfry rules metrics` lists all)",
			strict.Unknown("metric", w.Metric, sortedNames(c.metrics)))
		return p
	}
	by := c.groupBy(path, w.GroupBy, m)
	if known && k.grouped && !c.Has(path+".groupBy") {
		c.Wrong(path+".groupBy", "is missing: a %s tells values apart by labels, such as [%s]",
			k.names[0], example(m.Labels()))
	}
	if !c.narrowed(path, w.Filters, m.Labels()) || !known {
		return p
	}
	return c.query(path, w, p, m, by)
}

// query adds the query to the panel.
func (c *checker) query(path string, w widget, p panel.Panel, m rules.Metric, by []*catalog.Label) panel.Panel {
	before := c.Mistakes()
	aggregate := c.aggregation(path, w, m)
	if aggregate == nil {
		return p
	}
	value, window, err := m.Over(time.Duration(w.TimeRange), w.Filters, by...)
	switch {
	case c.Mistakes() > before:
		return p
	case err != nil && c.Has(path+".timeRange"):
		c.Wrong(path+".timeRange", "%v", err)
		return p
	case err != nil:
		c.Wrong(path+".groupBy", "%v", err)
		return p
	}
	value = aggregate(value).By(by...)
	p.Unit = panel.Unit(m.Unit)
	if w.Aggregation == "count" {
		p.Unit = units.Short
	}
	if p.Description == "" {
		p.Description = describe(w, window, by)
	}
	if p.Draw == panel.Gauge && p.Max == nil {
		if m.Unit != catalog.UnitRatio {
			c.Wrong(path+".max", "is missing: a gauge needs the end of its scale, unless the metric is a ratio")
		}
		p.Max = new(1.0)
	}
	if p.Draw == nil {
		return p.Table(panel.Column{Title: p.Title, Of: value, Unit: p.Unit, Limit: p.Limit})
	}
	return p.With(panel.Query{Of: value})
}

// describe returns a description for a panel that has none.
func describe(w widget, window time.Duration, by []*catalog.Label) string {
	of := "for everything that is chosen"
	if len(by) > 0 {
		of = "by " + strings.Join(labelNames(by), " and ")
	}
	return fmt.Sprintf("%s of %s over %s, %s.", w.Aggregation, w.Metric, model.Duration(window), of)
}

// aggregations maps the names of aggregations to their functions.
var aggregations = map[string]func(expr.Operand) expr.Grouping{
	"sum": expr.Sum, "avg": expr.Avg, "min": expr.Min, "max": expr.Max, "count": expr.Count,
}

// aggregation checks the aggregation: the sum of ratios or times means nothing, nor
// does the sum of different currencies.
func (c *checker) aggregation(path string, w widget, m rules.Metric) func(expr.Operand) expr.Grouping {
	path += ".aggregation"
	names := sortedNames(aggregations)
	if !c.Needed(path, "one of "+strings.Join(names, ", ")) || !c.OneOf(path, "aggregation", w.Aggregation, names) {
		return nil
	}
	notAdded := []catalog.Unit{catalog.UnitRatio, catalog.UnitSeconds, catalog.UnitTimestamp}
	if w.Aggregation == "sum" && slices.Contains(notAdded, m.Unit) {
		c.Wrong(path, "the sum of %s means nothing, because its unit is %s: use avg, min or max", w.Metric, m.Unit)
	}
	currency := catalog.LabelCurrency.Name
	_, one := w.Filters[currency]
	if m.Unit == catalog.UnitMoney && w.Aggregation != "count" && !one && !slices.Contains(w.GroupBy, currency) &&
		slices.Contains(m.Labels(), catalog.LabelCurrency) {
		c.Wrong(path, "mixes currencies: choose one under filters, or group by currency")
	}
	return aggregations[w.Aggregation]
}

func (c *checker) groupBy(path string, names []string, m rules.Metric) []*catalog.Label {
	var by []*catalog.Label
	valid := labelNames(m.Labels())
	for i, name := range names {
		if c.OneOf(fmt.Sprintf("%s.groupBy[%d]", path, i), "label of "+m.Name, name, valid) {
			by = append(by, m.Labels()[slices.Index(valid, name)])
		}
	}
	return by
}

// narrowed checks filters and reports whether they are valid.
func (c *checker) narrowed(path string, match map[string]string, labels []*catalog.Label) bool {
	before := c.Mistakes()
	valid := labelNames(labels)
	for _, name := range sortedNames(match) {
		own := path + ".filters." + name
		if !c.OneOf(own, "label", name, valid) {
			continue
		}
		l := labels[slices.Index(valid, name)]
		switch m := expr.Match(l, match[name]); {
		case match[name] == "" || match[name] == "//":
			c.Wrong(own, "matches nothing: use a value, or a regular expression between slashes")
		case m.Err() != nil && !strings.HasPrefix(match[name], "/"):
			c.OneOf(own, l.Name, match[name], l.Values)
		case m.Err() != nil:
			c.Wrong(own, "%v", m.Err())
		}
	}
	return c.Mistakes() == before
}

func labelNames(labels []*catalog.Label) []string {
	var names []string
	for _, l := range labels {
		names = append(names, l.Name)
	}
	return names
}

// example returns the name of the first label.
func example(labels []*catalog.Label) string {
	if len(labels) == 0 {
		return "channel"
	}
	return labels[0].Name
}

// sortedNames returns the keys of a map, ordered.
func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
