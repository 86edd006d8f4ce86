package nats

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// offering starts a server that offers so many bytes to streams.
func offering(t *testing.T, bytes int64) *natsgo.Conn {
	t.Helper()
	srv, err := StartServer(t.Context(), ServerOptions{StoreDir: t.TempDir(), MaxStore: bytes})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Shutdown() })
	return connect(t, Options{URL: srv.URL()})
}

// reserved returns the limits of all streams together.
func reserved(t *testing.T, nc *natsgo.Conn) (bytes int64) {
	t.Helper()
	for _, c := range configs(t, nc) {
		bytes += c.MaxBytes
	}
	return bytes
}

// New streams reserve a share of what the server offers: at most three quarters, all partitions the same, and the
// history of alerts still fits.
func TestNewStreamsReserveWhatFits(t *testing.T) {
	const mib, gib = int64(1) << 20, int64(1) << 30
	for name, test := range map[string]struct {
		offer      int64
		partitions int
		want       int64 // of each partition
		says       string
	}{
		"a large disk":           {1 << 40, 4, 20 * gib, "streams are created"},
		"an ordinary disk":       {30 * gib, 1, 20 * gib, "streams are created"},
		"an ordinary disk, four": {30 * gib, 4, 5 * gib, "most=20GiB max_bytes=5GiB"},
		"a small disk":           {2 * gib, 1, 640 * mib, "most=20GiB max_bytes=640MiB"},
		"a tiny disk, many":      {gib, 8, 80 * mib, "most=20GiB max_bytes=80MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			nc := offering(t, test.offer)
			o := StreamOptions{Partitions: test.partitions, Logger: slog.New(slog.NewTextHandler(&log, nil))}
			if err := EnsureStreams(t.Context(), nc, o); err != nil {
				t.Fatal(err)
			}
			if total := reserved(t, nc); total > test.offer/4*3 {
				t.Errorf("%d bytes are reserved of %d", total, test.offer)
			}
			for p := range test.partitions {
				if got := configs(t, nc)[StreamName(p)].MaxBytes; got != test.want {
					t.Errorf("partition %d reserves %s, want %s", p, size(got), size(test.want))
				}
			}
			if !strings.Contains(log.String(), test.says) {
				t.Errorf("the log does not say %q:\n%s", test.says, &log)
			}
			if err := EnsureAlertStream(t.Context(), nc, StreamOptions{}); err != nil {
				t.Errorf("no room for alerts: %v", err)
			}
		})
	}
}

// Where not even the least fits, the error says where, and what to raise. Once there is room, the streams that were
// created before get as much as the others.
func TestNewStreamsThatDoNotFit(t *testing.T) {
	o := ServerOptions{StoreDir: t.TempDir(), MaxStore: 40 << 20}
	srv, err := StartServer(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	nc := connect(t, Options{URL: srv.URL()})
	err = EnsureStreams(t.Context(), nc, StreamOptions{Partitions: 4})
	want := srv.URL() + " cannot reserve even 16MiB for each new stream: free some disk, or raise max_file_store"
	if err == nil || !strings.Contains(err.Error(), want) || !NeedsOperator(err) {
		t.Errorf("error is %v\nwant %s", err, want)
	}
	if err := srv.Shutdown(); err != nil {
		t.Fatal(err)
	}

	o.MaxStore = 1 << 40
	if srv, err = StartServer(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	defer srv.Shutdown()
	nc = connect(t, Options{URL: srv.URL()})
	if err := EnsureStreams(t.Context(), nc, StreamOptions{Partitions: 4}); err != nil {
		t.Fatal(err)
	}
	for p := range 4 {
		if got := configs(t, nc)[StreamName(p)].MaxBytes; got != DefaultMaxBytes {
			t.Errorf("partition %d reserves %s, want 20GiB", p, size(got))
		}
	}
}

// Of a server that may give less than what is set, streams get what fits, and keep it when the setting cannot be had
// later either.
func TestStreamsOrLess(t *testing.T) {
	nc := offering(t, 2<<30)
	o := StreamOptions{Partitions: 1, MaxBytes: 20 << 30}
	if err := EnsureStreams(t.Context(), nc, o); err == nil {
		t.Fatal("20 GiB of 2 GiB are not refused")
	}
	o.OrLess = true
	for range 2 {
		if err := EnsureStreams(t.Context(), nc, o); err != nil {
			t.Fatal(err)
		}
		if got := configs(t, nc)[StreamName(0)].MaxBytes; got != 640<<20 {
			t.Errorf("it reserves %s, want 640MiB", size(got))
		}
	}
	none := StreamOptions{Partitions: 1, MaxBytes: 20 << 30, OrLess: true}
	err := EnsureStreams(t.Context(), offering(t, 8<<20), none)
	if err == nil || !strings.Contains(err.Error(), "cannot reserve even 16MiB for each new stream") {
		t.Errorf("on a server of 8 MiB: %v", err)
	}
	o.MaxBytes = 700 << 20
	if err := EnsureStreams(t.Context(), nc, o); err != nil {
		t.Fatal(err)
	}
	if got := configs(t, nc)[StreamName(0)].MaxBytes; got != 700<<20 {
		t.Errorf("it reserves %s, want the 700MiB that there are", size(got))
	}
}

// A stream that another process creates at the same moment, for another number of partitions, stays as it is.
func TestStreamsAreCreatedOnce(t *testing.T) {
	nc := offering(t, 1<<30)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if err := createOne(t.Context(), js, definitions(StreamOptions{Partitions: 4})[0], 1<<20); err != nil {
		t.Fatal(err)
	}
	err = createOne(t.Context(), js, definitions(StreamOptions{Partitions: 2})[0], 2<<20)
	if !errors.As(err, new(*SettingsError)) || !strings.Contains(err.Error(), "created for 4 partitions, not 2") {
		t.Errorf("error is %v", err)
	}
	if c := configs(t, nc)[StreamName(0)]; c.Metadata[partitionsKey] != "4" || c.MaxBytes != 1<<20 {
		t.Errorf("it was changed: %v, %s", c.Metadata, size(c.MaxBytes))
	}
}
