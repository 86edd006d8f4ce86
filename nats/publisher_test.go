package nats

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestPublishChoosesThePartition(t *testing.T) {
	srv := startServer(t)
	nc := connect(t, Options{URL: srv.URL()})
	const partitions = 4
	if err := EnsureStreams(t.Context(), nc, StreamOptions{Partitions: partitions, MaxBytes: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	p := newPublisher(t, srv.URL(), PublisherOptions{Partitions: partitions})
	for i := range 40 {
		e := Event{ID: fmt.Sprint(i), Type: "notification.sent", Key: fmt.Sprintf("usr_%d", i), Data: []byte("{}")}
		if err := p.Publish(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, p)
	want := map[string]uint64{}
	for i := range 40 {
		want[StreamName(Partition(fmt.Sprintf("usr_%d", i), partitions))]++
	}
	for name, count := range want {
		if state, err := Info(t.Context(), nc, name); err != nil || state.LastSequence != count {
			t.Errorf("%s holds %d (%v), want %d", name, state.LastSequence, err, count)
		}
	}
}

func TestPublishOnce(t *testing.T) {
	srv, nc := onePartition(t)
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	publishNumbered(t, p, 1, 2)
	publishNumbered(t, p, 1, 2) // the stream has them
	flush(t, p)
	checkNumbered(t, nc, 2)

	again := numbered(1)
	again.Repeatable = true
	if err := p.Publish(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	flush(t, p)
	all := readTo(t, nc, 0, 1, 3)
	if string(all[2].Data) != string(again.Data) {
		t.Errorf("the wanted repetition is %s", all[2].Data)
	}
}

// Publish copies the data: its caller uses the buffer again at once.
func TestPublishCopies(t *testing.T) {
	srv, nc := onePartition(t)
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	buf := make([]byte, 0, 100)
	for n := 1; n <= 1000; n++ {
		e := numbered(n)
		buf = append(buf[:0], e.Data...)
		e.Data = buf
		if err := p.Publish(within(t, patience), e); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, p)
	checkNumbered(t, nc, 1000)
}

func TestPublishRefuses(t *testing.T) {
	srv, nc := onePartition(t)
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	for _, test := range []struct {
		event Event
		want  string
	}{
		{
			Event{ID: "e", Type: "sent"},
			`publish event "e": invalid event type "sent": use a prefix and a name, such as notification.sent`,
		},
		{Event{Type: "notification.sent"},
			`publish event "": it has no id: set one, by which the stream stores it once`},
		{
			Event{ID: "e\r\nX: y", Type: "notification.sent"},
			`publish event "e\r\nX: y": invalid id: it has the control character '\r'`,
		},
		{
			Event{ID: "e", Type: "notification.sent", Data: make([]byte, MaxMessageBytes)},
			`publish event "e": message too large: 262172 bytes with its headers; ` +
				`streams accept up to 262144, the exporter events up to 65536`,
		},
	} {
		if err := p.Publish(t.Context(), test.event); err == nil || err.Error() != test.want {
			t.Errorf("error is\n%v\nwant\n%s", err, test.want)
		}
	}
	flush(t, p)
	if state := streamState(t, nc); state.LastSequence != 0 {
		t.Errorf("%d messages were stored", state.LastSequence)
	}
}

// The largest message that the publisher lets through is the largest that the stream takes.
func TestPublishLargest(t *testing.T) {
	srv, nc := onePartition(t)
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	at := time.Date(2026, 11, 23, 2, 58, 53, 123456789, time.UTC)
	for _, e := range []Event{
		{ID: "largest", Type: "notification.sent"},
		{ID: "largest with time", Type: "notification.sent", ReceivedAt: at},
		{Type: "notification.sent", Repeatable: true},
	} {
		e.Data = bytes.Repeat([]byte("x"), MaxMessageBytes)
		for errors.Is(p.Publish(within(t, patience), e), ErrTooLarge) {
			e.Data = e.Data[1:]
		}
		flush(t, p)
		js, err := nc.JetStream()
		if err != nil {
			t.Fatal(err)
		}
		last, err := js.GetLastMsg(StreamName(0), "notify.0.sent")
		if err != nil {
			t.Fatal(err)
		}
		if size := len(last.Data) + len(rawHeader(last.Header)); size != MaxMessageBytes {
			t.Errorf("%q: the largest is %d bytes", e.ID, size)
		}
	}
}

func rawHeader(h map[string][]string) string {
	if len(h) == 0 {
		return ""
	}
	var lines strings.Builder
	for name, values := range h {
		fmt.Fprintf(&lines, "%s: %s\r\n", name, values[0])
	}
	return "NATS/1.0\r\n" + lines.String() + "\r\n"
}

func TestPublishWaitsForRoom(t *testing.T) {
	srv := startServer(t) // without streams nothing is acknowledged
	p := newPublisher(t, srv.URL(), PublisherOptions{MaxInFlight: 3})
	publishNumbered(t, p, 1, 3)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err := p.Publish(ctx, numbered(4))
	const want = "3 messages of the partition are unacknowledged"
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v", err)
	}
	nc := connect(t, Options{URL: srv.URL()})
	if err := EnsureStreams(t.Context(), nc, StreamOptions{Partitions: 1, MaxBytes: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	publishNumbered(t, p, 4, 20) // now there is a stream, and thus room
	flush(t, p)
	checkNumbered(t, nc, 20)
}

func TestCloseReportsWhatIsLeft(t *testing.T) {
	srv := startServer(t)
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	publishNumbered(t, p, 1, 2)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	err := p.Close(ctx)
	var left *UnacknowledgedError
	if !errors.As(err, &left) || left.Count != 2 || fmt.Sprint(left.IDs) != "[evt_0000001 evt_0000002]" ||
		!errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("error is %v", err)
	}
	if want := "no stream has this subject: create the streams"; !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v, want it to say %q", err, want)
	}
	if err := p.Publish(t.Context(), numbered(3)); !errors.Is(err, ErrPublisherClosed) {
		t.Errorf("publishing after Close: %v", err)
	}
}

// Producers of several partitions publish through a connection that is cut in the middle of messages, again and again.
// Each partition has each event once, in the order of its producer.
func TestPublishThroughLostConnections(t *testing.T) {
	srv := startServer(t)
	nc := connect(t, Options{URL: srv.URL()})
	const partitions, each, cuts = 4, 2000, 8
	if err := EnsureStreams(t.Context(), nc, StreamOptions{Partitions: partitions, MaxBytes: 64 << 20}); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(7, 11))
	connections := 0
	proxy := startProxy(t, srv.URL(), func() int {
		if connections++; connections > cuts {
			return 0
		}
		return 10_000 + random.IntN(100_000)
	})
	p := newPublisher(t, proxy.url(), PublisherOptions{Partitions: partitions, MaxInFlight: 500})
	var all sync.WaitGroup
	for _, key := range []string{"usr_0", "usr_1", "usr_2", "usr_3"} { // each in a partition of its own
		all.Go(func() {
			for n := 1; n <= each; n++ {
				e := numbered(n)
				e.ID, e.Key = key+e.ID, key
				if err := p.Publish(within(t, patience), e); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	flush(t, p)
	if connections <= cuts/2 {
		t.Errorf("%d connections were cut, too few to test anything", connections-1)
	}
	for partition := range partitions {
		checkNumberedIn(t, nc, partition, each)
	}
}

// A server that restarts while events are published loses and doubles none of them.
func TestPublishAcrossRestarts(t *testing.T) {
	srv, _ := onePartition(t)
	status := &Status{}
	options := PublisherOptions{Partitions: 1, MaxInFlight: 200}
	p, err := NewPublisher(t.Context(), Options{URL: srv.URL(), Status: status}, options)
	if err != nil {
		t.Fatal(err)
	}
	const last = 8_000
	published := make(chan int, last)
	go func() {
		defer close(published)
		for n := 1; n <= last; n++ {
			if err := p.Publish(within(t, patience), numbered(n)); err != nil {
				t.Error(err)
				return
			}
			published <- n
		}
	}()
	for n := range published {
		if n == last/4 || n == last/2 {
			srv.restart()
		}
	}
	if err := p.Close(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	checkNumbered(t, connect(t, Options{URL: srv.URL()}), last)
	if status.Reconnects() < 2 || status.Connected() {
		t.Errorf("%d reconnects, connected %v; want 2 and, after Close, false", status.Reconnects(), status.Connected())
	}
}
