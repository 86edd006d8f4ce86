package nats

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func configs(t *testing.T, nc *natsgo.Conn) map[string]jetstream.StreamConfig {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]jetstream.StreamConfig{}
	list := js.ListStreams(within(t, patience))
	for s := range list.Info() {
		all[s.Config.Name] = s.Config
	}
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEnsureStreamsCreates(t *testing.T) {
	nc := connect(t, Options{URL: startServer(t).URL()})
	if err := EnsureStreams(t.Context(), nc, StreamOptions{Partitions: 4, MaxBytes: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	all := configs(t, nc)
	if len(all) != 5 {
		t.Fatalf("%d streams, want one for each of 4 partitions and the dead letters", len(all))
	}
	got := all["NOTIFY_03"]
	want := jetstream.StreamConfig{
		Name: "NOTIFY_03", Description: "notification events of partition 3", Subjects: []string{"notify.3.>"},
		Storage: jetstream.FileStorage, Compression: jetstream.S2Compression, Discard: jetstream.DiscardOld,
		MaxAge: 24 * time.Hour, MaxBytes: 1 << 20, MaxMsgSize: 256 << 10, Duplicates: 2 * time.Minute,
		MaxMsgs: -1, MaxMsgsPerSubject: -1, MaxConsumers: -1, Replicas: 1, AllowDirect: got.AllowDirect,
		Metadata: got.Metadata, ConsumerLimits: got.ConsumerLimits,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("NOTIFY_03 (-want +got):\n%s", diff)
	}
	if n := got.Metadata[partitionsKey]; n != "4" {
		t.Errorf("NOTIFY_03 remembers %q partitions, want 4", n)
	}
}

func TestEnsureStreamsAgainChangesNothing(t *testing.T) {
	_, nc := onePartition(t)
	before := configs(t, nc)
	advisories, err := nc.SubscribeSync("$JS.EVENT.ADVISORY.STREAM.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := EnsureStreams(t.Context(), nc, StreamOptions{Partitions: 1, MaxBytes: 2 << 30}); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	if n, _, _ := advisories.Pending(); n != 0 {
		m, _ := advisories.NextMsg(patience)
		t.Errorf("the server tells of a change: %s", m.Subject)
	}
	if diff := cmp.Diff(before, configs(t, nc)); diff != "" {
		t.Errorf("second call changed (-before +after):\n%s", diff)
	}
}

// Our settings are brought up to date; those of the operator stay.
func TestEnsureStreamsUpdates(t *testing.T) {
	nc := connect(t, Options{URL: startServer(t).URL()})
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{
		Name: "NOTIFY_00", Subjects: []string{"notify.0.sent"}, Storage: jetstream.FileStorage,
		MaxMsgs: 5, Discard: jetstream.DiscardNew, DenyDelete: true, Metadata: map[string]string{"team": "messaging"},
	})
	if err != nil {
		t.Fatal(err)
	}
	options := StreamOptions{Partitions: 1, MaxAge: time.Hour, MaxBytes: 1 << 20}
	if err := EnsureStreams(t.Context(), nc, options); err != nil {
		t.Fatal(err)
	}
	got := configs(t, nc)["NOTIFY_00"]
	if got.MaxAge != time.Hour || got.MaxMsgs != -1 ||
		got.Discard != jetstream.DiscardOld || got.Subjects[0] != "notify.0.>" {
		t.Errorf("not brought up to date: %+v", got)
	}
	if !got.DenyDelete || got.Metadata["team"] != "messaging" || got.Metadata[partitionsKey] != "1" {
		t.Errorf("the operator's settings did not stay: %+v", got)
	}
}

func TestEnsureStreamsRefuses(t *testing.T) {
	onDisk := func(c jetstream.StreamConfig) jetstream.StreamConfig {
		c.Subjects, c.Storage = []string{"notify.0.>"}, jetstream.FileStorage
		return c
	}
	for _, test := range []struct {
		name   string
		exists jetstream.StreamConfig
		ask    StreamOptions
		want   string
	}{
		{
			name: "storage",
			exists: jetstream.StreamConfig{
				Name: "NOTIFY_00", Subjects: []string{"notify.0.>"}, Storage: jetstream.MemoryStorage,
			},
			want: "ensure stream NOTIFY_00: it exists with storage Memory instead of File; this cannot be changed: " +
				"back the stream up, delete it and start again, or use another NATS account",
		},
		{
			name:   "retention",
			exists: onDisk(jetstream.StreamConfig{Name: "NOTIFY_00", Retention: jetstream.WorkQueuePolicy}),
			want:   "ensure stream NOTIFY_00: it exists with retention WorkQueue instead of Limits; ",
		},
		{
			name:   "mirror",
			exists: jetstream.StreamConfig{Name: "NOTIFY_00", Mirror: &jetstream.StreamSource{Name: "OTHER"}},
			want:   "ensure stream NOTIFY_00: it exists with a mirror of OTHER instead of none; ",
		},
		{
			name:   "partitions",
			exists: onDisk(jetstream.StreamConfig{Name: "NOTIFY_00", Metadata: map[string]string{partitionsKey: "8"}}),
			want: "ensure stream NOTIFY_00: it was created for 8 partitions, not 1, " +
				"and users would move away from their state: set partitions: 8, or ",
		},
		{
			name:   "subjects",
			exists: onDisk(jetstream.StreamConfig{Name: "EVERYTHING"}),
			want:   "another stream of this account has notify.>; remove these subjects from it, or use another account",
		},
		{
			name: "replicas",
			ask:  StreamOptions{Replicas: 3},
			want: "3 replicas need a NATS cluster of as many servers; use 1 on a single server",
		},
		{
			name: "room",
			ask:  StreamOptions{MaxBytes: 1 << 60},
			want: "cannot reserve 1048576TiB for each of 1 partitions, 1048576TiB in all: lower stream.max_bytes in " +
				"the exporter's configuration, or leave it out for what fits, or raise max_file_store",
		},
		{
			name: "no partitions",
			ask:  StreamOptions{Partitions: -1},
			want: "invalid number of partitions -1: set 1 or more",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			nc := connect(t, Options{URL: startServer(t).URL()})
			if test.exists.Name != "" {
				js, err := jetstream.New(nc)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := js.CreateStream(t.Context(), test.exists); err != nil {
					t.Fatal(err)
				}
			}
			if test.ask.Partitions == 0 {
				test.ask.Partitions = 1
			}
			if test.ask.MaxBytes == 0 {
				test.ask.MaxBytes = 1 << 20
			}
			err := EnsureStreams(t.Context(), nc, test.ask)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is\n%v\nwant\n%s", err, test.want)
			}
		})
	}
}

func TestInfoOfNoStream(t *testing.T) {
	nc := connect(t, Options{URL: startServer(t).URL()})
	_, err := Info(t.Context(), nc, StreamName(0))
	if !errors.Is(err, ErrStreamNotFound) {
		t.Errorf("error is %v, want ErrStreamNotFound", err)
	}
}

func TestLost(t *testing.T) {
	for _, test := range []struct{ first, last, lost uint64 }{
		{1, 0, 0},    // nothing read, nothing gone
		{5, 0, 4},    // the first four are gone
		{11, 10, 0},  // the message read last expired, no more
		{10, 10, 0},  // it is still there
		{14, 10, 3},  // 11 to 13 are gone
		{1, 1000, 0}, // all of it is still there
	} {
		if got := (StreamState{FirstSequence: test.first}).Lost(test.last); got != test.lost {
			t.Errorf("first %d, read up to %d: lost %d, want %d", test.first, test.last, got, test.lost)
		}
	}
}
