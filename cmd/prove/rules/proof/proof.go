// Package proof proves that the cases of the rules would notice any edit of a
// rule.
//
// Cases that hold prove little, since they may ask for nothing. The proof is that
// a case asks for each rule, and that each edit of a rule (package mutant) makes
// some case fail. A surviving mutant means that a case is missing, or that a part
// of the rule has no effect. If neither is true, because the edit changes nothing
// that can be seen, a file of cases lists it as equivalent, with the reason.
package proof

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"belfry/cmd/prove/rules/cases"
	"belfry/cmd/prove/rules/mutant"
)

// Options restrict a proof.
type Options struct {
	// Only selects the rules to prove; nil means all.
	Only func(*cases.Rule) bool
	// Every n means that only each nth mutant is tried; 0 and 1 mean all.
	Every int
}

// Survivor is a mutant that no case notices.
type Survivor struct {
	mutant.Mutant
	// Cases counts the cases that evaluate the rule.
	Cases int
}

// Report holds the result of a proof.
type Report struct {
	Rules, Files, Cases int
	// Mutants counts those that were tried, Killed those that a case noticed, and
	// Equivalent those that are listed as such.
	Mutants, Killed, Equivalent int
	// Uncovered has a line for each rule without the cases that it needs.
	Uncovered []string
	// Survivors in the order of the rules.
	Survivors []Survivor
	// Outdated has a line for each mistake in the lists of equivalents.
	Outdated []string
	Took     time.Duration
}

// Proven reports whether every rule is proven.
func (r *Report) Proven() bool {
	return len(r.Uncovered)+len(r.Survivors)+len(r.Outdated) == 0
}

// ReadFiles reads the files of cases that match a pattern. On an error it also
// returns the files that it could read.
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

// Prove runs the cases and tries mutants of the rules on them. It fails if cases
// do not hold for the rules as they are.
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

// run runs the cases that need one of the rules to prove.
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

// cover reports rules without the cases that they need.
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
			p.uncovered(r, "no alert_rule_test expects it to fire with its labels and annotations")
		}
		if r.Alert && !shown.Quiet && !constant(r.Expr) {
			p.uncovered(r, "no test expects it not to fire")
		}
	}
}

func (p *proof) uncovered(r *cases.Rule, what string) {
	p.report.Uncovered = append(p.report.Uncovered, r.ID+": "+what)
}

// constant reports whether an expression reads no series.
func constant(e parser.Expr) bool {
	return len(parser.ExtractSelectors(e)) == 0
}

// inParallel calls do with 0 to n-1 on all processors.
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
