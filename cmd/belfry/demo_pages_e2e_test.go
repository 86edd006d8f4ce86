//go:build e2e

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"belfry/deploy/stack"
	"belfry/exporter/simulate"
	"belfry/rules"
	"belfry/rules/promapi"
)

// urgent describes a fault that must page within a minute.
type urgent struct {
	fault string
	alert rules.Alert
	// label and value distinguish the alert about this fault from others of its name.
	label, value string
	incident     simulate.Incident
}

// The faults of traffic happen at the same time, on different channels.
var urgents = []urgent{
	{
		"provider outage", rules.ProviderDown, "provider", "ses",
		simulate.Incident{Name: "provider-outage", Provider: "ses", Code: "no_route"},
	},
	{
		"channel down", rules.ChannelDown, "channel", "push",
		simulate.Incident{Name: "channel-down", Channel: "push", Code: "channel_lost"},
	},
	{
		"slow processing", rules.ProcessingLatencyHigh, "channel", "in_app",
		simulate.Incident{Name: "slow-processing", Channel: "in_app", Factor: 5000},
	},
}

const (
	// faultAfter leaves time to send on a channel for long enough that missing
	// deliveries mean something: the two minutes of the rule, and the first rate.
	faultAfter = 160 * time.Second
	faultLasts = 70 * time.Second
	// onlyOnce sets how long nothing must page a second time.
	onlyOnce = 60 * time.Second
)

// On the real servers, a missing exporter, a provider outage, a channel that is
// down and slow processing page within a minute, once, and notify pager and chat
// when they are resolved.
func TestUrgentFaultsPageOnceWithinAMinute(t *testing.T) {
	s, away := startForFaults(t)
	var incidents []simulate.Incident
	for _, u := range urgents {
		u.incident.At, u.incident.For = faultAfter, faultLasts
		incidents = append(incidents, u.incident)
	}
	simulator, err := s.simulator(incidents...)
	if err != nil {
		t.Fatal(err)
	}
	begin := simulator.Start()
	traffic, stopTraffic := context.WithCancel(s.ctx)
	published := make(chan error, 1)
	go func() { published <- s.publish(traffic, simulator) }()

	table := fmt.Sprintf("\n%-18s %-36s %8s %9s %6s\n", "fault", "alert", "page", "resolved", "pages")
	fault := begin.Add(faultAfter)
	for _, u := range urgents {
		table += follow(t, s, u, fault)
	}
	gone := time.Now()
	away.Store(true)
	exporter := urgent{"exporter down", rules.ExporterDown, "job", rules.Job, simulate.Incident{}}
	_, err = s.await("the page about the exporter", exporter.notified("pager", "firing", gone), 3*time.Minute)
	if err != nil {
		t.Error(err)
	}
	away.Store(false)
	table += follow(t, s, exporter, gone)
	table += evaluation(t, s)
	stopTraffic()
	if err := <-published; err != nil {
		t.Error(err)
	}
	t.Log(table)
}

// follow waits for a fault's page and its resolution, and checks that there was no
// second page.
func follow(t *testing.T, s *system, u urgent, fault time.Time) string {
	t.Helper()
	fired, err := s.await("the page about "+u.fault, u.notified("pager", "firing", fault),
		time.Until(fault)+3*time.Minute)
	if err != nil {
		t.Error(err)
		return ""
	}
	resolved, err := s.await("the end of "+u.fault, u.notified("pager", "resolved", fault), 6*time.Minute)
	if err != nil {
		t.Error(err)
		return ""
	}
	if _, err := s.await("chat", u.notified("chat", "firing", fault), time.Minute); err != nil {
		t.Errorf("%s: chat was not notified: %v", u.fault, err)
	}
	select {
	case <-time.After(time.Until(resolved.at.Add(onlyOnce))):
	case <-s.ctx.Done():
	}
	pages := s.pages.count(u.notified("pager", "firing", fault))
	took := fired.at.Sub(fault)
	if took <= 0 || took >= time.Minute {
		t.Errorf("%s: the page took %.1f s: at most a minute is promised", u.fault, took.Seconds())
	}
	if pages != 1 {
		t.Errorf("%s: %d pages about one fault", u.fault, pages)
	}
	return fmt.Sprintf("%-18s %-36s %6.1f s %7.1f s %6d\n",
		u.fault, u.alert.Name, took.Seconds(), resolved.at.Sub(fired.at).Seconds(), pages)
}

// evaluation lists the share of its interval that each rule group took lately.
func evaluation(t *testing.T, s *system) string {
	t.Helper()
	api, err := promapi.New("http://"+local(s.ports.prometheus), promapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const share = "sort_desc(quantile_over_time(0.5, prometheus_rule_group_last_duration_seconds[3m])" +
		" / prometheus_rule_group_interval_seconds)"
	groups, err := promapi.Query[model.Vector](s.ctx, api, share, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	table := fmt.Sprintf("\n%-40s %s\n", "rule group", "median evaluation, share of its interval")
	for _, g := range groups {
		_, group, _ := strings.Cut(string(g.Metric["rule_group"]), ";")
		table += fmt.Sprintf("%-40s %s\n", group, g.Value)
	}
	return table
}

// notified matches the notifications of a receiver about the fault after it began.
func (u urgent) notified(receiver, status string, after time.Time) func(page) bool {
	return func(p page) bool {
		return p.Receiver == receiver && p.Status == status &&
			p.name() == u.alert.Name && p.Labels[u.label] == u.value && p.at.After(after)
	}
}

// count returns how many pages match so far.
func (s *pageSink) count(matches func(page) bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, p := range s.pages {
		if matches(p) {
			n++
		}
	}
	return n
}

// startForFaults starts the demo's system with a proxy between Prometheus and the
// exporter that answers 503 while the exporter is supposed to be away.
func startForFaults(t *testing.T) (*system, *atomic.Bool) {
	t.Helper()
	p := &process{stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv}
	d := &demo{p: p, check: true, dir: t.TempDir(), seed: 3, perMinute: 3000}
	if err := d.choosePorts(); err != nil {
		t.Fatal(err)
	}
	programs, err := stack.Ensure(t.Context(), "", os.Stderr, stack.Prometheus, stack.Alertmanager)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &system{demo: d, ctx: ctx}
	t.Cleanup(func() {
		cancel()
		if err := s.stop(); err != nil {
			t.Log(err)
		}
	})
	step := func(start func() error) {
		t.Helper()
		if err := start(); err != nil {
			t.Fatal(err)
		}
	}
	step(s.startNATS)
	step(s.startExporter)
	away := &atomic.Bool{}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: local(s.ports.exporter)})
	if s.ports.exporter, err = stack.FreePort(); err != nil {
		t.Fatal(err)
	}
	step(func() error {
		return s.serve(s.ports.exporter, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if away.Load() {
				http.Error(w, "away", http.StatusServiceUnavailable)
				return
			}
			proxy.ServeHTTP(w, r)
		}))
	})
	step(s.startPages)
	step(func() error { return s.startAlertmanager(programs[stack.Alertmanager]) })
	step(func() error { return s.startPrometheus(programs[stack.Prometheus]) })
	return s, away
}
