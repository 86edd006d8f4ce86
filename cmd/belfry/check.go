package main

import (
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
	"belfry/rules"
	"belfry/rules/backtest"
)

// checking is what the flags of check ask for.
type checking struct{ file, amtool string }

func checkCommand(app *kingpin.Application) command {
	c := app.Command("check", "Name every mistake in a rules file, and make sure that Prometheus and Alertmanager load what it makes.")
	k := &checking{}
	c.Flag("amtool", "Alertmanager's amtool, which reads the configuration as Alertmanager does.").Default("amtool").StringVar(&k.amtool)
	c.Arg("file", "The rules file.").Required().StringVar(&k.file)
	return command{c, k.run}
}

// run prints the mistakes, which are the result, on standard output.
func (k *checking) run(ctx context.Context, p *process) error {
	settings, err := rules.LoadSettings(k.file)
	if err != nil {
		fmt.Fprintln(p.stdout, err)
		return errSilent
	}
	files, err := rules.FilesFor(settings)
	if err != nil {
		return fmt.Errorf("render the rules: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if _, err := backtest.Read(files[name]); err != nil {
			return fmt.Errorf("%s would be refused by Prometheus: %w", name, err)
		}
	}
	if err := k.checkRouting(ctx, p, settings); err != nil {
		return err
	}
	alerts, err := rules.AlertsFor(settings)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s: ok, %d alerts, %d objectives\n", k.file, len(alerts), len(settings.ObjectiveNames()))
	return nil
}

// checkRouting has amtool read the Alertmanager configuration.
func (k *checking) checkRouting(ctx context.Context, p *process, settings *rules.Settings) error {
	files, err := alertmanager.FilesFor(settings)
	if err != nil {
		return err
	}
	program, err := exec.LookPath(k.amtool)
	if err != nil {
		fmt.Fprintf(p.stderr, "Alertmanager's own check of its configuration is left out: %v; --amtool says where amtool is\n", err)
		return nil
	}
	dir, err := os.MkdirTemp("", "belfry-check-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for name, content := range below("alertmanager", files) {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, content, 0o600)); err != nil {
			return fmt.Errorf("hand the configuration to amtool: %w", err)
		}
	}
	out, err := exec.CommandContext(ctx, program, "check-config", filepath.Join(dir, alertmanagerFile)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("the Alertmanager configuration would be refused: %w\n%s", err, strings.ReplaceAll(string(out), dir+"/", ""))
	}
	return nil
}

// alertmanagerFile is the configuration's name in its folder.
const alertmanagerFile = "alertmanager.yml"

// below are files by their paths below a folder.
func below(folder string, files map[string][]byte) map[string][]byte {
	all := map[string][]byte{}
	for name, content := range files {
		all[strings.TrimPrefix(path.Clean(name), folder+"/")] = content
	}
	return all
}
