// Package daemon holds what Belfry's daemons have in common. A daemon listens
// before it works, so that Prometheus can scrape one that waits for NATS, and
// stops HTTP last. All daemons take the same flags, see [WebFlags], [NATSFlags]
// and [LogFlags], and answer the same requests, see [Pages].
//
// The package must stay small: belfry-exporter links it.
package daemon

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

	"belfry/exporter/door"
	"belfry/exporter/mask"
)

// Daemon serves HTTP while it works.
type Daemon struct {
	// Name is the command, such as "belfry alerts serve".
	Name string
	// Web holds the addresses, and the file that enables TLS and basic auth.
	Web     *web.FlagConfig
	Handler http.Handler
	// Work runs until its context ends. When it returns, the daemon stops.
	Work func(context.Context) error
	// Reload runs at each SIGHUP; nil leaves the signal alone. It logs its errors.
	Reload func() error
	Log    *slog.Logger
}

const (
	// headerTimeout bounds how long a client may take to send a request's header.
	headerTimeout = 5 * time.Second
	// readTimeout bounds a request with its body, and idleTimeout the time until the
	// next one on the same connection, which is longer than most scrape intervals.
	readTimeout, idleTimeout = 15 * time.Second, 90 * time.Second
	// maxHeaderBytes leaves room for long queries and cookies of other servers. The
	// shortest lines take more than ten times their bytes in memory.
	maxHeaderBytes = 8 << 10
	// writeTimeout bounds a response with the time to compute it. Handlers that need
	// less set less, and those of profiles more.
	writeTimeout = time.Minute
	// maxConnections bounds what clients that only connect take: some 20 kB each, and what
	// their headers do.
	maxConnections = 256
	// drainTime bounds how long requests in progress may take at shutdown.
	drainTime = 5 * time.Second
)

// Run logs the version, listens and works until ctx ends, Work returns or listening fails. Then it
// waits for Work, logs that it stops, and waits up to 5 s for the requests in progress.
func (d *Daemon) Run(ctx context.Context) error {
	version, revision, goVersion := Version()
	d.Log.Info("starting", "program", d.Name, "version", version, "revision", revision, "go", goVersion)
	ctx, stop := context.WithCancel(ctx)
	server := NewServer(d.Handler, d.Log)
	group, ctx := errgroup.WithContext(ctx)
	if d.Reload != nil {
		hangup := make(chan os.Signal, 1)
		signal.Notify(hangup, syscall.SIGHUP)
		defer signal.Stop(hangup)
		group.Go(func() error {
			d.reloadAt(ctx, hangup)
			return nil
		})
	}
	group.Go(func() error {
		switch err := web.ListenAndServe(server, d.Web, d.Log); {
		case errors.Is(err, http.ErrServerClosed):
			return nil
		case errors.Is(err, syscall.EADDRINUSE):
			return fmt.Errorf("serve http: %w: stop the program that listens there, or set another address with "+
				"--web.listen-address", err)
		default:
			return fmt.Errorf("serve http: %w", mask.Values(err))
		}
	})
	group.Go(func() error {
		defer stop()
		err := d.Work(ctx)
		d.Log.Info("stopping", "program", d.Name)
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		return errors.Join(err, server.Shutdown(drain))
	})
	return group.Wait()
}

// NewServer returns a server with the limits of all daemons: on the time for a request,
// on the size of its header and on the number of connections.
func NewServer(handler http.Handler, log *slog.Logger) *http.Server {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug), // what clients do wrong is not the daemon's fault
	}
	(&door.Connections{Limit: maxConnections}).Guard(server)
	return server
}

// reloadAt reloads at each signal until ctx ends.
func (d *Daemon) reloadAt(ctx context.Context, hangup <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			_ = d.Reload() // it has logged the error
		}
	}
}
