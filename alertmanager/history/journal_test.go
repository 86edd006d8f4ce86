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
	if err := nats.EnsureAlertStream(t.Context(), nc, nats.StreamOptions{}); err != nil {
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
	err := j.Write(t.Context(), func(b *Book) ([]Record, error) {
		return b.ReconcilePoll(now, seen, true, nil, ownEnd), nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// stored returns the records in the stream.
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

// Two daemons observe the same alerts, and neither has read what the other wrote:
// each transition is written once, and their books agree.
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
	both(minute(1), observation(1, Active), observation(2, Active))
	both(minute(2), observation(1, Suppressed), observation(2, Active))
	both(minute(3))
	both(minute(3))
	got := map[string]int{}
	for _, l := range stored(t, nc) {
		got[l]++
	}
	want := map[string]int{
		"1 active at 0": 1, "2 active at 0": 1, "1 suppressed at 2": 1,
		"1 resolved at 3 after 3": 1, "2 resolved at 3 after 3": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(totalsOf(journals[0]), totalsOf(journals[1])); diff != "" {
		t.Errorf("totals differ:\n%s", diff)
	}
}

// A decision based on an outdated book is made again: an acknowledgement that was
// renewed in the meantime does not expire.
func TestOutdatedDecisionsAreMadeAgain(t *testing.T) {
	nc := connect(t)
	daemon, command := openJournal(t, nc), openJournal(t, nc)
	daemon.poll(t, minute(0), observation(1, Active))
	acknowledge := func(j *Journal, by string, minutes, until float64) {
		t.Helper()
		o := observation(1, Active)
		a := &Alert{Fingerprint: o.Fingerprint, StartsAt: start, Labels: o.Labels}
		ack := Acknowledgement{At: minute(minutes), Until: minute(until), By: by}
		if err := j.Acknowledge(t.Context(), a, ack); err != nil {
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
		return b.ExpireAcknowledgements(minute(10)), nil
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
		return b.ExpireAcknowledgements(minute(10)), nil
	})
	if err != nil || calls != 2 {
		t.Errorf("decided %d times, %v", calls, err)
	}
	want := []string{"1 active at 0", "1 acknowledged at 1", "1 acknowledged at 9"}
	if diff := cmp.Diff(want, stored(t, nc)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAcknowledgeAResolvedAlert(t *testing.T) {
	nc := connect(t)
	j := openJournal(t, nc)
	j.poll(t, minute(0), observation(1, Active))
	var a *Alert
	j.View(func(b *Book) { a = b.Firing()[0] })
	if err := j.Unacknowledge(t.Context(), a, "ana", minute(1)); !errors.Is(err, errNotAcknowledged) {
		t.Errorf("unacknowledge what is not: %v", err)
	}
	openJournal(t, nc).poll(t, minute(2)) // resolved, and j has not heard of it
	err := j.Acknowledge(t.Context(), a, Acknowledgement{At: minute(3), Until: minute(9)})
	if !errors.Is(err, errResolved) {
		t.Errorf("acknowledge what is over: %v", err)
	}
	if diff := cmp.Diff([]string{"1 active at 0", "1 resolved at 2 after 2"}, stored(t, nc)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Counters continue after their records have left the stream.
func TestTotalsOutliveTheirRecords(t *testing.T) {
	nc := connect(t)
	j := openJournal(t, nc)
	if err := j.SaveTotals(t.Context(), minute(0)); err != nil {
		t.Fatal(err)
	}
	if n := messages(t, nc); n != 0 {
		t.Fatalf("of nothing %d messages were kept", n)
	}
	s := observation(1, Active)
	j.poll(t, minute(0), s)
	j.poll(t, minute(7.5))
	if err := j.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	day := 24 * 60.0
	for _, minutes := range []float64{10, 20, day, day + 11} { // the second and third are too early
		if err := j.SaveTotals(t.Context(), minute(minutes)); err != nil {
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
	s.StartsAt = minute(2 * day)
	j.poll(t, minute(2*day), s)
	j.poll(t, minute(2*day+1))
	if got := totalsOf(openJournal(t, nc)).ToResolve["critical"].Count(); got != 2 {
		t.Errorf("%d resolved, want 2", got)
	}
}

// An alert whose records have all left the stream can be written again.
func TestWriteAfterAllRecordsHaveLeft(t *testing.T) {
	nc := connect(t)
	j := openJournal(t, nc)
	j.poll(t, minute(0), observation(1, Active), observation(2, Active))
	purge(t, nc, 2)
	again := observation(1, Active)
	again.StartsAt = minute(5)
	j.poll(t, minute(6), again, observation(2, Active))
	want := []string{"2 active at 0", "1 resolved at 5 after 5", "1 active at 5"}
	if diff := cmp.Diff(want, stored(t, nc)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFollowReportsWhatOthersWrite(t *testing.T) {
	nc := connect(t)
	reader := openJournal(t, nc)
	told := make(chan string, 10)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- reader.Follow(ctx, func(r *Record) { told <- line(r) }) }()
	writer := openJournal(t, nc)
	writer.poll(t, minute(0), observation(1, Active))
	writer.poll(t, minute(2))
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

// A stream that was created again is another one, even if it is longer.
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
	if err := nats.EnsureAlertStream(t.Context(), nc, nats.StreamOptions{}); err != nil {
		t.Fatal(err)
	}
	openJournal(t, nc).poll(t, minute(0), observation(1, Active))
	if err := j.Follow(t.Context(), nil); !errors.As(err, new(*nats.StartError)) {
		t.Errorf("it follows another stream: %v", err)
	}
}

// A record decodes to what was encoded.
func TestRecordRoundTrip(t *testing.T) {
	until, ended := minute(60), minute(30)
	want := Record{
		Transition: Acknowledged, At: minute(1), Fingerprint: "00000000000000ab", StartsAt: start, Began: start,
		Labels: map[string]string{"alertname": "A"}, Summary: "s",
		SilencedBy: []string{"x"}, InhibitedBy: []string{"y"},
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

// purge removes everything before a sequence from the stream.
func purge(t *testing.T, nc *natsgo.Conn, before uint64) {
	t.Helper()
	reply, err := nc.Request("$JS.API.STREAM.PURGE."+nats.AlertStream, fmt.Appendf(nil, `{"seq":%d}`, before),
		time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct{ Success bool }
	if err := json.Unmarshal(reply.Data, &answer); err != nil || !answer.Success {
		t.Fatalf("purge: %s", reply.Data)
	}
}
