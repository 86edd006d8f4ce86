package panel

import (
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// Lines draws each series as a line over time, with gaps where there are no samples.
var Lines Visual = lines{}

type lines struct{}

func (lines) reads() reading { return reading{format: prometheus.PromQueryFormatTimeSeries} }

func (lines) finish(built *sdk.Panel, p Panel, d Dashboard) error {
	built.Type = "timeseries"
	built.Options = timeseries.Options{
		Legend: listing(p.Width, "max"), Tooltip: allSeries, Orientation: new(common.VizOrientationAuto),
	}
	style := graphStyle()
	style.DrawStyle, style.LineWidth, style.FillOpacity = new(common.GraphDrawStyleLine), new(1.5), new(p.fill())
	defaults := &built.FieldConfig.Defaults
	if p.Limit != nil {
		defaults.Thresholds = p.Limit.lines()
		style.AxisSoftMax = &p.Limit.value // in sight even while all is far below it
		if !slices.ContainsFunc(p.Queries, func(q Query) bool { return q.Objective }) {
			style.ThresholdsStyle.Mode = common.GraphThresholdsStyleModeDashed // else a series is the line
		}
	}
	defaults.Custom = style
	defaults.Color = inOrder()
	defaults.Links = p.dataLinks(d)
	built.FieldConfig.Overrides = append(built.FieldConfig.Overrides, p.seriesColors()...)
	for i, q := range p.Queries {
		if q.Objective {
			built.FieldConfig.Overrides = append(built.FieldConfig.Overrides, dashed(refID(i), q))
		}
	}
	return nil
}

// graphStyle returns the style that all graphs share, with every setting of Grafana's own
// panel, so that none depends on the version's defaults.
func graphStyle() common.GraphFieldConfig {
	return common.GraphFieldConfig{
		GradientMode:      new(common.GraphGradientModeNone),
		LineInterpolation: new(common.LineInterpolationLinear),
		ShowPoints:        new(common.VisibilityModeNever), PointSize: new(5.0),
		SpanNulls: &common.BoolOrFloat64{Bool: new(false)}, InsertNulls: &common.BoolOrFloat64{Bool: new(false)},
		Stacking:        &common.StackingConfig{Mode: new(common.StackingModeNone), Group: new("A")},
		ThresholdsStyle: &common.GraphThresholdsStyleConfig{Mode: common.GraphThresholdsStyleModeOff},
		BarAlignment:    new(common.BarAlignmentCenter), BarWidthFactor: new(0.6),
		AxisPlacement: new(common.AxisPlacementAuto), AxisColorMode: new(common.AxisColorModeText), AxisLabel: new(""),
		AxisCenteredZero: new(false), AxisBorderShow: new(false),
		ScaleDistribution: &common.ScaleDistributionConfig{Type: common.ScaleDistributionLinear},
		HideFrom:          &common.HideSeriesConfig{},
	}
}

// fill returns how opaque the area below a line is. Those of several lines would add up to a
// color that means nothing.
func (p Panel) fill() float64 {
	lines := slices.DeleteFunc(slices.Clone(p.Queries), func(q Query) bool { return q.Objective })
	if len(lines) == 1 && len(lines[0].labels()) == 0 {
		return 6
	}
	return 0
}

// dashed draws an objective, to which the other queries are held. One for each value of
// a label would double the legend, and be the same line where all are equal: the tooltip
// names those.
func dashed(ref string, q Query) sdk.DashboardFieldConfigSourceOverrides {
	color := q.Color
	switch {
	case color != "":
	case q.Warning:
		color = orange
	default:
		color = red
	}
	properties := []sdk.DynamicConfigValue{
		property("color", fixed(color)),
		property("custom.lineStyle",
			common.LineStyle{Fill: new(common.LineStyleFillDash), Dash: []float64{10, 10}}),
		property("custom.fillOpacity", 0),
		noLinks,
	}
	if len(q.labels()) > 0 {
		properties = append(properties, property("custom.hideFrom", common.HideSeriesConfig{Legend: true}))
	}
	return override("byFrameRefID", ref, properties...)
}

// noLinks removes the panel's links from a series that leads nowhere.
var noLinks = property("links", []sdk.DashboardLink{})

// listing returns a legend that lists every series with its newest value. In narrow
// panels it is below the graph; in wide panels it is beside the graph, sorted, and
// has one more figure, such as the maximum.
func listing(width uint32, more string) common.VizLegendOptions {
	if width < Half {
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
var allSeries = common.VizTooltipOptions{
	Mode: common.TooltipDisplayModeMulti, Sort: common.SortOrderDescending, HideZeros: new(false),
}
