package nats

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"
)

// Whoever names no number of partitions gets that of the streams: one where there are none, and never another one.
func TestPartitionsOfTheStreams(t *testing.T) {
	for name, test := range map[string]struct {
		exist StreamOptions // none if the zero value
		ask   StreamOptions
		want  int
	}{
		"a new installation":      {want: 1},
		"one that exists":         {exist: StreamOptions{Partitions: 4}, want: 4},
		"a new one with a number": {ask: StreamOptions{Partitions: 3}, want: 3},
	} {
		t.Run(name, func(t *testing.T) {
			nc := connect(t, Options{URL: startServer(t).URL()})
			if test.exist.Partitions > 0 {
				test.exist.MaxBytes = 1 << 20
				if err := EnsureStreams(t.Context(), nc, test.exist); err != nil {
					t.Fatal(err)
				}
			}
			test.ask.MaxBytes = 1 << 20
			if err := EnsureStreams(t.Context(), nc, test.ask); err != nil {
				t.Fatal(err)
			}
			if all := configs(t, nc); len(all) != test.want+1 {
				t.Errorf("%d streams, want one for each of %d partitions and the dead letters", len(all), test.want)
			}
			if got, err := CountPartitions(t.Context(), nc); err != nil || got != test.want {
				t.Errorf("CountPartitions = %d (%v), want %d", got, err, test.want)
			}
		})
	}
}

func TestCountPartitions(t *testing.T) {
	nc := connect(t, Options{URL: startServer(t).URL()})
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	count := func() int {
		t.Helper()
		n, err := CountPartitions(t.Context(), nc)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	create := func(partition int, metadata map[string]string) {
		t.Helper()
		subject, _ := Subject(partition, "notification.sent")
		_, err := js.CreateOrUpdateStream(t.Context(), jetstream.StreamConfig{
			Name: StreamName(partition), Subjects: []string{subject}, Metadata: metadata,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := count(); got != 0 {
		t.Errorf("without streams: %d, want 0", got)
	}
	create(0, nil)
	create(1, nil)
	if got := count(); got != 2 {
		t.Errorf("two streams that record nothing: %d, want 2", got)
	}
	create(0, map[string]string{partitionsKey: "4"})
	if got := count(); got != 4 {
		t.Errorf("the first two of four streams: %d, want 4", got)
	}
}

// A publisher that names no number of partitions waits for the streams and follows them.
func TestPublisherAsksTheStreams(t *testing.T) {
	srv := startServer(t)
	nc := connect(t, Options{URL: srv.URL()})
	log := make(logLines, 100)
	published := make(chan error, 1)
	go func() {
		ctx := within(t, patience)
		options := Options{URL: srv.URL(), Logger: slog.New(slog.NewTextHandler(log, nil))}
		p, err := NewPublisher(ctx, options, PublisherOptions{})
		if err != nil {
			published <- err
			return
		}
		err = p.Publish(ctx, Event{ID: "e1", Type: "notification.sent", Key: "usr_123456", Data: []byte("{}")})
		published <- errors.Join(err, p.Close(ctx))
	}()
	log.await(t, "the number of partitions is unknown, retrying")
	if err := EnsureStreams(t.Context(), nc, StreamOptions{Partitions: 4, MaxBytes: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	if err := <-published; err != nil {
		t.Fatal(err)
	}
	name := StreamName(Partition("usr_123456", 4))
	if state, err := Info(t.Context(), nc, name); err != nil || state.LastSequence != 1 {
		t.Errorf("%s holds %d events (%v), want 1", name, state.LastSequence, err)
	}
}

func TestPublisherWithoutStreams(t *testing.T) {
	srv := startServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	log, failed := make(logLines, 100), make(chan error, 1)
	go func() {
		options := Options{URL: srv.URL(), Logger: slog.New(slog.NewTextHandler(log, nil))}
		_, err := NewPublisher(ctx, options, PublisherOptions{})
		failed <- err
	}()
	log.await(t, "the number of partitions is unknown, retrying")
	cancel()
	err := await(t, failed, "the error")
	want := "no such stream NOTIFY_00: start belfry-exporter, which creates the streams (context canceled)"
	if !errors.Is(err, ErrStreamNotFound) || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
}

// A user that may only publish has to name the number of partitions.
func TestPublisherMayNotAskTheStreams(t *testing.T) {
	o := bareOptions()
	o.JetStream, o.StoreDir = true, t.TempDir()
	o.Users = []*server.User{{Username: "belfry", Password: "secret", Permissions: &server.Permissions{
		Publish: &server.SubjectPermission{Allow: []string{"notify.>"}},
	}}}
	options := Options{URL: runServer(t, o), User: "belfry", PasswordFile: file(t, "password", "secret")}
	_, err := NewPublisher(within(t, time.Second), options, PublisherOptions{})
	want := "give this user the permission at " + options.URL + ", or set PublisherOptions.Partitions"
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error is %v", err)
	}
}
