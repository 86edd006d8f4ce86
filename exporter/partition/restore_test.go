package partition

import (
	"fmt"
	"testing"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/exposure"
	"belfry/exporter/fold"
	"belfry/exporter/metrics"
	"belfry/exporter/state"
	"belfry/nats"
)

// noon is when the messages of these tests come.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func restoreOptions(t *testing.T) *Options {
	t.Helper()
	o := &Options{Dir: t.TempDir(), Fold: fold.Options{
		Partitions: 1, PartitionOf: nats.Partition, AttributionWindow: 7 * 24 * time.Hour, UserKey: []byte("key"),
		Window: event.Window{MaxAge: 7 * 24 * time.Hour, MaxLead: time.Hour},
	}}
	o.setDefaults()
	return o
}

// sentAt returns a message of a stream about a notification that was sent at a time.
func sentAt(sequence uint64, at time.Time) nats.Message {
	return nats.Message{Sequence: sequence, Time: at.UnixNano(), Data: fmt.Appendf(nil,
		`{"eventId":"e%d","eventType":"notification.sent","timestamp":%q,"notificationId":"n%[1]d","userId":"u",`+
			`"strange":1,"data":{"channel":"push","category":"c","priority":"low","templateId":"t"}}`,
		sequence, at.Format(time.RFC3339))}
}

// restored returns the numbers that continue from a checkpoint of the first message, while
// those up to the sequence 4 were shown.
func restored(t *testing.T, o *Options, edit func(*state.Checkpoint)) *numbers {
	t.Helper()
	store, _, err := state.Open(state.Options{Dir: o.Dir, Window: o.Fold.AttributionWindow, OverlayBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	ledger, err := exposure.Open(o.Dir, 0, o.Log)
	if err != nil {
		t.Fatal(err)
	}
	const created = 1
	if !ledger.Commit(state.Place{Created: created, Sequence: 4, Hash: 1}, ledger.Hold(), noon.UnixNano()) {
		t.Fatal("the mark cannot be written")
	}
	first := fold.New(o.Fold, store)
	m := sentAt(1, noon)
	if rejection := first.Fold(fold.Message{Data: m.Data, Time: m.Time}); rejection != nil {
		t.Fatal(rejection)
	}
	latest := &state.Checkpoint{
		Place: state.Place{Created: created, Sequence: 1}, Fold: first.Image(), UserKey: fingerprint(o.Fold.UserKey),
	}
	edit(latest)
	n, err := restoreNumbers(o, store, ledger, latest)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func ignore(*nats.Message, *event.Rejection) {}

// A version before the present clock has rejected every event after a time that lay far
// ahead. Folded again, they count, and fewer are rejected than were shown: then the
// counters start over. What came in order is folded again as it was.
func TestTimesInDoubtThatAnEarlierVersionHasShown(t *testing.T) {
	const month = 30 * 24 * time.Hour
	for name, test := range map[string]struct {
		unbounded bool
		times     [3]time.Duration
		startOver bool
	}{
		"in order":              {true, [3]time.Duration{time.Second, time.Hour, time.Hour}, false},
		"one ahead":             {true, [3]time.Duration{month, time.Hour, time.Hour}, true},
		"the last ahead":        {true, [3]time.Duration{time.Second, time.Hour, month}, true},
		"all behind":            {true, [3]time.Duration{-month, -month, -month}, true},
		"ahead, this version's": {false, [3]time.Duration{month, time.Hour, time.Hour}, false},
	} {
		t.Run(name, func(t *testing.T) {
			o := restoreOptions(t)
			n := restored(t, o, func(c *state.Checkpoint) { c.Unbounded = test.unbounded })
			var batch []nats.Message
			for i, after := range test.times {
				batch = append(batch, sentAt(uint64(i+2), noon.Add(after)))
			}
			if err := n.add(batch, ignore); err != nil {
				t.Fatal(err)
			}
			if !n.gate.Open {
				t.Fatal("the numbers are not shown")
			}
			if over := total(n, catalog.Events) == 0; over != test.startOver {
				t.Errorf("the counters have started over: %v, want %v", over, test.startOver)
			}
		})
	}
}

// total returns the sum of a family's series.
func total(n *numbers, m catalog.Metric) (sum float64) {
	var e metrics.Exposition
	for _, f := range e.Families([]metrics.Part{{Partition: "0", Snapshot: n.fold.Snapshot(), Now: n.fold.Now()}}) {
		for _, s := range f.Metric {
			if f.GetName() == m.Desc().Name {
				sum += s.GetCounter().GetValue()
			}
		}
	}
	return sum
}

// With another user key the names of unknown fields that are known under the former one
// are dropped with the users.
func TestForgettingUsersForgetsFieldNames(t *testing.T) {
	o := restoreOptions(t)
	o.OnUserKeyMismatch = ForgetUsers
	n := restored(t, o, func(c *state.Checkpoint) {
		if len(c.Fold.UnknownFields) != 1 {
			t.Fatalf("%d unknown fields before", len(c.Fold.UnknownFields))
		}
		c.UserKey = "another"
	})
	if left := n.fold.Image().UnknownFields; len(left) > 0 {
		t.Errorf("unknown fields %v are left", left)
	}
}
