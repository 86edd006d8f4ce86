package experiment

import (
	"fmt"
	"math"
)

// Size says how many users a test needs.
type Size struct {
	// PerArm counts control's users, and Total those of both arms.
	PerArm float64 `json:"per_arm"`
	Total  float64 `json:"total"`
}

// SizeOptions describes a test of two proportions. Ratio is the number of users of the
// variant per user of control.
type SizeOptions struct{ Baseline, Effect, Alpha, Power, Ratio float64 }

// DefaultSize returns the options of a test with arms of equal size, at
// [DefaultAlpha] and [Power].
func DefaultSize(baseline, effect float64) SizeOptions {
	return SizeOptions{baseline, effect, DefaultAlpha, Power, 1}
}

// SampleSize returns how many users a fixed-horizon two-sided test needs to find an
// absolute effect on a proportion. Both variances count: under equality for α, and
// under the effect for the power.
//
// Source: Fleiss, Levin, Paik: Statistical Methods for Rates and Proportions, 3rd
// edition, section 4.2, formula 4.14 with ratio r (4.18), without continuity correction.
func SampleSize(o SizeOptions) (Size, error) {
	if err := o.check(); err != nil {
		return Size{}, err
	}
	a, b := o.Baseline, o.Baseline+o.Effect
	pooled := (a + o.Ratio*b) / (1 + o.Ratio)
	underNull := math.Sqrt((1 + 1/o.Ratio) * pooled * (1 - pooled))
	underEffect := math.Sqrt(a*(1-a) + b*(1-b)/o.Ratio)
	root := (quantile(1-o.Alpha/2)*underNull + quantile(o.Power)*underEffect) / o.Effect
	n := root * root
	size := Size{PerArm: math.Ceil(n)}
	size.Total = size.PerArm + math.Ceil(n*o.Ratio)
	if size.Total > 1e15 {
		return Size{}, fmt.Errorf("an effect of %v needs more than 10¹⁵ users: choose a larger effect", o.Effect)
	}
	return size, nil
}

// check finds values that make no test. It is written so that NaN fails, too.
func (o SizeOptions) check() error {
	target := o.Baseline + o.Effect
	switch {
	case !(o.Baseline > 0 && o.Baseline < 1):
		return fmt.Errorf("baseline %v is out of range: use a share between 0 and 1, such as 0.1%s", o.Baseline,
			shareOf(o.Baseline))
	case o.Effect == 0 || math.IsNaN(o.Effect):
		return fmt.Errorf("effect %v is out of range: use the absolute difference to find, such as 0.02", o.Effect)
	case !(target > 0 && target < 1):
		return fmt.Errorf("effect %v is out of range: baseline and effect add up to %v: use an absolute difference "+
			"that leaves a share between 0 and 1%s", o.Effect, target, shareOf(o.Effect))
	case !(o.Alpha > 0 && o.Alpha < 1):
		return fmt.Errorf("alpha %v is out of range: use a probability such as 0.05%s", o.Alpha, shareOf(o.Alpha))
	case !(o.Power > o.Alpha/2 && o.Power < 1):
		return fmt.Errorf("power %v is out of range: use a probability such as 0.8%s", o.Power, shareOf(o.Power))
	case !(o.Ratio >= 0.001 && o.Ratio <= 1000):
		return fmt.Errorf("ratio %v is out of range: use 0.001 to 1000, users of the variant per user of control",
			o.Ratio)
	}
	return nil
}

// shareOf guesses that a number is a percentage.
func shareOf(x float64) string {
	if x >= 1 && x < 100 {
		return fmt.Sprintf("; %v %% is %v", x, x/100)
	}
	return ""
}
