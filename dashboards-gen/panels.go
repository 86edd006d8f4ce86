package dashboards

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"

	"belfry/exporter/catalog"
	"belfry/rules"
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
	// words replace values that are no quantities, such as 1 by "up".
	words map[string]string
	// whole panels show the same whatever the reader chooses.
	whole bool
	// links lead away from the panel, from the menu of its title.
	links []sdk.DashboardLink
}

// query is one expression of a panel.
type query struct {
	of expression
	// legend names the series; by default it is the values of their labels.
	legend string
	// objective is drawn as the line that the other series are held to.
	objective bool
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
// side of it that the panel says are bad.
func (p panel) watches(a rules.Alert, side side, by ...*catalog.Label) panel {
	p.key = a.Panel
	p.queries = append(p.queries, query{of: a.Value, legend: placeholders(by)})
	p.limit = &limit{a.Threshold, side}
	return p.explains(a)
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
				Unit: &p.unit, Decimals: p.decimals, Min: new(0.0), NoValue: &p.empty,
				Mappings: mappings(p.words), Thresholds: p.limit.colours(),
			},
			Overrides: []sdk.DashboardFieldConfigSourceOverrides{},
		},
	}
	return built, p.draw.finish(built, p, d)
}

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
		targets = append(targets, prometheus.Dataquery{
			RefId: new(refID(i)), Datasource: source, Expr: e.String(), LegendFormat: new(p.name(q)),
			Format: &reads.format, Instant: &reads.instant, Range: new(!reads.instant),
			EditorMode: new(prometheus.QueryEditorModeCode),
		})
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

// mappings show words in place of values.
func mappings(words map[string]string) []sdk.ValueMapping {
	if words == nil {
		return nil
	}
	results := map[string]sdk.ValueMappingResult{}
	for value, word := range words {
		results[value] = sdk.ValueMappingResult{Text: &word}
	}
	return []sdk.ValueMapping{{ValueMap: &sdk.ValueMap{Type: sdk.MappingTypeValueToText, Options: results}}}
}

// heading is a label's name over a column or a choice.
func heading(l *catalog.Label) string {
	words := strings.ReplaceAll(l.Name, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}
