//go:build e2e

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"belfry/deploy/stack"
	"belfry/exporter/simulate"
	"belfry/rules"
	"belfry/rules/promapi"
)

// urgent describes a fault that must page within a minute, once.
type urgent struct {
	fault string
	alert rules.Alert
	// label and value distinguish the alert about this fault from others of its name.
	label, value string
	began        time.Time
}

// traffic has the faults of traffic. They happen at the same time, on different channels.
var traffic = map[*urgent]simulate.Incident{
	{fault: "provider outage", alert: rules.ProviderDown, label: "provider", value: "ses"}: {
		Name: "provider-outage", Provider: "ses", Code: "no_route",
	},
	{fault: "channel down", alert: rules.ChannelDown, label: "channel", value: "push"}: {
		Name: "channel-down", Channel: "push", Code: "channel_lost",
	},
	{fault: "slow processing", alert: rules.ProcessingLatencyHigh, label: "channel", value: "in_app"}: {
		Name: "slow-processing", Channel: "in_app", Factor: 5000,
	},
}

const (
	// faultAfter leaves time to send on a channel for long enough that missing
	// deliveries mean something: the two minutes of the rule, and the first rate.
	faultAfter = 160 * time.Second
	faultLasts = 70 * time.Second
	// nextAfter is how long after a fault another one begins.
	nextAfter = 3 * time.Minute
	// quietFor sets how long after a fault nothing may page about it.
	quietFor = 10 * time.Minute
)

// On the real servers, a provider outage, a channel that is down, slow processing, an
// exporter that does not answer and a lost connection to NATS page within a minute, once,
// and nothing else pages until ten minutes after the last of them. They follow each other
// within the ten minutes.
func TestUrgentFaultsPageOnceWithinAMinute(t *testing.T) {
	s, away, nats := startForFaults(t)
	var faults []*urgent
	var incidents []simulate.Incident
	for u, incident := range traffic {
		incident.At, incident.For = faultAfter, faultLasts
		faults, incidents = append(faults, u), append(incidents, incident)
	}
	simulator, err := s.simulator(incidents...)
	if err != nil {
		t.Fatal(err)
	}
	begin := simulator.Start()
	for _, u := range faults {
		u.began = begin.Add(faultAfter)
	}
	publishing, stop := context.WithCancel(s.ctx)
	published := make(chan error, 1)
	go func() { published <- s.publish(publishing, simulator) }()

	s.pass(begin.Add(faultAfter + faultLasts))
	for _, next := range []struct {
		urgent
		set func(broken bool)
	}{
		{urgent{fault: "exporter down", alert: rules.ExporterDown, label: "job", value: rules.Job}, away.Store},
		{urgent{fault: "NATS down", alert: rules.NATSDisconnected, label: "job", value: rules.Job}, nats.shut},
	} {
		s.pass(time.Now().Add(nextAfter))
		next.began = time.Now()
		next.set(true)
		s.pass(time.Now().Add(faultLasts))
		next.set(false)
		faults = append(faults, &next.urgent)
	}
	s.pass(time.Now().Add(quietFor))
	table := judge(t, s, faults) + evaluation(t, s)
	stop()
	if err := <-published; err != nil {
		t.Error(err)
	}
	t.Log(table)
}

// pass waits until a time.
func (s *system) pass(until time.Time) {
	select {
	case <-time.After(time.Until(until)):
	case <-s.ctx.Done():
	}
}

// judge checks that each fault paged in time, once, that its page and its end came to pager
// and chat, and that there were no other pages.
func judge(t *testing.T, s *system, faults []*urgent) string {
	t.Helper()
	table := fmt.Sprintf("\n%-18s %-36s %8s %9s\n", "fault", "alert", "page", "resolved")
	for _, u := range faults {
		fired, pages := s.pages.first(u.notified("pager", "firing"))
		resolved, ends := s.pages.first(u.notified("pager", "resolved"))
		_, told := s.pages.first(u.notified("chat", "firing"))
		took := fired.at.Sub(u.began)
		if pages != 1 || ends != 1 || told != 1 || took <= 0 || took >= time.Minute {
			t.Errorf("%s: %d pages, the first after %.1f s, %d in chat, %d ends: one of each is promised within a minute",
				u.fault, pages, took.Seconds(), told, ends)
		}
		table += fmt.Sprintf("%-18s %-36s %6.1f s %7.1f s\n",
			u.fault, u.alert.Name, took.Seconds(), resolved.at.Sub(fired.at).Seconds())
	}
	_, others := s.pages.first(func(p page) bool {
		expected := slices.ContainsFunc(faults, func(u *urgent) bool { return u.notified("pager", "firing")(p) })
		if p.Receiver == "pager" && p.Status == "firing" && !expected {
			t.Errorf("at %s a page that no fault explains: %v", p.at.Format(time.TimeOnly), p.Labels)
			return true
		}
		return false
	})
	return fmt.Sprintf("%s%d other pages\n", table, others)
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

// notified matches the notifications of a receiver about the fault.
func (u urgent) notified(receiver, status string) func(page) bool {
	return func(p page) bool {
		return p.Receiver == receiver && p.Status == status && p.name() == u.alert.Name && p.Labels[u.label] == u.value
	}
}

// first returns the first page that matches, and how many do.
func (s *pageSink) first(matches func(page) bool) (first page, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.pages {
		if matches(p) {
			if n++; n == 1 {
				first = p
			}
		}
	}
	return first, n
}

// gate passes connections on to an address unless it is shut.
type gate struct {
	to string

	mu     sync.Mutex
	closed bool
	open   []net.Conn
}

// shut closes the gate and all connections, or opens it again.
func (g *gate) shut(closed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = closed
	for _, c := range g.open {
		c.Close()
	}
	g.open = nil
}

// serve accepts connections until the listener is closed.
func (g *gate) serve(listener net.Listener) {
	for {
		in, err := listener.Accept()
		if err != nil {
			return
		}
		g.mu.Lock()
		out, err := net.Dial("tcp", g.to)
		if g.closed || err != nil {
			in.Close()
		} else {
			g.open = append(g.open, in, out)
			for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
				go func() {
					io.Copy(way[0], way[1]) // ends when either is closed
					way[0].Close()
				}()
			}
		}
		g.mu.Unlock()
	}
}

// startForFaults starts the demo's system with a proxy between Prometheus and the
// exporter that answers 503 while the exporter is supposed to be away, and a gate between
// the exporter and NATS.
func startForFaults(t *testing.T) (*system, *atomic.Bool, *gate) {
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
	producers := s.natsURL
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	nats := &gate{to: strings.TrimPrefix(producers, "nats://")}
	go nats.serve(listener)
	s.natsURL = "nats://" + listener.Addr().String()
	step(s.startExporter)
	s.natsURL = producers
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
	return s, away, nats
}
