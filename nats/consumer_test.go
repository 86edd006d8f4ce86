package nats

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// reading runs Read in the background and records what it received and how it ended.
type reading struct {
	messages chan Message
	ended    chan error
}

func startRead(tb testing.TB, nc *natsgo.Conn, o ReadOptions) reading {
	tb.Helper()
	o.Stream = StreamName(0)
	r := reading{make(chan Message, 1000), make(chan error, 1)}
	ctx, cancel := context.WithCancel(tb.Context())
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		r.ended <- Read(ctx, nc, o, func(batch []Message) error {
			for _, m := range batch {
				r.messages <- m
			}
			return nil
		})
	}()
	tb.Cleanup(func() { cancel(); <-finished })
	return r
}

func TestRoundTrip(t *testing.T) {
	srv, nc := onePartition(t)
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	received := time.Date(2026, 11, 23, 2, 58, 53, 123456789, time.FixedZone("", 3600))
	before := time.Now()
	for _, e := range []Event{
		{ID: "a", Type: "notification.sent", Key: "usr_1", Data: []byte(`{"a":1}`), ReceivedAt: received},
		{ID: "b", Type: "system.performance", Key: "smtp", Data: []byte(`{}`)},
	} {
		if err := p.Publish(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, p)
	all := readTo(t, nc, 0, 1, 2)
	a, b := all[0], all[1]
	if a.Sequence != 1 || a.Subject != "notify.0.sent" || string(a.Data) != `{"a":1}` || a.Pending != 1 {
		t.Errorf("first message is %+v", a)
	}
	if a.ReceivedAt != received.UnixNano() || b.ReceivedAt != 0 {
		t.Errorf("received at %d and %d, want %d and 0", a.ReceivedAt, b.ReceivedAt, received.UnixNano())
	}
	if b.Sequence != 2 || b.Subject != "notify.0.performance" || b.Pending != 0 {
		t.Errorf("second message is %+v", b)
	}
	if at := time.Unix(0, a.Time); at.Before(before) || at.After(time.Now()) {
		t.Errorf("stored at %s, want between %s and now", at, before)
	}

	again, err := Get(t.Context(), nc, StreamName(0), 1)
	if err != nil {
		t.Fatal(err)
	}
	if again.Time != a.Time || again.ReceivedAt != a.ReceivedAt ||
		again.Subject != a.Subject || !bytes.Equal(again.Data, a.Data) {
		t.Errorf("Get gives %+v, Read gave %+v", again, a)
	}
	if _, err := Get(t.Context(), nc, StreamName(0), 3); !errors.Is(err, ErrMessageNotFound) {
		t.Errorf("Get beyond the end: %v, want ErrMessageNotFound", err)
	}
}

// A backlog of more than a batch arrives whole, in order and in batches of bounded size.
func TestReadBacklog(t *testing.T) {
	srv, nc := onePartition(t)
	const last = BatchSize + 2000
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	publishNumbered(t, p, 1, last)
	flush(t, p)
	checkNumbered(t, nc, last)

	largest, next := 0, uint64(1001)
	err := Read(within(t, patience), nc, ReadOptions{Stream: StreamName(0), From: 1001}, func(batch []Message) error {
		largest = max(largest, len(batch))
		for _, m := range batch {
			if m.Sequence != next {
				t.Fatalf("sequence %d, want %d", m.Sequence, next)
			}
			next++
		}
		if next > last {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) || largest > BatchSize {
		t.Errorf("ended with %v, largest batch %d", err, largest)
	}
}

// Messages near the largest size are bounded by their bytes; the request ends early and the next one goes on.
func TestReadLargeMessages(t *testing.T) {
	srv, nc := onePartition(t)
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	const last = batchBytes/(250<<10) + 10
	for n := range last {
		e := numbered(n)
		e.Data = bytes.Repeat([]byte{byte(n)}, 250<<10)
		if err := p.Publish(within(t, patience), e); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, p)
	requests, err := nc.SubscribeSync("$JS.API.CONSUMER.MSG.NEXT.>")
	if err != nil {
		t.Fatal(err)
	}
	for n, m := range readTo(t, nc, 0, 1, last) {
		if m.Sequence != uint64(n+1) || len(m.Data) != 250<<10 || m.Data[1000] != byte(n) {
			t.Fatalf("message %d has sequence %d and %d bytes", n, m.Sequence, len(m.Data))
		}
	}
	if n, _, _ := requests.Pending(); n < 2 {
		t.Errorf("%d bytes came with %d request, which may bring %d", last*250<<10, n, batchBytes)
	}
}

// A lone message does not wait for company: it is here long before the request for a batch ends.
func TestReadLoneMessage(t *testing.T) {
	srv, nc := onePartition(t)
	r := startRead(t, nc, ReadOptions{From: 1})
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	sent := time.Now()
	publishNumbered(t, p, 1, 1)
	if m := await(t, r.messages, "the message"); m.Sequence != 1 {
		t.Errorf("got sequence %d", m.Sequence)
	}
	if took := time.Since(sent); took > heartbeatInterval {
		t.Errorf("took %s, want milliseconds", took)
	}
}

// While no message arrives, the request is renewed, and the latest one delivers what arrives then.
func TestReadAsksAgain(t *testing.T) {
	srv, nc := onePartition(t)
	requests, err := nc.SubscribeSync("$JS.API.CONSUMER.MSG.NEXT.>")
	if err != nil {
		t.Fatal(err)
	}
	r := startRead(t, nc, ReadOptions{From: 1, heartbeat: 100 * time.Millisecond})
	for i := range 3 {
		request, err := requests.NextMsg(patience)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 && !strings.Contains(string(request.Data), `"expires":200000000,`) {
			t.Errorf("request %d is not renewed after two heartbeats: %s", i, request.Data)
		}
	}
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	publishNumbered(t, p, 1, 1)
	if m := await(t, r.messages, "the message"); m.Sequence != 1 {
		t.Errorf("got sequence %d", m.Sequence)
	}
}

// A request that the user may not make is noticed at once, long before heartbeats are
// missed.
func TestReadNoticesThatItMayNotRead(t *testing.T) {
	o := bareOptions()
	o.JetStream, o.StoreDir = true, t.TempDir()
	const requests = "$JS.API.CONSUMER.MSG.NEXT.>"
	o.Users = []*server.User{{Username: "ana", Password: "x", Permissions: &server.Permissions{
		Publish: &server.SubjectPermission{Deny: []string{requests}},
	}}}
	url := strings.Replace(runServer(t, o), "://", "://ana:x@", 1)
	nc := connect(t, Options{URL: url})
	if err := EnsureStreams(t.Context(), nc, StreamOptions{Partitions: 1}); err != nil {
		t.Fatal(err)
	}
	r := startRead(t, nc, ReadOptions{From: 1, heartbeat: time.Hour})
	err := await(t, r.ended, "its end")
	if !errors.Is(err, ErrSilent) || !errors.Is(err, natsgo.ErrPermissionViolation) || !NeedsOperator(err) ||
		!strings.Contains(err.Error(), "give this user the permission") {
		t.Errorf("got %v", err)
	}
}

func TestReadEndsWithItsContext(t *testing.T) {
	_, nc := onePartition(t)
	ctx, cancel := context.WithCancel(t.Context())
	opened := func(StreamState) error {
		cancel()
		return nil
	}
	err := Read(ctx, nc, ReadOptions{Stream: StreamName(0), From: 1, Opened: opened}, nil)
	if err != context.Canceled {
		t.Errorf("ended with %v, want exactly context.Canceled", err)
	}
	if n := consumers(t, nc); n != 0 {
		t.Errorf("left %d consumers behind", n)
	}
}

func consumers(t *testing.T, nc *natsgo.Conn) int {
	t.Helper()
	return jetStream(t, nc).CachedInfo().State.Consumers
}

func TestReadReturnsItsHandlersError(t *testing.T) {
	srv, nc := onePartition(t)
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	publishNumbered(t, p, 1, 1)
	flush(t, p)
	options := ReadOptions{Stream: StreamName(0), From: 1}
	err := Read(within(t, patience), nc, options, func([]Message) error { return errEnough })
	if err != errEnough {
		t.Errorf("ended with %v, want the handler's error as it was", err)
	}
	opened := func(StreamState) error { return errEnough }
	options.Opened = opened
	if err := Read(within(t, patience), nc, options, nil); err != errEnough {
		t.Errorf("ended with %v, want the error of Opened as it was", err)
	}
}

func TestReadFromBeyondTheEnd(t *testing.T) {
	srv, nc := onePartition(t)
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	publishNumbered(t, p, 1, 3)
	flush(t, p)
	err := Read(within(t, patience), nc, ReadOptions{Stream: StreamName(0), From: 5}, nil)
	var start *StartError
	if !errors.As(err, &start) || start.From != 5 || start.State.LastSequence != 3 {
		t.Fatalf("ended with %v, want a StartError", err)
	}
	if n := consumers(t, nc); n != 0 {
		t.Errorf("left %d consumers behind", n)
	}
	r := startRead(t, nc, ReadOptions{From: 4}) // the next one that will be
	publishNumbered(t, p, 4, 4)
	if m := await(t, r.messages, "the fourth message"); m.Sequence != 4 {
		t.Errorf("got sequence %d", m.Sequence)
	}
	if err := Read(within(t, patience), nc, ReadOptions{Stream: StreamName(0)}, nil); err == nil {
		t.Error("reading from sequence 0 is not an error")
	}
}

func TestReadNoStream(t *testing.T) {
	nc := connect(t, Options{URL: startServer(t).URL()})
	err := Read(within(t, patience), nc, ReadOptions{Stream: StreamName(0), From: 1}, nil)
	var ended *ReadError
	if !errors.As(err, &ended) || !errors.Is(err, ErrStreamNotFound) || ended.Next != 1 {
		t.Errorf("ended with %v, want a ReadError for ErrStreamNotFound", err)
	}
}

// The stream's first sequence shows what was purged before reading began, the messages' sequences what was purged since.
func TestReadPurged(t *testing.T) {
	srv, nc := onePartition(t)
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	publishNumbered(t, p, 1, 10)
	flush(t, p)
	if err := jetStream(t, nc).Purge(t.Context(), jetstream.WithPurgeSequence(8)); err != nil {
		t.Fatal(err)
	}
	states := make(chan StreamState, 1)
	r := startRead(t, nc, ReadOptions{From: 4, Opened: func(s StreamState) error { states <- s; return nil }})
	if state := await(t, states, "the stream's state"); state.FirstSequence != 8 || state.Lost(3) != 4 {
		t.Errorf("opened with %+v", state)
	}
	for want := uint64(8); want <= 10; want++ {
		if m := await(t, r.messages, "what is left"); m.Sequence != want {
			t.Errorf("got sequence %d, want %d", m.Sequence, want)
		}
	}

	if err := jetStream(t, nc).Purge(t.Context()); err != nil { // while it is read
		t.Fatal(err)
	}
	if state := streamState(t, nc); state.FirstSequence != 11 || state.LastSequence != 10 || state.Lost(10) != 0 {
		t.Errorf("after the purge: %+v", state)
	}
	publishNumbered(t, p, 11, 11)
	if m := await(t, r.messages, "what came after the purge"); m.Sequence != 11 {
		t.Errorf("got sequence %d, want 11", m.Sequence)
	}
}

func TestReadDeletedMiddle(t *testing.T) {
	srv, nc := onePartition(t)
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	publishNumbered(t, p, 1, 6)
	flush(t, p)
	for _, sequence := range []uint64{3, 4} {
		if err := jetStream(t, nc).DeleteMsg(t.Context(), sequence); err != nil {
			t.Fatal(err)
		}
	}
	var got []uint64
	for _, m := range readTo(t, nc, 0, 1, 6) {
		got = append(got, m.Sequence)
	}
	if fmt.Sprint(got) != "[1 2 5 6]" {
		t.Errorf("read sequences %v", got)
	}
	if _, err := Get(t.Context(), nc, StreamName(0), 3); !errors.Is(err, ErrMessageNotFound) {
		t.Errorf("Get of a deleted message: %v, want ErrMessageNotFound", err)
	}
}

// A server that restarts ends the read. A new one from where it ended loses nothing and repeats nothing.
func TestReadAcrossRestart(t *testing.T) {
	srv, nc := onePartition(t)
	back := nc.StatusChanged(natsgo.CONNECTED)
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	publishNumbered(t, p, 1, 100)
	r := startRead(t, nc, ReadOptions{From: 1})
	for want := uint64(1); want <= 100; want++ {
		if m := await(t, r.messages, "a message"); m.Sequence != want {
			t.Fatalf("got sequence %d, want %d", m.Sequence, want)
		}
	}
	srv.restart()
	var ended *ReadError
	if err := await(t, r.ended, "the end of the read"); !errors.As(err, &ended) || ended.Next != 101 {
		t.Fatalf("ended with %v, want a ReadError at 101", err)
	}
	publishNumbered(t, p, 101, 200)
	flush(t, p)
	await(t, back, "the connection")
	r = startRead(t, nc, ReadOptions{From: ended.Next})
	for want := uint64(101); want <= 200; want++ {
		if m := await(t, r.messages, "a message"); m.Sequence != want {
			t.Fatalf("got sequence %d, want %d", m.Sequence, want)
		}
	}
	checkNumbered(t, nc, 200)
}

func TestReadWithoutConnection(t *testing.T) {
	srv, nc := onePartition(t)
	gone := nc.StatusChanged(natsgo.RECONNECTING)
	srv.stop()
	await(t, gone, "the disconnection")
	err := Read(within(t, patience), nc, ReadOptions{Stream: StreamName(0), From: 1}, nil)
	if !errors.Is(err, ErrDisconnected) {
		t.Errorf("ended with %v, want ErrDisconnected", err)
	}
}

func TestReadConsumerDeleted(t *testing.T) {
	_, nc := onePartition(t)
	r := startRead(t, nc, ReadOptions{From: 1, Opened: func(StreamState) error {
		names := jetStream(t, nc).ConsumerNames(t.Context())
		for name := range names.Name() {
			if err := jetStream(t, nc).DeleteConsumer(t.Context(), name); err != nil {
				return err
			}
		}
		return names.Err()
	}})
	if err := await(t, r.ended, "the end of the read"); !errors.Is(err, ErrConsumerGone) {
		t.Errorf("ended with %v, want ErrConsumerGone", err)
	}
}

// A read ends when its stream is deleted and created again, with sequences that start over.
func TestReadStreamRecreated(t *testing.T) {
	srv, nc := onePartition(t)
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	publishNumbered(t, p, 1, 2)
	r := startRead(t, nc, ReadOptions{From: 1})
	await(t, r.messages, "the first message")
	await(t, r.messages, "the second message")
	created := streamState(t, nc).Created
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(t.Context(), StreamName(0)); err != nil {
		t.Fatal(err)
	}
	if err := EnsureStreams(t.Context(), nc, StreamOptions{Partitions: 1, MaxBytes: 1 << 30}); err != nil {
		t.Fatal(err)
	}
	if err := await(t, r.ended, "the end of the read"); !errors.Is(err, ErrConsumerGone) {
		t.Errorf("ended with %v, want ErrConsumerGone", err)
	}
	var start *StartError
	if err := Read(within(t, patience), nc, ReadOptions{Stream: StreamName(0), From: 3}, nil); !errors.As(err, &start) {
		t.Fatalf("reading on ended with %v, want a StartError", err)
	}
	if !start.State.Created.After(created) {
		t.Errorf("created %s, then %s", created, start.State.Created)
	}
}

// A connection that is lost for a moment only ends the read as well.
func TestReadConnectionLost(t *testing.T) {
	srv, _ := onePartition(t)
	proxy := startProxy(t, srv.URL(), func() int { return 0 })
	nc := connect(t, Options{URL: proxy.url()})
	r := startRead(t, nc, ReadOptions{From: 1, Opened: func(StreamState) error {
		proxy.cut()
		return nil
	}})
	if err := await(t, r.ended, "the end of the read"); !errors.Is(err, ErrDisconnected) {
		t.Errorf("ended with %v, want ErrDisconnected", err)
	}
}

// A connection that stands but carries nothing ends the read.
func TestReadSilence(t *testing.T) {
	srv, _ := onePartition(t)
	proxy := startProxy(t, srv.URL(), func() int { return 0 })
	nc := connect(t, Options{URL: proxy.url()})
	r := startRead(t, nc, ReadOptions{From: 1, heartbeat: 100 * time.Millisecond, Opened: func(StreamState) error {
		proxy.silence()
		return nil
	}})
	if err := await(t, r.ended, "the end of the read"); !errors.Is(err, ErrSilent) {
		t.Errorf("ended with %v, want ErrSilent", err)
	}
}
