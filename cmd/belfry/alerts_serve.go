package main

import (
	"context"
	"errors"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/exporter-toolkit/web"

	"belfry/alertmanager/history/recorder"
	"belfry/exporter/daemon"
	"belfry/nats"
	"belfry/rules"
)

// alertsService is what the flags of alerts serve ask for.
type alertsService struct {
	nats     *nats.Options
	web      *web.FlagConfig
	log      *promslog.Config
	recorder recorder.Options

	alertmanager, prometheus, httpConfig *string
}

// alertsAddress is where the daemon listens: next to the exporter.
const alertsAddress = ":9465"

func serveAlertsCommand(app *kingpin.Application) command {
	o, c := alertsCommand(app, "serve", "Write the history of alerts as it happens, and serve it as metrics.")
	s := &alertsService{nats: o, web: daemon.WebFlags(c.Flag, alertsAddress)}
	s.alertmanager = upstreamFlag(c, "alertmanager.url", "Alertmanager that is asked for its alerts.", defaultAlertmanager)
	s.prometheus = upstreamFlag(c, "prometheus.url", "Prometheus that is asked when a condition was over.", defaultPrometheus)
	s.httpConfig = httpFlag(c)
	r := &s.recorder
	c.Flag("poll.interval", "Pause between two looks at Alertmanager.").Default(recorder.DefaultInterval.String()).DurationVar(&r.Interval)
	c.Flag("alertmanager.settle", "How long after its own start Alertmanager may lack alerts that fire: some times Prometheus' resend delay.").
		Default(recorder.DefaultSettle.String()).DurationVar(&r.Settle)
	c.Flag("stream.replicas", "Copies of the history in a NATS cluster; 0 keeps what there is, and is 1 at first.").IntVar(&r.Replicas)
	s.log = daemon.LogFlags(c.Flag)
	return command{c, s.run}
}

func (s *alertsService) run(ctx context.Context, p *process) error {
	o := &s.recorder
	if o.Interval <= 0 {
		return errors.New("--poll.interval must be longer than 0")
	}
	client, err := httpClient(*s.httpConfig)
	if err != nil {
		return err
	}
	s.log.Writer = p.stderr
	log := promslog.New(s.log)
	o.Alertmanager, o.Prometheus, o.Client, o.Log = *s.alertmanager, *s.prometheus, client, log
	o.Settle = max(o.Settle, 1) // 0 would be the default
	o.Ignore = []string{rules.Watchdog.Name}
	o.Status = &nats.Status{}
	s.nats.Status, s.nats.Logger = o.Status, log
	r, err := recorder.New(*o)
	if err != nil {
		return err
	}
	d := daemon.Daemon{
		Web: s.web, Handler: r.Handler(), Log: log,
		Work: func(ctx context.Context) error { return s.record(ctx, r) },
	}
	return d.Run(ctx)
}

func (s *alertsService) record(ctx context.Context, r *recorder.Recorder) error {
	nc, err := nats.Connect(ctx, *s.nats)
	if ctx.Err() != nil {
		return nil // told to stop while it waited
	}
	if err != nil {
		return err
	}
	defer nc.Close()
	return r.Run(ctx, nc)
}
