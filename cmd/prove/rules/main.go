// Command ruletest proves that the cases of the rules would notice any edit of
// a rule: see package proof.
//
// Without flags it proves all rules, after promtool has found that the cases
// hold. Who writes the cases of one rule asks about that rule alone:
//
//	go run ./cmd/prove/rules --rule NotificationChannelDown
//
// It must be run in the module's root.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"

	"belfry/cmd/prove/rules/cases"
	"belfry/cmd/prove/rules/proof"
	"belfry/deploy/stack"
	"belfry/rules"
)

type options struct {
	rule     string
	cases    string
	every    int
	promtool bool
}

func main() {
	var o options
	flag.StringVar(&o.rule, "rule", "", "prove only rules of which the name, name{labels}, label rule or group is this regular expression")
	flag.StringVar(&o.cases, "cases", "rules/testdata/*.yaml", "files of cases")
	flag.IntVar(&o.every, "every", 1, "try only each nth mutant")
	flag.BoolVar(&o.promtool, "promtool", true, "have promtool run the cases too")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "ruletest:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, stdout io.Writer) error {
	generated, err := rules.Files()
	if err != nil {
		return err
	}
	all, err := cases.Load(generated)
	if err != nil {
		return err
	}
	files, err := proof.ReadFiles(o.cases)
	if err != nil && (o.rule == "" || len(files) == 0) {
		return err
	} else if err != nil {
		fmt.Fprintf(stdout, "left out: %v\n\n", err) // others' files must not keep the author of one rule waiting
	}
	only, files, err := o.narrow(all, files)
	if err != nil {
		return err
	}
	report, err := proof.Prove(ctx, all, files, proof.Options{Only: only, Every: o.every})
	if err != nil {
		return err
	}
	if o.promtool {
		programs, err := stack.Ensure(ctx, "", stdout, stack.Promtool)
		if err != nil {
			return err
		}
		if err := proof.Promtool(ctx, programs[stack.Promtool], all, files); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "promtool agrees that the cases of %d files hold\n\n", len(files))
	}
	report.Print(stdout)
	if !report.Proven() {
		return fmt.Errorf("the cases do not prove the rules; rules/testdata/README.md says how to write the missing ones")
	}
	return nil
}

// narrow returns which rules are asked for, and the files with cases of them.
func (o options) narrow(all *cases.Rules, files []*cases.File) (func(*cases.Rule) bool, []*cases.File, error) {
	if o.rule == "" {
		return nil, files, nil
	}
	pattern, err := regexp.Compile("^(?:" + o.rule + ")$")
	if err != nil {
		return nil, nil, fmt.Errorf("--rule: %w", err)
	}
	only := func(r *cases.Rule) bool {
		return slices.ContainsFunc([]string{r.ID, r.Name, r.Labels["rule"], r.Group}, pattern.MatchString)
	}
	if !slices.ContainsFunc(all.All, only) {
		return nil, nil, fmt.Errorf("--rule: none of %d rules has the name, label rule or group %s", len(all.All), o.rule)
	}
	files = slices.DeleteFunc(files, func(f *cases.File) bool {
		return !slices.ContainsFunc(f.Cases, func(c *cases.Case) bool {
			return slices.ContainsFunc(all.All, func(r *cases.Rule) bool { return only(r) && all.Needs(c, r) })
		})
	})
	return only, files, nil
}
