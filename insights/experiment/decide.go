package experiment

import (
	"fmt"
	"strings"
	"time"
)

// decide returns the first verdict that fits an arm.
func (j *judge) decide(arm, untrusted string) (Verdict, string) {
	if untrusted != "" {
		return Invalid, untrusted
	}
	if reason := j.short(arm); reason != "" {
		return Collecting, reason
	}
	if reason := j.harmed(arm); reason != "" {
		return StopHarm, reason
	}
	if reason := j.young(arm); reason != "" {
		return Immature, reason
	}
	return j.primary(arm)
}

// short says which minimum the arm or control has not reached, or returns "".
func (j *judge) short(arm string) string {
	t := j.trial
	for _, name := range []string{t.Control, arm} {
		a := t.Arms[name]
		m, ok := a.Metrics[t.Primary]
		users := a.Users
		if ok {
			users = min(users, m.N)
		}
		switch {
		case users < leastUsers:
			return fmt.Sprintf("arm %s has %.0f users: at least %d are needed", name, float64(users), leastUsers)
		case !ok:
			return fmt.Sprintf("arm %s has no counts of the primary metric %s", name, t.Primary)
		case m.outcomes() < leastOutcomes:
			return fmt.Sprintf("arm %s has %s outcomes of %s: at least %d are needed", name, number(m.outcomes()),
				t.Primary, leastOutcomes)
		}
	}
	switch c := j.compared[arm][t.Primary]; {
	case t.Started.IsZero() || t.Now.IsZero():
		return "it is not known when the experiment started: at least 3 days are needed"
	case t.Now.Sub(t.Started) < leastTime:
		return fmt.Sprintf("the experiment has run for %s: at least 3 days are needed", elapsed(t.Now.Sub(t.Started)))
	case c.Sequential.CI == nil:
		return fmt.Sprintf("the effect on %s has no interval: %s", t.Primary, strings.Join(c.Reasons, "; "))
	}
	return ""
}

// harmed says which guardrail is certainly worse than in control, or returns "".
func (j *judge) harmed(arm string) string {
	for _, g := range j.trial.Guardrails {
		c := j.compared[arm][g.Metric]
		if c.Sequential.CI == nil {
			continue
		}
		if low, _ := c.harm(); low > 0 {
			return fmt.Sprintf("arm %s does harm: %s is %s in control and %s in the arm, worse by at least %s", arm,
				g.Metric, c.show(c.ea.value), c.show(c.eb.value), c.show(low))
		}
	}
	return ""
}

// harm returns the least and the greatest harm that a guardrail's sequence allows.
func (c *comparing) harm() (low, high float64) {
	bounds := *c.Sequential.CI
	if c.guardrail.harm() < 0 {
		return -bounds[1], -bounds[0]
	}
	return bounds[0], bounds[1]
}

// young says that too many users were exposed too recently, or returns "".
func (j *judge) young(arm string) string {
	t := j.trial
	window := time.Duration(t.ConversionWindow)
	if ran := t.Now.Sub(t.Started); ran < window {
		return fmt.Sprintf("the experiment has run for %s, and users have %s to respond", elapsed(ran), elapsed(window))
	}
	for _, name := range []string{t.Control, arm} {
		if a := t.Arms[name]; 2*a.YoungUsers > a.Users {
			return fmt.Sprintf("%.0f of the %.0f users of arm %s were exposed within the last %s, and have that long "+
				"to respond", float64(a.YoungUsers), float64(a.Users), name, elapsed(window))
		}
	}
	return ""
}

// primary decides by the primary metric.
func (j *judge) primary(arm string) (Verdict, string) {
	t := j.trial
	c := j.compared[arm][t.Primary]
	bounds := *c.Sequential.CI
	said := fmt.Sprintf("%s differs by %s, between %s and %s", t.Primary, c.signed(c.effect), c.signed(bounds[0]),
		c.signed(bounds[1]))
	decided := *c.PAdjusted < t.Alpha
	switch {
	case decided && c.effect < 0:
		return StopLoser, fmt.Sprintf("arm %s loses: %s", arm, said)
	case decided:
		return j.safe(arm, said)
	case t.TargetEffect > 0 && (bounds[1]-bounds[0])/2 <= t.TargetEffect:
		return NoMeaningfulDifference, fmt.Sprintf("arm %s makes no difference that matters: %s, and an effect of %s "+
			"would have shown", arm, said, c.show(t.TargetEffect))
	}
	if t.TargetEffect == 0 {
		said += "; no target effect is declared, so only a winner or a loser ends the experiment"
	}
	return Continue, fmt.Sprintf("arm %s is not decided: %s", arm, said)
}

// safe decides on an arm whose primary metric is better.
func (j *judge) safe(arm, said string) (Verdict, string) {
	var doubts []string
	for _, g := range j.trial.Guardrails {
		c := j.compared[arm][g.Metric]
		margin := g.margin(c.ea.value)
		if c.Sequential.CI == nil {
			doubts = append(doubts, fmt.Sprintf("%s is not known (%s)", g.Metric, strings.Join(c.Reasons, "; ")))
		} else if _, high := c.harm(); high > margin {
			doubts = append(doubts, fmt.Sprintf("%s may be worse by %s, more than the margin of %s", g.Metric,
				c.show(high), c.show(margin)))
		}
	}
	if len(doubts) > 0 {
		return Review, fmt.Sprintf("arm %s wins: %s; but %s", arm, said, strings.Join(doubts, ", and "))
	}
	if len(j.trial.Guardrails) == 0 {
		said += "; no guardrail is declared"
	}
	return Ship, fmt.Sprintf("arm %s wins: %s", arm, said)
}

// precedence orders the verdicts on arms by what they mean for the experiment: first
// what somebody must do now, then what is open, then what is over.
var precedence = []Verdict{Invalid, StopHarm, Ship, Review, Continue, Immature, Collecting, NoMeaningfulDifference,
	StopLoser}

// overall says what to do with the experiment, by the arm that calls for most.
func (j *judge) overall() {
	var others []string
	for _, v := range precedence {
		for _, a := range j.Arms {
			switch {
			case a.Verdict != v:
			case j.Verdict == "":
				j.Verdict, j.Reason = a.Verdict, a.Reason
			case a.Reason != j.Reason:
				others = append(others, fmt.Sprintf("arm %s: %s", a.Arm, a.Verdict))
			}
			if a.Verdict == v && v != Invalid {
				j.DetectableEffect = largest(j.DetectableEffect, a.DetectableEffect)
				j.DaysLeft = largest(j.DaysLeft, a.DaysLeft)
			}
		}
	}
	if len(others) > 0 {
		j.Reason += " (" + strings.Join(others, ", ") + ")"
	}
}

func largest(a, b *float64) *float64 {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}
