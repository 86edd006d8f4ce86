package panel

import (
	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// Bars draws amounts over time, each the sum of its interval, and stacks the series.
// Use it for sums that tile the time, and Lines for rates.
var Bars Visual = bars{}

type bars struct{}

func (bars) reads() reading { return reading{format: prometheus.PromQueryFormatTimeSeries} }

func (bars) finish(built *sdk.Panel, p Panel, d Dashboard) error {
	built.Type = "timeseries"
	built.Options = timeseries.Options{
		Legend: listing(p.Width, "sum"), Tooltip: allSeries, Orientation: new(common.VizOrientationAuto),
	}
	defaults := &built.FieldConfig.Defaults
	style := graphStyle()
	style.DrawStyle, style.LineWidth, style.FillOpacity = new(common.GraphDrawStyleBars), new(0.0), new(85.0)
	style.BarAlignment = new(common.BarAlignmentBefore) // the amount is that of the time before
	style.Stacking.Mode = new(common.StackingModeNormal)
	defaults.Custom = style
	defaults.Color = inOrder()
	defaults.Links = p.dataLinks(d)
	built.FieldConfig.Overrides = append(built.FieldConfig.Overrides, p.seriesColors()...)
	return nil
}

// Ranking draws the newest value of each series as a bar with its figure, ordered
// by query and then as Prometheus returns them: topk returns the greatest first.
var Ranking Visual = ranking{}

type ranking struct{}

func (ranking) reads() reading { return newest }

func (ranking) finish(built *sdk.Panel, p Panel, d Dashboard) error {
	built.Type = "bargauge"
	built.Options = bargauge.Options{
		DisplayMode: common.BarGaugeDisplayModeBasic, ValueMode: common.BarGaugeValueModeText, ShowUnfilled: true,
		NamePlacement: common.BarGaugeNamePlacementLeft, Orientation: common.VizOrientationHorizontal,
		Sizing: common.BarGaugeSizingAuto, MinVizWidth: 8, MinVizHeight: 16, MaxVizHeight: 300,
		ReduceOptions: lastValue(),
		Legend: common.VizLegendOptions{
			ShowLegend: false, DisplayMode: common.LegendDisplayModeList, Placement: common.LegendPlacementBottom,
			Calcs: []string{},
		},
	}
	built.FieldConfig.Defaults.Color = p.plainOrByLimit()
	built.FieldConfig.Defaults.Links = p.dataLinks(d)
	return nil
}

// plainOrByLimit colors values by the panel's limit. Without one all look alike.
func (p Panel) plainOrByLimit() *sdk.FieldColor {
	if p.Limit == nil {
		return new(fixed(Plain))
	}
	return byLimit()
}

// newest reads the newest value of each series.
var newest = reading{format: prometheus.PromQueryFormatTimeSeries, instant: true}

// single reads the newest value of each query, to show it large.
var single = reading{format: prometheus.PromQueryFormatTimeSeries, instant: true, single: true}

// lastValue takes the last value of each series.
func lastValue() common.ReduceDataOptions {
	return common.ReduceDataOptions{Values: new(false), Calcs: []string{"lastNotNull"}, Fields: new("")}
}
