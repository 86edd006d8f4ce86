package nats

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	natsgo "github.com/nats-io/nats.go"
)

// inLetterStream returns the subjects and bodies in the dead-letter stream.
func inLetterStream(t *testing.T, nc *natsgo.Conn) (found []string) {
	t.Helper()
	err := ReadDeadLetters(within(t, patience), nc, func(batch []Message) error {
		for _, m := range batch {
			found = append(found, m.Subject+" "+string(m.Data))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestDeadLettersAreKeptOnceAndRead(t *testing.T) {
	_, nc := onePartition(t)
	if found := inLetterStream(t, nc); len(found) > 0 {
		t.Fatalf("a new stream has %q", found)
	}
	if _, err := LastDeadLetter(t.Context(), nc, 0); !errors.Is(err, ErrMessageNotFound) {
		t.Errorf("the last letter of none: %v", err)
	}
	for _, l := range []struct{ subject, id, body string }{
		{DeadLetterSubject(0), "0-1", "a"}, {DeadLetterSubject(0), "0-2", "b"}, {DeadLetterSubject(0), "0-2", "b"},
		{DeadLetterSubject(1), "1-1", "c"}, {RequeuedSubject, "0-1-as-7", "d"},
	} {
		if err := KeepDeadLetter(t.Context(), nc, l.subject, l.id, []byte(l.body)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"notify-dead.0 a", "notify-dead.0 b", "notify-dead.1 c", "notify-dead.requeued d"}
	if diff := cmp.Diff(want, inLetterStream(t, nc)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if last, err := LastDeadLetter(t.Context(), nc, 0); err != nil || string(last.Data) != "b" {
		t.Errorf("the last letter of partition 0 is %q, %v", last.Data, err)
	}
}

// The copy passes the stream's own check for duplicates, in which the original
// still stands, and only once.
func TestRequeueStoresOneCopy(t *testing.T) {
	srv, nc := onePartition(t)
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	received := time.Unix(1_700_000_000, 123).UTC()
	e := numbered(1)
	e.ReceivedAt = received
	if err := p.Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	flush(t, p)
	original, err := Get(t.Context(), nc, StreamName(0), 1)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if sequence, err := Requeue(t.Context(), nc, original, "requeue-0-1"); err != nil || sequence != 2 {
			t.Fatalf("requeued as %d, %v", sequence, err)
		}
	}
	copied, err := Get(t.Context(), nc, StreamName(0), 2)
	if err != nil {
		t.Fatal(err)
	}
	want := original
	want.Sequence, want.Time = copied.Sequence, copied.Time
	if diff := cmp.Diff(want, copied); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if copied.ReceivedAt != received.UnixNano() {
		t.Errorf("received at %d", copied.ReceivedAt)
	}
}
