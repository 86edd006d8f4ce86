package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/gauge"
	"github.com/grafana/grafana-foundation-sdk/go/piechart"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// pie draws the series' newest values as parts of a whole, with their shares.
// It is for a handful of parts: of more, nobody sees which is greater.
type pie struct{}

func (pie) reads() reading {
	return reading{format: prometheus.PromQueryFormatTimeSeries, instant: true}
}

func (pie) finish(built *sdk.Panel, p panel, d Dashboard) error {
	built.Type = "piechart"
	built.Options = piechart.Options{
		PieType: piechart.PieChartTypeDonut, DisplayLabels: []piechart.PieChartLabels{},
		ReduceOptions: newest(), Orientation: common.VizOrientationAuto,
		Tooltip: common.VizTooltipOptions{Mode: common.TooltipDisplayModeSingle, Sort: common.SortOrderNone},
		Legend: piechart.PieChartLegendOptions{
			ShowLegend: true, DisplayMode: common.LegendDisplayModeTable, Placement: common.LegendPlacementRight, Calcs: []string{},
			Values: []piechart.PieChartLegendValues{piechart.PieChartLegendValuesPercent, piechart.PieChartLegendValuesValue},
		},
	}
	built.FieldConfig.Defaults.Color = &sdk.FieldColor{Mode: sdk.FieldColorModeIdPaletteClassicByName}
	built.FieldConfig.Defaults.Links = p.dataLinks(d)
	built.FieldConfig.Overrides = append(built.FieldConfig.Overrides, p.valueColours()...)
	return nil
}

// dial draws the newest value on a scale from 0 to the panel's most, in the
// colours of the limit.
type dial struct{}

func (dial) reads() reading {
	return reading{format: prometheus.PromQueryFormatTimeSeries, instant: true}
}

func (dial) finish(built *sdk.Panel, p panel, d Dashboard) error {
	built.Type = "gauge"
	built.Options = gauge.Options{
		ShowThresholdLabels: false, ShowThresholdMarkers: p.limit != nil, ReduceOptions: newest(), Orientation: common.VizOrientationAuto,
		Sizing: common.BarGaugeSizingAuto, MinVizWidth: 75, MinVizHeight: 75,
	}
	colour := sdk.FieldColor{Mode: sdk.FieldColorModeIdThresholds}
	if p.limit == nil {
		colour = fixed(plain)
	}
	built.FieldConfig.Defaults.Color = &colour
	built.FieldConfig.Defaults.Links = p.dataLinks(d)
	return nil
}
