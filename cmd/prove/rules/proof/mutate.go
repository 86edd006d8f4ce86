package proof

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"belfry/cmd/prove/rules/cases"
	"belfry/cmd/prove/rules/mutant"
)

// listed reads the lists of equivalents.
func (p *proof) listed(files []*cases.File) {
	proven := func(id string) bool {
		return slices.ContainsFunc(p.proven, func(r *cases.Rule) bool { return r.ID == id })
	}
	p.equivalent = map[string]map[string]bool{}
	for _, f := range files {
		for _, e := range f.Equivalent {
			if e.Reason == "" && proven(e.Rule) {
				p.outdated(e.Rule, e.Mutation, "is listed as equivalent without a reason")
			}
			if p.equivalent[e.Rule] == nil {
				p.equivalent[e.Rule] = map[string]bool{}
			}
			p.equivalent[e.Rule][e.Mutation] = true
		}
	}
}

func (p *proof) outdated(rule, mutation, what string) {
	p.report.Outdated = append(p.report.Outdated, fmt.Sprintf("%s: %q %s", rule, mutation, what))
}

// trial is a mutant and the cases to try it on.
type trial struct {
	mutant.Mutant
	of         *suite
	equivalent bool
	killed     bool
}

// mutate tries mutants and reports those that survive.
func (p *proof) mutate(ctx context.Context, every int) {
	var trials []*trial
	repeats := mutant.FindRepeats(p.rules.All)
	known := map[string]bool{}
	for _, r := range p.proven {
		known[r.ID] = true
		of := p.suite(r)
		made := map[string]bool{}
		for _, m := range mutant.Of(r, of.labels(), repeats) {
			made[m.String()] = true
			trials = append(trials, &trial{Mutant: m, of: of, equivalent: p.equivalent[r.ID][m.String()]})
		}
		for _, mutation := range slices.Sorted(maps.Keys(p.equivalent[r.ID])) {
			if !made[mutation] {
				p.outdated(r.ID, mutation, "is listed as equivalent, but there is no such mutant")
			}
		}
	}
	p.unknown(known)
	tried := trials[:0]
	for i, t := range trials {
		if i%every == 0 {
			tried = append(tried, t)
		}
	}
	inParallel(len(tried), func(i int) { tried[i].killed = tried[i].of.kills(ctx, tried[i].Mutant) })
	p.report.Mutants = len(tried)
	for _, t := range tried {
		switch {
		case t.killed && t.equivalent:
			p.outdated(t.Rule.ID, t.String(), "is listed as equivalent, but a case notices it")
		case t.killed:
			p.report.Killed++
		case t.equivalent:
			p.report.Equivalent++
		default:
			p.report.Survivors = append(p.report.Survivors, Survivor{t.Mutant, len(t.of.runs)})
		}
	}
}

// unknown reports equivalents of rules that do not exist, if all rules are proven.
func (p *proof) unknown(known map[string]bool) {
	if len(known) < len(p.rules.All) {
		return
	}
	for _, rule := range slices.Sorted(maps.Keys(p.equivalent)) {
		if !known[rule] {
			p.report.Outdated = append(p.report.Outdated,
				rule+": mutants are listed as equivalent, but there is no such rule")
		}
	}
}

// suite holds the cases that may notice an edit of one rule. Those that noticed an
// edit recently are tried first.
type suite struct {
	mu   sync.Mutex
	runs []*cases.Run
}

func (p *proof) suite(rule *cases.Rule) *suite {
	s := &suite{}
	for _, r := range p.runs {
		if r.Needs(rule) {
			s.runs = append(s.runs, r)
		}
	}
	slices.SortStableFunc(s.runs, func(a, b *cases.Run) int {
		if a.Asks(rule) != b.Asks(rule) {
			if a.Asks(rule) {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Took, b.Took)
	})
	return s
}

// labels returns a function that looks up the labels of a series in the cases.
func (s *suite) labels() mutant.Labels {
	names := map[string]map[string]bool{}
	for _, r := range s.runs {
		r.Labels(names)
	}
	return func(series string) []string { return slices.Sorted(maps.Keys(names[series])) }
}

func (s *suite) kills(ctx context.Context, m mutant.Mutant) bool {
	edited := append([]*cases.Rule{m.Rule}, m.With...)
	s.mu.Lock()
	runs := slices.Clone(s.runs)
	s.mu.Unlock()
	for _, r := range runs {
		if r.Catches(ctx, edited...) == nil {
			continue
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		i := slices.Index(s.runs, r)
		s.runs = slices.Insert(slices.Delete(s.runs, i, i+1), 0, r)
		return true
	}
	return false
}
