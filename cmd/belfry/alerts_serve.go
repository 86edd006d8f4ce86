package main

import (
	"context"
	"fmt"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/exporter-toolkit/web"

	"belfry/alertmanager/history/recorder"
	"belfry/exporter/daemon"
	"belfry/exporter/door"
	"belfry/nats"
	"belfry/rules"
)

// alertsService holds the flags of alerts serve.
type alertsService struct {
	nats     *nats.Options
	web      *web.FlagConfig
	log      *promslog.Config
	recorder recorder.Options

	alertmanager, prometheus, httpConfig, tokenFile *string
}

// alertsAddress listens on this machine only, on the port after the exporter's.
const alertsAddress = "127.0.0.1:9465"

func serveAlertsCommand(app *kingpin.Application) command {
	o, c := alertsCommand(app, "serve", "Record the history of alerts, and serve it as metrics.")
	s := &alertsService{nats: o, web: daemon.WebFlags(c.Flag, alertsAddress)}
	s.alertmanager = upstreamFlag(c, "alertmanager.url", "Alertmanager to poll for its alerts.", defaultAlertmanager)
	s.prometheus = upstreamFlag(c, "prometheus.url", "Prometheus to query for when conditions ended.",
		defaultPrometheus)
	s.httpConfig = httpFlag(c)
	s.tokenFile = new(string)
	daemon.FileVar(c.Flag("webhook.token-file",
		"File with the bearer token that messages to /webhook must carry. Without one, only this machine may send them, "+
			"or whoever --web.config.file authenticates."), s.tokenFile)
	r := &s.recorder
	daemon.DurationVar(c.Flag("poll.interval", "Time between two polls of Alertmanager.").
		Default(recorder.DefaultInterval.String()), &r.Interval, time.Millisecond)
	daemon.DurationVar(c.Flag("alertmanager.settle",
		"How long after its start Alertmanager may lack alerts that fire: a few times Prometheus's resend delay.").
		Default(recorder.DefaultSettle.String()), &r.Settle, 0)
	daemon.IntVar(c.Flag("stream.replicas",
		"Replicas of the history in a NATS cluster; 0 keeps the present number, and starts with 1.").Default("0"),
		&r.Replicas, 0, nats.MaxReplicas)
	s.log = daemon.LogFlags(c.Flag)
	return command{c, s.run}
}

func (s *alertsService) run(ctx context.Context, p *process) error {
	o := &s.recorder
	client, err := httpClient(*s.httpConfig)
	if err != nil {
		return err
	}
	s.log.Writer = p.stderr
	log := promslog.New(s.log)
	o.Alertmanager, o.Prometheus, o.Client, o.Log = *s.alertmanager, *s.prometheus, client, log
	o.Ignore = []string{rules.Watchdog.Name}
	o.Status = &nats.Status{}
	if o.Webhook, err = s.guard(); err != nil {
		return err
	}
	s.nats.Status, s.nats.Logger = o.Status, log
	r, err := recorder.New(*o)
	if err != nil {
		return err
	}
	d := daemon.Daemon{
		Name: "belfry alerts serve", Web: s.web, Handler: r.Handler(), Log: log,
		Work: func(ctx context.Context) error { return s.record(ctx, r) },
	}
	return d.Run(ctx)
}

// guard returns who may send messages to the webhook.
func (s *alertsService) guard() (*door.Guard, error) {
	file := *s.web.WebConfigFile
	asks, err := daemon.ReadAuthentication(file)
	if err == nil && asks.Passwords && *s.tokenFile != "" {
		err = fmt.Errorf("set --webhook.token-file or basic_auth_users in %s, not both: "+
			"a request carries a token or a password; with the latter, set basic_auth in Alertmanager's http_config",
			file)
	}
	return &door.Guard{
		TokenFile: *s.tokenFile,
		Open: func() bool {
			asks, err := daemon.ReadAuthentication(file)
			return err == nil && asks.Any()
		},
		Hint: "start belfry alerts serve with --webhook.token-file, and name the same token in Alertmanager's " +
			"http_config",
	}, err
}

func (s *alertsService) record(ctx context.Context, r *recorder.Recorder) error {
	nc, err := nats.Connect(ctx, *s.nats)
	if ctx.Err() != nil {
		return nil // stopped while it waited
	}
	if err != nil {
		return err
	}
	defer nc.Close()
	return r.Run(ctx, nc)
}
