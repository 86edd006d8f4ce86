package dashboards

import (
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// lines draws each series as a line over time. Where nothing was measured there
// is a gap, never a guess.
type lines struct{}

func (lines) reads() reading { return reading{format: prometheus.PromQueryFormatTimeSeries} }

func (lines) finish(built *sdk.Panel, p panel, d Dashboard) error {
	built.Type = "timeseries"
	built.Options = timeseries.Options{
		Legend: legend(p.width, "max"), Tooltip: allSeries, Orientation: new(common.VizOrientationAuto),
	}
	style := common.GraphFieldConfig{
		DrawStyle:         new(common.GraphDrawStyleLine),
		LineInterpolation: new(common.LineInterpolationLinear),
		LineWidth:         new(1.5),
		FillOpacity:       new(6.0),
		ShowPoints:        new(common.VisibilityModeNever),
		SpanNulls:         &common.BoolOrFloat64{Bool: new(false)},
		ThresholdsStyle:   &common.GraphThresholdsStyleConfig{Mode: common.GraphThresholdsStyleModeOff},
	}
	defaults := &built.FieldConfig.Defaults
	if p.limit != nil {
		defaults.Thresholds = p.limit.line()
		style.AxisSoftMax = &p.limit.value // in sight even while all is far below it
		if !slices.ContainsFunc(p.queries, func(q query) bool { return q.objective }) {
			style.ThresholdsStyle.Mode = common.GraphThresholdsStyleModeDashed // else a series is the line
		}
	}
	defaults.Custom = style
	defaults.Color = &sdk.FieldColor{Mode: sdk.FieldColorModeIdPaletteClassicByName}
	defaults.Links = p.dataLinks(d)
	built.FieldConfig.Overrides = append(built.FieldConfig.Overrides, p.valueColours()...)
	for i, q := range p.queries {
		if q.objective {
			built.FieldConfig.Overrides = append(built.FieldConfig.Overrides, dashed(refID(i), q))
		}
	}
	return nil
}

// dashed draws the objective that the other queries are held to.
func dashed(refID string, q query) sdk.DashboardFieldConfigSourceOverrides {
	colour := q.colour
	switch {
	case colour != "":
	case q.warning:
		colour = careful
	default:
		colour = bad
	}
	return override("byFrameRefID", refID,
		sdk.DynamicConfigValue{Id: "color", Value: fixed(colour)},
		sdk.DynamicConfigValue{Id: "custom.lineStyle", Value: common.LineStyle{Fill: new(common.LineStyleFillDash), Dash: []float64{10, 10}}},
		sdk.DynamicConfigValue{Id: "custom.fillOpacity", Value: 0},
		sdk.DynamicConfigValue{Id: "links", Value: []sdk.DashboardLink{}},
	)
}

// legend lists every series with its newest value: in narrow panels below the
// lines, in wide ones beside them, sorted and with one more figure, such as the
// greatest.
func legend(width uint32, more string) common.VizLegendOptions {
	if width < half {
		return common.VizLegendOptions{
			ShowLegend: true, DisplayMode: common.LegendDisplayModeList, Placement: common.LegendPlacementBottom,
			Calcs: []string{"lastNotNull"},
		}
	}
	return common.VizLegendOptions{
		ShowLegend: true, DisplayMode: common.LegendDisplayModeTable, Placement: common.LegendPlacementRight,
		Calcs: []string{"lastNotNull", more}, SortBy: new("Last *"), SortDesc: new(true),
	}
}

// allSeries shows every series' value at the pointer, the greatest first.
var allSeries = common.VizTooltipOptions{Mode: common.TooltipDisplayModeMulti, Sort: common.SortOrderDescending}
