package experiment

import (
	"fmt"
	"math"
	"slices"
)

// comparing holds what is known while an arm is compared with control on a metric.
type comparing struct {
	*Comparison
	trial *Trial
	a, b  Metric
	// guardrail is nil for a metric that is none.
	guardrail *Guardrail
	ea, eb    estimate
	// effect and se are what decides: adjusted where there is a covariate.
	effect, se float64
}

// compare fills in a comparison. What cannot be known stays nil, with its reason.
func (t *Trial) compare(arm, metric string) *comparing {
	c := t.measure(arm, metric)
	if c.SE != nil {
		c.fixedHorizon()
		c.relative()
		c.bayes()
	}
	return c
}

// measure fills in what decides: the effect and its confidence sequence.
func (t *Trial) measure(arm, metric string) *comparing {
	c := &comparing{trial: t, Comparison: &Comparison{Arm: arm, Metric: metric, Role: t.role(metric),
		Reasons: []string{}}}
	if g, ok := t.guardrail(metric); ok {
		c.guardrail = &g
	}
	if !c.read() {
		return c
	}
	c.effect, c.se = c.eb.value-c.ea.value, math.Sqrt(c.ea.square()+c.eb.square())
	c.Effect, c.SE = finite(c.effect), finite(c.se)
	c.adjust()
	c.sequential()
	return c
}

func (t *Trial) role(metric string) Role {
	switch _, guards := t.guardrail(metric); {
	case metric == t.Primary:
		return Primary
	case guards:
		return Safety
	case slices.Contains(t.Secondary, metric):
		return Secondary
	}
	return Undeclared
}

func (c *comparing) lacks(format string, args ...any) {
	c.Reasons = append(c.Reasons, fmt.Sprintf(format, args...))
}

// read reads the metric of both arms, and reports whether both have it.
func (c *comparing) read() bool {
	known := true
	for _, side := range []struct {
		arm string
		m   *Metric
		e   *estimate
	}{{c.trial.Control, &c.a, &c.ea}, {c.Arm, &c.b, &c.eb}} {
		m, ok := c.trial.Arms[side.arm].Metrics[c.Metric]
		if !ok {
			c.lacks("arm %s has no counts of %s", side.arm, c.Metric)
			known = false
			continue
		}
		e, err := of(m)
		if err != nil {
			c.lacks("%s of arm %s %v", c.Metric, side.arm, err)
			known = false
		}
		c.Kind, *side.m, *side.e = m.Kind, m, e
	}
	if known && c.a.Kind != c.b.Kind {
		c.lacks("%s is a %s in control and a %s in arm %s", c.Metric, c.a.Kind, c.b.Kind, c.Arm)
		return false
	}
	return known
}

// law returns the law of the effect over its standard error.
func (c *comparing) law() law {
	if c.a.Kind == Mean {
		return welch(c.ea.square(), c.ea.n, c.eb.square(), c.eb.n)
	}
	return normal
}

// fixedHorizon tests once, as if nobody had looked before.
func (c *comparing) fixedHorizon() {
	if *c.SE > 0 {
		c.Z = finite(*c.Effect / *c.SE)
		c.CI = interval(c.law().interval(*c.Effect, *c.SE, c.trial.Alpha))
	} else {
		c.lacks("there is no standard error: within each arm, all users are alike")
	}
	if c.a.Kind == Proportion {
		c.Newcombe = interval(newcombe(float64(c.a.X), c.ea.n, float64(c.b.X), c.eb.n, c.trial.Alpha))
		c.Z = nil
		if z, ok := pooledZ(float64(c.a.X), c.ea.n, float64(c.b.X), c.eb.n); ok {
			c.Z = finite(z)
		}
	}
	if c.Z != nil {
		c.PValue = finite(c.law().pValue(*c.Z))
	}
}

// relative gives the effect as a share of control, by the delta method and with
// Welch's degrees of freedom, whatever the kind.
//
// Source: Deng, Knoblich, Lu 2018, section 3.1.
func (c *comparing) relative() {
	if c.ea.value == 0 {
		c.lacks("there is no relative effect: control is 0")
		return
	}
	ratio := c.eb.value / c.ea.value
	c.Relative.Effect = finite(ratio - 1)
	square := (c.eb.square() + ratio*ratio*c.ea.square()) / (c.ea.value * c.ea.value)
	if square == 0 || c.ea.n < 2 || c.eb.n < 2 {
		return
	}
	c.Relative.SE = finite(math.Sqrt(square))
	l := welch(c.ea.square(), c.ea.n, c.eb.square(), c.eb.n)
	c.Relative.CI = interval(l.interval(ratio-1, math.Sqrt(square), c.trial.Alpha))
}

// adjust removes variance, where both arms have a covariate.
func (c *comparing) adjust() {
	if c.a.Covariate == nil || c.b.Covariate == nil || c.se == 0 {
		return
	}
	adjusted := adjust(c.a, c.b, c.effect, c.se)
	if adjusted.SE > 0 {
		adjusted.CI = interval(c.law().interval(adjusted.Effect, adjusted.SE, c.trial.Alpha))
	}
	c.Adjusted = &adjusted
	c.effect, c.se = adjusted.Effect, adjusted.SE
}

// sequential gives the confidence sequence of the effect, for a guardrail one-sided
// ones up and down.
func (c *comparing) sequential() {
	s, n, se := c.trial.sequence(), c.ea.n+c.eb.n, c.se
	if se == 0 && c.guardrail != nil && c.a.Kind == Proportion && c.ea.value == c.eb.value {
		se = c.cautious()
		c.lacks("all users of both arms are alike, so the sequence uses the standard error with two users more per " +
			"arm, one of each outcome")
	}
	switch {
	case se == 0:
	case c.guardrail != nil:
		half := s.oneSided(se, n)
		c.Sequential.CI = interval(Interval{c.effect - half, c.effect + half})
		c.Sequential.PValue = finite(s.oneSidedPValue(c.guardrail.harm()*c.effect, se, n))
	default:
		half := s.half(se, n)
		c.Sequential.CI = interval(Interval{c.effect - half, c.effect + half})
		c.Sequential.PValue = finite(s.pValue(c.effect, se, n))
	}
}

// cautious returns a standard error for proportions of 0 or 1, which observe none.
//
// Source: Agresti, Caffo: Simple and effective confidence intervals for proportions
// and differences of proportions, The American Statistician 54 (2000).
func (c *comparing) cautious() float64 {
	square := 0.0
	for _, m := range []Metric{c.a, c.b} {
		n := float64(m.N) + 2
		p := (float64(m.X) + 1) / n
		square += p * (1 - p) / n
	}
	return math.Sqrt(square)
}

// bayes gives the chance that the arm is better, and what choosing it costs if not.
func (c *comparing) bayes() {
	sign := 1.0
	if c.guardrail != nil {
		sign = -c.guardrail.harm()
	}
	if c.a.Kind == Proportion {
		chance, loss := beats(posterior(c.a), posterior(c.b))
		if sign < 0 {
			chance, loss = 1-chance, loss+c.posteriorEffect()
		}
		c.Bayes = Bayes{finite(chance), finite(max(0, loss))}
		return
	}
	if c.Relative.SE == nil {
		return
	}
	chance, loss := lift(*c.Relative.Effect, *c.Relative.SE, c.ea.value, sign)
	c.Bayes = Bayes{finite(chance), finite(loss)}
}

func posterior(m Metric) beta { return beta{float64(m.X), float64(m.N - m.X)} }

// posteriorEffect returns the difference of the posterior means, by which the losses of
// choosing one arm and the other differ.
func (c *comparing) posteriorEffect() float64 {
	return float64(c.b.X+1)/(c.eb.n+2) - float64(c.a.X+1)/(c.ea.n+2)
}

func (t *Trial) sequence() sequence { return sequence{t.Alpha, float64(t.PlannedUsers)} }

// finite returns a pointer to x, or nil for what JSON cannot hold.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func interval(i Interval) *Interval {
	if finite(i[0]) == nil || finite(i[1]) == nil {
		return nil
	}
	return &i
}
