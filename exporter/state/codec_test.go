package state

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/metrics"
)

// base marks the beginning of a bucket, long after 1970.
var base = dayStart(20_000)

// A record is decoded as it was encoded, whatever it holds.
func TestRecordsAreDecodedAsEncoded(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		n := randomNotification(random)
		var back fold.Notification
		if err := decodeNotification(appendNotification(nil, &n, base), &back, base); err != nil {
			t.Fatalf("%+v: %v", n, err)
		}
		if diff := cmp.Diff(n, back); diff != "" {
			t.Fatalf("notification (-written +read):\n%s", diff)
		}
		u := randomUser(random)
		var again fold.User
		if err := decodeUser(appendUser(nil, &u, base), &again, base); err != nil {
			t.Fatalf("%+v: %v", u, err)
		}
		if diff := cmp.Diff(u, again); diff != "" {
			t.Fatalf("user (-written +read):\n%s", diff)
		}
	}
}

// A truncated record is refused, wherever it ends.
func TestATruncatedRecordIsRefused(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 200 {
		n, u := randomNotification(random), randomUser(random)
		n.Events = nil
		for stored := appendNotification(nil, &n, base); len(stored) > 0; {
			stored = stored[:len(stored)-1]
			if err := decodeNotification(stored, new(fold.Notification), base); err == nil {
				t.Fatalf("%x is read as a notification", stored)
			}
		}
		for stored := appendUser(nil, &u, base); len(stored) > 0; {
			stored = stored[:len(stored)-1]
			if err := decodeUser(stored, new(fold.User), base); err == nil {
				t.Fatalf("%x is read as a user", stored)
			}
		}
	}
}

// Most of a disk holds notifications that were sent, delivered and opened.
func TestAnOrdinaryNotificationIsSmall(t *testing.T) {
	sent := base + int64(17*time.Hour+123*time.Millisecond)
	n := fold.Notification{
		Known: true, Sent: true, Stages: 0x423, Observed: 3, Provider: 4, Newest: sent + int64(90*time.Minute),
		Context: fold.Context{
			Channel: 0, Category: 3, Priority: 2, Template: 130, Campaign: 140, Platform: 1, DeviceType: 0,
			Experiment: metrics.None, Variant: metrics.None, Country: metrics.None, AppVersion: metrics.None,
		},
		SentTime: sent, SentAt: sent, LastDelivery: sent + int64(2*time.Second), Hour: 17, Weekday: 2, Recent: 2,
		Events: []uint64{1, 2, 3},
	}
	size := len(appendNotification(nil, &n, base)) + len(recordKey(nil, kindNotification, 20_000, fold.ID{}))
	if size > 64 {
		t.Errorf("%d bytes with its key, want at most 64", size)
	}
	n.Context.Country, n.Context.AppVersion = 40, 9
	more := len(appendNotification(nil, &n, base)) + len(recordKey(nil, kindNotification, 20_000, fold.ID{})) - size
	if more > 3 {
		t.Errorf("%d bytes more with the labels of optional families, want at most 3", more)
	}
}

// The stored form has room for the values of the labels.
func TestLabelsOfASendingFit(t *testing.T) {
	if weekdays := len(catalog.Weekdays); weekdays != weekdayRange/recentRange {
		t.Errorf("%d weekdays, room for %d", weekdays, weekdayRange/recentRange)
	}
	if classes := len(catalog.RecentSends); classes > recentRange {
		t.Errorf("%d classes of recent sends, room for %d", classes, recentRange)
	}
}

// oddTime returns a time that a record may hold: none, whole milliseconds and
// others, near the bucket and as far from it as an event can be.
func oddTime(r *rand.Rand) int64 {
	switch r.IntN(5) {
	case 0:
		return 0
	case 1:
		return base + r.Int64N(int64(10*24*time.Hour))
	case 2:
		return base + r.Int64N(1e6)*milli
	case 3:
		return base - r.Int64N(int64(20*24*time.Hour))
	default:
		first := time.Date(1971, 1, 1, 0, 0, 0, 1, time.UTC).UnixNano()
		last := time.Date(2261, 12, 31, 23, 59, 59, 999_999_999, time.UTC).UnixNano()
		return first + r.Int64N(last-first+1)
	}
}

func symbol(r *rand.Rand) metrics.Symbol {
	if r.IntN(3) == 0 {
		return metrics.None
	}
	return metrics.Symbol(r.IntN(1 << 16))
}

func randomNotification(r *rand.Rand) fold.Notification {
	n := fold.Notification{
		Known: true, Provider: symbol(r), Stages: uint32(r.IntN(1 << catalog.NumStages)), Observed: uint8(r.IntN(16)),
		Newest: oddTime(r), Context: fold.NoContext,
	}
	if r.IntN(3) > 0 {
		n.Sent, n.SentTime, n.SentAt = true, oddTime(r), oddTime(r)
		n.Hour, n.Weekday, n.Recent = metrics.Symbol(r.IntN(24)), metrics.Symbol(r.IntN(7)), metrics.Symbol(r.IntN(5))
	}
	if n.Sent || r.IntN(2) == 0 {
		for _, s := range n.Context.Symbols() {
			*s = symbol(r)
		}
	}
	if r.IntN(2) == 0 {
		n.Context.Country, n.Context.AppVersion = metrics.None, metrics.None
	}
	if r.IntN(3) == 0 {
		n.SLOBooked, n.SLOFault, n.SLOChannel, n.SLOProvider = true, symbol(r), symbol(r), symbol(r)
	}
	if r.IntN(3) == 0 {
		n.Retries = r.Uint32()
	}
	if r.IntN(3) == 0 {
		n.FirstFailure, n.LastDelivery = oddTime(r), oddTime(r)
	}
	if r.IntN(3) == 0 {
		n.Pending[r.IntN(len(n.Pending))] = base + 1
		n.DeliveryProvider = symbol(r)
	}
	for range 1 + r.IntN(6) {
		n.Events = append(n.Events, r.Uint64()&(1<<fold.EventHashBits-1))
	}
	return n
}

func randomUser(r *rand.Rand) fold.User {
	u := fold.User{FirstHour: r.Int64N(1e6), EngagedHour: r.Int64N(1e6), Forgotten: oddTime(r)}
	if u.EngagedHour != 0 {
		u.EngagedDays = r.Uint64N(1<<45)>>r.IntN(45) | 1
	}
	for range r.IntN(12) {
		u.Sends = append(u.Sends, oddTime(r))
	}
	for range r.IntN(4) {
		x := fold.ExperimentUser{
			Experiment: symbol(r), Variant: symbol(r), Crossed: r.IntN(2) == 0,
			Stages: uint32(r.IntN(1 << catalog.NumStages)), Sends: r.Uint32(), Value: r.NormFloat64() * 1e6,
			Covariate: uint8(max(0, r.IntN(60)-29)),
		}
		for i := range x.Outcomes {
			x.Outcomes[i] = r.Uint32()
		}
		u.Experiments = append(u.Experiments, x)
	}
	return u
}

// Bytes that nobody wrote are refused, or mean a record that is written and
// read the same from then on.
func FuzzNotification(f *testing.F) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 10 {
		n := randomNotification(random)
		f.Add(appendNotification(nil, &n, base))
	}
	f.Fuzz(func(t *testing.T, stored []byte) {
		var n, again fold.Notification
		if decodeNotification(stored, &n, base) != nil {
			return
		}
		once := appendNotification(nil, &n, base)
		if err := decodeNotification(once, &again, base); err != nil {
			t.Fatalf("%+v is written as %x, which cannot be read", n, once)
		}
		if twice := appendNotification(nil, &again, base); !bytes.Equal(once, twice) {
			t.Fatalf("%x read and written again is %x", once, twice)
		}
	})
}

func FuzzUser(f *testing.F) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 10 {
		u := randomUser(random)
		f.Add(appendUser(nil, &u, base))
	}
	f.Fuzz(func(t *testing.T, stored []byte) {
		var u, again fold.User
		if decodeUser(stored, &u, base) != nil {
			return
		}
		once := appendUser(nil, &u, base)
		if err := decodeUser(once, &again, base); err != nil {
			t.Fatalf("%+v is written as %x, which cannot be read", u, once)
		}
		if twice := appendUser(nil, &again, base); !bytes.Equal(once, twice) {
			t.Fatalf("%x read and written again is %x", once, twice)
		}
	})
}
