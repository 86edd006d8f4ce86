package fold_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/fold"
	"belfry/exporter/state"
)

// send folds the sent event of a notification.
func send(t *testing.T, s *fold.State, id, user string, at time.Time) {
	t.Helper()
	message := fmt.Sprintf(`{"eventId":%[1]q,"eventType":"notification.sent","timestamp":%[2]q,`+
		`"notificationId":%[1]q,"userId":%[3]q,`+
		`"data":{"channel":"email","category":"c","priority":"low","templateId":"t","provider":"ses"}}`,
		id, at.Format(time.RFC3339), user)
	if rejection := s.Fold(fold.Message{Data: []byte(message), Time: at.UnixNano()}); rejection != nil {
		t.Fatal(rejection)
	}
}

// Users expire by the stream's time, so that what is stored does not depend on
// scrapes.
func TestUsersExpireWithoutAScrape(t *testing.T) {
	s := newState(options())
	at := time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)
	send(t, s, "n1", "u1", at)
	for n := range fold.Witnesses {
		send(t, s, fmt.Sprint("m", n), "u2", at.AddDate(2, n, 0))
	}
	stored := s.Image().Population
	if stored.Users != 1 {
		t.Errorf("%d users after two years, want the one of today", stored.Users)
	}
	s.Snapshot()
	if d := cmp.Diff(stored, s.Image().Population); d != "" {
		t.Errorf("a scrape changes what is stored (-before +after):\n%s", d)
	}
}

// The record of a user stays small, however much the user is sent.
func TestAUsersRecordIsBounded(t *testing.T) {
	o := randomOptions(0)
	records := state.NewMemory(o.AttributionWindow)
	s := fold.New(o, records)
	at := time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)
	for n := range 500 {
		at = at.Add(time.Minute)
		send(t, s, fmt.Sprint("n", n), "u", at)
	}
	if n := len(records.User(fold.NewPseudonyms(o.UserKey).Of("u"), at.UnixNano()).Sends); n != 11 {
		t.Errorf("the record holds %d sends, want the 11 that matter", n)
	}
}
