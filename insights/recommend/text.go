package recommend

import (
	"fmt"
	"math"
	"strings"
)

// name says what a way of sending is.
func (g *Group) name(value string) string {
	switch g.Dimension {
	case SendHour:
		return fmt.Sprintf("the hour from %s:00", value)
	case Template:
		return fmt.Sprintf("template %q", value)
	case Audience:
		return fmt.Sprintf("the audience %q", value)
	case Frequency:
		return fmt.Sprintf("%s earlier sends in 7 days", value)
	default:
		return fmt.Sprintf("%q", value)
	}
}

// advice says what to test, as a sentence.
func (g *Group) advice(value string) string {
	switch g.Dimension {
	case SendHour:
		return fmt.Sprintf("Test sending by %s between %s:00 and %s:59 of the user's own time.", g.Channel, value,
			value)
	case Template:
		return fmt.Sprintf("Test whether other notifications by %s do better in the manner of template %q.",
			g.Channel, value)
	case Audience:
		return fmt.Sprintf("Test whether what reaches the audience %q by %s also works for the others.", value,
			g.Channel)
	case Frequency:
		return fmt.Sprintf("Test a limit by %s that keeps users at %s earlier sends in 7 days.", g.Channel, value)
	default:
		return fmt.Sprintf("Test %q by %s.", value, g.Channel)
	}
}

// text describes the recommendation in plain English.
func (g *Group) text(r Recommendation, others float64) string {
	var b strings.Builder
	rate, low, high := r.Rate.write(2, share)
	fmt.Fprintf(&b, "%s There, %s of %s delivered notifications engaged (90 %% interval %s to %s), elsewhere %s of "+
		"%s. ", g.advice(r.Subject), rate, grouped(r.N), low, high, share(r.RestRate.Value, 2), grouped(others))
	if r.GainPerMonth != nil {
		gain, low, high := r.GainPerMonth.write(2, figure)
		fmt.Fprintf(&b, "If the difference is one of cause and effect, the others would gain about %s engaged "+
			"notifications a month (%s to %s). ", gain, low, high)
	}
	b.WriteString("This was observed and not assigned by chance, so it is a reason to test, not to ship.")
	if r.Test != nil {
		fmt.Fprintf(&b, " An A/B test that confirms it takes %s users in each of two arms.",
			grouped(float64(r.Test.PerArm)))
	}
	return b.String()
}

// basis lists the figures that the recommendation rests on.
func (g *Group) basis(r Recommendation, others float64) []string {
	leader, odds := g.Ways[0], "without an upper limit"
	if leader.OddsRatio != nil {
		odds = fmt.Sprintf("%.2f (%.2f to %.2f)", leader.OddsRatio.Value, leader.OddsRatio.Low, leader.OddsRatio.High)
	}
	basis := []string{
		fmt.Sprintf("%s of %s delivered notifications engaged; among the %d other ways of sending %s were delivered",
			grouped(leader.Engaged), grouped(leader.N), len(g.Ways)-1, grouped(others)),
		"counted in notifications: how many users they went to is not known",
		fmt.Sprintf("the best with a probability of %s; expected loss %s percentage points",
			probability(r.ChanceBest), points(r.ExpectedLoss)),
		fmt.Sprintf("p = %.2g against the others on the same days, adjusted for all comparisons; odds ratio %s",
			r.PAdjusted, odds),
	}
	if g.DesignEffect >= 1.05 {
		basis = append(basis, fmt.Sprintf("counts vary %.1f times more than those of independent notifications, so "+
			"the evidence counts that much less", g.DesignEffect))
	}
	return basis
}

// share writes a share as a percentage.
func share(x float64, decimals int) string { return fmt.Sprintf("%.*f %%", decimals, 100*x) }

// probability writes a probability, never as certainty.
func probability(p float64) string {
	if p > 0.999 {
		return "more than 99.9 %"
	}
	return share(p, 1)
}

// points writes a difference of shares in percentage points, without the unit.
func points(x float64) string { return fmt.Sprintf("%.2f", 100*x) }

// figure writes an estimate with some significant digits and grouped thousands.
func figure(x float64, digits int) string {
	if math.Abs(x) < 10 {
		return fmt.Sprintf("%.*f", digits-1, x)
	}
	unit := max(1, math.Pow(10, math.Floor(math.Log10(math.Abs(x)))-float64(digits-1)))
	return grouped(math.Round(x/unit) * unit)
}

// mostDigits limits how many digits write adds.
const mostDigits = 4

// write writes an estimate and its bounds, with so many digits that none looks like another.
func (e Estimate) write(digits int, one func(x float64, digits int) string) (value, low, high string) {
	for most := digits + mostDigits; ; digits++ {
		value, low, high = one(e.Value, digits), one(e.Low, digits), one(e.High, digits)
		if low != value && value != high || digits == most {
			return value, low, high
		}
	}
}

// grouped writes a whole number with its thousands separated by commas.
func grouped(x float64) string {
	digits := fmt.Sprintf("%.0f", math.Abs(x))
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if x < 0 {
		return "-" + digits
	}
	return digits
}
