package main

import (
	"context"
	"log/slog"

	"belfry/insights/service"
)

// startInsights runs what `belfry insights serve` runs, with plans of the simulated
// experiments.
func (s *system) startInsights() error {
	plans, err := s.writePlans()
	if err != nil {
		return err
	}
	served, err := service.New(service.Options{
		Prometheus: "http://" + local(s.ports.prometheus), Refresh: service.MinRefresh, Experiments: plans,
		Log: slog.New(slog.NewTextHandler(s.p.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(s.ctx)
	done := make(chan error, 1)
	go func() { done <- served.Run(ctx) }()
	s.onStop(func() error { cancel(); return <-done })
	s.say("insights      http://%s", local(s.ports.insights))
	return s.serve(s.ports.insights, served.Handler())
}
