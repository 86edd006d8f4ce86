package nats

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// filled starts a server with an installation whose stream holds 100 messages of 1 KiB.
func filled(t *testing.T, o StreamOptions) *natsgo.Conn {
	t.Helper()
	nc := connect(t, Options{URL: startServer(t).URL()})
	o.Partitions = 1
	if err := EnsureStreams(t.Context(), nc, o); err != nil {
		t.Fatal(err)
	}
	fill(t, nc, "notify.0.sent", 100)
	return nc
}

func fill(t *testing.T, nc *natsgo.Conn, subject string, messages int) {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for range messages {
		if _, err := js.Publish(within(t, patience), subject, bytes.Repeat([]byte("x"), 1<<10)); err != nil {
			t.Fatal(err)
		}
	}
}

// messages returns how many messages a stream holds.
func messages(t *testing.T, nc *natsgo.Conn, stream string) uint64 {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(within(t, patience), stream)
	if err != nil {
		t.Fatal(err)
	}
	return s.CachedInfo().State.Msgs
}

// edit changes the configuration of a stream as an operator would.
func edit(t *testing.T, nc *natsgo.Conn, stream string, change func(*jetstream.StreamConfig)) {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	c := configs(t, nc)[stream]
	change(&c)
	if _, err := js.UpdateStream(within(t, patience), c); err != nil {
		t.Fatal(err)
	}
}

// A limit below what the stream holds is refused and changes nothing. A flag allows it.
func TestShrinkBelowUseIsRefused(t *testing.T) {
	nc := filled(t, StreamOptions{MaxBytes: 64 << 20})
	shrink := StreamOptions{Partitions: 1, MaxBytes: 20 << 10}
	err := EnsureStreams(t.Context(), nc, shrink)
	want := "max_bytes would go from 64MiB to 20KiB, but the stream holds 100 messages of 10"
	if !errors.As(err, new(*SettingsError)) || !strings.Contains(err.Error(), want) ||
		!strings.Contains(err.Error(), "raise stream.max_bytes") ||
		!strings.Contains(err.Error(), "--allow-stream-shrink") || !NeedsOperator(err) {
		t.Fatalf("error is\n%v\nwant a SettingsError with\n%s", err, want)
	}
	if got := messages(t, nc, StreamName(0)); got != 100 {
		t.Errorf("%d messages are left of 100", got)
	}
	if got := configs(t, nc)[StreamName(0)].MaxBytes; got != 64<<20 {
		t.Errorf("the limit is %d bytes, want that from before", got)
	}
	shrink.AllowShrink = true
	if err := EnsureStreams(t.Context(), nc, shrink); err != nil {
		t.Fatalf("allowed: %v", err)
	}
	if got := messages(t, nc, StreamName(0)); got == 0 || got >= 100 {
		t.Errorf("it is allowed, but %d messages are left of 100", got)
	}
}

// What is below use depends on what the stream holds, not on what it may hold.
func TestWhatIsBelowUse(t *testing.T) {
	now := time.Now()
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		have    jetstream.StreamConfig
		state   jetstream.StreamState
		ask     StreamOptions
		refused string // "" if it is not
	}{
		"younger than the limit": {
			have: jetstream.StreamConfig{MaxAge: 30 * day}, ask: StreamOptions{MaxAge: day},
			state: jetstream.StreamState{Msgs: 5, FirstTime: now.Add(-time.Hour)},
		},
		"older than the limit": {
			have: jetstream.StreamConfig{MaxAge: 30 * day}, ask: StreamOptions{MaxAge: day},
			state:   jetstream.StreamState{Msgs: 5, FirstTime: now.Add(-36 * time.Hour)},
			refused: "max_age would go from 30d to 1d, but the oldest of 5 messages is 1d12h old",
		},
		"older than the first limit": {
			ask:     StreamOptions{MaxAge: day},
			state:   jetstream.StreamState{Msgs: 5, FirstTime: now.Add(-36 * time.Hour)},
			refused: "max_age would go from unlimited to 1d, but",
		},
		"older, but the limit is raised": {
			have: jetstream.StreamConfig{MaxAge: day}, ask: StreamOptions{MaxAge: 2 * day},
			state: jetstream.StreamState{Msgs: 5, FirstTime: now.Add(-72 * time.Hour)},
		},
		"larger than the first limit": {
			have: jetstream.StreamConfig{MaxBytes: -1}, ask: StreamOptions{MaxBytes: 1 << 20},
			state:   jetstream.StreamState{Msgs: 5, Bytes: 3 << 20},
			refused: "max_bytes would go from unlimited to 1MiB, but the stream holds 5 messages of 3MiB",
		},
		"empty": {
			have: jetstream.StreamConfig{MaxAge: 30 * day, MaxBytes: 1 << 30},
			ask:  StreamOptions{MaxAge: day, MaxBytes: 1},
		},
		"both left out": {
			have:  jetstream.StreamConfig{MaxAge: 30 * day, MaxBytes: 1 << 30},
			state: jetstream.StreamState{Msgs: 5, Bytes: 3 << 20, FirstTime: now.Add(-72 * time.Hour)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.ask.Partitions = 1
			_, err := changeTo(definitions(test.ask)[0],
				&jetstream.StreamInfo{Config: test.have, State: test.state, TimeStamp: now}, false)
			if got := fmt.Sprint(err); (err != nil) != (test.refused != "") || !strings.Contains(got, test.refused) {
				t.Errorf("error is %v, want %q", err, test.refused)
			}
		})
	}
}

// Nothing is changed if one of the streams is refused.
func TestRefusedStreamKeepsTheOthers(t *testing.T) {
	nc := connect(t, Options{URL: startServer(t).URL()})
	if err := EnsureStreams(t.Context(), nc, StreamOptions{Partitions: 2, MaxBytes: 64 << 20}); err != nil {
		t.Fatal(err)
	}
	fill(t, nc, "notify.1.sent", 100)
	if err := EnsureStreams(t.Context(), nc, StreamOptions{Partitions: 2, MaxBytes: 20 << 10}); err == nil {
		t.Fatal("no error")
	}
	if got := configs(t, nc)[StreamName(0)].MaxBytes; got != 64<<20 {
		t.Errorf("stream 0 has %d bytes, want those from before", got)
	}
}

// What the options leave out stays as it is: a forgotten configuration takes nothing away, from no stream.
func TestForgottenOptionsChangeNothing(t *testing.T) {
	nc := filled(t, StreamOptions{MaxAge: 30 * 24 * time.Hour, MaxBytes: 128 << 20})
	if err := EnsureAlertStream(t.Context(), nc, StreamOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, stream := range []string{StreamName(0), DeadLetterStream, AlertStream} {
		edit(t, nc, stream, func(c *jetstream.StreamConfig) {
			c.MaxAge, c.MaxBytes = 1000*24*time.Hour, 512<<20
			c.MaxMsgSize, c.Duplicates = 1<<20, time.Hour
			c.Placement = &jetstream.Placement{Tags: []string{}}
		})
	}
	before := configs(t, nc)
	if err := EnsureStreams(t.Context(), nc, StreamOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := EnsureAlertStream(t.Context(), nc, StreamOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, got := range configs(t, nc) {
		if was := before[name]; got.MaxAge != was.MaxAge || got.MaxBytes != was.MaxBytes ||
			got.MaxMsgSize != was.MaxMsgSize || got.Duplicates != was.Duplicates {
			t.Errorf("%s: %+v\nwas %+v", name, got, was)
		}
	}
}

// Each changed setting is logged with what it was and what it is.
func TestChangesAreLogged(t *testing.T) {
	nc := filled(t, StreamOptions{MaxBytes: 64 << 20})
	edit(t, nc, StreamName(0), func(c *jetstream.StreamConfig) {
		c.Discard, c.MaxMsgSize = jetstream.DiscardNew, 1<<10
	})
	var log bytes.Buffer
	o := StreamOptions{
		Partitions: 1, MaxAge: 2 * time.Hour, MaxBytes: 32 << 20, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	}
	for range 2 { // the second changes nothing
		if err := EnsureStreams(t.Context(), nc, o); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{
		"stream=NOTIFY_00 setting=max_age from=1d to=2h",
		"stream=NOTIFY_00 setting=max_bytes from=64MiB to=32MiB",
		"stream=NOTIFY_00 setting=discard from=new to=old",
		"stream=NOTIFY_00 setting=max_msg_size from=1KiB to=256KiB",
	} {
		if n := strings.Count(log.String(), want); n != 1 {
			t.Errorf("%d lines with %q, want 1:\n%s", n, want, &log)
		}
	}
}

// Subjects of somebody else are not taken from a stream: what is published to them would be refused.
func TestForeignSubjectsAreRefused(t *testing.T) {
	nc := filled(t, StreamOptions{MaxBytes: 64 << 20})
	edit(t, nc, StreamName(0), func(c *jetstream.StreamConfig) { c.Subjects = append(c.Subjects, "orders.>") })
	err := EnsureStreams(t.Context(), nc, StreamOptions{Partitions: 1})
	if want := fmt.Sprintf("it also has subject %q", "orders.>"); !errors.As(err, new(*SettingsError)) ||
		!strings.Contains(err.Error(), want) {
		t.Errorf("error is %v, want %s", err, want)
	}
	if err := EnsureStreams(t.Context(), nc, StreamOptions{Partitions: 1, AllowShrink: true}); err != nil {
		t.Error(err)
	}
}
