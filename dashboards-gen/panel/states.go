package panel

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
)

// States draws each series as a band over time, in the colors of its words. Use it
// for values that are states rather than quantities.
var States Visual = states{}

type states struct{}

func (states) reads() reading { return reading{format: prometheus.PromQueryFormatTimeSeries} }

func (states) finish(built *sdk.Panel, p Panel, d Dashboard) error {
	built.Type = "state-timeline"
	built.Options = statetimeline.Options{
		ShowValue: common.VisibilityModeAuto, RowHeight: 0.8, MergeValues: new(true),
		AlignValue: new(common.TimelineValueAlignmentLeft), PerPage: new(20.0),
		// The words are on the bands. A legend would add one for missing values.
		Legend: common.VizLegendOptions{
			DisplayMode: common.LegendDisplayModeList, Placement: common.LegendPlacementBottom, Calcs: []string{},
		},
		Tooltip: allSeries,
	}
	built.FieldConfig.Defaults.Custom = statetimeline.FieldConfig{
		LineWidth: new(uint32(0)), FillOpacity: new(uint32(70)), HideFrom: &common.HideSeriesConfig{},
	}
	// With thresholds Grafana would write "1+" in place of the word.
	built.FieldConfig.Defaults.Color = new(fixed(neutral))
	built.FieldConfig.Defaults.Links = p.dataLinks(d)
	return nil
}
