package state

import (
	"errors"
	"testing"

	"github.com/cockroachdb/pebble/v2"

	"belfry/exporter/fold"
)

// Records expire at the same time in memory, in the overlay and on disk. The
// next checkpoint deletes everything of their day.
func TestADayExpires(t *testing.T) {
	evicting, _ := open(t, t.TempDir(), 1)
	keeping, _ := open(t, t.TempDir(), 1<<30)
	unwritten, _ := open(t, t.TempDir(), 1<<30)
	memory := NewMemory(window)
	last := dayStart(fold.Day(start)) + day + int64(window+fold.Grace) - 1 // the last moment of the records' day
	for name, s := range map[string]fold.Records{
		"evicting": evicting, "keeping": keeping, "unwritten": unwritten, "memory": memory,
	} {
		t.Run(name, func(t *testing.T) {
			for n := range 10 {
				count(s, n, start)
				s.SeenEvent(recordID(n), start)
			}
			if s == fold.Records(evicting) || s == fold.Records(keeping) {
				checkpoint(t, s.(*Store), 1, start)
			}
			if got := count(s, 1, last); got != 1 || !s.SeenEvent(recordID(1), last) {
				t.Errorf("the day expired too early: notification 1 was counted %d times", got)
			}
			if got := count(s, 2, last+1); got != 0 || s.SeenEvent(recordID(2), last+1) {
				t.Errorf("the day has not expired: notification 2 was counted %d times", got)
			}
			if got := count(s, 2, last+1); got != 1 || !s.SeenEvent(recordID(2), last+1) {
				t.Errorf("the new notification 2 was counted %d times, want 1", got)
			}
		})
	}
	for name, s := range map[string]*Store{"evicting": evicting, "keeping": keeping, "unwritten": unwritten} {
		checkpoint(t, s, 2, last+1)
		for _, kind := range []byte{kindNotification, kindEvent} {
			if n := keys(t, s, bucketKey(kind, fold.Day(start)), bucketKey(kind, fold.Day(start)+1)); n != 0 {
				t.Errorf("%s: the disk holds %d records %c of the expired day", name, n, kind)
			}
		}
		if a, _, c := s.Len(); a != 1 || c != 1 {
			t.Errorf("%s: %d notifications and %d events, want 1 of each", name, a, c)
		}
	}
	if a, _, c := memory.Len(); a != 1 || c != 1 {
		t.Errorf("memory: %d notifications and %d events, want 1 of each", a, c)
	}
}

// keys counts the keys of the database in a range.
func keys(t *testing.T, s *Store, from, to []byte) (n int) {
	t.Helper()
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		t.Fatal(err)
	}
	for it.First(); it.Valid(); it.Next() {
		n++
	}
	if err := errors.Join(it.Error(), it.Close()); err != nil {
		t.Fatal(err)
	}
	return n
}

// A user moves to the month of the latest event and is stored once.
func TestUsersMoveBetweenMonths(t *testing.T) {
	for _, overlay := range []int{1, 1 << 30} {
		s, _ := open(t, t.TempDir(), overlay)
		for i := range 5 {
			now := start + int64(i)*month
			if got := meet(s, 1, now); got != i {
				t.Errorf("in month %d the user had %d sends, want %d", i, got, i)
			}
			checkpoint(t, s, uint64(i), now)
			if i%2 == 1 {
				s, _ = reopen(t, s)
			}
			if n := keys(t, s, []byte{kindUser}, []byte{kindUser + 1}); n != 1 {
				t.Errorf("in month %d the disk holds %d users, want 1", i, n)
			}
			if _, users, _ := s.Len(); users != 1 {
				t.Errorf("in month %d there are %d users, want 1", i, users)
			}
		}
		// The month lasts a little longer than 400 days, to its end.
		lastHeard := fold.Month(start + 4*month)
		gone := monthStart(lastHeard+1) + int64(fold.UserLifetime)
		if got := meet(s, 1, gone-1); got != 5 {
			t.Errorf("just before it expires the user had %d sends, want 5", got)
		}
		s, _ = reopen(t, s) // without what was just met
		if got := meet(s, 1, gone); got != 0 {
			t.Errorf("after 400 days the user had %d sends, want none", got)
		}
		checkpoint(t, s, 9, gone)
		if n := keys(t, s, []byte{kindUser}, []byte{kindUser + 1}); n != 1 {
			t.Errorf("after 400 days the disk holds %d users, want the new one", n)
		}
	}
}

// Notifications and event ids are filed under the user key and are dropped with users.
// Those of earlier versions are not.
func TestWhatTheKeyHidesIsDropped(t *testing.T) {
	s, _ := open(t, t.TempDir(), 1)
	for n := range 10 {
		count(s, n, start)
		s.SeenEvent(recordID(n), start)
	}
	checkpoint(t, s, 1, start)
	s.buckets.Plain[fold.Day(start)] = 3
	if err := s.DropKeyed(); err != nil {
		t.Fatal(err)
	}
	if got := count(s, 1, start); got != 0 || s.SeenEvent(recordID(1), start) {
		t.Errorf("the notification was counted %d times, or the event id is known", got)
	}
	if notifications, _, events := s.Len(); notifications != 1+3 || events != 1 {
		t.Errorf("%d notifications and %d event ids, want 1 new and 3 earlier ones, and 1", notifications, events)
	}
	checkpoint(t, s, 2, start)
	s, _ = reopen(t, s)
	for _, kind := range []byte{kindNotification, kindEvent} {
		if n := keys(t, s, []byte{kind}, []byte{kind + 1}); n != 1 {
			t.Errorf("the disk holds %d records of kind %c, want 1", n, kind)
		}
	}
	if got := count(s, 1, start); got != 1 || !s.SeenEvent(recordID(1), start) {
		t.Errorf("the notification was counted %d times, want 1, or the event id is unknown", got)
	}
}

// Dropped users are gone at once, and with the next checkpoint from disk. A
// crash before that checkpoint brings all of them back, together with the
// checkpoint that knows them.
func TestUsersAreDroppedWithTheNextCheckpoint(t *testing.T) {
	s, _ := open(t, t.TempDir(), 1)
	for n := range 10 {
		meet(s, n, start)
	}
	checkpoint(t, s, 1, start)
	drop := func() {
		t.Helper()
		if err := s.DropKeyed(); err != nil {
			t.Fatal(err)
		}
		if got := meet(s, 1, start); got != 0 {
			t.Errorf("the user had %d sends, want none", got)
		}
		if got := meet(s, 2, start+month); got != 0 {
			t.Errorf("the other user had %d sends, want none", got)
		}
		if _, users, _ := s.Len(); users != 2 {
			t.Errorf("%d users, want the 2 new ones", users)
		}
	}
	drop()
	s, _ = reopen(t, s)
	if _, users, _ := s.Len(); users != 10 {
		t.Errorf("after the crash there are %d users, want all 10", users)
	}
	drop()
	checkpoint(t, s, 2, start+month)
	s, _ = reopen(t, s)
	if n := keys(t, s, []byte{kindUser}, []byte{kindUser + 1}); n != 2 {
		t.Errorf("the disk holds %d users, want 2", n)
	}
	for n, want := range []int{0, 1, 1} {
		if got := meet(s, n, start+month); got != want {
			t.Errorf("user %d had %d sends, want %d", n, got, want)
		}
	}
}
