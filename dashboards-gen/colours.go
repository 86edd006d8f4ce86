package dashboards

import (
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"belfry/exporter/catalog"
)

// Colours of states, in Grafana's names, which suit its light and its dark theme.
const (
	good    = "green"
	bad     = "red"
	neutral = "text"
)

// palette is Okabe and Ito's, from "Color Universal Design" (2008), without its
// yellow, which is lost on white: people with any colour vision can tell these
// apart.
var palette = [...]string{"#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#0072B2"}

// channelColours give each channel the same colour in every panel. Other series
// take Grafana's colour for their name.
func channelColours() []sdk.DashboardFieldConfigSourceOverrides {
	overrides := make([]sdk.DashboardFieldConfigSourceOverrides, len(catalog.Channels))
	for i, channel := range catalog.Channels {
		overrides[i] = override("byName", channel, sdk.DynamicConfigValue{Id: "color", Value: fixed(palette[i%len(palette)])})
	}
	return overrides
}

func fixed(colour string) sdk.FieldColor {
	return sdk.FieldColor{Mode: sdk.FieldColorModeIdFixed, FixedColor: &colour}
}

// override changes how one series or column is drawn.
func override(matcher, which string, properties ...sdk.DynamicConfigValue) sdk.DashboardFieldConfigSourceOverrides {
	return sdk.DashboardFieldConfigSourceOverrides{
		Matcher: sdk.MatcherConfig{Id: matcher, Options: which}, Properties: properties,
	}
}

// limit is where a value turns bad.
type limit struct {
	value float64
	worse side
}

// side is the side of a limit on which values are bad.
type side int

const (
	above side = iota // from the limit on
	below
)

// colours are those of values on either side of the limit. Without a limit all
// are neutral.
func (l *limit) colours() *sdk.ThresholdsConfig {
	switch {
	case l == nil:
		return steps(sdk.Threshold{Color: neutral})
	case l.worse == below:
		return steps(sdk.Threshold{Color: bad}, sdk.Threshold{Color: good, Value: &l.value})
	default:
		return steps(sdk.Threshold{Color: good}, sdk.Threshold{Color: bad, Value: &l.value})
	}
}

// line is the limit alone, for a panel that draws it between the series.
func (l *limit) line() *sdk.ThresholdsConfig {
	return steps(sdk.Threshold{Color: neutral}, sdk.Threshold{Color: bad, Value: &l.value})
}

func steps(list ...sdk.Threshold) *sdk.ThresholdsConfig {
	return &sdk.ThresholdsConfig{Mode: sdk.ThresholdsModeAbsolute, Steps: list}
}
