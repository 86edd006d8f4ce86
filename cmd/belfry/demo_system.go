package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"belfry/alertmanager"
	"belfry/deploy"
	"belfry/deploy/stack"
	"belfry/exporter"
	"belfry/exporter/daemon"
	"belfry/exporter/simulate"
	"belfry/nats"
	"belfry/rules"
	"belfry/rules/settings"
)

// system is the running demo.
type system struct {
	*demo
	ctx      context.Context
	stops    []func() error // stop what was started, to be called in reverse order
	natsURL  string
	exporter *exporter.Exporter
	pages    *pageSink
	traffic  *simulate.Simulator // that continues the history; nil without one
	// trialsFrom is when the first user takes part in an experiment.
	trialsFrom time.Time
}

// start starts everything in the order of its dependencies.
func (s *system) start(programs stack.Paths) error {
	for _, step := range []func() error{
		s.startNATS, s.writeHistory, s.startExporter, s.startPages,
		func() error { return s.startAlertmanager(programs[stack.Alertmanager]) },
		func() error { return s.startPrometheus(programs[stack.Prometheus]) },
		s.startAlerts,
		s.startInsights,
		s.startGrafana,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// stop stops everything in reverse order.
func (s *system) stop() error {
	var errs []error
	for i := len(s.stops) - 1; i >= 0; i-- {
		errs = append(errs, s.stops[i]())
	}
	return errors.Join(errs...)
}

func (s *system) onStop(stop func() error) { s.stops = append(s.stops, stop) }

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// probe reports whether a port is free.
func probe(port int) error {
	listener, err := net.Listen("tcp", local(port))
	if err != nil {
		return err
	}
	return listener.Close()
}

func (s *system) startNATS() error {
	server, err := nats.StartServer(s.ctx,
		nats.ServerOptions{Port: s.ports.nats, StoreDir: filepath.Join(s.dir, "nats")})
	if err != nil {
		return err
	}
	s.onStop(server.Shutdown)
	s.natsURL = server.URL()
	s.say("NATS          %s", s.natsURL)
	return nil
}

// demoStreamBytes limits each stream of the demo. A day at its default rate is 3 GB.
const demoStreamBytes = 1 << 30

func (s *system) startExporter() (err error) {
	config, err := exporter.LoadConfig("")
	if err != nil {
		return err
	}
	config.Stream.MaxBytes = demoStreamBytes
	log := slog.New(slog.NewTextHandler(s.p.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	status := &nats.Status{}
	o := exporter.Options{
		StateDir: s.stateDir(), Hold: exporter.DefaultHold, TrustReceivedAt: true, Status: status, Log: log,
	}
	if err := o.LoadUserKey(s.keyFile()); err != nil {
		return err
	}
	if s.exporter, err = exporter.New(config, o); err != nil {
		return err
	}
	s.onStop(s.exporter.Close)
	nc, err := nats.Connect(s.ctx, nats.Options{URL: s.natsURL, Name: "belfry-demo", Status: status})
	if err != nil {
		return err
	}
	s.onStop(func() error { nc.Close(); return nil })
	s.runExporter(nc)
	s.say("exporter      http://%s", local(s.ports.exporter))
	return s.serve(s.ports.exporter, s.exporter.Handler())
}

func (s *system) runExporter(nc *natsgo.Conn) {
	ctx, cancel := context.WithCancel(s.ctx)
	done := make(chan error, 1)
	go func() { done <- s.exporter.Run(ctx, nc) }()
	s.onStop(func() error { cancel(); return <-done })
}

// serve serves HTTP on a port until the demo stops.
func (s *system) serve(port int, handler http.Handler) error {
	listener, err := net.Listen("tcp", local(port))
	if err != nil {
		return err
	}
	server := daemon.NewServer(handler, slog.New(slog.DiscardHandler))
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	s.onStop(func() error {
		err := server.Close()
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	})
	return nil
}

func (s *system) startPages() error {
	s.pages = newPageSink(s.say, s.natsURL)
	s.say("pages         http://%s", local(s.ports.pages))
	return s.serve(s.ports.pages, s.pages)
}

// settings returns the shipped rules file with the addresses of the demo's own servers.
func (d *demo) settings() *settings.Settings {
	own := settings.Default()
	own.Receivers = alertmanager.Webhooks("http://" + local(d.ports.pages))
	own.Site = settings.Site{
		Grafana: "http://" + local(d.ports.grafana), Prometheus: "http://" + local(d.ports.prometheus),
		Alertmanager: "http://" + local(d.ports.alertmanager),
		Runbooks:     "http://" + local(d.ports.alerts) + "/runbooks",
	}
	return own
}

func (s *system) startAlertmanager(binary string) error {
	config, err := alertmanager.Render(s.settings())
	if err != nil {
		return err
	}
	configFile := filepath.Join(s.dir, "alertmanager.yml")
	if err := writeFile(configFile, config); err != nil {
		return err
	}
	server, err := stack.StartAlertmanager(s.ctx, stack.Options{
		Binary: binary, ConfigFile: configFile, DataDir: filepath.Join(s.dir, "alertmanager"),
		Port: s.ports.alertmanager, LogFile: filepath.Join(s.dir, "alertmanager.log"),
	})
	if err != nil {
		return err
	}
	s.onStop(server.Stop)
	s.say("Alertmanager  %s", server.URL)
	return nil
}

func (s *system) startPrometheus(binary string) error {
	set, err := rules.Compile(s.settings())
	if err != nil {
		return err
	}
	files, err := set.Files()
	if err != nil {
		return err
	}
	for path, content := range files {
		if err := writeFile(filepath.Join(s.dir, path), content); err != nil {
			return err
		}
	}
	config, err := deploy.PrometheusConfig(deploy.Targets{
		Exporter: local(s.ports.exporter), Alerts: local(s.ports.alerts), Insights: local(s.ports.insights),
		Prometheus: local(s.ports.prometheus), Alertmanager: local(s.ports.alertmanager), Grafana: deploy.Nowhere,
		RuleFiles: []string{filepath.Join(s.dir, "rules", "*.yaml")},
	})
	if err != nil {
		return err
	}
	configFile := filepath.Join(s.dir, "prometheus.yml")
	if err := writeFile(configFile, config); err != nil {
		return err
	}
	server, err := stack.StartPrometheus(s.ctx, stack.Options{
		Binary: binary, ConfigFile: configFile, DataDir: s.prometheusData(),
		Port: s.ports.prometheus, LogFile: filepath.Join(s.dir, "prometheus.log"),
	})
	if err != nil {
		return err
	}
	s.onStop(server.Stop)
	s.say("Prometheus    %s", server.URL)
	s.say("try a rules file: belfry rules push --rules FILE --dir %s --prometheus.url %s",
		filepath.Join(s.dir, "rules"), server.URL)
	return nil
}

func writeFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

// publish publishes a simulation in real time until it or ctx ends.
func (s *system) publish(ctx context.Context, simulator *simulate.Simulator) error {
	options := nats.Options{URL: s.natsURL, Name: "belfry-demo-traffic"}
	publisher, err := nats.NewPublisher(ctx, options, nats.PublisherOptions{})
	if err != nil {
		return err
	}
	_, err = simulate.Publish(ctx, simulator, publishTo(publisher), simulate.PublishOptions{Live: true})
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	return errors.Join(err, publisher.Close(settle))
}

// runUntilInterrupted publishes traffic and prints pages until it is interrupted.
func (s *system) runUntilInterrupted() error {
	simulator, err := s.live()
	if err != nil {
		return err
	}
	s.say("traffic starts: %.0f notifications per minute; press Ctrl-C to stop", s.perMinute)
	if err := s.publish(s.ctx, simulator); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	s.say("stopping")
	return nil
}
