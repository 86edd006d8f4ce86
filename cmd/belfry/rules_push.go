package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"belfry/alertmanager"
	"belfry/rules"
	"belfry/rules/push"
)

// pushing is what the flags of rules push ask for.
type pushing struct {
	rules                    string
	dir, prometheus          string
	alertsDir, alertsAddress string
	wait                     model.Duration
}

func pushRulesCommand(app *kingpin.Application) command {
	c := rulesGroup(app).Command("push", "Put a rules file into force in a running Prometheus and Alertmanager. If one refuses, everything is put back.")
	u := &pushing{}
	c.Flag("rules", "The rules file; without it the shipped rules as they are.").StringVar(&u.rules)
	c.Flag("dir", "Folder of the rule files that Prometheus reads as notification-*.yaml.").Required().ExistingDirVar(&u.dir)
	c.Flag("prometheus", "Address of Prometheus, which must run with --web.enable-lifecycle.").Required().StringVar(&u.prometheus)
	c.Flag("alertmanager-dir", "Folder of Alertmanager's configuration "+alertmanagerFile+" and its templates.").ExistingDirVar(&u.alertsDir)
	c.Flag("alertmanager", "Address of Alertmanager.").StringVar(&u.alertsAddress)
	c.Flag("wait", "Wait so long for the rules to be evaluated once; groups with longer intervals are not waited for.").Default("40s").SetValue(&u.wait)
	return command{c, u.run}
}

func (u *pushing) run(ctx context.Context, p *process) error {
	settings, err := rules.LoadSettings(u.rules)
	if err != nil {
		return fmt.Errorf("nothing was written:\n%w", err)
	}
	places, err := u.places(settings)
	if err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	changes, err := push.Push(ctx, places...)
	if err != nil {
		return err
	}
	for _, c := range changes {
		fmt.Fprintln(p.stdout, c)
	}
	alerts, err := rules.AlertsFor(settings)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "in force: %d alerts, %d objectives; %d files changed\n", len(alerts), len(settings.ObjectiveNames()), len(changes))
	return nil
}

// places are Alertmanager, which must know the routes before the alerts come,
// and Prometheus.
func (u *pushing) places(settings *rules.Settings) ([]push.Place, error) {
	if (u.alertsDir == "") != (u.alertsAddress == "") {
		return nil, errors.New("--alertmanager-dir and --alertmanager go together")
	}
	var places []push.Place
	if u.alertsDir != "" {
		files, err := alertmanager.FilesFor(settings)
		if err != nil {
			return nil, err
		}
		maps.Copy(files, alertmanager.Templates())
		places = append(places, push.Alertmanager(strings.TrimSuffix(u.alertsAddress, "/"), u.alertsDir, below("alertmanager", files), alertmanagerFile))
	}
	files, err := rules.FilesFor(settings)
	if err != nil {
		return nil, err
	}
	owned := strings.TrimPrefix(rules.FilePrefix, "rules/") + "*.yaml"
	return append(places, push.Prometheus(strings.TrimSuffix(u.prometheus, "/"), u.dir, below("rules", files), owned, time.Duration(u.wait))), nil
}
