package truth

import (
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/nats"
)

// The truth has the streams' partitions, in words of its own.
func TestPartitionsAreThoseOfTheStreams(t *testing.T) {
	for _, partitions := range []int{1, 4, 7} {
		for _, key := range []string{"", "usr_0123456789abcdef", "email-worker", "漢字"} {
			if got, want := partitionOf(key, partitions), nats.Partition(key, partitions); got != want {
				t.Errorf("%q is in partition %d of %d, want %d", key, got, partitions, want)
			}
		}
	}
}

// Done forgets at once. The rest goes when the exporter forgets it: by whole days,
// the attribution window and 48 hours after it began.
func TestMemoryIsBounded(t *testing.T) {
	counted := New(Options{})
	add := func(id string, kind catalog.EventType, after time.Duration) event.Event {
		e := event.Event{ID: id, NotificationID: "of " + id, UserID: "u1", Type: kind, Time: at(after)}
		if kind == catalog.EventPreferenceChanged {
			e.NotificationID = ""
		}
		counted.pass(e.Time)
		counted.Add(&e, e.Time)
		return e
	}
	for i := range 100 {
		e := add(fmt.Sprint("done", i), catalog.EventSent, time.Duration(i))
		counted.Done(&e)
	}
	add("sent", catalog.EventSent, 0)
	add("changed", catalog.EventPreferenceChanged, 0)
	held := func() [3]int {
		notifications, users := counted.Len()
		return [3]int{notifications, users, len(counted.partitions[0].outside)}
	}
	if got, want := held(), [3]int{1, 1, 1}; got != want {
		t.Errorf("notifications, users and other events: %v are remembered, want %v", got, want)
	}
	add("last", catalog.EventSent, 9*days+24*time.Hour-1)
	if got, want := held(), [3]int{2, 1, 1}; got != want {
		t.Errorf("on the last day %v are remembered, want %v", got, want)
	}
	add("next", catalog.EventSent, 10*days)
	if got, want := held(), [3]int{2, 1, 0}; got != want {
		t.Errorf("a day later %v are remembered, want %v", got, want)
	}
}

// A label value past its limit, or one that could identify somebody, is other.
func TestValuesPastTheirLimit(t *testing.T) {
	counted := New(Options{
		Faults:      map[string]string{"listed": "platform"},
		LabelLimits: map[*catalog.Label]int{catalog.LabelErrorCode: 1, catalog.LabelProvider: 2},
	})
	for i, code := range []string{"first", "second", "listed", "first", ""} {
		provider := []string{"a", "ann@example.com", "https://b", "b", "c"}[i]
		e := event.Event{
			ID: fmt.Sprint("e", i), NotificationID: fmt.Sprint("n", i), UserID: "u1", Type: catalog.EventFailed,
			Time: at(0), Channel: "sms", ErrorCode: code, Provider: provider,
		}
		counted.Add(&e, e.Time)
	}
	want := []string{
		`errors_total{channel="sms",provider="a",error_code="first",fault="unknown"} 1`,
		`errors_total{channel="sms",provider="b",error_code="first",fault="unknown"} 1`,
		`errors_total{channel="sms",provider="other",error_code="listed",fault="platform"} 1`,
		`errors_total{channel="sms",provider="other",error_code="other",fault="unknown"} 1`,
		`errors_total{channel="sms",provider="other",error_code="unknown",fault="unknown"} 1`,
		`belfry_label_overflow_total{family="any",label="error_code"} 1`,
		`belfry_label_overflow_total{family="any",label="provider"} 3`,
	}
	if diff := cmp.Diff(want, counted.lines(catalog.Errors, catalog.LabelOverflow)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Duplicates, broken messages and those of another time or partition count only
// as what they are.
func TestReadCountsWhatItRejects(t *testing.T) {
	counted := New(Options{Partitions: 2, PartitionOf: func(key string, _ int) int { return len(key) % 2 }})
	sent := `{"eventId":"e1","eventType":"notification.sent","timestamp":"2026-01-05T00:00:00Z",` +
		`"notificationId":"n1","userId":"u","odd":1,` +
		`"data":{"channel":"sms","category":"c","priority":"low","templateId":"t"}}`
	for _, message := range []string{sent, sent, sent[1:], `{"eventId":"e2"}`} {
		counted.Read(0, []byte(message), at(time.Minute))
	}
	counted.Read(1, []byte(sent), at(15*days)) // too old, in a partition of its own
	want := []string{
		`events_total{event="sent",channel="sms",category="c",priority="low",provider="unknown"} 1`,
		`belfry_events_rejected_total{reason="bad_timestamp"} 1`,
		`belfry_events_rejected_total{reason="malformed_json"} 1`,
		`belfry_events_rejected_total{reason="missing_field"} 1`,
		`belfry_events_duplicate_total{} 1`,
		`belfry_events_misrouted_total{} 1`,
		`belfry_unknown_fields_total{} 1`,
	}
	got := counted.lines(
		catalog.Events, catalog.EventsRejected, catalog.EventsDuplicate, catalog.EventsMisrouted, catalog.UnknownFields)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if counted.Events != 5 {
		t.Errorf("%d messages, want 5", counted.Events)
	}
}

// A user who asks to be forgotten leaves the numbers of users and comes back as
// somebody new; what was counted stays.
func TestForget(t *testing.T) {
	counted := New(Options{UserKey: []byte("key")})
	send := func(id string, after time.Duration) {
		e := event.Event{ID: id, NotificationID: id, UserID: "u1", Type: catalog.EventSent, Time: at(after)}
		e.Experiment, e.Variant = "x", "a"
		counted.Add(&e, e.Time)
	}
	send("n1", 0)
	forget := event.Event{ID: "f1", Type: catalog.EventForget, Time: at(time.Hour)}
	hash, err := hex.DecodeString(counted.partitions[0].pseudonym("u1"))
	if err != nil {
		t.Fatal(err)
	}
	copy(forget.UserHash[:], hash)
	counted.Add(&forget, forget.Time)
	if got := counted.Total(catalog.Users); got != 0 {
		t.Errorf("%g users after the only one was forgotten", got)
	}
	send("n2", time.Hour) // not younger than the wish
	send("n3", 2*time.Hour)
	if got := counted.Total(catalog.Users, "new"); got != 1 {
		t.Errorf("%g new users, want the one who came back", got)
	}
	if got := counted.Total(catalog.ExperimentUsers, "sent"); got != 2 {
		t.Errorf("%g users were sent something, want 2: before and after", got)
	}
}
