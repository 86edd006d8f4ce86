package panel

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// Heatmap draws the buckets of a histogram over time, colored by the number of
// observations. It has one query by the label le, whose buckets are cumulative. The
// panel's unit is that of the buckets' bounds.
var Heatmap Visual = heat{}

type heat struct{}

func (heat) reads() reading { return reading{format: prometheus.PromQueryFormatHeatmap} }

func (heat) finish(built *sdk.Panel, p Panel, _ Dashboard) error {
	built.Type = "heatmap"
	built.Options = heatmap.Options{
		Calculate: new(false), CellGap: new(uint8(1)), ShowValue: common.VisibilityModeNever,
		RowsFrame:  &heatmap.RowsHeatmapOptions{Layout: new(common.HeatmapCellLayoutAuto)},
		CellValues: &heatmap.CellValues{Unit: new("short"), Decimals: new(float32(0))},
		Color: heatmap.HeatmapColorOptions{
			Mode: new(heatmap.HeatmapColorModeScheme), Scheme: "Blues", Fill: Plain,
			Scale: new(heatmap.HeatmapColorScaleExponential), Exponent: 0.5, Steps: 64,
		},
		// Buckets without observations stay empty.
		FilterValues: &heatmap.FilterValueRange{Le: new(float32(1e-9))},
		YAxis: heatmap.YAxisConfig{
			AxisPlacement: new(common.AxisPlacementLeft), Unit: &p.Unit, Reverse: new(false),
		},
		CellRadius: new(float32(0)), SelectionMode: new(heatmap.HeatmapSelectionModeX),
		Legend: heatmap.HeatmapLegend{Show: true},
		Tooltip: heatmap.HeatmapTooltip{
			Mode: common.TooltipDisplayModeSingle, YHistogram: new(true), ShowColorScale: new(false),
		},
		Exemplars: heatmap.ExemplarConfig{Color: red},
	}
	built.FieldConfig.Defaults.Custom = heatmap.FieldConfig{
		ScaleDistribution: &common.ScaleDistributionConfig{Type: common.ScaleDistributionLinear},
		HideFrom:          &common.HideSeriesConfig{},
	}
	return nil
}
