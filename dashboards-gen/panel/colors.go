package panel

import (
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"belfry/exporter/catalog"
	"belfry/rules/settings"
)

// Colors of states, in Grafana's names, which suit its light and its dark theme.
const (
	green   = "green"
	red     = "red"
	orange  = "orange"
	neutral = "text"
)

// Colors of series that are neither good nor bad.
const (
	Plain = "#56B4E9" // a single series
	Faint = "#8e8e8e" // what others are compared with, and what is unknown
)

// Palette has the colors of Okabe and Ito, "Color Universal Design" (2008), which
// people can tell apart whatever their color vision. It leaves out the yellow, which
// does not show on white.
var Palette = [...]string{"#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#0072B2"}

// severityColors mean what they mean elsewhere: red requires action.
var severityColors = map[settings.Severity]string{
	settings.Info: Plain, settings.Warning: orange, settings.Critical: red, settings.Emergency: "#CC79A7",
}

// valueColors gives each value of a closed label the same color in every panel whose
// series are named by that label alone. Unknown is faint, and so is other if the
// palette has no color left. Labels with more values than the palette has colors, and
// all other series, get Grafana's color for their name.
func (p Panel) valueColors() []sdk.DashboardFieldConfigSourceOverrides {
	var overrides []sdk.DashboardFieldConfigSourceOverrides
	for _, q := range p.Queries {
		labels := q.labels()
		if len(labels) != 1 || labels[0].Free() || p.legend(q) != Legend(labels...) {
			continue
		}
		known, faint := told(labels[0].Values)
		if len(known) > len(Palette) {
			continue // more colors than people can tell apart
		}
		for i, value := range known {
			color := Palette[i]
			if labels[0] == catalog.LabelSeverity {
				color = severityColors[settings.Severity(value)]
			}
			overrides = append(overrides, override("byName", value, property("color", fixed(color))))
		}
		for _, value := range faint {
			overrides = append(overrides, override("byName", value, property("color", fixed(Faint))))
		}
	}
	return overrides
}

// told divides values into those with a color of their own and the faint ones.
func told(values []string) (known, faint []string) {
	for _, v := range values {
		if v == catalog.Unknown || v == catalog.Other && len(known) == len(Palette) {
			faint = append(faint, v)
		} else {
			known = append(known, v)
		}
	}
	return known, faint
}

func fixed(color string) sdk.FieldColor {
	return sdk.FieldColor{Mode: sdk.FieldColorModeIdFixed, FixedColor: &color}
}

// byName lets Grafana choose the color of each series by its name.
func byName() *sdk.FieldColor { return &sdk.FieldColor{Mode: sdk.FieldColorModeIdPaletteClassicByName} }

// byLimit colors a value by the limit.
func byLimit() *sdk.FieldColor { return &sdk.FieldColor{Mode: sdk.FieldColorModeIdThresholds} }
