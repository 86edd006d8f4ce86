package fold_test

import (
	"fmt"
	"testing"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/truth"
)

// crowd writes events of one notification id, of which every ninth comes again: after few
// others or, every 90th, after more than are remembered.
func crowd(n int) (messages []fold.Message) {
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	write := func(i int) {
		messages = append(messages, fold.Message{Time: at.UnixNano(), Data: fmt.Appendf(nil,
			`{"eventId":"e%d","eventType":"notification.opened","timestamp":%q,"notificationId":"undefined",`+
				`"userId":"u","data":{"channel":"push"}}`, i, at.Format(time.RFC3339))})
	}
	for i := range n {
		write(i)
		switch {
		case i%90 == 89:
			write(max(0, i-fold.MaxEvents-5))
		case i%9 == 8:
			write(max(0, i-fold.MaxEvents+5))
		}
	}
	return messages
}

// Of a notification with very many events the latest ids are remembered, in whichever way
// the fold is stored, and the truth agrees.
func TestACrowdOfEvents(t *testing.T) {
	o := options()
	o.UserKey = []byte("key")
	messages := crowd(3 * fold.MaxEvents)
	if d := disagreement(t, o, 5, messages); d != "" {
		t.Fatal(d)
	}
	s := newState(o)
	for _, m := range messages {
		foldOne(s, m)
	}
	events, duplicates := total(s, catalog.Events), total(s, catalog.EventsDuplicate)
	if forgotten := total(s, catalog.EventIDsForgotten); forgotten != events-fold.MaxEvents || duplicates < 50 {
		t.Errorf("%v of %v event ids are forgotten, and %v events are duplicates", forgotten, events, duplicates)
	}
	if events <= 3*fold.MaxEvents {
		t.Errorf("%v events count, want those too that come again after their ids are forgotten", events)
	}
}

// While what an earlier version has shown is folded again, all event ids are remembered as
// it did.
func TestAllEventsAreRememberedAsBefore(t *testing.T) {
	s := newState(options())
	s.RememberAll(true)
	messages := crowd(2 * fold.MaxEvents)
	for range 2 {
		for _, m := range messages {
			foldOne(s, m)
		}
	}
	if events := total(s, catalog.Events); events != 2*fold.MaxEvents {
		t.Errorf("%v events count, want %d", events, 2*fold.MaxEvents)
	}
	s.RememberAll(false)
	foldOne(s, crowd(2*fold.MaxEvents + 1)[len(messages)])
	if forgotten := total(s, catalog.EventIDsForgotten); forgotten != fold.MaxEvents+1 {
		t.Errorf("%v event ids are forgotten, want %d", forgotten, fold.MaxEvents+1)
	}
}

// What a program writes for an id that it does not have is found out, in each field and
// for each type of event, and nothing else is.
func TestPlaceholderIDs(t *testing.T) {
	message := func(id, notification, user string) fold.Message {
		return fold.Message{Data: fmt.Appendf(nil, `{"eventId":%q,"eventType":"notification.sent",`+
			`"timestamp":"2026-03-02T10:00:00Z","notificationId":%q,"userId":%q,`+
			`"data":{"channel":"sms","category":"c","priority":"high","templateId":"t"}}`, id, notification, user)}
	}
	for _, word := range []string{
		"undefined", "Undefined", "null", "NULL", "None", "nil", "<nil>", "%!s(<nil>)", "(null)", "NaN",
		"[object Object]", "N/A", "unknown", "0", "-1", "00000000-0000-0000-0000-000000000000",
		"{{ notification.id }}", "${id}",
	} {
		for i, field := range catalog.LabelIDField.Values {
			ids := []string{"e1", "n1", "u1"}
			ids[i] = word
			s, reference := newState(options()), truth.New(truthOptions(options()))
			m := message(ids[0], ids[1], ids[2])
			foldOne(s, m)
			reference.Read(0, m.Data, m.Time)
			all := s.Placeholders()
			if len(all) != 1 || all[0].Field != field || all[0].Event != "sent" || all[0].Channel != "sms" ||
				all[0].Count != 1 {
				t.Errorf("%s %s: got %+v", field, word, all)
			}
			if d := reference.Compare(exposition(s)); d != nil {
				t.Errorf("%s %s: %v", field, word, d)
			}
		}
	}
	s := newState(options())
	for _, id := range []string{"undefined-7", "nullable", "n", "00", "10", "nan-cy", "none7", "{1}", "a{{"} {
		foldOne(s, message("e-"+id, id, id))
	}
	if all := s.Placeholders(); all != nil {
		t.Errorf("got %+v, want none", all)
	}
}

// What stands in place of an id is remembered with the state.
func TestPlaceholdersSurvive(t *testing.T) {
	s := openStored(t, t.TempDir())
	for _, m := range crowd(3) {
		foldOne(s.State, m)
	}
	want := fmt.Sprint([]fold.Placeholder{{
		Field: "notificationId", Event: "opened", Channel: "push", Word: "undefined", Count: 3,
	}})
	if got := fmt.Sprint(s.again().Placeholders()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
