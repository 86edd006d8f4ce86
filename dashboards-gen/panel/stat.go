package panel

import (
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
)

// Stat draws one value large, in the color of its limit, above the line of where
// it came from.
var Stat Visual = number{}

type number struct{}

func (number) reads() reading { return reading{format: prometheus.PromQueryFormatTimeSeries} }

func (number) finish(built *sdk.Panel, p Panel, d Dashboard) error {
	built.Type = "stat"
	built.Options = stat.Options{
		GraphMode: common.BigValueGraphModeArea, ColorMode: common.BigValueColorModeValue,
		JustifyMode: common.BigValueJustifyModeCenter, TextMode: common.BigValueTextModeValue, WideLayout: true,
		ReduceOptions:          lastValue(),
		PercentChangeColorMode: common.PercentChangeColorModeStandard, Orientation: common.VizOrientationAuto,
	}
	built.FieldConfig.Defaults.Color = byLimit()
	built.FieldConfig.Defaults.Links = p.dataLinks(d)
	return nil
}

// Card draws the newest value of each query side by side, large and with its
// name: a figure of a fixed period, and what it is compared with. A figure that
// stands alone and has no labels needs no name beside the title.
var Card Visual = card{}

type card struct{}

func (card) reads() reading { return newest }

func (card) finish(built *sdk.Panel, p Panel, d Dashboard) error {
	if err := (number{}).finish(built, p, d); err != nil {
		return err
	}
	options := built.Options.(stat.Options)
	options.GraphMode, options.TextMode = common.BigValueGraphModeNone, common.BigValueTextModeAuto
	if slices.ContainsFunc(p.Queries, func(q Query) bool { return len(q.labels()) > 0 }) {
		options.TextMode = common.BigValueTextModeValueAndName
	}
	built.Options = options
	return nil
}

// Names draws a line with the name of each series, one below the other: a list
// for a narrow screen.
var Names Visual = names{}

type names struct{}

func (names) reads() reading { return newest }

func (names) finish(built *sdk.Panel, p Panel, d Dashboard) error {
	if err := (number{}).finish(built, p, d); err != nil {
		return err
	}
	options := built.Options.(stat.Options)
	options.GraphMode, options.TextMode = common.BigValueGraphModeNone, common.BigValueTextModeName
	options.Orientation = common.VizOrientationHorizontal
	built.Options = options
	for i, q := range p.Queries {
		if len(q.labels()) == 0 { // it is about nothing that a link could lead to
			built.FieldConfig.Overrides = append(built.FieldConfig.Overrides,
				override("byFrameRefID", refID(i), noLinks))
		}
	}
	return nil
}
