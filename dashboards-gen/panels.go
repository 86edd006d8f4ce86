package dashboards

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// panel is one panel as its author writes it. build adds what all panels of the
// house have in common, and fills the gaps that the SDK leaves: ids, names of
// queries, orientation, tooltips and legends that show.
type panel struct {
	// key names the panel for good: its id is made from it, and alerts link to
	// the id.
	key string
	// title says what is drawn, with its unit where Grafana has none for it.
	title string
	// description says what to think of it, and empty what it means when there is
	// nothing to draw.
	description, empty string
	// unit is one of the SDK's units. Values are drawn from 0 upwards.
	unit string
	// decimals are the digits behind the point; nil lets Grafana choose.
	decimals *float64
	// width and height are in units of the grid.
	width, height uint32

	draw    visual
	queries []query
	// limit is where the values turn bad; nil where nobody can say.
	limit *limit
	// most is the end of the scale, where the values have one.
	most *float64
	// signed panels have values below 0, and no scale that begins there.
	signed bool
	// every is the least time between two points, such as "5m" for sums of tiles
	// of that length.
	every string
	// points is how many points of time are wanted at most; 0 for one per pixel.
	points float64
	// repeat draws the panel once for each chosen value of a filter.
	repeat *catalog.Label
	// words replace values that are no quantities, such as 1 by "up".
	words map[float64]string
	// whole panels show the same whatever the reader chooses.
	whole bool
	// links lead away from the panel, from the menu of its title.
	links []sdk.DashboardLink
	// leads are the dashboards that go into what the panel shows: a click on a
	// series opens them narrowed to it.
	leads []place
}

// query is one expression of a panel.
type query struct {
	of expression
	// legend names the series; by default it is the values of their labels.
	legend string
	// objective is drawn as the line that the other series are held to.
	objective bool
	// warning objectives call for attention, the others for action.
	warning bool
	// unit, decimals and limit replace the panel's for this query.
	unit     string
	decimals *float64
	limit    *limit
	// colour is fixed; by default the series' names decide.
	colour string
}

// visual is a way of drawing.
type visual interface {
	// reads says in which form the visual wants its data.
	reads() reading
	// finish completes a panel whose common parts are there.
	finish(built *sdk.Panel, p panel, d Dashboard) error
}

// reading is how a query is put to Prometheus.
type reading struct {
	format  prometheus.PromQueryFormat
	instant bool // the newest values only, instead of those over the time range
}

// watches makes it the panel that the alert links to: it draws the alert's own
// value, by default named after all its labels, with the threshold. Values on the
// side of it that the panel says are bad. A threshold that the rules file can
// replace is drawn from the series that says what is in force.
func (p panel) watches(a rules.Alert, side side, by ...*catalog.Label) panel {
	p = p.draws(a, by)
	if a.When != nil {
		p.queries = append(p.queries, inForce(a))
	}
	p.limit = p.limit.and(a, side)
	return p.explains(a)
}

// follows is watches for an alert whose threshold is another series.
func (p panel) follows(a rules.Alert, bound query, by ...*catalog.Label) panel {
	p = p.draws(a, by)
	bound.objective, bound.warning = true, a.Severity == rules.Warning
	p.queries = append(p.queries, bound)
	return p.explains(a)
}

// draws adds the alert's value, once for all alerts on the same.
func (p panel) draws(a rules.Alert, by []*catalog.Label) panel {
	p.key, p.queries = a.Panel, slices.Clone(p.queries)
	if !slices.ContainsFunc(p.queries, func(q query) bool { return q.of.Where().String() == a.Value.String() }) {
		p.queries = append(p.queries, query{of: a.Value, legend: placeholders(by)})
	}
	return p
}

// inForce is the alert's threshold as a series.
func inForce(a rules.Alert) query {
	threshold := expr.Select(catalog.AlertThreshold, expr.Eq(catalog.LabelRule, a.ID()), expr.Eq(catalog.LabelSeverity, string(a.Severity)))
	return query{of: expr.Max(threshold).By(), legend: string(a.Severity) + " threshold", objective: true, warning: a.Severity == rules.Warning}
}

// explains adds the way to the alert's runbook.
func (p panel) explains(a rules.Alert) panel {
	runbook := link("Runbook: "+a.Name, rules.RunbookURL(a.Name))
	runbook.TargetBlank = true
	p.links = append(slices.Clone(p.links), runbook)
	return p
}

func (p panel) build(d Dashboard) (*sdk.Panel, error) {
	targets, err := p.targets(d.filters)
	if err != nil {
		return nil, err
	}
	built := &sdk.Panel{
		Id: new(panelID(d, p.key)), Title: &p.title, Description: &p.description, Links: p.links,
		Datasource: source, Targets: targets,
		FieldConfig: &sdk.FieldConfigSource{
			Defaults: sdk.FieldConfig{
				Unit: &p.unit, Decimals: p.decimals, Min: new(0.0), Max: p.most, NoValue: &p.empty,
				Mappings: mappings(p.words, p.limit), Thresholds: p.limit.colours(),
			},
			Overrides: p.overrides(),
		},
	}
	if p.signed {
		built.FieldConfig.Defaults.Min = nil
	}
	switch {
	case p.points > 0:
		built.MaxDataPoints = &p.points
	case p.every != "":
		built.MaxDataPoints = new(legible)
	}
	if p.repeat != nil {
		built.Repeat, built.RepeatDirection, built.MaxPerRow = &p.repeat.Name, new(sdk.PanelRepeatDirectionH), new(2.0)
	}
	return built, p.draw.finish(built, p, d)
}

// overrides are what single queries have for themselves.
func (p panel) overrides() []sdk.DashboardFieldConfigSourceOverrides {
	list := []sdk.DashboardFieldConfigSourceOverrides{}
	for i, q := range p.queries {
		properties := q.properties()
		if q.limit != nil && p.words != nil {
			properties = append(properties, sdk.DynamicConfigValue{Id: "mappings", Value: mappings(p.words, q.limit)})
		}
		if len(properties) > 0 {
			list = append(list, override("byFrameRefID", refID(i), properties...))
		}
	}
	return list
}

func (q query) properties() []sdk.DynamicConfigValue {
	var list []sdk.DynamicConfigValue
	if q.unit != "" {
		list = append(list, sdk.DynamicConfigValue{Id: "unit", Value: q.unit})
	}
	if q.decimals != nil {
		list = append(list, sdk.DynamicConfigValue{Id: "decimals", Value: *q.decimals})
	}
	if q.limit != nil {
		list = append(list, sdk.DynamicConfigValue{Id: "thresholds", Value: q.limit.colours()})
	}
	if q.colour != "" && !q.objective { // lines colour objectives themselves
		list = append(list, sdk.DynamicConfigValue{Id: "color", Value: fixed(q.colour)})
	}
	return list
}

// legible is how many points of time a panel of sums has at most: enough for a
// trend, and each wide enough to be a bar and to hold more than chance.
const legible = 120.0

// panelID is the id that alerts know the panel by.
func panelID(d Dashboard, key string) uint32 { return uint32(rules.PanelID(d.UID, key)) }

// targets are the panel's queries, narrowed to the reader's choices.
func (p panel) targets(f filters) ([]variants.Dataquery, error) {
	if p.whole {
		f = filters{}
	}
	var targets []variants.Dataquery
	var mistakes []error
	reads := p.draw.reads()
	for i, q := range p.queries {
		e := f.narrow(q.of)
		if err := e.Err(); err != nil {
			mistakes = append(mistakes, fmt.Errorf("query %s: %w", refID(i), err))
		}
		target := prometheus.Dataquery{
			RefId: new(refID(i)), Datasource: source, Expr: e.String(), LegendFormat: new(p.name(q)),
			Format: &reads.format, Instant: &reads.instant, Range: new(!reads.instant),
			EditorMode: new(prometheus.QueryEditorModeCode),
		}
		if p.every != "" {
			target.Interval = &p.every
		}
		targets = append(targets, target)
	}
	return targets, errors.Join(mistakes...)
}

// refID is Grafana's name for a panel's query: A, B, C …
func refID(i int) string { return string(rune('A' + i)) }

// name is the query's legend.
func (p panel) name(q query) string {
	if q.legend != "" {
		return q.legend
	}
	if labels := q.of.Where().Labels(); len(labels) > 0 {
		return placeholders(labels)
	}
	return p.title
}

// placeholders stand for the values of labels in a legend.
func placeholders(labels []*catalog.Label) string {
	list := make([]string, len(labels))
	for i, l := range labels {
		list[i] = "{{" + l.Name + "}}"
	}
	return strings.Join(list, " ")
}

// shared are the labels of the filters that every series of the panel carries.
func (p panel) shared(f filters) []*catalog.Label {
	return slices.DeleteFunc(slices.Clone(f.labels), func(l *catalog.Label) bool {
		return slices.ContainsFunc(p.queries, func(q query) bool {
			return !q.objective && !slices.Contains(q.of.Where().Labels(), l)
		})
	})
}

// mappings show words in place of values, in the colours of the limit.
func mappings(words map[float64]string, l *limit) []sdk.ValueMapping {
	if words == nil {
		return nil
	}
	results := map[string]sdk.ValueMappingResult{}
	for value, word := range words {
		results[strconv.FormatFloat(value, 'g', -1, 64)] = sdk.ValueMappingResult{Text: &word, Color: new(l.colour(value))}
	}
	return []sdk.ValueMapping{{ValueMap: &sdk.ValueMap{Type: sdk.MappingTypeValueToText, Options: results}}}
}

// heading is a label's name over a column or a choice.
func heading(l *catalog.Label) string {
	words := strings.ReplaceAll(l.Name, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}
