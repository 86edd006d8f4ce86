package simulate

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func newSimulator(t *testing.T, c Config) *Simulator {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func discard(context.Context, *Message) error { return nil }

func TestPublishKeepsThePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reports []Stats
		stats, err := Publish(t.Context(), newSimulator(t, Config{Events: 1001}), discard, PublishOptions{
			Rate: 100, Progress: func(s Stats) { reports = append(reports, s) },
		})
		if err != nil || stats.Events != 1001 || stats.Bytes == 0 {
			t.Fatalf("%+v, %v", stats, err)
		}
		within(t, "seconds for 1,001 events", stats.Elapsed.Seconds(), 9.99, 10.01)
		within(t, "reports of progress", float64(len(reports)), 3, 5)
		within(t, "events a second", stats.PerSecond(), 99, 101)
	})
}

func TestPublishLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSimulator(t, Config{Start: time.Now(), Duration: 2 * time.Minute})
		var worst time.Duration
		stats, err := Publish(t.Context(), s, func(_ context.Context, m *Message) error {
			worst = max(worst, time.Since(m.ReceivedAt).Abs())
			return nil
		}, PublishOptions{Live: true})
		if err != nil || stats.Events < 100 {
			t.Fatalf("%+v, %v", stats, err)
		}
		within(t, "seconds off the time received", worst.Seconds(), 0, slack.Seconds())
	})
}

// An interrupted publication has sent exactly what its truth counts.
func TestPublishEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s := newSimulator(t, Config{Start: time.Now()})
		counted := s.Count()
		sent := 0
		stats, err := Publish(ctx, s, func(context.Context, *Message) error { sent++; return nil },
			PublishOptions{Live: true})
		if err != nil {
			t.Fatal(err)
		}
		if sent == 0 || sent != counted.Events || sent != stats.Events {
			t.Errorf("%d are sent, the truth counts %d and the statistics %d", sent, counted.Events, stats.Events)
		}
	})
}

func TestPublishStopsAtAnError(t *testing.T) {
	full := errors.New("disk full")
	stats, err := Publish(t.Context(), newSimulator(t, Config{Events: 10}),
		func(context.Context, *Message) error { return full }, PublishOptions{})
	if !errors.Is(err, full) || !strings.Contains(err.Error(), "message 1") || stats.Events != 0 {
		t.Errorf("%+v, %v", stats, err)
	}
}
