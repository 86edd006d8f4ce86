package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/exporter-toolkit/web"
	"golang.org/x/sync/errgroup"

	"belfry/exporter/daemon"
	"belfry/exporter/zone"
	"belfry/insights/report/schedule"
	"belfry/insights/service"
)

// insightsService holds the flags of insights serve.
type insightsService struct {
	web     *web.FlagConfig
	log     *promslog.Config
	options service.Options
	refresh model.Duration
	reports reportSender

	sourceFlags
	zone *string
}

// insightsAddress listens on this machine only, on the port after that of alerts serve.
const insightsAddress = "127.0.0.1:9466"

func serveInsightsCommand(app *kingpin.Application) command {
	c := insightsGroup(app).Command("serve",
		"Serve analytics, experiments, anomalies, forecasts and recommendations, as an API, metrics and a page, "+
			"and send reports.")
	s := &insightsService{web: daemon.WebFlags(c.Flag, insightsAddress), sourceFlags: newSourceFlags(c)}
	daemon.FileVar(c.Flag("experiments.file", "File with the plans of experiments. SIGHUP reads it again."),
		&s.options.Experiments)
	daemon.LifecycleFlag(c.Flag, &s.options.Lifecycle)
	durationVar(c.Flag("refresh", fmt.Sprintf("Time between two refreshes, %s to %s.",
		model.Duration(service.MinRefresh), model.Duration(service.MaxRefresh))).
		Default(model.Duration(service.DefaultRefresh).String()), &s.refresh)
	daemon.IntVar(c.Flag("privacy.floor",
		fmt.Sprintf("Least number of users that a breakdown shows, at least %d.", service.MinFloor)).
		Default(fmt.Sprint(service.DefaultFloor)), &s.options.Floor, service.MinFloor, math.MaxInt)
	s.zone = c.Flag("timezone", "Time zone of days, weeks and months, such as Europe/Berlin.").Default("UTC").String()
	s.reports.flags(c.Flag)
	s.log = daemon.LogFlags(c.Flag)
	return command{c, s.run}
}

func (s *insightsService) run(ctx context.Context, p *process) (err error) {
	o := &s.options
	if o.Client, err = httpClient(*s.httpConfig); err != nil {
		return err
	}
	var ok bool
	if o.Zone, ok = zone.Find(*s.zone); !ok {
		return fmt.Errorf("--timezone: unknown time zone %q: use a name such as Europe/Berlin", *s.zone)
	}
	s.log.Writer = p.stderr
	o.Prometheus, o.Refresh, o.Log = *s.prometheus, time.Duration(s.refresh), promslog.New(s.log)
	s.reports.log, o.Reports = o.Log, s.reports.stats
	if err := s.reports.load(); err != nil {
		return fmt.Errorf("--reports.file: %w", err)
	}
	served, err := service.New(*o)
	if err != nil {
		return err
	}
	work := func(ctx context.Context) error {
		group, ctx := errgroup.WithContext(ctx)
		group.Go(func() error { return served.Run(ctx) })
		group.Go(func() error { return s.reports.run(ctx, schedule.MakeWith(served.Report)) })
		return group.Wait()
	}
	reload := func() error { return errors.Join(served.Reload(), s.reports.reload()) }
	d := daemon.Daemon{
		Name: "belfry insights serve", Web: s.web, Handler: served.Handler(), Log: o.Log, Work: work,
		Reload: reload,
	}
	return d.Run(ctx)
}
