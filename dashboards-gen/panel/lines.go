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

// dashed draws an objective, to which the other queries are held.
func dashed(ref string, q Query) sdk.DashboardFieldConfigSourceOverrides {
	color := q.Color
	switch {
	case color != "":
	case q.Warning:
		color = orange
	default:
		color = red
	}
	return override("byFrameRefID", ref,
		property("color", fixed(color)),
		property("custom.lineStyle",
			common.LineStyle{Fill: new(common.LineStyleFillDash), Dash: []float64{10, 10}}),
		property("custom.fillOpacity", 0),
		noLinks,
	)
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
var allSeries = common.VizTooltipOptions{Mode: common.TooltipDisplayModeMulti, Sort: common.SortOrderDescending}
