package custom

import (
	"slices"
	"strings"

	"belfry/dashboards-gen/panel"
)

// kind describes a kind of widget.
type kind struct {
	names         []string // messages use the first
	width, height uint32
	draw          panel.Visual // nil for a table
	grouped       bool         // groupBy is required
}

// kinds lists all kinds. The names after the first are those of other tools.
var kinds = []kind{
	{[]string{"line", "line_chart"}, panel.Half, panel.Tall, panel.Lines, false},
	{[]string{"bar", "bar_chart"}, panel.Half, panel.Tall, panel.Ranking, true},
	{[]string{"pie", "pie_chart"}, panel.Third, panel.Tall, panel.Pie, true},
	{[]string{"stat", "metric_card"}, panel.Sixth, panel.Low, panel.Stat, false},
	{[]string{"table"}, panel.Half, panel.Tall, nil, true},
	{[]string{"heatmap"}, panel.Half, panel.Tall, panel.Heatmap, false},
	{[]string{"gauge"}, panel.Third, panel.Tall, panel.Gauge, false},
}

func (c *checker) kind(path, name string) (kind, bool) {
	var valid, short []string
	for _, k := range kinds {
		if slices.Contains(k.names, name) {
			return k, true
		}
		valid, short = append(valid, k.names...), append(short, k.names[0])
	}
	if c.Needed(path+".widget", "one of "+strings.Join(short, ", ")) {
		c.OneOf(path+".widget", "widget", name, valid)
	}
	return kind{}, false
}

func (c *checker) size(path string, s *size, p *panel.Panel) {
	switch {
	case s == nil:
	case s.Width < 1 || s.Width > panel.Full:
		c.Wrong(path+".size.width", "%d is out of range: use 1 to %d, the width of the grid", s.Width, panel.Full)
	case s.Height < 2 || s.Height > 40:
		c.Wrong(path+".size.height", "%d is out of range: use 2 to 40", s.Height)
	default:
		p.Width, p.Height = uint32(s.Width), uint32(s.Height)
	}
}

func (c *checker) limit(path string, w widget) *panel.Limit {
	sides := map[string]func(float64) *panel.Limit{
		"": panel.BadAbove, "above": panel.BadAbove, "below": panel.BadBelow,
	}
	bad, known := sides[w.Worse]
	if !known {
		c.OneOf(path+".worse", "side", w.Worse, []string{"above", "below"})
	}
	if w.Limit == nil {
		if w.Worse != "" && !c.Unclear(path+".limit") {
			c.Wrong(path+".worse", "has no effect without limit")
		}
		return nil
	}
	if !known {
		return nil
	}
	return bad(*w.Limit)
}
