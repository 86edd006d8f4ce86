package recommend

import (
	"fmt"
	"strings"

	"belfry/insights/experiment"
)

// Proven recommends to ship the arm of an experiment whose verdict is ship, and
// nothing for any other verdict. Of several such arms it is the one with the largest
// effect. The queries are those that the trial was read with.
func Proven(t experiment.Trial, result experiment.Result, queries []string) []Recommendation {
	shipped := map[string]string{}
	for _, arm := range result.Arms {
		if arm.Verdict == experiment.Ship && result.Verdict == experiment.Ship {
			shipped[arm.Arm] = arm.Reason
		}
	}
	var best *experiment.Comparison
	for _, c := range result.Comparisons {
		_, ships := shipped[c.Arm]
		if ships && c.Role == experiment.Primary && decides(c) != nil &&
			(best == nil || decides(c).Value > decides(*best).Value) {
			best = &c
		}
	}
	if best == nil {
		return []Recommendation{}
	}
	return []Recommendation{ship(t, *best, shipped[best.Arm], queries)}
}

// Ship puts what experiments have proven before what was only observed.
func (r *Report) Ship(judged []experiment.Judged) {
	proven := []Recommendation{}
	for _, j := range judged {
		proven = append(proven, Proven(j.Trial, j.Result, j.Queries)...)
	}
	r.Recommendations = append(proven, r.Recommendations...)
}

// decides returns the effect that decided, with the interval that is valid at every
// look; nil if there is none.
func decides(c experiment.Comparison) *Estimate {
	effect, ci := c.Deciding(), c.Sequential.CI
	if effect == nil || ci == nil {
		return nil
	}
	return &Estimate{*effect, ci[0], ci[1]}
}

func ship(t experiment.Trial, c experiment.Comparison, reason string, queries []string) Recommendation {
	r := Recommendation{
		Kind: KindShip, Subject: fmt.Sprintf("arm %s of experiment %s", c.Arm, t.Experiment),
		Evidence: Randomised, Unit: unitUsers, N: float64(t.Arms[c.Arm].Users + t.Arms[t.Control].Users),
		Effect: *decides(c), ChanceBest: known(c.Bayes.ChanceToWin, 0), ExpectedLoss: known(c.Bayes.ExpectedLoss, 0),
		PAdjusted: known(c.PAdjusted, 1), Queries: queries,
	}
	if days := t.Now.Sub(t.Started).Hours() / 24; !t.Started.IsZero() && days > 0 && c.Kind == experiment.Proportion {
		users := 0.0
		for _, arm := range t.Arms {
			users += float64(arm.Users)
		}
		r.GainPerMonth = new(r.Effect.times(users * monthDays / days))
	}
	r.Basis = []string{
		reason,
		fmt.Sprintf("%s users of the arm and %s of control, assigned by chance", grouped(float64(t.Arms[c.Arm].Users)),
			grouped(float64(t.Arms[t.Control].Users))),
		fmt.Sprintf("a probability of %s to be better than control", probability(r.ChanceBest)),
	}
	r.Text = shipText(t.Control, c, r)
	return r
}

// shipText describes the recommendation in plain English.
func shipText(control string, c experiment.Comparison, r Recommendation) string {
	effect, low, high := r.Effect.write(2, func(x float64, digits int) string {
		if c.Kind == experiment.Mean {
			return fmt.Sprintf("%+.*g", digits+2, x)
		}
		return fmt.Sprintf("%+.*f", digits, 100*x)
	})
	var b strings.Builder
	fmt.Fprintf(&b, "Ship %s. It changes %s by %s", r.Subject, c.Metric, effect)
	if c.Kind != experiment.Mean {
		b.WriteString(" percentage points")
	}
	fmt.Fprintf(&b, " compared with %s (%s to %s, valid at every look), and no guardrail is harmed.", control,
		low, high)
	if r.GainPerMonth != nil {
		gain, low, high := r.GainPerMonth.write(2, figure)
		fmt.Fprintf(&b, " With as many users as so far, that is about %s more users a month (%s to %s).", gain, low,
			high)
	}
	return b.String()
}

// known returns a figure, or what stands for one that is not known.
func known(x *float64, otherwise float64) float64 {
	if x == nil {
		return otherwise
	}
	return *x
}
