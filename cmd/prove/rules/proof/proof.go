// Package proof holds the rules' cases against the rules.
//
// Cases that hold prove little: they may ask for nothing. The proof is that
// each rule is asked for, and that each edit of a rule (package mutant) makes
// some case fail. What survives is a case that is missing, or a part of a rule
// that is for nothing; where it is neither, because the edit changes nothing
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
