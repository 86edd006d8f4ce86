package view

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Field says how to show the values of a series or a column.
type Field struct {
	Unit       string
	Decimals   *float64
	Min, Max   *float64
	NoValue    string
	Mappings   []Mapping
	Thresholds *Thresholds
	Color      *Color
	Custom     Custom
}

// Color says how to choose a color.
type Color struct {
	Mode       string
	FixedColor string
}

// Mapping shows text in place of values.
type Mapping struct {
	Type    string
	Options json.RawMessage
}

// Thresholds color values by steps, lowest first.
type Thresholds struct {
	Steps []Step
}

// Step has a color for values from Value on; the first step has no value.
type Step struct {
	Color string
	Value *float64
}

// Custom has the fields of single kinds of panel.
type Custom struct {
	DrawStyle       string
	FillOpacity     float64
	LineWidth       *float64
	AxisSoftMin     *float64
	AxisSoftMax     *float64
	FillBelowTo     string
	LineStyle       *struct{ Fill string }
	Stacking        struct{ Mode string }
	ThresholdsStyle struct{ Mode string }
	CellOptions     struct{ Type string }
	HideFrom        struct{ Legend bool }
}

// Override changes how one series or column is shown.
type Override struct {
	Matcher struct {
		ID      string
		Options json.RawMessage
	}
	Properties []struct {
		ID    string
		Value json.RawMessage
	}
}

// Options has the options of all kinds of panel.
type Options struct {
	Legend struct {
		ShowLegend             bool
		DisplayMode, Placement string
		Calcs                  []string
	}
	ReduceOptions         struct{ Calcs []string }
	TextMode, Orientation string
	SortBy                []SortBy
	YAxis                 struct{ Unit string }
}

// Set changes one property, as an override names it: unit, color, or custom.
// with the name of a field of [Custom].
func (f *Field) Set(id string, value json.RawMessage) error {
	if own, custom := strings.CutPrefix(id, "custom."); custom {
		switch own { // what pointers point to is shared with the panel's other fields
		case "lineStyle":
			f.Custom.LineStyle = nil
		case "lineWidth":
			f.Custom.LineWidth = nil
		case "axisSoftMin":
			f.Custom.AxisSoftMin = nil
		case "axisSoftMax":
			f.Custom.AxisSoftMax = nil
		}
		return json.Unmarshal(fmt.Appendf(nil, "{%q: %s}", own, value), &f.Custom)
	}
	switch id {
	case "color":
		f.Color = nil
	case "thresholds":
		f.Thresholds = nil
	case "decimals":
		f.Decimals = nil
	case "min":
		f.Min = nil
	case "max":
		f.Max = nil
	case "mappings":
		f.Mappings = nil
	}
	return json.Unmarshal(fmt.Appendf(nil, "{%q: %s}", id, value), f)
}

// SortBy names a column by which a table is sorted.
type SortBy struct {
	DisplayName string
	Desc        bool
}
