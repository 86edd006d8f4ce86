package panel

import (
	"slices"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"belfry/rules"
)

// Limit says where a value turns bad.
type Limit struct {
	value float64
	bad   Side
	// early is where the value requires attention before it is bad; nil for nowhere.
	early *float64
}

// Side says on which side of a limit values are bad.
type Side int

// The sides of a limit.
const (
	Above Side = iota // from the limit on
	Below
)

// BadAbove returns a limit from which values on are bad.
func BadAbove(value float64) *Limit { return &Limit{value: value, bad: Above} }

// BadBelow returns a limit below which values are bad.
func BadBelow(value float64) *Limit { return &Limit{value: value, bad: Below} }

// WarnAt returns the limit with a value before it that requires attention.
func (l *Limit) WarnAt(value float64) *Limit { return &Limit{l.value, l.bad, &value} }

// and adds the threshold of another alert on the same panel. The threshold that is
// reached first becomes the warning.
func (l *Limit) and(a rules.Alert, bad Side) *Limit {
	if l == nil || l.value == a.Threshold {
		return &Limit{value: a.Threshold, bad: bad}
	}
	far, near := max(l.value, a.Threshold), min(l.value, a.Threshold)
	if bad == Below {
		far, near = near, far
	}
	return &Limit{value: far, bad: bad, early: &near}
}

// steps returns the colors of values on either side of the limit. Without a
// limit all are neutral.
func (l *Limit) steps() *sdk.ThresholdsConfig {
	if l == nil {
		return thresholds(sdk.Threshold{Color: neutral})
	}
	at := func(value *float64, color string) sdk.Threshold { return sdk.Threshold{Value: value, Color: color} }
	switch {
	case l.bad == Below && l.early != nil:
		return thresholds(at(nil, red), at(&l.value, orange), at(l.early, green))
	case l.bad == Below:
		return thresholds(at(nil, red), at(&l.value, green))
	case l.early != nil:
		return thresholds(at(nil, green), at(l.early, orange), at(&l.value, red))
	default:
		return thresholds(at(nil, green), at(&l.value, red))
	}
}

// color returns the color of one value.
func (l *Limit) color(value float64) string {
	var color string
	for _, step := range l.steps().Steps {
		if step.Value == nil || value >= *step.Value {
			color = step.Color
		}
	}
	return color
}

// lines returns the limit for a panel that draws it as a line. It has no color for
// good values.
func (l *Limit) lines() *sdk.ThresholdsConfig {
	list := []sdk.Threshold{{Color: neutral}, {Color: red, Value: &l.value}}
	if l.early != nil {
		at := len(list) // the values of steps ascend
		if *l.early < l.value {
			at--
		}
		list = slices.Insert(list, at, sdk.Threshold{Color: orange, Value: l.early})
	}
	return thresholds(list...)
}

func thresholds(steps ...sdk.Threshold) *sdk.ThresholdsConfig {
	return &sdk.ThresholdsConfig{Mode: sdk.ThresholdsModeAbsolute, Steps: steps}
}
