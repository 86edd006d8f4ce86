package panel

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// ShadedTable makes the panel a table whose cells are colored by their values, a
// greater value in a stronger blue, on one scale for all columns. Its rows are
// in the order of their one label, read as a number.
func (p Panel) ShadedTable(columns ...Column) Panel {
	p = p.Table(columns...)
	p.Draw = shaded{grid(columns)}
	return p
}

// shaded draws colored columns.
type shaded struct{ grid }

func (s shaded) finish(built *sdk.Panel, p Panel, d Dashboard) error {
	if err := s.grid.finish(built, p, d); err != nil {
		return err
	}
	rows := Heading(s.grid[0].Of.Where().Labels()[0].Name)
	// The label is a number while the rows are sorted by it, and a word again
	// before colors are given: numbers are what the scale is made from.
	built.Transformations = append(built.Transformations,
		converted(rows, "number"), sortedBy(rows), converted(rows, "string"))
	options := built.Options.(table.Options)
	options.SortBy = nil
	built.Options = options
	built.FieldConfig.Defaults.Color = &sdk.FieldColor{Mode: sdk.FieldColorModeIdContinuousBlues}
	cell := common.TableColoredBackgroundCellOptions{
		Type: common.TableCellDisplayModeColorBackground, Mode: new(common.TableCellBackgroundDisplayModeBasic),
	}
	for _, c := range s.grid {
		built.FieldConfig.Overrides = append(built.FieldConfig.Overrides,
			override("byName", c.Title, property("custom.cellOptions", cell)))
	}
	built.FieldConfig.Overrides = append(built.FieldConfig.Overrides,
		override("byName", rows, property("unit", "none"), property("custom.width", 110)))
	return nil
}

// converted changes the type of a column.
func converted(column, to string) sdk.DataTransformerConfig {
	return sdk.DataTransformerConfig{Id: "convertFieldType", Options: map[string]any{
		"fields": map[string]any{}, "conversions": []map[string]string{{"targetField": column, "destinationType": to}},
	}}
}

// sortedBy orders the rows by a column, the least first.
func sortedBy(column string) sdk.DataTransformerConfig {
	return sdk.DataTransformerConfig{Id: "sortBy", Options: map[string]any{
		"fields": map[string]any{}, "sort": []map[string]any{{"field": column, "desc": false}},
	}}
}
