package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/prometheus/exporter-toolkit/web"
	"golang.org/x/sync/errgroup"

	"belfry/exporter"
	"belfry/exporter/state"
	"belfry/nats"
)

// drainTime is how long a scrape under way may take at shutdown.
const drainTime = 5 * time.Second

// writeTimeout is how long an answer may take: readers that are stuck would use
// up the scrapes that are answered at once, and a profile takes its time.
const writeTimeout = 2 * time.Minute

// serve runs the exporter until ctx ends. It listens before it connects, so
// that a Prometheus sees an exporter that waits for NATS, and stops in the
// order: reading and folding, the embedded server, HTTP last.
func serve(ctx context.Context, o *options, log *slog.Logger) (err error) {
	config, err := o.loadConfig()
	if err != nil {
		return err
	}
	status := &nats.Status{}
	o.nats.Status, o.nats.Logger = status, log
	o.exporter.Status, o.exporter.Log = status, log
	if o.exporter.UserKey, err = exporter.LoadUserKey(o.keyFile); err != nil {
		return err
	}
	e, err := exporter.New(config, o.exporter)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	e.OnReload(o.loadConfig)
	group, ctx := errgroup.WithContext(ctx)
	server := &http.Server{Handler: e.Handler(), ReadHeaderTimeout: 10 * time.Second, WriteTimeout: writeTimeout}
	group.Go(func() error {
		if err := web.ListenAndServe(server, &o.web, log); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve http: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		reloadOnHangup(ctx, e)
		return nil
	})
	group.Go(func() error {
		err := read(ctx, e, o, log)
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		return errors.Join(err, server.Shutdown(drain))
	})
	return group.Wait()
}

// loadConfig loads the configuration and, for the embedded server, makes the
// streams fit on its disk.
func (o *options) loadConfig() (*exporter.Config, error) {
	c, err := exporter.LoadConfig(o.configFile)
	if err != nil || !o.embedded {
		return c, err
	}
	if err := os.MkdirAll(o.storeDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the store directory of the embedded NATS server: %w", err)
	}
	free, err := state.FreeSpace(o.storeDir)
	if err != nil {
		return nil, fmt.Errorf("ask for free disk space: %w", err)
	}
	c.FitStreams(free)
	return c, nil
}

// read connects to NATS, or to a server of its own, and folds until ctx ends.
func read(ctx context.Context, e *exporter.Exporter, o *options, log *slog.Logger) (err error) {
	if o.embedded {
		server, err := nats.StartServer(ctx, nats.ServerOptions{Port: o.port, StoreDir: o.storeDir, Logger: log})
		if err != nil {
			return err
		}
		defer server.Shutdown()
		o.nats.URL = server.URL()
		log.Info("embedded NATS server is ready", "url", server.URL(), "store", o.storeDir)
	}
	nc, err := nats.Connect(ctx, o.nats)
	if err != nil {
		return err
	}
	defer nc.Close()
	return e.Run(ctx, nc)
}

// reloadOnHangup reads the configuration anew at each SIGHUP until ctx ends.
func reloadOnHangup(ctx context.Context, e *exporter.Exporter) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			_ = e.ReloadFromSource() // it has logged and shown what is wrong
		}
	}
}
