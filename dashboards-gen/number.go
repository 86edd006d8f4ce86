package dashboards

import (
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
)

// card draws the newest value of each query side by side, large and with its
// name: a figure of a fixed period, and what it is compared with. What stands
// alone and has no labels needs no name beside the title.
type card struct{}

func (card) reads() reading {
	return reading{format: prometheus.PromQueryFormatTimeSeries, instant: true}
}

func (card) finish(built *sdk.Panel, p panel, d Dashboard) error {
	if err := (number{}).finish(built, p, d); err != nil {
		return err
	}
	options := built.Options.(stat.Options)
	options.GraphMode, options.TextMode = common.BigValueGraphModeNone, common.BigValueTextModeAuto
	if slices.ContainsFunc(p.queries, func(q query) bool { return len(q.of.Where().Labels()) > 0 }) {
		options.TextMode = common.BigValueTextModeValueAndName
	}
	built.Options = options
	return nil
}

// names draws a line with the name of each series, one below the other, for a
// list that is read on a narrow screen.
type names struct{}

func (names) reads() reading {
	return reading{format: prometheus.PromQueryFormatTimeSeries, instant: true}
}

func (names) finish(built *sdk.Panel, p panel, d Dashboard) error {
	if err := (number{}).finish(built, p, d); err != nil {
		return err
	}
	options := built.Options.(stat.Options)
	options.GraphMode, options.TextMode = common.BigValueGraphModeNone, common.BigValueTextModeName
	options.Orientation = common.VizOrientationHorizontal
	built.Options = options
	for i, q := range p.queries {
		if len(q.of.Where().Labels()) == 0 { // it is about nothing that a link could lead to
			built.FieldConfig.Overrides = append(built.FieldConfig.Overrides,
				override("byFrameRefID", refID(i), sdk.DynamicConfigValue{Id: "links", Value: []sdk.DashboardLink{}}))
		}
	}
	return nil
}

// number draws one value large, in the colour of its limit, above the line of
// where it came from.
type number struct{}

func (number) reads() reading { return reading{format: prometheus.PromQueryFormatTimeSeries} }

func (number) finish(built *sdk.Panel, p panel, d Dashboard) error {
	built.Type = "stat"
	built.Options = stat.Options{
		GraphMode: common.BigValueGraphModeArea, ColorMode: common.BigValueColorModeValue,
		JustifyMode: common.BigValueJustifyModeCenter, TextMode: common.BigValueTextModeValue, WideLayout: true,
		ReduceOptions:          newest(),
		PercentChangeColorMode: common.PercentChangeColorModeStandard, Orientation: common.VizOrientationAuto,
	}
	built.FieldConfig.Defaults.Color = &sdk.FieldColor{Mode: sdk.FieldColorModeIdThresholds}
	built.FieldConfig.Defaults.Links = p.dataLinks(d)
	return nil
}
