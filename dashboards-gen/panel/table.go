package panel

import (
	"fmt"
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/table"

	"belfry/exporter/catalog"
)

// Column is one figure in each row of a table.
type Column struct {
	Title    string
	Of       Expression
	Unit     string
	Decimals *float64
	Limit    *Limit
}

// WithLimit returns the column with its values colored by a limit.
func (c Column) WithLimit(l *Limit) Column {
	c.Limit = l
	return c
}

// Table makes the panel a table of the newest values, with a row for each
// combination of the columns' labels, which are the same for all columns. The
// greatest of the first column are on top. The first column must have every row.
func (p Panel) Table(columns ...Column) Panel {
	for _, c := range columns {
		p.Queries = append(p.Queries, Query{Of: c.Of, Legend: c.Title})
	}
	p.Draw = grid(columns)
	return p
}

// leastColumn is the least width of a column in pixels.
const leastColumn = 90.0

// grid draws columns.
type grid []Column

func (grid) reads() reading { return reading{format: prometheus.PromQueryFormatTable, instant: true} }

func (g grid) finish(built *sdk.Panel, p Panel, d Dashboard) error {
	labels, err := g.labels()
	if err != nil {
		return err
	}
	built.Type = "table"
	built.Options = table.Options{
		ShowHeader: true, CellHeight: new(common.TableCellHeightSm),
		SortBy: []common.TableSortByFieldState{{DisplayName: g[0].Title, Desc: new(true)}},
	}
	// At Grafana's 150 px the last column of half a screen would be out of sight.
	built.FieldConfig.Defaults.Custom = table.FieldConfig{
		Align: common.FieldTextAlignmentAuto, MinWidth: new(leastColumn),
	}
	built.FieldConfig.Defaults.Color = byLimit()
	built.Transformations = g.arrange(labels)
	add := func(column string, properties ...sdk.DynamicConfigValue) {
		built.FieldConfig.Overrides = append(built.FieldConfig.Overrides, override("byName", column, properties...))
	}
	for _, l := range labels {
		add(Heading(l.Name), labelCell(l)...)
		if links := p.linksOf(d, l); links != nil {
			add(Heading(l.Name), property("links", links))
		}
	}
	for _, c := range g {
		add(c.Title, c.properties()...)
	}
	return nil
}

// labels returns those of the rows. Columns with different labels would not meet
// in a row.
func (g grid) labels() ([]*catalog.Label, error) {
	labels := g[0].Of.Where().Labels()
	for _, c := range g {
		if own := c.Of.Where().Labels(); !slices.Equal(own, labels) {
			return nil, fmt.Errorf("column %q has other labels than %q: aggregate both by the same",
				c.Title, g[0].Title)
		}
	}
	return labels, nil
}

// arrange joins the answers to the queries into one table with the labels in
// front of the figures.
func (g grid) arrange(labels []*catalog.Label) []sdk.DataTransformerConfig {
	position, name := map[string]int{}, map[string]string{}
	for i, l := range labels {
		position[l.Name], name[l.Name] = i, Heading(l.Name)
	}
	if len(g) > 1 {
		for i, c := range g {
			field := "Value #" + refID(i)
			position[field], name[field] = len(labels)+i, c.Title
		}
	}
	// Where only one query has an answer Grafana calls its figures "Value". That
	// query is the first: it has every row that another has.
	position["Value"], name["Value"] = len(labels), g[0].Title
	return []sdk.DataTransformerConfig{
		{Id: "merge", Options: map[string]any{}},
		{Id: "organize", Options: map[string]any{
			"excludeByName": map[string]bool{"Time": true}, "indexByName": position, "renameByName": name,
		}},
	}
}

// labelCell shows a label's value. A missing one is a dash: the panel's own text
// would say that the table is empty.
func labelCell(l *catalog.Label) []sdk.DynamicConfigValue {
	list := []sdk.DynamicConfigValue{missing}
	switch l {
	case catalog.LabelAlertName: // whole, where others would share the width evenly
		list = append(list, property("custom.width", 310))
	case catalog.LabelTemplate, catalog.LabelCampaign, catalog.LabelExperiment, catalog.LabelErrorCode:
		list = append(list, property("custom.minWidth", 180)) // long names, on a phone too
	}
	return list
}

// missing shows a dash where a row has no value.
var missing = property("noValue", "–")

// properties give the column its own unit and colors.
func (c Column) properties() []sdk.DynamicConfigValue {
	list := []sdk.DynamicConfigValue{property("unit", c.Unit), missing}
	if c.Decimals != nil {
		list = append(list, property("decimals", *c.Decimals))
	}
	if c.Limit != nil {
		cell := common.TableColorTextCellOptions{Type: common.TableCellDisplayModeColorText}
		list = append(list, property("thresholds", c.Limit.steps()), property("custom.cellOptions", cell))
	}
	return list
}

// linksOf returns where a click on a label's value leads: to the same dashboard
// with nothing else, to those that go into detail, or from an alert to its runbook.
func (p Panel) linksOf(d Dashboard, l *catalog.Label) []sdk.DashboardLink {
	const clicked = "${__value.raw}"
	switch {
	case l == catalog.LabelAlertName:
		return []sdk.DashboardLink{runbookOf(clicked)}
	case !slices.Contains(d.Filters.Labels, l):
		return nil
	}
	list := []sdk.DashboardLink{d.only(l, clicked)}
	for _, to := range p.LeadsTo {
		address := d.Filters.open(to.UID, []*catalog.Label{l}, func(*catalog.Label) string { return clicked })
		list = append(list, link(to.Title, address))
	}
	return list
}
