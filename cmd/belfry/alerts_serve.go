package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/exporter-toolkit/web"
	"golang.org/x/sync/errgroup"

	"belfry/alertmanager/history/recorder"
	"belfry/nats"
	"belfry/rules"
)

// alertsService is what the flags of alerts serve ask for.
type alertsService struct {
	nats     *nats.Options
	web      web.FlagConfig
	recorder recorder.Options

	alertmanager, prometheus, httpConfig *string
	level                                *promslog.Level
	format                               *promslog.Format
}

// alertsAddress is where the daemon listens: next to the exporter.
const alertsAddress = ":9465"

func serveAlertsCommand(app *kingpin.Application) command {
	o, c := alertsCommand(app, "serve", "Write the history of alerts as it happens, and serve it as metrics.")
	s := &alertsService{nats: o, level: promslog.NewLevel(), format: promslog.NewFormat()}
	s.web.WebListenAddresses = c.Flag("web.listen-address", "Address to listen on; repeatable.").Default(alertsAddress).Strings()
	s.web.WebConfigFile = c.Flag("web.config.file", "File that enables TLS or basic auth, in the exporter-toolkit's format.").String()
	s.web.WebSystemdSocket = new(bool)
	s.alertmanager = upstreamFlag(c, "alertmanager.url", "Alertmanager that is asked for its alerts.", defaultAlertmanager)
	s.prometheus = upstreamFlag(c, "prometheus.url", "Prometheus that is asked when a condition was over.", defaultPrometheus)
	s.httpConfig = httpFlag(c)
	r := &s.recorder
	c.Flag("poll.interval", "Pause between two looks at Alertmanager.").Default(recorder.DefaultInterval.String()).DurationVar(&r.Interval)
	c.Flag("alertmanager.settle", "How long after its own start Alertmanager may lack alerts that fire: some times Prometheus' resend delay.").
		Default(recorder.DefaultSettle.String()).DurationVar(&r.Settle)
	c.Flag("stream.replicas", "Copies of the history in a NATS cluster; 0 keeps what there is, and is 1 at first.").IntVar(&r.Replicas)
	c.Flag("log.level", "debug, info, warn or error.").Default("info").SetValue(s.level)
	c.Flag("log.format", "logfmt or json.").Default("logfmt").SetValue(s.format)
	return command{c, s.run}
}

func (s *alertsService) run(ctx context.Context, p *process) error {
	r := &s.recorder
	if r.Interval <= 0 {
		return errors.New("--poll.interval must be longer than 0")
	}
	client, err := httpClient(*s.httpConfig)
	if err != nil {
		return err
	}
	log := promslog.New(&promslog.Config{Level: s.level, Format: s.format, Writer: p.stderr})
	r.Alertmanager, r.Prometheus, r.Client, r.Log = *s.alertmanager, *s.prometheus, client, log
	r.Settle = max(r.Settle, 1) // 0 would be the default
	r.Ignore = []string{rules.Watchdog.Name}
	r.Status = &nats.Status{}
	s.nats.Status, s.nats.Logger = r.Status, log
	history, err := recorder.New(*r)
	if err != nil {
		return err
	}
	return s.serve(ctx, history, log)
}

// drain is how long an answer under way may take at the end.
const drain = 5 * time.Second

// serve listens before it connects, so that a Prometheus sees a daemon that
// waits for NATS, and stops HTTP last.
func (s *alertsService) serve(ctx context.Context, r *recorder.Recorder, log *slog.Logger) error {
	group, ctx := errgroup.WithContext(ctx)
	server := &http.Server{Handler: r.Handler(), ReadHeaderTimeout: 10 * time.Second, WriteTimeout: time.Minute}
	group.Go(func() error {
		if err := web.ListenAndServe(server, &s.web, log); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve http: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		err := s.record(ctx, r)
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
		defer cancel()
		return errors.Join(err, server.Shutdown(ending))
	})
	return group.Wait()
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
