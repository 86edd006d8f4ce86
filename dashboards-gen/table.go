package dashboards

import (
	"fmt"
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/table"

	"belfry/exporter/catalog"
)

// column is one figure in each row of a table.
type column struct {
	title    string
	of       expression
	unit     string
	decimals *float64
	limit    *limit
}

// tabulates makes the panel a table of the newest values, with a row for each
// combination of the columns' labels. The greatest of the first column are on
// top. The first column is the one that has all rows.
func (p panel) tabulates(columns ...column) panel {
	for _, c := range columns {
		p.queries = append(p.queries, query{of: c.of, legend: c.title})
	}
	p.draw = grid(columns)
	return p
}

// leastColumn is the least width of a column in pixels.
const leastColumn = 90.0

// grid draws columns.
type grid []column

func (grid) reads() reading { return reading{format: prometheus.PromQueryFormatTable, instant: true} }

func (g grid) finish(built *sdk.Panel, p panel, d Dashboard) error {
	labels, err := g.labels()
	if err != nil {
		return err
	}
	built.Type = "table"
	built.Options = table.Options{
		ShowHeader: true, CellHeight: new(common.TableCellHeightSm),
		SortBy: []common.TableSortByFieldState{{DisplayName: g[0].title, Desc: new(true)}},
	}
	// At Grafana's 150 px the last column of half a screen would be out of sight.
	built.FieldConfig.Defaults.Custom = table.FieldConfig{Align: common.FieldTextAlignmentAuto, MinWidth: new(leastColumn)}
	built.FieldConfig.Defaults.Color = &sdk.FieldColor{Mode: sdk.FieldColorModeIdThresholds}
	built.Transformations = g.arrange(labels)
	for _, l := range labels {
		built.FieldConfig.Overrides = append(built.FieldConfig.Overrides, override("byName", heading(l), labelCell(l)...))
		if links := p.linksOf(d, l); links != nil {
			built.FieldConfig.Overrides = append(built.FieldConfig.Overrides,
				override("byName", heading(l), sdk.DynamicConfigValue{Id: "links", Value: links}))
		}
	}
	for _, c := range g {
		built.FieldConfig.Overrides = append(built.FieldConfig.Overrides, override("byName", c.title, c.properties()...))
	}
	return nil
}

// labels are those of the rows. Columns with different ones would not meet in a
// row.
func (g grid) labels() ([]*catalog.Label, error) {
	labels := g[0].of.Where().Labels()
	for _, c := range g {
		if own := c.of.Where().Labels(); !slices.Equal(own, labels) {
			return nil, fmt.Errorf("column %q has other labels than %q: aggregate both by the same", c.title, g[0].title)
		}
	}
	return labels, nil
}

// arrange joins the answers to the queries into one table with the labels in
// front of the figures.
func (g grid) arrange(labels []*catalog.Label) []sdk.DataTransformerConfig {
	position, name := map[string]int{}, map[string]string{}
	for i, l := range labels {
		position[l.Name], name[l.Name] = i, heading(l)
	}
	if len(g) > 1 {
		for i, c := range g {
			field := "Value #" + refID(i)
			position[field], name[field] = len(labels)+i, c.title
		}
	}
	// Grafana's name where a single query has an answer. It is the first then:
	// what the others have rows for, it has.
	position["Value"], name["Value"] = len(labels), g[0].title
	return []sdk.DataTransformerConfig{
		{Id: "merge", Options: map[string]any{}},
		{Id: "organize", Options: map[string]any{
			"excludeByName": map[string]bool{"Time": true}, "indexByName": position, "renameByName": name,
		}},
	}
}

// labelCell is how a label's value is shown. A missing one is a dash: the panel's
// own text would say that the table is empty.
func labelCell(l *catalog.Label) []sdk.DynamicConfigValue {
	list := []sdk.DynamicConfigValue{{Id: "noValue", Value: "–"}}
	switch l {
	case catalog.LabelAlertName: // whole, where others would share the width evenly
		list = append(list, sdk.DynamicConfigValue{Id: "custom.width", Value: 310})
	case catalog.LabelTemplate, catalog.LabelCampaign, catalog.LabelExperiment, catalog.LabelErrorCode: // long names, on a phone too
		list = append(list, sdk.DynamicConfigValue{Id: "custom.minWidth", Value: 180})
	}
	return list
}

// properties give the column its own unit and colours.
func (c column) properties() []sdk.DynamicConfigValue {
	list := []sdk.DynamicConfigValue{{Id: "unit", Value: c.unit}, {Id: "noValue", Value: "–"}}
	if c.decimals != nil {
		list = append(list, sdk.DynamicConfigValue{Id: "decimals", Value: *c.decimals})
	}
	if c.limit != nil {
		list = append(list,
			sdk.DynamicConfigValue{Id: "thresholds", Value: c.limit.colours()},
			sdk.DynamicConfigValue{Id: "custom.cellOptions", Value: common.TableColorTextCellOptions{Type: common.TableCellDisplayModeColorText}})
	}
	return list
}

// linksOf are where a click on a label's value leads: to the same dashboard
// with nothing else, to those that go into it, or from an alert to its runbook.
func (p panel) linksOf(d Dashboard, l *catalog.Label) []sdk.DashboardLink {
	const clicked = "${__value.raw}"
	switch {
	case l == catalog.LabelAlertName:
		return []sdk.DashboardLink{runbookOf(clicked)}
	case !slices.Contains(d.filters.labels, l):
		return nil
	}
	list := []sdk.DashboardLink{d.filters.only(d.UID, l, clicked)}
	for _, there := range p.leads {
		list = append(list, d.filters.to(there, []*catalog.Label{l}, func(*catalog.Label) string { return clicked }))
	}
	return list
}
