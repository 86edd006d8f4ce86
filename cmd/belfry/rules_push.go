package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"belfry/alertmanager"
	"belfry/exporter/daemon"
	"belfry/rules"
	"belfry/rules/push"
	"belfry/rules/settings"
)

// pushOptions holds the flags of rules push.
type pushOptions struct {
	rules                    string
	dir, prometheus          string
	alertsDir, alertsAddress string
	httpConfig               *string
	wait                     model.Duration
}

func pushRulesCommand(app *kingpin.Application) command {
	c := rulesGroup(app).Command("push",
		"Apply a rules file to a running Prometheus and Alertmanager. If one rejects it, roll back everything.")
	o := &pushOptions{}
	c.Flag("rules", "Rules file; - reads standard input. Without it, the shipped rules.").StringVar(&o.rules)
	daemon.DirectoryVar(c.Flag("dir", "Folder of the rule files that Prometheus reads as notification-*.yaml.").
		Required(), &o.dir)
	serverVar(c, "prometheus", "URL of Prometheus, which must run with --web.enable-lifecycle.", &o.prometheus).
		Default(defaultPrometheus)
	daemon.DirectoryVar(c.Flag("alertmanager-dir",
		"Folder of Alertmanager's configuration "+alertmanagerFile+" and its templates."), &o.alertsDir)
	serverVar(c, "alertmanager", "URL of Alertmanager.", &o.alertsAddress)
	o.httpConfig = httpFlag(c)
	durationVar(c.Flag("wait", "Wait up to this long until the rules are evaluated once; skip groups with longer "+
		"intervals.").Default("40s"), &o.wait)
	return command{c, o.run}
}

func (o *pushOptions) run(ctx context.Context, p *process) error {
	set, file, err := p.compile(o.rules)
	if err != nil {
		return fmt.Errorf("nothing was written:\n%w", err)
	}
	targets, err := o.targets(set, file)
	if err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	for _, warning := range file.Warnings() {
		fmt.Fprintln(p.stderr, warning)
	}
	for i := range targets {
		targets[i].Say = func(text string) { fmt.Fprintln(p.stderr, text) }
	}
	changes, err := push.Push(ctx, targets...)
	if err != nil {
		return err
	}
	for _, c := range changes {
		fmt.Fprintln(p.stdout, c)
	}
	fmt.Fprintf(p.stdout, "applied: %s, %s; %s changed\n",
		counted(len(set.Alerts), "alert"), counted(len(set.SLOs), "objective"), counted(len(changes), "file"))
	if o.alertsDir == "" {
		fmt.Fprintln(p.stdout, noRouting)
	}
	return nil
}

// noRouting says what a push without Alertmanager leaves as it was.
const noRouting = "Alertmanager was left alone: teams, channels, receivers, mute times and the site's addresses are " +
	"not in force there. Push them with --alertmanager-dir and --alertmanager.url."

// targets returns Alertmanager, which must have the routes before the alerts arrive,
// and then Prometheus.
func (o *pushOptions) targets(set *rules.Set, file *settings.Settings) ([]push.Target, error) {
	if (o.alertsDir == "") != (o.alertsAddress == "") {
		return nil, errors.New("set both --alertmanager-dir and --alertmanager.url, or neither")
	}
	client, err := httpClient(*o.httpConfig)
	if err != nil {
		return nil, err
	}
	var targets []push.Target
	if o.alertsDir != "" {
		files, err := alertmanager.FilesFor(file)
		if err != nil {
			return nil, err
		}
		targets = append(targets, push.Alertmanager(o.alertsAddress, o.alertsDir,
			below("alertmanager", files), alertmanagerFile))
	}
	files, err := set.Files()
	if err != nil {
		return nil, err
	}
	owned := strings.TrimPrefix(rules.FilePrefix, "rules/") + "*.yaml"
	targets = append(targets, push.Prometheus(o.prometheus, o.dir, below("rules", files), owned, time.Duration(o.wait)))
	for i := range targets {
		targets[i].Client = client
	}
	return targets, nil
}
