// Package proof holds the rules' cases against the rules.
//
// Cases that hold prove little: they may ask for nothing. The proof is that
// each rule is asked for, and that each edit of a rule (package mutant) makes
// some case fail. What survives is a case that is missing, or a part of a rule
// that is for nothing; where it is neither, because the edit changes nothing
// that can be seen, a file of cases lists it as equivalent, with the reason.
package proof

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"belfry/rules/ruletest/cases"
	"belfry/rules/ruletest/mutant"
)

// Options narrow a proof down.
type Options struct {
	// Only says which rules are proven; nil is all.
	Only func(*cases.Rule) bool
	// Every is n where only each nth mutant is tried; 0 and 1 are all.
	Every int
}

// Survivor is a mutant that no case notices.
type Survivor struct {
	mutant.Mutant
	// Cases is how many cases evaluate the rule.
	Cases int
}

// Report is the result of a proof.
type Report struct {
	Rules, Files, Cases int
	// Mutants were tried, Killed noticed; Equivalent are listed as such.
	Mutants, Killed, Equivalent int
	// Uncovered says of each rule that cases do not ask for what is missing.
	Uncovered []string
	// Survivors are in the order of the rules.
	Survivors []Survivor
	// Outdated says what is wrong with the lists of equivalents.
	Outdated []string
	Took     time.Duration
}

// Proven says whether nothing is missing.
func (r *Report) Proven() bool {
	return len(r.Uncovered)+len(r.Survivors)+len(r.Outdated) == 0
}

// ReadFiles reads the files of cases that match a pattern. With an error it
// returns those that can be read.
func ReadFiles(pattern string) ([]*cases.File, error) {
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no file of cases matches %s", pattern)
	}
	var files []*cases.File
	var unreadable []error
	for _, path := range paths {
		f, err := cases.ReadFile(path)
		if err != nil {
			unreadable = append(unreadable, err)
			continue
		}
		files = append(files, f)
	}
	return files, errors.Join(unreadable...)
}

// Prove runs the cases, and tries mutants of the rules on them. The error says
// which cases do not hold on the rules as they are.
func Prove(ctx context.Context, rules *cases.Rules, files []*cases.File, o Options) (*Report, error) {
	began := time.Now()
	p := &proof{rules: rules, report: &Report{Files: len(files)}}
	for _, r := range rules.All {
		if o.Only == nil || o.Only(r) {
			p.proven = append(p.proven, r)
		}
	}
	p.report.Rules = len(p.proven)
	if err := p.run(ctx, files); err != nil {
		return nil, err
	}
	p.cover()
	p.listed(files)
	p.mutate(ctx, max(o.Every, 1))
	p.report.Took = time.Since(began)
	return p.report, ctx.Err()
}

type proof struct {
	rules      *cases.Rules
	proven     []*cases.Rule
	runs       []*cases.Run
	equivalent map[string]map[string]bool // by rule and mutation
	report     *Report
}

// run runs the cases that need a rule that is to be proven.
func (p *proof) run(ctx context.Context, files []*cases.File) error {
	var wanted []*cases.Case
	for _, f := range files {
		for _, c := range f.Cases {
			if slices.ContainsFunc(p.proven, func(r *cases.Rule) bool { return p.rules.Needs(c, r) }) {
				wanted = append(wanted, c)
			}
		}
	}
	p.report.Cases = len(wanted)
	p.runs = make([]*cases.Run, len(wanted))
	failures := make([]error, len(wanted))
	inParallel(len(wanted), func(i int) { p.runs[i], failures[i] = p.rules.Run(ctx, wanted[i]) })
	return errors.Join(failures...)
}

// cover reports rules that no case asks for.
func (p *proof) cover() {
	for _, r := range p.proven {
		var shown cases.Shown
		for _, run := range p.runs {
			shown = shown.Or(run.Shows(r))
		}
		switch {
		case !r.Alert && !shown.Value:
			p.uncovered(r, "no promql_expr_test expects a value of it")
		case r.Alert && !shown.Text:
			p.uncovered(r, "no alert_rule_test expects it with its labels and annotations")
		}
		if r.Alert && !shown.Quiet && !constant(r.Expr) {
			p.uncovered(r, "no test expects that it does not fire")
		}
	}
}

func (p *proof) uncovered(r *cases.Rule, what string) {
	p.report.Uncovered = append(p.report.Uncovered, r.ID+": "+what)
}

// constant says whether an expression reads no series, so that it never changes.
func constant(e parser.Expr) bool {
	return len(parser.ExtractSelectors(e)) == 0
}

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

// trial is a mutant before the cases of its rule.
type trial struct {
	mutant.Mutant
	of         *suite
	equivalent bool
	killed     bool
}

// mutate tries mutants, and reports those that survive.
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
				p.outdated(r.ID, mutation, "is listed as equivalent, and no mutant is like it")
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
			p.outdated(t.Rule.ID, t.String(), "is listed as equivalent, and a case tells it from the rule")
		case t.killed:
			p.report.Killed++
		case t.equivalent:
			p.report.Equivalent++
		default:
			p.report.Survivors = append(p.report.Survivors, Survivor{t.Mutant, len(t.of.runs)})
		}
	}
}

// unknown reports equivalents of rules that are not there, when all are proven.
func (p *proof) unknown(known map[string]bool) {
	if len(known) < len(p.rules.All) {
		return
	}
	for _, rule := range slices.Sorted(maps.Keys(p.equivalent)) {
		if !known[rule] {
			p.report.Outdated = append(p.report.Outdated, rule+": there is no such rule, and it has mutants listed as equivalent")
		}
	}
}

// suite are the cases that may notice an edit of one rule. Those that noticed
// one lately are tried first.
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

// labels looks the labels up that a series has in any of the cases.
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

// inParallel calls do for 0 to n-1 on all processors.
func inParallel(n int, do func(int)) {
	var wait sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
}
