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

// Column describes one figure in each row of a table.
type Column struct {
	Title    string
	Of       Expression
	Unit     string
	Decimals *float64
	Limit    *Limit
	// Ahead columns are left of the labels.
	Ahead bool
	// Beside is a label that this column alone has, such as the unit of its figures. It
	// stands to the right of the figure, and is empty where there is none.
	Beside *catalog.Label
	// Words replace values, in the colors of the limit.
	Words map[float64]string
	// Width is in pixels; by default the columns share the panel's.
	Width float64

	words []sdk.ValueMapping
}

// WithLimit returns the column with its values colored by a limit.
func (c Column) WithLimit(l *Limit) Column {
	c.Limit = l
	return c
}

// Table makes the panel a table of the newest values, with a row for each
// combination of labels. All columns must have the same labels, but for the one beside a
// figure, and the first column must have every row. The rows with the greatest values of the first column are on
// top.
func (p Panel) Table(columns ...Column) Panel {
	for _, c := range columns {
		p.Queries = append(p.Queries, Query{Of: c.Of, Legend: c.Title})
	}
	p.Draw = grid(columns)
	return p
}

// leastColumn is the minimum width of a column in pixels, and longLabel that of labels whose
// values are long.
const (
	leastColumn = 80.0
	longLabel   = 180.0
)

// headingWidth returns the width in pixels that a heading needs, with the arrow of the order.
// Columns share the width of the table, but none gets less: older Grafana cuts headings off,
// and newer breaks them.
func headingWidth(title string) float64 { return max(leastColumn, textWidth(title)) }

// textWidth returns the width in pixels that a text needs.
func textWidth(text string) float64 { return float64(7*len([]rune(text)) + 26) }

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
		ShowHeader: true, CellHeight: new(common.TableCellHeightSm), ShowTypeIcons: new(false),
		SortBy: []common.TableSortByFieldState{{DisplayName: g[0].Title, Desc: new(true)}},
	}
	// With Grafana's default of 150 px the last column of a half would be cut off.
	built.FieldConfig.Defaults.Custom = table.FieldConfig{
		Align: common.FieldTextAlignmentAuto, MinWidth: new(leastColumn), CellOptions: &common.TableCellOptions{
			TableAutoCellOptions: &common.TableAutoCellOptions{Type: common.TableCellDisplayModeAuto},
		},
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
		if c.Beside != nil {
			add(Heading(c.Beside.Name), property("custom.width", besideWidth(c.Beside)))
		}
	}
	return nil
}

// labels returns the labels of the rows. Columns with different labels would not
// share rows.
func (g grid) labels() ([]*catalog.Label, error) {
	labels := g[0].Of.Where().Labels()
	for _, c := range g {
		own := slices.DeleteFunc(c.Of.Where().Labels(), func(l *catalog.Label) bool { return l == c.Beside })
		if !slices.Equal(own, labels) {
			return nil, fmt.Errorf("column %q has other labels than %q: aggregate both by the same",
				c.Title, g[0].Title)
		}
	}
	return labels, nil
}

// arrange joins the results of the queries into one table: what is ahead of the labels, the
// labels, and the rest.
func (g grid) arrange(labels []*catalog.Label) []sdk.DataTransformerConfig {
	position, name := map[string]int{}, map[string]string{}
	next := 0
	place := func(title string, fields ...string) {
		for _, f := range fields {
			position[f], name[f] = next, title
		}
		next++
	}
	figures := func(ahead bool) {
		for i, c := range g {
			if c.Ahead != ahead {
				continue
			}
			fields := []string{"Value #" + refID(i)}
			if i == 0 {
				// If only one query has results, Grafana names its figures "Value". That is the
				// first query, since it has every row of the others.
				fields = append(fields, "Value")
			}
			if len(g) == 1 {
				fields = fields[1:]
			}
			place(c.Title, fields...)
			if c.Beside != nil {
				place(Heading(c.Beside.Name), c.Beside.Name)
			}
		}
	}
	figures(true)
	for _, l := range labels {
		place(Heading(l.Name), l.Name)
	}
	figures(false)
	return []sdk.DataTransformerConfig{
		{Id: "merge", Options: map[string]any{}},
		{Id: "organize", Options: map[string]any{
			"excludeByName": map[string]bool{"Time": true}, "indexByName": position, "renameByName": name,
		}},
	}
}

// labelCell returns the properties of a label's column. A dash stands for a missing
// label, since the panel's text says that the table is empty.
func labelCell(l *catalog.Label) []sdk.DynamicConfigValue {
	list := append([]sdk.DynamicConfigValue{missing}, cellWords(l)...)
	switch l {
	case catalog.LabelAlertName: // must not be cut off
		list = append(list, property("custom.minWidth", 200), property("mappings", bareNames))
	case catalog.LabelTemplate, catalog.LabelCampaign, catalog.LabelExperiment, catalog.LabelErrorCode:
		list = append(list, property("custom.minWidth", longLabel)) // long names, on a phone too
	default:
		list = append(list, property("custom.minWidth", max(headingWidth(Heading(l.Name)), labelWidth(l))))
	}
	return list
}

// labelWidth returns the width in pixels that the values of a label need.
func labelWidth(l *catalog.Label) float64 {
	if l.Free() {
		return 110 // as most names of providers and categories
	}
	widest := 95.0 // as "webhook", with the padding of a cell
	for _, value := range l.Values {
		widest = max(widest, headingWidth(wordOf(l, value)))
	}
	return widest
}

// besideWidth returns the width in pixels that a label beside a figure needs. Its column may be
// narrower than others, since rows are not ordered by it.
func besideWidth(l *catalog.Label) float64 {
	widest := textWidth(Heading(l.Name))
	for _, value := range l.Values {
		widest = max(widest, textWidth(wordOf(l, value)))
	}
	return widest
}

// missing shows a dash for a missing value.
var missing = property("noValue", dash)

const dash = "–"

// properties returns the column's unit and colors.
func (c Column) properties() []sdk.DynamicConfigValue {
	list := []sdk.DynamicConfigValue{property("unit", c.Unit), missing}
	if c.Decimals != nil {
		list = append(list, property("decimals", *c.Decimals))
	}
	if c.Width > 0 {
		list = append(list, property("custom.width", c.Width))
	} else {
		list = append(list, property("custom.minWidth", headingWidth(c.Title)))
	}
	words := append(slices.Clone(c.words), mappings(c.Words, c.Limit)...)
	if len(words) > 0 { // read as words are
		list = append(list, property("custom.align", common.FieldTextAlignmentLeft))
	}
	if c.Limit != nil || len(words) > 0 {
		cell := common.TableColorTextCellOptions{Type: common.TableCellDisplayModeColorText}
		list = append(list, property("thresholds", c.Limit.steps()), property("custom.cellOptions", cell),
			property("mappings", append(words, noValue(dash))))
	}
	return list
}

// linksOf returns the links of a label's values: to the same dashboard filtered by
// the value and to the dashboards with details, or from an alert to its runbook.
func (p Panel) linksOf(d Dashboard, l *catalog.Label) []sdk.DashboardLink {
	const clicked = "${__value.raw}"
	switch {
	case l == catalog.LabelAlertName:
		return []sdk.DashboardLink{runbookOf(clicked)}
	case !slices.Contains(d.Filters.Labels, l), p.has(ofAlerts):
		return nil
	}
	list := []sdk.DashboardLink{d.only(l, clicked)}
	for _, to := range p.LeadsTo {
		address := d.Filters.open(to.UID, []*catalog.Label{l}, func(*catalog.Label) string { return clicked })
		list = append(list, link(to.Title, address))
	}
	return list
}
