package nats

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func alertStream(t *testing.T) *natsgo.Conn {
	t.Helper()
	nc := connect(t, Options{URL: startServer(t).URL()})
	for range 2 { // each writer calls it at each start
		if err := EnsureAlertStream(t.Context(), nc, StreamOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	return nc
}

// inAlertStream returns the sequences, subjects and bodies from a sequence on.
func inAlertStream(t *testing.T, nc *natsgo.Conn, from uint64) (found []string) {
	t.Helper()
	err := ReadAlerts(within(t, patience), nc, from, func(batch []Message) error {
		for _, m := range batch {
			found = append(found, fmt.Sprintf("%d %s %s", m.Sequence, m.Subject, m.Data))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestAlertStreamKeepsThirteenMonths(t *testing.T) {
	c := configs(t, alertStream(t))[AlertStream]
	if c.MaxAge != AlertMaxAge || c.MaxAge.Hours() < 395*24 ||
		c.Storage != jetstream.FileStorage || c.Discard != jetstream.DiscardOld {
		t.Errorf("%+v", c)
	}
	if diff := cmp.Diff([]string{"notify-alerts.*"}, c.Subjects); diff != "" {
		t.Error(diff)
	}
}

func TestAppendAlertStoresBehindWhatIsKnown(t *testing.T) {
	nc := alertStream(t)
	if found := inAlertStream(t, nc, 1); len(found) > 0 {
		t.Fatalf("a new stream has %q", found)
	}
	for i, step := range []struct {
		key   string
		after uint64
		id    string
		want  uint64
		err   error
	}{
		{"a", 0, "a-1", 1, nil},
		{"a", 0, "a-1", 0, ErrAlertMoved}, // sent twice
		{"a", 0, "a-2", 0, ErrAlertMoved}, // by a writer that has not seen the first
		{"b", 0, "b-1", 2, nil},
		{"a", 1, "a-2", 3, nil},
		{"a", 3, "a-2", 0, ErrAlertMoved}, // stored under this id before
		{"b", 3, "b-2", 0, ErrAlertMoved}, // another subject's sequence
		{"b", 2, "b-2", 4, nil},
	} {
		sequence, err := AppendAlert(t.Context(), nc, step.key, step.after, step.id, []byte(step.id))
		if sequence != step.want || !errors.Is(err, step.err) {
			t.Errorf("step %d: sequence %d, %v; want %d, %v", i, sequence, err, step.want, step.err)
		}
	}
	want := []string{"1 notify-alerts.a a-1", "2 notify-alerts.b b-1", "3 notify-alerts.a a-2", "4 notify-alerts.b b-2"}
	if diff := cmp.Diff(want, inAlertStream(t, nc, 1)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(want[2:], inAlertStream(t, nc, 3)); diff != "" {
		t.Errorf("from 3 (-want +got)\n%s", diff)
	}
	if found := inAlertStream(t, nc, 5); len(found) > 0 {
		t.Errorf("behind the end there is %q", found)
	}
	if m, err := LastAlert(t.Context(), nc, "a"); err != nil || m.Sequence != 3 || string(m.Data) != "a-2" {
		t.Errorf("the last of a is %+v, %v", m, err)
	}
	if _, err := LastAlert(t.Context(), nc, "c"); !errors.Is(err, ErrMessageNotFound) {
		t.Errorf("the last of none: %v", err)
	}
}

// Of several writers of the same transition, one succeeds.
func TestAppendAlertOnceByMany(t *testing.T) {
	nc := alertStream(t)
	var writers sync.WaitGroup
	stored := make(chan uint64, 20)
	for i := range cap(stored) {
		writers.Go(func() {
			sequence, err := AppendAlert(t.Context(), nc, "a", 0, fmt.Sprint(i), nil)
			if err == nil {
				stored <- sequence
			} else if !errors.Is(err, ErrAlertMoved) {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	if len(stored) != 1 || <-stored != 1 {
		t.Errorf("%d others stored it as well", len(stored))
	}
}

func TestAppendAlertErrors(t *testing.T) {
	nc := connect(t, Options{URL: startServer(t).URL()})
	if _, err := AppendAlert(t.Context(), nc, "a", 0, "1", nil); !errors.Is(err, ErrStreamNotFound) {
		t.Errorf("without a stream: %v", err)
	}
	if err := ReadAlerts(t.Context(), nc, 1, nil); !errors.Is(err, ErrStreamNotFound) {
		t.Errorf("without a stream: %v", err)
	}
	_, err := AppendAlert(t.Context(), nc, "*", 0, "1", nil)
	if err == nil || !strings.Contains(err.Error(), "which is not allowed in a subject") {
		t.Errorf("a key that is a wildcard: %v", err)
	}
}
