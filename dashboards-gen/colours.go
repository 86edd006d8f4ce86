package dashboards

import (
	"slices"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"belfry/exporter/catalog"
	"belfry/rules"
)

// Colours of states, in Grafana's names, which suit its light and its dark theme.
const (
	good    = "green"
	bad     = "red"
	careful = "orange"
	neutral = "text"
	plain   = "#56B4E9" // a single series that is neither good nor bad
	faint   = "#8e8e8e" // what others are compared with, and what is unknown
)

// palette is Okabe and Ito's, from "Color Universal Design" (2008), without its
// yellow, which is lost on white: people with any colour vision can tell these
// apart.
var palette = [...]string{"#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#0072B2"}

// severityColours mean what they mean elsewhere: nothing urgent is green.
var severityColours = map[rules.Severity]string{
	rules.Info: plain, rules.Warning: careful, rules.Critical: bad, rules.Emergency: "#CC79A7",
}

// valueColours give each value of a closed label the same colour in every panel
// whose series are named by that label alone, and unknown a faint one, unless
// there are more values than the palette has colours. Other series take Grafana's
// colour for their name.
func (p panel) valueColours() []sdk.DashboardFieldConfigSourceOverrides {
	var overrides []sdk.DashboardFieldConfigSourceOverrides
	for _, q := range p.queries {
		labels := q.of.Where().Labels()
		if len(labels) != 1 || labels[0].Free() || p.name(q) != placeholders(labels) {
			continue
		}
		values := slices.DeleteFunc(slices.Clone(labels[0].Values), func(v string) bool { return v == catalog.Unknown })
		if len(values) > len(palette) {
			continue // more colours than people can tell apart
		}
		for i, value := range values {
			colour := palette[i]
			if labels[0] == catalog.LabelSeverity {
				colour = severityColours[rules.Severity(value)]
			}
			overrides = append(overrides, override("byName", value, sdk.DynamicConfigValue{Id: "color", Value: fixed(colour)}))
		}
		if len(values) < len(labels[0].Values) {
			overrides = append(overrides, override("byName", catalog.Unknown, sdk.DynamicConfigValue{Id: "color", Value: fixed(faint)}))
		}
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
	// early is where it calls for attention before it is bad; nil for nowhere.
	early *float64
}

// and adds the threshold of an alert to those of others on the same panel. The
// first to be reached of two warns.
func (l *limit) and(a rules.Alert, worse side) *limit {
	if l == nil || l.value == a.Threshold {
		return &limit{value: a.Threshold, worse: worse}
	}
	far, near := max(l.value, a.Threshold), min(l.value, a.Threshold)
	if worse == below {
		far, near = near, far
	}
	return &limit{value: far, worse: worse, early: &near}
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
	case l.worse == below && l.early != nil:
		return steps(sdk.Threshold{Color: bad}, sdk.Threshold{Color: careful, Value: &l.value}, sdk.Threshold{Color: good, Value: l.early})
	case l.worse == below:
		return steps(sdk.Threshold{Color: bad}, sdk.Threshold{Color: good, Value: &l.value})
	case l.early != nil:
		return steps(sdk.Threshold{Color: good}, sdk.Threshold{Color: careful, Value: l.early}, sdk.Threshold{Color: bad, Value: &l.value})
	default:
		return steps(sdk.Threshold{Color: good}, sdk.Threshold{Color: bad, Value: &l.value})
	}
}

// colour is that of one value.
func (l *limit) colour(value float64) string {
	var colour string
	for _, step := range l.colours().Steps {
		if step.Value == nil || value >= *step.Value {
			colour = step.Color
		}
	}
	return colour
}

// line is where the limit is, without good colours, for a panel that draws it between the series.
func (l *limit) line() *sdk.ThresholdsConfig {
	list := []sdk.Threshold{{Color: neutral}, {Color: bad, Value: &l.value}}
	if l.early != nil {
		at := len(list) // the values of steps ascend
		if *l.early < l.value {
			at--
		}
		list = slices.Insert(list, at, sdk.Threshold{Color: careful, Value: l.early})
	}
	return steps(list...)
}

func steps(list ...sdk.Threshold) *sdk.ThresholdsConfig {
	return &sdk.ThresholdsConfig{Mode: sdk.ThresholdsModeAbsolute, Steps: list}
}
