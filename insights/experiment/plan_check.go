package experiment

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"belfry/exporter/catalog"
	"belfry/exporter/strict"
)

// planCheck checks a plan of a file.
type planCheck struct {
	*strict.Document
	plan *Plan
	path string
}

func (c planCheck) all(seen map[string]string) {
	p := c.plan
	if c.Needed(c.path+".name", "set it to the experimentId of the events") {
		if first := seen[p.Name]; first != "" {
			c.Wrong(c.path+".name", "%q is already the name of %s", p.Name, first)
		}
		seen[p.Name] = c.path
		c.label(c.path+".name", p.Name)
	}
	c.split()
	if c.Needed(c.path+".primary", "name the metric that decides") {
		c.metric(c.path+".primary", p.Primary)
	}
	c.roles()
	c.Needed(c.path+".started", "set when the experiment starts, such as 2026-03-01T00:00:00Z")
	c.numbers()
	if p.Ends != nil && c.Has(c.path+".started") && !p.Ends.After(p.Started.Time) {
		c.Wrong(c.path+".ends", "is not after started")
	}
	c.OneOf(c.path+".variance_reduction", "method", p.VarianceReduction, []string{CUPED, None})
}

// label checks a name that events carry.
func (c planCheck) label(path, name string) {
	if name == "" || len(name) > catalog.MaxLabelValue {
		c.Wrong(path, "invalid name %q: use 1 to %d bytes, as in the events", name, catalog.MaxLabelValue)
	}
}

func (c planCheck) split() {
	p, path := c.plan, c.path+".split"
	if !c.Needed(path, "write the share of users of each arm, control included: {control: 0.5, b: 0.5}") {
		return
	}
	arms := slices.Sorted(maps.Keys(p.Split))
	if len(arms) < 2 {
		c.Wrong(path, "control and at least one variant are needed")
	}
	total := 0.0
	for _, arm := range arms {
		c.label(path+"."+arm, arm)
		total += p.Split[arm]
		if share := p.Split[arm]; !(share > 0 && share < 1) {
			c.Wrong(path+"."+arm, "%v is out of range: use a share between 0 and 1, such as 0.5", share)
		}
	}
	if math.Abs(total-1) > splitSlack && !c.Mistaken(path) {
		c.Wrong(path, "the shares add up to %s: they must add up to 1, such as 0.5 and 0.5", number(total))
	}
	if c.Needed(c.path+".control", "set it to one of the arms") {
		c.OneOf(c.path+".control", "arm", p.Control, arms)
	}
}

func (c planCheck) metric(path, name string) bool {
	return c.OneOf(path, "metric", name, catalog.ExperimentMetrics)
}

// roles checks that each metric exists, and is named once.
func (c planCheck) roles() {
	p := c.plan
	roles := map[string]string{p.Primary: "primary"}
	role := func(path, name, as string) {
		if !c.metric(path, name) {
			return
		}
		if first := roles[name]; first != "" {
			c.Wrong(path, "%q is already %s: name each metric once", name, first)
		}
		roles[name] = as
	}
	for i, name := range p.Secondary {
		role(fmt.Sprintf("%s.secondary[%d]", c.path, i), name, "secondary")
	}
	if !c.Has(c.path + ".guardrails") {
		return
	}
	for i, g := range p.Guardrails {
		path := fmt.Sprintf("%s.guardrails[%d]", c.path, i)
		if c.Needed(path+".metric", "name the metric that must not be harmed") {
			role(path+".metric", g.Metric, "a guardrail")
		}
		Guardrail(g).check(c.Wrong, path)
	}
}

func (c planCheck) numbers() {
	p := c.plan
	if !(p.Alpha >= 1e-12 && p.Alpha < 0.5) {
		c.Wrong(c.path+".alpha", "%v is out of range: use a probability below 0.5, such as 0.05", p.Alpha)
	}
	if p.PlannedUsers < 0 || p.PlannedUsers == 0 && c.Has(c.path+".planned_users") {
		c.Wrong(c.path+".planned_users", "%d is out of range: use 1 or more, or leave it out", p.PlannedUsers)
	}
	if !(p.TargetEffect >= 0 && p.TargetEffect <= maxSum) {
		c.Wrong(c.path+".target_effect", "%v is out of range: use the smallest absolute difference that matters, "+
			"such as 0.01", p.TargetEffect)
	}
}
