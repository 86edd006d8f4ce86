package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"belfry/exporter"
	"belfry/exporter/daemon"
	"belfry/nats"
)

// serve runs the exporter until ctx ends. It stops in the order: reading and
// folding, the embedded server, HTTP, the state.
func serve(ctx context.Context, o *options, log *slog.Logger) (err error) {
	config, err := o.loadConfig()
	if err != nil {
		return err
	}
	status := &nats.Status{}
	o.nats.Status, o.nats.Logger = status, log
	o.exporter.Status, o.exporter.Log = status, log
	if err := o.exporter.LoadUserKey(o.keyFile); err != nil {
		return err
	}
	e, err := exporter.New(config, o.exporter)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	e.OnReload(o.loadConfig)
	d := daemon.Daemon{
		Name: "belfry-exporter", Web: o.web, Handler: e.Handler(), Log: log, Reload: e.ReloadFromSource,
		Work: func(ctx context.Context) error { return read(ctx, e, o, log) },
	}
	return d.Run(ctx)
}

// errReadOnce refuses to reload what cannot be read again.
var errReadOnce = errors.New("the configuration came from standard input, which cannot be read again: " +
	"restart with the new one, or name a file with --config.file")

// readConfig reads the configuration.
func (o *options) readConfig() (*exporter.Config, error) {
	if o.configFile != "-" {
		return exporter.LoadConfig(o.configFile)
	}
	if o.stdin == nil {
		return nil, errReadOnce
	}
	text, err := io.ReadAll(o.stdin)
	if o.stdin = nil; err != nil {
		return nil, fmt.Errorf("read the configuration from standard input: %w", err)
	}
	return exporter.ParseConfig("standard input", text)
}

// loadConfig loads the configuration. The embedded server may reserve less than it says.
func (o *options) loadConfig() (*exporter.Config, error) {
	c, err := o.readConfig()
	if err == nil {
		c.OrLess = o.embedded
	}
	return c, err
}

// read connects to NATS, or starts a server of its own, and counts events until ctx
// ends.
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
