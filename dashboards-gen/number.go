package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
)

// number draws one value large, in the colour of its limit, above the line of
// where it came from.
type number struct{}

func (number) reads() reading { return reading{format: prometheus.PromQueryFormatTimeSeries} }

func (number) finish(built *sdk.Panel, _ panel, _ Dashboard) error {
	built.Type = "stat"
	built.Options = stat.Options{
		GraphMode: common.BigValueGraphModeArea, ColorMode: common.BigValueColorModeValue,
		JustifyMode: common.BigValueJustifyModeCenter, TextMode: common.BigValueTextModeValue, WideLayout: true,
		ReduceOptions:          common.ReduceDataOptions{Calcs: []string{"lastNotNull"}},
		PercentChangeColorMode: common.PercentChangeColorModeStandard, Orientation: common.VizOrientationAuto,
	}
	built.FieldConfig.Defaults.Color = &sdk.FieldColor{Mode: sdk.FieldColorModeIdThresholds}
	return nil
}
