package panel

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/gauge"
	"github.com/grafana/grafana-foundation-sdk/go/piechart"
)

// Gauge draws the newest value on a scale from 0 to the panel's Max, in the
// colors of the limit.
var Gauge Visual = dial{}

type dial struct{}

func (dial) reads() reading { return single }

func (dial) finish(built *sdk.Panel, p Panel, d Dashboard) error {
	built.Type = "gauge"
	built.Options = gauge.Options{
		ShowThresholdLabels: false, ShowThresholdMarkers: p.Limit != nil,
		ReduceOptions: lastValue(), Orientation: common.VizOrientationAuto,
		Sizing: common.BarGaugeSizingAuto, MinVizWidth: 75, MinVizHeight: 75,
	}
	built.FieldConfig.Defaults.Color = p.plainOrByLimit()
	built.FieldConfig.Defaults.Links = p.dataLinks(d)
	return nil
}

// Pie draws the newest values as parts of a whole, with their shares. Use it for a
// handful of parts: among more, nobody sees which is greater.
var Pie Visual = pie{}

type pie struct{}

func (pie) reads() reading { return newest }

func (pie) finish(built *sdk.Panel, p Panel, d Dashboard) error {
	built.Type = "piechart"
	built.Options = piechart.Options{
		PieType: piechart.PieChartTypeDonut, DisplayLabels: []piechart.PieChartLabels{},
		ReduceOptions: lastValue(), Orientation: common.VizOrientationAuto,
		Tooltip: common.VizTooltipOptions{Mode: common.TooltipDisplayModeSingle, Sort: common.SortOrderNone},
		Legend: piechart.PieChartLegendOptions{
			ShowLegend: true, DisplayMode: common.LegendDisplayModeTable, Placement: common.LegendPlacementRight,
			Calcs: []string{},
			Values: []piechart.PieChartLegendValues{
				piechart.PieChartLegendValuesPercent,
			},
		},
	}
	built.FieldConfig.Defaults.Custom = piechart.FieldConfig{HideFrom: &common.HideSeriesConfig{}}
	built.FieldConfig.Defaults.Color = inOrder()
	built.FieldConfig.Defaults.Links = p.dataLinks(d)
	built.FieldConfig.Overrides = append(built.FieldConfig.Overrides, p.seriesColors()...)
	return nil
}
