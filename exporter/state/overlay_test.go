package state

import (
	"testing"
)

// The overlay shrinks to its limit, and evicted records are found on disk.
func TestTheOverlayIsBounded(t *testing.T) {
	const limit, records = 200 * notificationSize, maxUses / 2 // three look-ups of each in a round
	s, _ := open(t, t.TempDir(), limit)
	for n := range records {
		count(s, n, start)
		meet(s, n, start)
		s.SeenEvent(recordID(n), start)
	}
	if !s.Full() {
		t.Error("the overlay is not full")
	}
	for round := 1; round < 4; round++ {
		checkpoint(t, s, uint64(round), start)
		if s.Full() || s.overlayBytes() > limit {
			t.Errorf("the overlay takes %d bytes, its limit is %d", s.overlayBytes(), limit)
		}
		for n := range records {
			if got := count(s, n, start); got != uint32(round) {
				t.Fatalf("notification %d was counted %d times, want %d", n, got, round)
			}
			if got := meet(s, n, start); got != round {
				t.Fatalf("user %d had %d sends, want %d", n, got, round)
			}
			if !s.SeenEvent(recordID(n), start) {
				t.Fatalf("event %d was not seen", n)
			}
		}
	}
	if a, b, c := s.Len(); a != records || b != records || c != records {
		t.Errorf("%d notifications, %d users, %d events, want %d of each", a, b, c, records)
	}
}

// While there is room, records that were used recently stay in memory and cost
// no look-up.
func TestTheOverlayKeepsWhatWasUsedLately(t *testing.T) {
	const limit = 100 * notificationSize
	s, _ := open(t, t.TempDir(), limit)
	for i := range 20 {
		for n := range 20 {
			count(s, 1000*i+n, start)
		}
		count(s, 1, start)
		checkpoint(t, s, uint64(i), start)
		if s.notifications.entries[recordID(1)] == nil {
			t.Error("a notification that is used all the time was evicted")
		}
		if s.notifications.entries[recordID(1000*i)] == nil {
			t.Error("the latest notifications were evicted")
		}
		if i >= 5 && s.notifications.entries[recordID(1000*(i-5)+5)] != nil {
			t.Error("the oldest notifications are still there")
		}
	}
}

// A store finds the same records whether or not its filters fit into the cache.
func TestFiltersMakeNoDifference(t *testing.T) {
	for cache, crowded := range map[*Cache]bool{ample: false, nil: true} {
		s, _ := openWith(t, Options{Dir: t.TempDir(), Window: window, OverlayBytes: 1, Cache: cache})
		for i := range 4 {
			now := start + int64(i)*day
			for n := range 20 {
				if got := count(s, n, now); got != uint32(i) {
					t.Errorf("on day %d the old notification %d was counted %d times, want %d", i, n, got, i)
				}
				if got := count(s, 100*(i+1)+n, now); got != 0 {
					t.Errorf("on day %d a new notification was counted %d times", i, got)
				}
			}
			checkpoint(t, s, uint64(i), now)
		}
		if s.disk.crowded != crowded {
			t.Errorf("with the cache %+v crowded is %v, want %v", cache, s.disk.crowded, crowded)
		}
	}
}

// A store uses only its share of the cache: what fits for one store does not
// fit for four.
func TestStoresShareTheirCache(t *testing.T) {
	for stores, crowded := range map[int]bool{1: false, 4: true} {
		cache := NewCache(2*memTables*memTable, stores)
		t.Cleanup(cache.Close)
		for i := range stores {
			s, _ := openWith(t, Options{Dir: t.TempDir(), Window: window, OverlayBytes: 1, Cache: cache})
			count(s, 1, start)
			checkpoint(t, s, 1, start)
			if s.disk.crowded != crowded {
				t.Errorf("store %d of %d: crowded is %v, want %v", i, stores, s.disk.crowded, crowded)
			}
		}
	}
}
