// Package rules is the subcommand that proves that the cases of the rules would
// notice any edit of a rule, see package proof.
//
// Without flags it proves all rules, and promtool checks that the cases hold. To
// prove one rule while writing its cases:
//
//	go run ./cmd/prove rules --rule NotificationChannelDown
package rules

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"

	"github.com/alecthomas/kingpin/v2"

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

// Command adds the subcommand rules.
func Command(app *kingpin.Application) (*kingpin.CmdClause, func(context.Context) error) {
	c := app.Command("rules", "Prove that the cases of the rules notice any edit of a rule.")
	var o options
	c.Flag("rule", "Prove only rules whose name, name{labels}, label rule or group matches this regular expression.").
		StringVar(&o.rule)
	c.Flag("cases", "Files of cases.").Default("rules/testdata/*.yaml").StringVar(&o.cases)
	c.Flag("every", "Try only each nth mutant.").Default("1").IntVar(&o.every)
	c.Flag("promtool", "Have promtool run the cases too.").Default("true").BoolVar(&o.promtool)
	return c, func(ctx context.Context) error { return run(ctx, o, os.Stdout) }
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
		fmt.Fprintf(stdout, "left out: %v\n\n", err) // mistakes in other files do not matter for one rule
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
		return errors.New("the cases do not prove the rules: " +
			"rules/testdata/README.md says how to write the missing ones")
	}
	return nil
}

// narrow returns the rules that the options ask for, and the files with their
// cases.
func (o options) narrow(
	all *cases.Rules, files []*cases.File,
) (only func(*cases.Rule) bool, narrowed []*cases.File, err error) {
	if o.rule == "" {
		return nil, files, nil
	}
	pattern, err := regexp.Compile("^(?:" + o.rule + ")$")
	if err != nil {
		return nil, nil, fmt.Errorf("--rule: %w", err)
	}
	only = func(r *cases.Rule) bool {
		return slices.ContainsFunc([]string{r.ID, r.Name, r.Labels["rule"], r.Group}, pattern.MatchString)
	}
	if !slices.ContainsFunc(all.All, only) {
		return nil, nil, fmt.Errorf("--rule: none of the %d rules has the name, label rule or group %s", len(all.All),
			o.rule)
	}
	files = slices.DeleteFunc(files, func(f *cases.File) bool {
		return !slices.ContainsFunc(f.Cases, func(c *cases.Case) bool {
			return slices.ContainsFunc(all.All, func(r *cases.Rule) bool { return only(r) && all.Needs(c, r) })
		})
	})
	return only, files, nil
}
