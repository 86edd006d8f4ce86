package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"

	"belfry/exporter/catalog"
)

// shades makes the panel a table whose cells are coloured by their values, the
// greater the bluer, on one scale for all columns. Its rows are in the order of
// their one label, read as a number.
func (p panel) shades(columns ...column) panel {
	p = p.tabulates(columns...)
	p.draw = shaded{grid(columns)}
	return p
}

// shaded draws coloured columns.
type shaded struct{ grid }

func (s shaded) finish(built *sdk.Panel, p panel, d Dashboard) error {
	if err := s.grid.finish(built, p, d); err != nil {
		return err
	}
	rows := s.grid[0].of.Where().Labels()[0]
	// The label is a number while the rows are sorted by it, and a word again
	// before colours are given: numbers are what the scale is made from.
	built.Transformations = append(built.Transformations, converted(rows, "number"), sdk.DataTransformerConfig{
		Id: "sortBy", Options: map[string]any{"fields": map[string]any{}, "sort": []map[string]any{{"field": heading(rows), "desc": false}}},
	}, converted(rows, "string"))
	options := built.Options.(table.Options)
	options.SortBy = nil
	built.Options = options
	built.FieldConfig.Defaults.Color = &sdk.FieldColor{Mode: sdk.FieldColorModeIdContinuousBlues}
	cell := common.TableColoredBackgroundCellOptions{
		Type: common.TableCellDisplayModeColorBackground, Mode: new(common.TableCellBackgroundDisplayModeBasic),
	}
	for _, c := range s.grid {
		built.FieldConfig.Overrides = append(built.FieldConfig.Overrides,
			override("byName", c.title, sdk.DynamicConfigValue{Id: "custom.cellOptions", Value: cell}))
	}
	built.FieldConfig.Overrides = append(built.FieldConfig.Overrides, override("byName", heading(rows),
		sdk.DynamicConfigValue{Id: "unit", Value: "none"}, sdk.DynamicConfigValue{Id: "custom.width", Value: 110}))
	return nil
}

// converted changes the type of the label's column.
func converted(l *catalog.Label, to string) sdk.DataTransformerConfig {
	return sdk.DataTransformerConfig{Id: "convertFieldType", Options: map[string]any{
		"fields": map[string]any{}, "conversions": []map[string]string{{"targetField": heading(l), "destinationType": to}},
	}}
}
