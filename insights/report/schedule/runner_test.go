package schedule

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/insights/report/deliver"
)

// memory is a ledger that several replicas share.
type memory struct {
	sync.Mutex
	entries map[string][]byte
	at      map[string]uint64
	last    uint64
	down    bool
}

func newMemory() *memory { return &memory{entries: map[string][]byte{}, at: map[string]uint64{}} }

var errDown = errors.New("no answer")

func (m *memory) Get(_ context.Context, key string) ([]byte, uint64, error) {
	m.Lock()
	defer m.Unlock()
	if m.down {
		return nil, 0, errDown
	}
	return m.entries[key], m.at[key], nil
}

func (m *memory) Put(_ context.Context, key string, data []byte, revision uint64) (uint64, error) {
	m.Lock()
	defer m.Unlock()
	switch {
	case m.down:
		return 0, errDown
	case m.at[key] != revision:
		return 0, ErrMoved
	}
	m.last++
	m.entries[key], m.at[key] = data, m.last
	return m.last, nil
}

func (m *memory) Delete(_ context.Context, key string) error {
	m.Lock()
	defer m.Unlock()
	delete(m.entries, key)
	delete(m.at, key)
	return nil
}

func (m *memory) Keys(_ context.Context, prefix string) (all []string, err error) {
	m.Lock()
	defer m.Unlock()
	for key := range m.entries {
		if strings.HasPrefix(key, prefix) {
			all = append(all, key)
		}
	}
	return all, nil
}

func (m *memory) set(down bool) {
	m.Lock()
	defer m.Unlock()
	m.down = down
}

// mailbox is a target that remembers when it got what.
type mailbox struct {
	sync.Mutex
	name string
	got  map[string][]time.Time // by the ID of the message
	fail func(attempt int) error
	take time.Duration // that handing over takes
	n    int
}

func newMailbox(name string) *mailbox { return &mailbox{name: name, got: map[string][]time.Time{}} }

func (m *mailbox) String() string { return m.name }

func (m *mailbox) Send(ctx context.Context, message deliver.Message) error {
	select {
	case <-time.After(m.take):
	case <-ctx.Done():
		return ctx.Err()
	}
	m.Lock()
	defer m.Unlock()
	m.n++
	if m.fail != nil {
		if err := m.fail(m.n); err != nil {
			return err
		}
	}
	m.got[message.ID] = append(m.got[message.ID], time.Now())
	return nil
}

// due returns when the messages were due that came, and fails if one came twice.
func (m *mailbox) due(t *testing.T) []string {
	t.Helper()
	m.Lock()
	defer m.Unlock()
	for id, times := range m.got {
		if len(times) != 1 {
			t.Errorf("%s got %s %d times", m.name, id, len(times))
		}
	}
	return slices.Sorted(maps.Keys(m.got))
}

// begin is when the tests begin: midnight of a Thursday, in the time of synctest.
var begin = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func daily(t *testing.T, targets ...deliver.Target) Schedule {
	t.Helper()
	times, err := parseTimes("0 8 * * *", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return Schedule{Name: "daily", times: times, targets: targets}
}

func ids(days ...int) (all []string) {
	for _, d := range days {
		all = append(all, fmt.Sprintf("daily.%d", begin.AddDate(0, 0, d).Add(8*time.Hour).Unix()))
	}
	return all
}

func blank(context.Context, Schedule, time.Time) (deliver.Message, error) {
	return deliver.Message{}, nil
}

// replica runs a runner until the returned function is called.
func replica(l Ledger, o Options, schedules ...Schedule) (*Runner, func()) {
	o.Ledger = l
	if o.Make == nil {
		o.Make = blank
	}
	r := NewRunner(o, schedules)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = r.Run(ctx) // its error is that of the context
	}()
	return r, func() {
		cancel()
		<-ended
	}
}

func TestEachOccurrenceIsSentOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box, ledger := newMailbox("a"), newMemory()
		_, stopOne := replica(ledger, Options{}, daily(t, box))
		_, stopTwo := replica(ledger, Options{}, daily(t, box))
		time.Sleep(5*24*time.Hour + time.Minute)
		stopOne()
		stopTwo()
		if diff := cmp.Diff(ids(0, 1, 2, 3, 4), box.due(t)); diff != "" {
			t.Error(diff)
		}
		for id, times := range box.got {
			if late := times[0].Sub(begin.Add(8*time.Hour)) % (24 * time.Hour); late > 2*time.Second {
				t.Errorf("%s came %s late", id, late)
			}
		}
		if keys, _ := ledger.Keys(t.Context(), "recipient."); len(keys) > 1 {
			t.Errorf("occurrences that are settled are still remembered: %v", keys)
		}
	})
}

// What was due while no replica ran is caught up once, the latest only, and a new schedule sends
// nothing that was due before.
func TestMissedOccurrences(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box, ledger := newMailbox("a"), newMemory()
		_, stop := replica(ledger, Options{}, daily(t, box))
		time.Sleep(31 * time.Hour) // the second is due in an hour
		stop()
		time.Sleep(3 * 24 * time.Hour)
		var log bytes.Buffer
		_, stop = replica(ledger, Options{Log: slog.New(slog.NewTextHandler(&log, nil))}, daily(t, box))
		time.Sleep(30 * time.Minute)
		stop()
		if diff := cmp.Diff(ids(0, 3), box.due(t)); diff != "" {
			t.Error(diff)
		}
		if strings.Count(log.String(), "left_out=") != 1 {
			t.Errorf("the log does not say once what is left out:\n%s", log.String())
		}
	})
}

func TestFailuresAreTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flaky, well := newMailbox("flaky"), newMailbox("well")
		flaky.fail = func(attempt int) error {
			if attempt <= 3 {
				return errors.New("451 try later")
			}
			return nil
		}
		made := 0
		r, stop := replica(newMemory(), Options{Make: func(context.Context, Schedule, time.Time) (deliver.Message,
			error) {
			if made++; made == 1 {
				return deliver.Message{}, errors.New("Prometheus does not answer")
			}
			return deliver.Message{}, nil
		}}, daily(t, flaky, well))
		time.Sleep(10 * time.Hour)
		stop()
		if diff := cmp.Diff(ids(0), flaky.due(t)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(ids(0), well.due(t)); diff != "" {
			t.Error(diff)
		}
		// One attempt at each recipient failed with the report, and three at the mailbox.
		if s := r.Stats()[0]; s.Failures != 5 || s.Sent.IsZero() {
			t.Errorf("got %+v", s)
		}
	})
}

// Who is refused for good is named and not asked again; the others get theirs.
func TestRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone, well := newMailbox("gone@example.com"), newMailbox("well")
		gone.fail = func(int) error { return deliver.PermanentError{Err: errors.New("550 no such user")} }
		var log bytes.Buffer
		r, stop := replica(newMemory(), Options{Log: slog.New(slog.NewTextHandler(&log, nil))}, daily(t, gone, well))
		time.Sleep(20 * time.Hour)
		stop()
		if gone.n != 1 || len(well.due(t)) != 1 {
			t.Errorf("asked %d times; the other got %d", gone.n, len(well.due(t)))
		}
		if !strings.Contains(log.String(), "recipient=gone@example.com") || !strings.Contains(log.String(), "550") {
			t.Errorf("the log does not name who was refused:\n%s", log.String())
		}
		if s := r.Stats()[0]; s.Failures != 1 || !s.Sent.IsZero() {
			t.Errorf("got %+v", s)
		}
	})
}

// It is given up when the next one is due.
func TestGivingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox("a")
		var mended atomic.Bool
		box.fail = func(int) error {
			if mended.Load() {
				return nil
			}
			return errors.New("no route")
		}
		var log bytes.Buffer
		_, stop := replica(newMemory(), Options{Log: slog.New(slog.NewTextHandler(&log, nil))}, daily(t, box))
		time.Sleep(32*time.Hour + 10*time.Second)
		mended.Store(true)
		time.Sleep(3 * time.Hour)
		stop()
		if n := strings.Count(log.String(), "until the next one was due"); n != 1 {
			t.Errorf("the log says %d times that one was not sent", n)
		}
		if diff := cmp.Diff(ids(1), box.due(t)); diff != "" {
			t.Error(diff)
		}
	})
}

// Another replica takes over once the claim of one that died has expired, not before, and not
// while it lives.
func TestTakingOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow, ledger := newMailbox("a"), newMemory()
		slow.take = 10 * time.Minute
		_, stopOne := replica(ledger, Options{}, daily(t, slow))
		time.Sleep(8*time.Hour + 5*time.Minute)
		_, stopTwo := replica(ledger, Options{}, daily(t, slow))
		time.Sleep(2 * time.Minute) // the claim is renewed
		stopOne()                   // in mid-message
		time.Sleep(30 * time.Minute)
		stopTwo()
		if diff := cmp.Diff(ids(0), slow.due(t)); diff != "" {
			t.Error(diff)
		}
		at := slow.got[ids(0)[0]][0].Sub(begin)
		if at < 8*time.Hour+17*time.Minute || at > 8*time.Hour+20*time.Minute {
			t.Errorf("it came at %s", at)
		}
	})
}

// Nothing is sent while it is not known what was sent.
func TestLedgerDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box, ledger := newMailbox("a"), newMemory()
		var log bytes.Buffer
		_, stop := replica(ledger, Options{Log: slog.New(slog.NewTextHandler(&log, nil))}, daily(t, box))
		time.Sleep(time.Hour)
		ledger.set(true)
		time.Sleep(9 * time.Hour)
		if len(box.due(t)) > 0 {
			t.Error("sent without knowing")
		}
		ledger.set(false)
		time.Sleep(time.Minute)
		stop()
		if len(box.due(t)) != 1 {
			t.Errorf("not sent when it was known again")
		}
		if n := strings.Count(log.String(), "nothing is sent until"); n != 1 {
			t.Errorf("told %d times:\n%s", n, log.String())
		}
	})
}

func TestOtherSchedules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, fresh := newMailbox("old"), newMailbox("new")
		r, stop := replica(newMemory(), Options{}, daily(t, old))
		time.Sleep(time.Hour)
		r.Set([]Schedule{daily(t, fresh)})
		time.Sleep(24 * time.Hour)
		stop()
		if len(old.due(t)) != 0 || len(fresh.due(t)) != 1 {
			t.Errorf("the old got %d, the new %d", len(old.due(t)), len(fresh.due(t)))
		}
	})
}
