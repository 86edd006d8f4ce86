package experiment

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"belfry/exporter/strict"
	"belfry/insights/strictjson"
)

// Check returns nil for a trial that can be, in which counts agree with each other.
// Otherwise the error has a line for each mistake: path: message.
func (t *Trial) Check() error {
	var mistakes []error
	t.check(func(path, format string, args ...any) {
		mistakes = append(mistakes, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
	})
	slices.SortStableFunc(mistakes, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return errors.Join(mistakes...)
}

// wrong reports a mistake about the value at a path.
type wrong func(path, format string, args ...any)

func (t *Trial) check(wrong wrong) {
	arms := slices.Sorted(maps.Keys(t.Arms))
	if len(arms) < 2 {
		wrong("arms", "%d given: control and at least one variant are needed", len(arms))
	}
	if !slices.Contains(arms, t.Control) {
		wrong("control", "%s", strict.Unknown("arm", t.Control, arms))
	}
	t.checkPlan(wrong)
	t.checkSplit(wrong, arms)
	t.checkRoles(wrong)
	for _, name := range arms {
		t.checkArm(wrong, name, strictjson.Path("arms", name))
	}
}

func (t *Trial) checkPlan(wrong wrong) {
	if !(t.Alpha >= 0 && t.Alpha < 0.5) || t.Alpha > 0 && t.Alpha < 1e-12 {
		wrong("alpha", "%v is out of range: use a probability below 0.5, such as 0.05", t.Alpha)
	}
	if !(t.PlannedUsers >= 0) || math.IsInf(float64(t.PlannedUsers), 0) {
		wrong("planned_users", "%v is out of range: use 1 or more", t.PlannedUsers)
	}
	if !(t.TargetEffect >= 0) || math.IsInf(t.TargetEffect, 0) {
		wrong("target_effect", "%v is out of range: use the smallest absolute difference that matters, such as 0.01",
			t.TargetEffect)
	}
	if t.ConversionWindow < 0 {
		wrong("conversion_window", "%s is out of range: use 0 or more", t.ConversionWindow)
	}
	if !t.Started.IsZero() && !t.Now.IsZero() && t.Now.Before(t.Started) {
		wrong("now", "%s is before started, %s", t.Now.Format(time.RFC3339), t.Started.Format(time.RFC3339))
	}
	if t.CrossoverUsers < 0 {
		wrong("crossover_users", "%v is out of range: use 0 or more", t.CrossoverUsers)
	}
}

// splitSlack is how far from 1 the shares of a split may add up: people write 0.33 three
// times.
const splitSlack = 0.01 + 1e-9

func (t *Trial) checkSplit(wrong wrong, arms []string) {
	if len(t.PlannedSplit) == 0 {
		return
	}
	total := 0.0
	for _, arm := range slices.Sorted(maps.Keys(t.PlannedSplit)) {
		share, path := t.PlannedSplit[arm], strictjson.Path("planned_split", arm)
		total += share
		switch {
		case !slices.Contains(arms, arm):
			wrong(path, "%s", strict.Unknown("arm", arm, arms))
		case !(share > 0 && share <= 1):
			wrong(path, "%v is out of range: use a share above 0, such as 0.5", share)
		}
	}
	for _, arm := range arms {
		if _, ok := t.PlannedSplit[arm]; !ok {
			wrong("planned_split", "arm %q has no share: set one for each arm", arm)
		}
	}
	if math.Abs(total-1) > splitSlack {
		wrong("planned_split", "the shares add up to %s: they must add up to 1, such as 0.5 and 0.5", number(total))
	}
}

// checkRoles checks that each declared metric exists, and has one role.
func (t *Trial) checkRoles(wrong wrong) {
	known := map[string]bool{}
	for _, arm := range t.Arms {
		for metric := range arm.Metrics {
			known[metric] = true
		}
	}
	roles := map[string]string{}
	role := func(path, metric string) {
		if first, taken := roles[metric]; taken {
			wrong(path, "%q is already %s: name each metric once", metric, first)
		} else if len(known) > 0 && !known[metric] {
			wrong(path, "%s", strict.Unknown("metric", metric, slices.Sorted(maps.Keys(known))))
		}
		roles[metric] = path
	}
	role("primary", t.Primary)
	for i, metric := range t.Secondary {
		role(fmt.Sprintf("secondary[%d]", i), metric)
	}
	for i, g := range t.Guardrails {
		path := fmt.Sprintf("guardrails[%d]", i)
		role(path+".metric", g.Metric)
		g.check(wrong, path)
	}
}

func (g Guardrail) check(wrong wrong, path string) {
	if !slices.Contains([]string{"", Up, Down}, g.Bad) {
		wrong(path+".bad", "%s", strict.Unknown("direction", g.Bad, []string{Up, Down}))
	}
	for key, margin := range map[string]*float64{
		"margin_relative": g.MarginRelative, "margin_absolute": g.MarginAbsolute,
	} {
		if margin != nil && !(*margin >= 0 && *margin <= maxMargin) {
			wrong(path+"."+key, "%v is out of range: use 0 or more, such as 0.1", *margin)
		}
	}
}

const maxMargin = 1e12

// checkArm checks an arm's counts.
func (t *Trial) checkArm(wrong wrong, name, path string) {
	a := t.Arms[name]
	if !(a.Users >= 0) || math.IsInf(float64(a.Users), 0) {
		wrong(path+".users", "%v is out of range: use 0 or more", a.Users)
	}
	for key, n := range map[string]strictjson.Count{"crossover_users": a.CrossoverUsers, "young_users": a.YoungUsers} {
		if !(n >= 0 && n <= a.Users) {
			wrong(path+"."+key, "%.0f of %.0f users: use at most users", float64(n), float64(a.Users))
		}
	}
	for _, metric := range slices.Sorted(maps.Keys(a.Metrics)) {
		m, at := a.Metrics[metric], strictjson.Path(path+".metrics", metric)
		if m.N > a.Users {
			wrong(at+".n", "%.0f of %.0f users: a metric counts users, each once", float64(m.N), float64(a.Users))
		}
		m.check(wrong, at)
	}
	t.checkAgainst(wrong, name, path)
}

// checkAgainst compares the metrics of an arm with those of the other arms.
func (t *Trial) checkAgainst(wrong wrong, name, path string) {
	a := t.Arms[name]
	for _, other := range slices.Sorted(maps.Keys(t.Arms)) {
		for _, metric := range slices.Sorted(maps.Keys(t.Arms[other].Metrics)) {
			theirs, at := t.Arms[other].Metrics[metric], strictjson.Path(path+".metrics", metric)
			m, ok := a.Metrics[metric]
			switch {
			case !ok || m.N == 0 || theirs.N == 0:
			case m.Kind != theirs.Kind && other < name:
				wrong(at+".kind", "is %s, but %s in arm %s: use one kind per metric", m.Kind, theirs.Kind, other)
			case m.Covariate == nil && theirs.Covariate != nil:
				wrong(at+".covariate", "is missing: arm %s has one", other)
			}
		}
	}
}
