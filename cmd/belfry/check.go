package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"belfry/alertmanager"
	"belfry/rules/backtest"
	"belfry/rules/settings"
)

// checkOptions holds the flags of check.
type checkOptions struct{ file, amtool, plans string }

func checkCommand(app *kingpin.Application) command {
	return checkingCommand(app.Command("check", checkHelp))
}

// checkRulesCommand declares check among the subcommands of rules, where people look for it.
func checkRulesCommand(app *kingpin.Application) command {
	return checkingCommand(rulesGroup(app).Command("check", checkHelp))
}

// checkHelp describes both.
const checkHelp = "Report every mistake in a rules file and in the plans of experiments, and check what the rules " +
	"file generates for Prometheus and Alertmanager."

func checkingCommand(c *kingpin.CmdClause) command {
	o := &checkOptions{}
	c.Flag("amtool", "Also check the Alertmanager configuration with this amtool.").StringVar(&o.amtool)
	c.Flag("experiments", "Also check this file of plans of experiments; - reads standard input.").PlaceHolder("FILE").
		StringVar(&o.plans)
	c.Arg("file", "Rules file; - reads standard input. It may be left out with --experiments.").StringVar(&o.file)
	return command{c, o.run}
}

// run prints the mistakes, which are the result, on standard output.
func (o *checkOptions) run(ctx context.Context, p *process) error {
	if o.file == "" && o.plans == "" {
		return errors.New("name a rules file, or --experiments=FILE")
	}
	plansErr := o.checkPlans(p)
	if o.file == "" {
		return plansErr
	}
	return cmp.Or(o.checkRules(ctx, p), plansErr)
}

// checkPlans checks the plans of experiments, if a file is named.
func (o *checkOptions) checkPlans(p *process) error {
	if o.plans == "" {
		return nil
	}
	plans, err := p.plans(o.plans)
	if err != nil {
		fmt.Fprintln(p.stdout, err)
		return errSilent
	}
	fmt.Fprintf(p.stdout, "%s: ok, %s\n", called(o.plans), counted(len(plans), "experiment"))
	return nil
}

// checkRules checks the rules file, and what it generates.
func (o *checkOptions) checkRules(ctx context.Context, p *process) error {
	set, file, err := p.compile(o.file)
	if err != nil {
		fmt.Fprintln(p.stdout, err)
		return errSilent
	}
	files, err := set.Files()
	if err != nil {
		return fmt.Errorf("render the rules: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if _, err := backtest.Read(files[name]); err != nil {
			return fmt.Errorf("check %s as Prometheus does: %w", name, err)
		}
	}
	if err := o.checkRouting(ctx, file); err != nil {
		return err
	}
	for _, warning := range file.Warnings() {
		fmt.Fprintln(p.stdout, warning)
	}
	fmt.Fprintf(p.stdout, "%s: ok, %s, %s\n", called(o.file),
		counted(len(set.Alerts), "alert"), counted(len(set.SLOs), "objective"))
	return nil
}

// checkRouting reads the Alertmanager configuration as the backtest does, and
// with amtool if one was named.
func (o *checkOptions) checkRouting(ctx context.Context, file *settings.Settings) error {
	files, err := alertmanager.FilesFor(file)
	if err != nil {
		return err
	}
	all := below("alertmanager", files)
	if _, err := backtest.ReadRoutes(all[alertmanagerFile]); err != nil {
		return fmt.Errorf("check the Alertmanager configuration: %w", err)
	}
	if o.amtool == "" {
		return nil
	}
	dir, err := os.MkdirTemp("", "belfry-check-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for name, content := range all {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, content, 0o600)); err != nil {
			return fmt.Errorf("write the configuration for amtool: %w", err)
		}
	}
	amtool := exec.CommandContext(ctx, o.amtool, "check-config", filepath.Join(dir, alertmanagerFile))
	if out, err := amtool.CombinedOutput(); err != nil {
		said := strings.ReplaceAll(string(out), dir+"/", "")
		return fmt.Errorf("check the Alertmanager configuration: %w\n%s", err, said)
	}
	return nil
}

// alertmanagerFile names the configuration in its folder.
const alertmanagerFile = "alertmanager.yml"

// below returns the files by their paths below a folder.
func below(folder string, files map[string][]byte) map[string][]byte {
	all := map[string][]byte{}
	for name, content := range files {
		all[strings.TrimPrefix(path.Clean(name), folder+"/")] = content
	}
	return all
}
