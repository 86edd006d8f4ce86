package panel

import (
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
)

// Stat draws one value large, in the color of its limit. It is the newest one whatever the
// time range: the last step of a query over a range can be half an hour old. Its course is
// the subject of a graph.
var Stat Visual = number{}

type number struct{}

func (number) reads() reading { return single }

func (number) finish(built *sdk.Panel, p Panel, d Dashboard) error {
	built.Type = "stat"
	built.Options = stat.Options{
		GraphMode: common.BigValueGraphModeNone, ColorMode: common.BigValueColorModeValue,
		JustifyMode: common.BigValueJustifyModeCenter, TextMode: common.BigValueTextModeValue, WideLayout: true,
		ReduceOptions:          lastValue(),
		PercentChangeColorMode: common.PercentChangeColorModeStandard, Orientation: common.VizOrientationAuto,
	}
	built.FieldConfig.Defaults.Color = byLimit()
	built.FieldConfig.Defaults.Links = p.dataLinks(d)
	return nil
}

// Card draws the newest values of its queries side by side, large and with their
// names: a figure of a fixed period, and what it is compared with. A single figure
// without labels has no name.
var Card Visual = card{}

type card struct{}

func (card) reads() reading { return single }

func (card) finish(built *sdk.Panel, p Panel, d Dashboard) error {
	if err := (number{}).finish(built, p, d); err != nil {
		return err
	}
	options := built.Options.(stat.Options)
	options.TextMode = common.BigValueTextModeAuto
	if slices.ContainsFunc(p.Queries, func(q Query) bool { return len(q.labels()) > 0 }) {
		options.TextMode = common.BigValueTextModeValueAndName
	}
	built.Options = options
	return nil
}

// Names lists the names of the series, one below the other, for a narrow screen.
var Names Visual = names{}

type names struct{}

func (names) reads() reading { return newest }

func (names) finish(built *sdk.Panel, p Panel, d Dashboard) error {
	if err := (number{}).finish(built, p, d); err != nil {
		return err
	}
	options := built.Options.(stat.Options)
	options.TextMode = common.BigValueTextModeName
	options.Orientation = common.VizOrientationHorizontal
	built.Options = options
	for i, q := range p.Queries {
		if len(q.labels()) == 0 { // there is nothing to link to
			built.FieldConfig.Overrides = append(built.FieldConfig.Overrides,
				override("byFrameRefID", refID(i), noLinks))
		}
	}
	return nil
}
