package panel

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// ShadedTable makes the panel a table whose cells are colored by their values: the
// greater, the stronger the blue, on one scale for all columns. The columns have one
// label, a number, which orders the rows.
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
	// The label must be a number to sort the rows by it, and text again afterwards,
	// since all numbers count for the color scale.
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

// sortedBy sorts the rows by a column, in ascending order.
func sortedBy(column string) sdk.DataTransformerConfig {
	return sdk.DataTransformerConfig{Id: "sortBy", Options: map[string]any{
		"fields": map[string]any{}, "sort": []map[string]any{{"field": column, "desc": false}},
	}}
}
