package experiment

import (
	"math"
	"time"
)

// progress says how far a comparison of the primary metric is.
func (j *judge) progress(arm string) ArmVerdict {
	t := j.trial
	c := j.compared[arm][t.Primary]
	if c.Sequential.CI == nil {
		return ArmVerdict{}
	}
	s, n := t.sequence(), c.ea.n+c.eb.n
	a := ArmVerdict{DetectableEffect: finite(s.half(c.se, n) + quantile(Power)*c.se)}
	if t.TargetEffect == 0 {
		return a
	}
	users, ok := s.usersUntil(t.TargetEffect, c.se, n)
	if !ok {
		return a
	}
	a.UsersNeeded = finite(max(0, users-n))
	if ran := t.Now.Sub(t.Started); ran > 0 && !t.Started.IsZero() {
		days := ran.Hours() / 24
		least := max(0, (leastTime-ran).Hours()/24)
		a.DaysLeft = finite(math.Ceil(10*max(least, *a.UsersNeeded/(n/days))) / 10)
	}
	return a
}

// settle leaves out what an arm's verdict makes pointless: nothing is awaited any more,
// or the counts prove nothing.
func (j *judge) settle(a *ArmVerdict) {
	switch a.Verdict {
	case Invalid:
		a.DetectableEffect, a.UsersNeeded, a.DaysLeft = nil, nil, nil
	case Collecting, Immature, Continue:
	default:
		a.UsersNeeded, a.DaysLeft = finite(0), finite(0)
	}
	if a.Verdict == Continue && a.DaysLeft != nil {
		a.Reason += "; at the present rate it will be in about " + days(*a.DaysLeft)
	}
}

func days(n float64) string {
	if n < 1 {
		return elapsed(time.Duration(n * float64(24*time.Hour)))
	}
	return number(math.Ceil(n)) + " days"
}
