package main

import (
	"context"
	"log/slog"

	"belfry/alertmanager/history/recorder"
	"belfry/nats"
	"belfry/rules"
)

// startAlerts runs what `belfry alerts serve` runs. Its history is on the demo's
// NATS server, for the other subcommands of alerts.
func (s *system) startAlerts() error {
	status := &nats.Status{}
	nc, err := nats.Connect(s.ctx, nats.Options{URL: s.natsURL, Name: "belfry-demo-alerts", Status: status})
	if err != nil {
		return err
	}
	s.onStop(func() error { nc.Close(); return nil })
	r, err := recorder.New(recorder.Options{
		Alertmanager: "http://" + local(s.ports.alertmanager), Prometheus: "http://" + local(s.ports.prometheus),
		Ignore: []string{rules.Watchdog.Name}, Status: status,
		Log: slog.New(slog.NewTextHandler(s.p.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(s.ctx)
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx, nc) }()
	s.onStop(func() error { cancel(); return <-done })
	s.say("alerts        http://%s", local(s.ports.alerts))
	return s.serve(s.ports.alerts, r.Handler())
}
