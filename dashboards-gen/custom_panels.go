package dashboards

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/exporter/strict"
	"belfry/rules"
	"belfry/rules/expr"
)

// widget is a way of drawing that a file can name.
type widget struct {
	names         []string // the first is the one of messages
	width, height uint32
	draw          visual
	grouped       bool // it needs something to tell apart
}

// widgets are all of them. The names behind the first are those of other tools.
var widgets = []widget{
	{[]string{"line", "line_chart"}, half, tall, lines{}, false},
	{[]string{"bar", "bar_chart"}, half, tall, ranking{}, true},
	{[]string{"pie", "pie_chart"}, third, tall, pie{}, true},
	{[]string{"stat", "metric_card"}, sixth, low, number{}, false},
	{[]string{"table"}, half, tall, nil, true},
	{[]string{"heatmap"}, half, tall, heat{}, false},
	{[]string{"gauge"}, third, tall, dial{}, false},
}

// heats are the times whose distribution is recorded, by the name that a heat
// map calls them by.
var heats = map[string]rules.Volume{
	"delivery_latency": rules.LatencyVolume, "time_to_open": rules.TimeToOpenVolume, "processing": rules.ProcessingVolume,
}

// aggregations join series that are not told apart.
var aggregations = map[string]func(expr.Operand) expr.Grouping{
	"sum": expr.Sum, "avg": expr.Avg, "min": expr.Min, "max": expr.Max, "count": expr.Count,
}

// panel compiles one panel. What is wrong with it is told, and the result good
// for nothing then.
func (c *customCheck) panel(path string, own customPanel, key string) panel {
	c.Needed(path+".title", "what is drawn")
	p := panel{key: key, title: own.Title, description: own.Description, empty: "No data in this time range", most: own.Max, width: half, height: tall}
	w, known := c.widget(path, own.Widget)
	if known {
		p.width, p.height, p.draw = w.width, w.height, w.draw
	}
	c.size(path, own.Size, &p)
	p.limit = c.limit(path, own)
	if !c.Needed(path+".metric", "a name of `belfry rules metrics`") {
		return p
	}
	if known && w.names[0] == "heatmap" {
		return c.heatmap(path, own, p)
	}
	m, found := c.metrics[own.Metric]
	if !found {
		c.Wrong(path+".metric", "%s (`belfry rules metrics` lists all)", strict.Unknown("metric", own.Metric, sortedNames(c.metrics)))
		return p
	}
	by := c.groupBy(path, own.GroupBy, m)
	if known && w.grouped && !c.Has(path+".groupBy") {
		c.Wrong(path+".groupBy", "is missing: a %s tells values apart by labels, such as [%s]", w.names[0], first(m.Labels()))
	}
	if !c.narrowed(path, own.Filters, m.Labels()) || !known {
		return p
	}
	return c.draws(path, own, p, m, by)
}

// draws adds the query.
func (c *customCheck) draws(path string, own customPanel, p panel, m rules.Metric, by []*catalog.Label) panel {
	before := c.Mistakes()
	aggregation := c.aggregation(path, own, m)
	value, window, err := m.Over(time.Duration(own.TimeRange), own.Filters, by...)
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
	value = aggregation(value).By(by...)
	p.unit = unitNames[m.Unit]
	if own.Aggregation == "count" {
		p.unit = units.Short
	}
	if p.description == "" {
		p.description = fmt.Sprintf("%s of %s over %s, by %s.", own.Aggregation, own.Metric, window, strings.Join(labelNames(by), " and "))
		if len(by) == 0 {
			p.description = fmt.Sprintf("%s of %s over %s, over everything that is chosen.", own.Aggregation, own.Metric, window)
		}
	}
	if _, ok := p.draw.(dial); ok && p.most == nil {
		if m.Unit != rules.UnitRatio {
			c.Wrong(path+".max", "is missing: a gauge needs the end of its scale where the metric is no share")
		}
		p.most = new(1.0)
	}
	if p.draw == nil {
		return p.tabulates(column{title: own.Title, of: value, unit: p.unit, limit: p.limit})
	}
	p.queries = []query{{of: value}}
	return p
}

// unitNames are the units of metrics in Grafana's words.
var unitNames = map[rules.Unit]string{
	rules.UnitRatio: units.PercentUnit, rules.UnitSeconds: units.Seconds, rules.UnitRate: units.Short, rules.UnitBytes: units.BytesIEC,
	rules.UnitMoney: units.Short, rules.UnitNone: units.Short,
}

// aggregation judges how values are joined: adding up shares or times says
// nothing, nor does adding up different currencies.
func (c *customCheck) aggregation(path string, own customPanel, m rules.Metric) func(expr.Operand) expr.Grouping {
	if !c.Needed(path+".aggregation", "one of "+strings.Join(sortedNames(aggregations), ", ")) {
		return nil
	}
	if !c.OneOf(path+".aggregation", "aggregation", own.Aggregation, sortedNames(aggregations)) {
		return nil
	}
	if own.Aggregation == "sum" && (m.Unit == rules.UnitRatio || m.Unit == rules.UnitSeconds) {
		c.Wrong(path+".aggregation", "the sum of %s means nothing, since it is in %s; want avg, min or max", own.Metric, m.Unit)
	}
	_, one := own.Filters[catalog.LabelCurrency.Name]
	if m.Unit == rules.UnitMoney && own.Aggregation != "count" && !one && !slices.Contains(own.GroupBy, catalog.LabelCurrency.Name) &&
		slices.Contains(m.Labels(), catalog.LabelCurrency) {
		c.Wrong(path+".aggregation", "joins different currencies; name one under filters, or group by currency")
	}
	return aggregations[own.Aggregation]
}

// heatmap compiles a heat map, which is of the distribution of a time.
func (c *customCheck) heatmap(path string, own customPanel, p panel) panel {
	volume, known := heats[own.Metric]
	if !known {
		c.Wrong(path+".metric", "%s", strict.Unknown("distribution for a heat map", own.Metric, sortedNames(heats)))
		return p
	}
	for _, field := range []string{"groupBy", "aggregation", "timeRange", "limit", "max"} {
		if c.Has(path + "." + field) {
			c.Wrong(path+"."+field, "says nothing about a heat map, which is of all values in each interval")
		}
	}
	labels := slices.DeleteFunc(volume.Increase5m.Labels(), func(l *catalog.Label) bool { return l == expr.Le })
	if !c.narrowed(path, own.Filters, labels) {
		return p
	}
	var where []expr.Matcher
	for _, name := range sortedNames(own.Filters) {
		i := slices.IndexFunc(labels, func(l *catalog.Label) bool { return l.Name == name })
		where = append(where, rules.Match(labels[i], own.Filters[name]))
	}
	p.unit, p.every = units.Seconds, tile
	if p.description == "" {
		p.description = fmt.Sprintf("How %s is distributed. The scale below the graph says how many a colour stands for.", own.Metric)
	}
	p.queries = []query{{of: amount(volume, expr.Interval, []*catalog.Label{expr.Le}, where...)}}
	return p
}

func (c *customCheck) widget(path, name string) (widget, bool) {
	var valid, short []string
	for _, w := range widgets {
		if slices.Contains(w.names, name) {
			return w, true
		}
		valid, short = append(valid, w.names...), append(short, w.names[0])
	}
	if c.Needed(path+".widget", "one of "+strings.Join(short, ", ")) {
		c.OneOf(path+".widget", "widget", name, valid)
	}
	return widget{}, false
}

func (c *customCheck) size(path string, size *customSize, p *panel) {
	switch {
	case size == nil:
	case size.Width < 1 || size.Width > full:
		c.Wrong(path+".size.width", "%d is out of range: want 1 to %d, the width of the grid", size.Width, full)
	case size.Height < 2 || size.Height > 40:
		c.Wrong(path+".size.height", "%d is out of range: want 2 to 40", size.Height)
	default:
		p.width, p.height = uint32(size.Width), uint32(size.Height)
	}
}

func (c *customCheck) limit(path string, own customPanel) *limit {
	sides := map[string]side{"": above, "above": above, "below": below}
	worse, known := sides[own.Worse]
	if !known {
		c.OneOf(path+".worse", "side", own.Worse, []string{"above", "below"})
	}
	if own.Limit == nil {
		if own.Worse != "" {
			c.Wrong(path+".worse", "says nothing without limit")
		}
		return nil
	}
	return &limit{value: *own.Limit, worse: worse}
}

func (c *customCheck) groupBy(path string, names []string, m rules.Metric) []*catalog.Label {
	var by []*catalog.Label
	valid := labelNames(m.Labels())
	for i, name := range names {
		if c.OneOf(fmt.Sprintf("%s.groupBy[%d]", path, i), "label of "+m.Name, name, valid) {
			by = append(by, m.Labels()[slices.Index(valid, name)])
		}
	}
	return by
}

// narrowed judges labels and their values.
func (c *customCheck) narrowed(path string, match map[string]string, labels []*catalog.Label) bool {
	before := c.Mistakes()
	valid := labelNames(labels)
	for _, name := range sortedNames(match) {
		own := path + ".filters." + name
		if !c.OneOf(own, "label", name, valid) {
			continue
		}
		l := labels[slices.Index(valid, name)]
		switch m := rules.Match(l, match[name]); {
		case match[name] == "" || match[name] == "//":
			c.Wrong(own, "matches nothing: want a value, or a regular expression between slashes")
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

// first is the name of the first label, for an example.
func first(labels []*catalog.Label) string {
	if len(labels) == 0 {
		return "channel"
	}
	return labels[0].Name
}
