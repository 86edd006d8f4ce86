package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	natsgo "github.com/nats-io/nats.go"

	"belfry/nats"
)

func connect(t *testing.T) *natsgo.Conn {
	t.Helper()
	server, err := nats.StartServer(t.Context(), nats.ServerOptions{StoreDir: filepath.Join(t.TempDir(), "nats")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	nc, err := nats.Connect(t.Context(), nats.Options{URL: server.URL()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	if err := nats.EnsureAlertStream(t.Context(), nc, 0); err != nil {
		t.Fatal(err)
	}
	return nc
}

func openJournal(t *testing.T, nc *natsgo.Conn) *Journal {
	t.Helper()
	j, err := OpenJournal(t.Context(), nc)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func (j *Journal) poll(t *testing.T, now time.Time, seen ...Observation) {
	t.Helper()
	err := j.Write(t.Context(), func(b *Book) ([]Record, error) { return b.ReconcilePoll(now, seen, true, ownEnd), nil })
	if err != nil {
		t.Fatal(err)
	}
}

// stored are the records in the stream.
func stored(t *testing.T, nc *natsgo.Conn) (lines []string) {
	t.Helper()
	err := nats.ReadAlerts(t.Context(), nc, 1, func(batch []nats.Message) error {
		for _, m := range batch {
			if r, err := Decode(m); err == nil {
				lines = append(lines, line(r))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func totalsOf(j *Journal) (t Totals) {
	j.View(func(b *Book) { t = b.Totals() })
	return t
}

// Two daemons see the same and neither has seen what the other wrote: each
// transition is written once, and their books agree.
func TestTwoJournalsWriteEachTransitionOnce(t *testing.T) {
	nc := connect(t)
	journals := []*Journal{openJournal(t, nc), openJournal(t, nc)}
	both := func(now time.Time, seen ...Observation) {
		var writers sync.WaitGroup
		for _, j := range journals {
			writers.Go(func() { j.poll(t, now, seen...) })
		}
		writers.Wait()
	}
	both(at(1), observation(1, Active), observation(2, Active))
	both(at(2), observation(1, Suppressed), observation(2, Active))
	both(at(3))
	both(at(3))
	got := map[string]int{}
	for _, l := range stored(t, nc) {
		got[l]++
	}
	want := map[string]int{
		"1 active at 0": 1, "2 active at 0": 1, "1 suppressed at 2": 1, "1 resolved at 3 after 3": 1, "2 resolved at 3 after 3": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(totalsOf(journals[0]), totalsOf(journals[1])); diff != "" {
		t.Errorf("totals differ:\n%s", diff)
	}
}

// What was decided of a past that is no longer the whole is decided again: an
// acknowledgement that was renewed in the last moment does not expire.
func TestDecisionsHoldForTheirPastOnly(t *testing.T) {
	nc := connect(t)
	daemon, command := openJournal(t, nc), openJournal(t, nc)
	daemon.poll(t, at(0), observation(1, Active))
	acknowledge := func(j *Journal, by string, minutes, until float64) {
		t.Helper()
		a := &Alert{Fingerprint: observation(1, Active).Fingerprint, StartsAt: start, Labels: observation(1, Active).Labels}
		if err := j.Acknowledge(t.Context(), a, Acknowledgement{At: at(minutes), Until: at(until), By: by}); err != nil {
			t.Fatal(err)
		}
	}
	if err := command.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	acknowledge(command, "ana", 1, 10)
	calls := 0
	err := daemon.Write(t.Context(), func(b *Book) ([]Record, error) {
		if calls++; calls == 1 {
			return nil, nil
		}
		return b.ExpireAcknowledgements(at(10)), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := daemon.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	acknowledge(command, "ben", 9, 20)
	calls = 0
	err = daemon.Write(t.Context(), func(b *Book) ([]Record, error) {
		calls++
		return b.ExpireAcknowledgements(at(10)), nil
	})
	if err != nil || calls != 2 {
		t.Errorf("decided %d times, %v", calls, err)
	}
	want := []string{"1 active at 0", "1 acknowledged at 1", "1 acknowledged at 9"}
	if diff := cmp.Diff(want, stored(t, nc)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAcknowledgeWhatIsOver(t *testing.T) {
	nc := connect(t)
	j := openJournal(t, nc)
	j.poll(t, at(0), observation(1, Active))
	var a *Alert
	j.View(func(b *Book) { a = b.Firing()[0] })
	if err := j.Unacknowledge(t.Context(), a, "ana", at(1)); !errors.Is(err, ErrNotAcknowledged) {
		t.Errorf("unacknowledge what is not: %v", err)
	}
	openJournal(t, nc).poll(t, at(2)) // resolved, and j has not heard of it
	if err := j.Acknowledge(t.Context(), a, Acknowledgement{At: at(3), Until: at(9)}); !errors.Is(err, ErrResolved) {
		t.Errorf("acknowledge what is over: %v", err)
	}
	if diff := cmp.Diff([]string{"1 active at 0", "1 resolved at 2 after 2"}, stored(t, nc)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Counters go on although the records behind them have left the stream.
func TestTotalsOutliveTheirRecords(t *testing.T) {
	nc := connect(t)
	j := openJournal(t, nc)
	if err := j.SaveTotals(t.Context(), at(0)); err != nil {
		t.Fatal(err)
	}
	if n := messages(t, nc); n != 0 {
		t.Fatalf("of nothing %d messages were kept", n)
	}
	s := observation(1, Active)
	j.poll(t, at(0), s)
	j.poll(t, at(7.5))
	if err := j.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	day := 24 * 60.0
	for _, minutes := range []float64{10, 20, day, day + 11} { // the second and third are too early
		if err := j.SaveTotals(t.Context(), at(minutes)); err != nil {
			t.Fatal(err)
		}
		if err := j.catchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := messages(t, nc); n != 4 {
		t.Errorf("there are %d messages, want two records and two totals", n)
	}
	want := totalsOf(j)
	if got := want.ToResolve["critical"]; got.Count() != 1 || got.Buckets[3] != 1 || got.Milliseconds != 450_000 {
		t.Fatalf("resolved in 7.5 minutes: %+v", got)
	}
	purge(t, nc, 4) // all but the totals
	j = openJournal(t, nc)
	if diff := cmp.Diff(want.ToResolve, totalsOf(j).ToResolve); diff != "" {
		t.Errorf("after the records have left (-want +got):\n%s", diff)
	}
	s.StartsAt = at(2 * day)
	j.poll(t, at(2*day), s)
	j.poll(t, at(2*day+1))
	if got := totalsOf(openJournal(t, nc)).ToResolve["critical"].Count(); got != 2 {
		t.Errorf("%d resolved, want 2", got)
	}
}

// An alert whose records have all left is written of anew.
func TestWritingGoesOnWhenThePastHasLeft(t *testing.T) {
	nc := connect(t)
	j := openJournal(t, nc)
	j.poll(t, at(0), observation(1, Active), observation(2, Active))
	purge(t, nc, 2)
	again := observation(1, Active)
	again.StartsAt = at(5)
	j.poll(t, at(6), again, observation(2, Active))
	if diff := cmp.Diff([]string{"2 active at 0", "1 resolved at 5 after 5", "1 active at 5"}, stored(t, nc)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFollowTellsWhatOthersWrite(t *testing.T) {
	nc := connect(t)
	reader := openJournal(t, nc)
	told := make(chan string, 10)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- reader.Follow(ctx, func(r *Record) { told <- line(r) }) }()
	writer := openJournal(t, nc)
	writer.poll(t, at(0), observation(1, Active))
	writer.poll(t, at(2))
	for _, want := range []string{"1 active at 0", "1 resolved at 2 after 2"} {
		if got := <-told; got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A stream made anew is another one, and may be longer.
func TestFollowNoticesAnotherStream(t *testing.T) {
	nc := connect(t)
	j := openJournal(t, nc)
	js, err := nc.JetStream()
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(nats.AlertStream); err != nil {
		t.Fatal(err)
	}
	if err := nats.EnsureAlertStream(t.Context(), nc, 0); err != nil {
		t.Fatal(err)
	}
	openJournal(t, nc).poll(t, at(0), observation(1, Active))
	if err := j.Follow(t.Context(), nil); !errors.As(err, new(*nats.StartError)) {
		t.Errorf("it follows another stream: %v", err)
	}
}

// A record reads back as it was written.
func TestRecordRoundTrip(t *testing.T) {
	until, ended := at(60), at(30)
	want := Record{
		Transition: Acknowledged, At: at(1), Fingerprint: "00000000000000ab", StartsAt: start, Began: start,
		Labels: map[string]string{"alertname": "A"}, Summary: "s", SilencedBy: []string{"x"}, InhibitedBy: []string{"y"},
		By: "ana", Comment: "on it", Until: &until, Silence: "z", Ended: &ended, EndedBy: ByCondition, Seconds: 1.5,
	}
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(nats.Message{Subject: nats.AlertSubject(want.Fingerprint), Data: data})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func messages(t *testing.T, nc *natsgo.Conn) (n int) {
	t.Helper()
	err := nats.ReadAlerts(t.Context(), nc, 1, func(batch []nats.Message) error { n += len(batch); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// purge lets everything before a sequence leave the stream.
func purge(t *testing.T, nc *natsgo.Conn, before uint64) {
	t.Helper()
	reply, err := nc.Request("$JS.API.STREAM.PURGE."+nats.AlertStream, fmt.Appendf(nil, `{"seq":%d}`, before), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct{ Success bool }
	if err := json.Unmarshal(reply.Data, &answer); err != nil || !answer.Success {
		t.Fatalf("purge: %s", reply.Data)
	}
}
