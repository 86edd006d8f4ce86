package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/nats"
)

// The exporter counts each hostile line that a stream accepts under one reason, and
// counts the good event after them.
func TestTheExporterCountsEveryHostileMessage(t *testing.T) {
	c, err := exporter.LoadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	c.Partitions, c.Stream.MaxBytes = 1, 512<<20
	server, err := nats.StartServer(t.Context(), nats.ServerOptions{StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Shutdown()
	nc, err := nats.Connect(t.Context(), nats.Options{URL: server.URL()})
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if err := nats.EnsureStreams(t.Context(), nc, c.StreamOptions()); err != nil {
		t.Fatal(err)
	}
	n := publishHostile(t, nc)
	e, err := exporter.New(c, exporter.Options{StateDir: t.TempDir(), UserKey: []byte("a key")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx, nc) }()
	tick, deadline := time.NewTicker(20*time.Millisecond), time.After(2*time.Minute)
	defer tick.Stop()
	for countOf(t, e, catalog.Stages) == 0 {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("waited two minutes in vain for the good event")
		}
	}
	if got := countOf(t, e, catalog.EventsRejected); got != float64(n) {
		t.Errorf("%v rejected, want %d", got, n)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// publishHostile publishes 10,000 hostile messages and a good one, and returns the
// number of hostile ones.
func publishHostile(t *testing.T, nc *natsgo.Conn) int {
	t.Helper()
	js, err := nc.JetStream(natsgo.PublishAsyncMaxPending(256))
	if err != nil {
		t.Fatal(err)
	}
	lines := hostile(10_000)
	good := fmt.Sprintf(`{"eventId":"good","eventType":"notification.sent","timestamp":%q,`+
		`"notificationId":"good","userId":"u",`+
		`"data":{"channel":"email","category":"c","priority":"low","templateId":"t"}}`,
		time.Now().Format(time.RFC3339Nano))
	for _, line := range append(lines, good) {
		if _, err := js.PublishAsync("notify.0.sent", []byte(line), natsgo.StallWait(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-js.PublishAsyncComplete():
	case <-time.After(time.Minute):
		t.Fatal("the stream does not take the messages")
	}
	return len(lines)
}

// countOf sums the series of a counter family.
func countOf(t *testing.T, e *exporter.Exporter, m catalog.Counter) (sum float64) {
	t.Helper()
	families, err := e.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == m.Name {
			for _, s := range f.Metric {
				sum += s.Counter.GetValue()
			}
		}
	}
	return sum
}
