package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"belfry/exporter/daemon"
	"belfry/insights/report/render"
	"belfry/insights/report/schedule"
	"belfry/insights/service"
	"belfry/nats"
)

// reportSender sends reports at set times, as part of insights serve.
type reportSender struct {
	file string
	nats nats.Options

	log    *slog.Logger
	mu     sync.Mutex
	runner *schedule.Runner // nil until NATS answers
	loaded *schedule.File
}

// flags declares the flags.
func (r *reportSender) flags(flag daemon.FlagFunc) {
	daemon.FileVar(flag("reports.file", "File with schedules of reports. SIGHUP reads it again. What was sent is "+
		"remembered in NATS."), &r.file)
	daemon.NATSFlags(flag, &r.nats)
}

// load reads the file, and puts its schedules in force. On an error those before stay.
func (r *reportSender) load() error {
	if r.file == "" {
		return nil
	}
	loaded, err := schedule.Load(r.file, render.Names())
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.loaded = loaded
	if r.runner != nil {
		r.runner.Set(loaded.Schedules)
	}
	return nil
}

// reload reads the file again, and says so.
func (r *reportSender) reload() error {
	if err := r.load(); err != nil {
		r.log.Error("the schedules of reports were not reloaded, those before stay in force", "err", err)
		return err
	}
	return nil
}

// run sends what is due until ctx ends. It waits for NATS.
func (r *reportSender) run(ctx context.Context, make schedule.Maker) error {
	if r.file == "" {
		<-ctx.Done()
		return nil
	}
	r.nats.Name, r.nats.Logger = "belfry insights serve", r.log
	nc, err := nats.Connect(ctx, r.nats)
	if err != nil {
		return ended(ctx, err)
	}
	defer nc.Close()
	ledger, err := r.openLedger(ctx, nc)
	if err != nil {
		return ended(ctx, err)
	}
	r.mu.Lock()
	r.runner = schedule.NewRunner(schedule.Options{Ledger: ledger, Make: make, Log: r.log}, r.loaded.Schedules)
	r.mu.Unlock()
	r.log.Info("reports are sent when they are due", "schedules", len(r.loaded.Schedules))
	return ended(ctx, r.runner.Run(ctx))
}

// retryLedger is how long to wait for a NATS server whose JetStream is not ready.
const retryLedger = 10 * time.Second

// openLedger opens the ledger, and waits for a server that is not ready.
func (r *reportSender) openLedger(ctx context.Context, nc *natsgo.Conn) (schedule.Ledger, error) {
	for {
		ledger, err := schedule.OpenLedger(ctx, nc, 0)
		if err == nil {
			return ledger, nil
		}
		r.log.Warn("reports are not sent yet, trying again", "err", err)
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(retryLedger):
		}
	}
}

// ended returns no error if it is only that the program is to end.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// stats says how the reports are doing.
func (r *reportSender) stats() (all []service.Scheduled) {
	r.mu.Lock()
	runner := r.runner
	r.mu.Unlock()
	if runner == nil {
		return nil
	}
	for _, s := range runner.Stats() {
		all = append(all, service.Scheduled{Name: s.Name, Sent: s.Sent, Failures: s.Failures})
	}
	return all
}
