package event_test

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"testing"
	"unicode/utf8"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

var (
	fieldPath = regexp.MustCompile(`^([A-Za-z]+(\.[A-Za-z]+)*)?$`)
	shapePath = regexp.MustCompile(`^[A-Za-z0-9_$.\[\]-]*$`)
)

// Whatever the bytes, the verdict of Decode holds: an accepted event is JSON for every
// reader and holds only what the contract allows, and a rejection names the field
// without its value.
func FuzzDecode(f *testing.F) {
	for _, c := range readCorpus(f) {
		if msg := c.message(); len(msg) < 4<<10 {
			f.Add(msg)
		}
	}
	d := event.NewDecoder(nil)
	var dirty event.Event
	f.Fuzz(func(t *testing.T, msg []byte) {
		var fresh event.Event
		r := event.NewDecoder(nil).Decode(msg, &fresh)
		again := d.Decode(msg, &dirty)
		if fmt.Sprint(r) != fmt.Sprint(again) {
			t.Fatalf("a new decoder says %v, a used one %v", r, again)
		}
		checkShape(t, msg)
		if r != nil {
			if r.Reason == catalog.ReasonNone || r.Reason >= catalog.NumReasons || !fieldPath.MatchString(r.Field) {
				t.Fatalf("rejection %v", r)
			}
			return
		}
		if got, want := fmt.Sprintf("%+v", dirty), fmt.Sprintf("%+v", fresh); got != want {
			t.Fatalf("a used event:\n%s\na new one:\n%s", got, want)
		}
		if !json.Valid(msg) || !utf8.Valid(msg) {
			t.Fatal("accepted, but not JSON")
		}
		checkIDs(t, &fresh)
		checkSets(t, &fresh)
		checkNumbers(t, &fresh)
		if names := d.UnknownFields(); len(names) > 16 {
			t.Fatalf("%d unknown fields", len(names))
		}
	})
}

func checkIDs(t *testing.T, e *event.Event) {
	ids := map[string]bool{e.ID: true}
	if e.Type.OfNotification() {
		ids[e.NotificationID] = true
	}
	ofUser := e.Type != catalog.EventPerformance && e.Type != catalog.EventForget
	if ofUser {
		ids[e.UserID] = true
	}
	for id := range ids {
		if n := len(id); n < 1 || n > 512 {
			t.Fatalf("id %q of %d bytes", id, n)
		}
		for _, r := range id {
			if r < ' ' || r == 0x7f || r == utf8.RuneError {
				t.Fatalf("id %q", id)
			}
		}
	}
	if e.Key() == "" && e.Type != catalog.EventForget {
		t.Fatal("no key")
	}
}

func checkSets(t *testing.T, e *event.Event) {
	required := map[string]bool{}
	switch e.Type {
	case catalog.EventSent:
		required = map[string]bool{"channel": true, "priority": true}
		if e.Category == "" || e.Template == "" {
			t.Fatalf("sent with category %q, template %q", e.Category, e.Template)
		}
	case catalog.EventSuppressed:
		required["reason"] = true
	case catalog.EventPreferenceChanged:
		required = map[string]bool{"channel": true, "change": true}
	}
	for _, c := range []struct {
		name, value string
		set         []string
	}{
		{"channel", e.Channel, append([]string{catalog.Other}, catalog.Channels...)},
		{"priority", e.Priority, append([]string{catalog.Other}, catalog.Priorities...)},
		{"bounceType", e.BounceType, catalog.BounceTypes},
		{"reason", e.Reason, catalog.SuppressionReasons},
		{"change", e.Change, catalog.PreferenceChanges},
	} {
		if !slices.Contains(c.set, c.value) && (c.value != "" || required[c.name]) {
			t.Fatalf("%s %q", c.name, c.value)
		}
	}
}

func checkNumbers(t *testing.T, e *event.Event) {
	s := &e.System
	numbers := []float64{e.Cost.Amount, e.Value.Amount}
	for _, v := range append(e.Steps[:], e.DeliveryLatency, e.TimeToOpen, e.TimeToClick, e.TimeToConvert) {
		numbers = append(numbers, v.Value)
	}
	for _, v := range []event.Value{s.CPU, s.Memory, s.MemoryRatio, s.DiskRatio, s.Network} {
		numbers = append(numbers, v.Value)
	}
	for _, q := range append(s.Queues[:len(s.Queues):len(s.Queues)], s.DeadLetters...) {
		numbers = append(numbers, q.Messages.Value, q.OldestAge.Value)
	}
	for _, v := range s.Services {
		numbers = append(append(numbers, v.Durations...), v.Requests, v.Errors, v.QuotaUsed.Value, v.QuotaLimit.Value)
	}
	for _, v := range numbers {
		if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 || math.Signbit(v) {
			t.Fatalf("number %v", v)
		}
	}
	delivery := min(e.ReceivedAt, e.SentAt, e.DeliveredAt, e.FailedAt)
	engagement := min(e.OpenedAt, e.ClickedAt, e.ConvertedAt, e.DismissedAt)
	if e.Time <= 0 || min(delivery, engagement) < 0 {
		t.Fatalf("time before 1970: %+v", e)
	}
}

func checkShape(t *testing.T, msg []byte) {
	fields := event.Shape(msg, letters)
	if len(fields) > 64 {
		t.Fatalf("%d fields of shape", len(fields))
	}
	for _, f := range fields {
		if !shapePath.MatchString(f.Path) {
			t.Fatalf("shape shows %q", f.Path)
		}
	}
}
