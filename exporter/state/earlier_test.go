package state

import (
	"bytes"
	"encoding/gob"
	"errors"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/google/go-cmp/cmp"

	"belfry/exporter/fold"
)

// asVersion1 rewrites a store as version 1 wrote it: its notifications are those
// of ids without users.
func asVersion1(t *testing.T, s *Store) {
	t.Helper()
	it, err := s.db.NewIter(&pebble.IterOptions{
		LowerBound: []byte{kindNotification}, UpperBound: []byte{kindNotification + 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	batch := s.db.NewBatch()
	for it.First(); it.Valid(); it.Next() {
		key := bytes.Clone(it.Key())
		err = errors.Join(err, batch.Delete(key, nil))
		key[0] = kindEarlier
		err = errors.Join(err, batch.Set(key, bytes.Clone(it.Value()), nil))
	}
	meta, readErr := readMeta(s.db)
	if err := errors.Join(err, readErr, it.Close()); err != nil {
		t.Fatal(err)
	}
	meta.Buckets.Earlier = nil
	value := bytes.NewBuffer([]byte{1})
	err = errors.Join(gob.NewEncoder(value).Encode(meta), batch.Set(checkpointKey, value.Bytes(), nil))
	if err := errors.Join(err, batch.Commit(pebble.Sync), batch.Close()); err != nil {
		t.Fatal(err)
	}
}

// continued returns how often version 1 and the present one have counted a
// notification since, and counts it.
func continued(s *Store, n int, now int64) uint32 {
	r := s.Earlier(recordID(n), now)
	if r == nil {
		return 0
	}
	r.Retries++
	return r.Retries - 1
}

// The records of version 1 stand apart: they are found, changed and evicted like
// all others, and expire with their day.
func TestRecordsOfVersion1(t *testing.T) {
	for _, overlay := range []int{1, 1 << 30} {
		s, _ := open(t, t.TempDir(), overlay)
		count(s, 1, start)
		checkpoint(t, s, 1, start)
		if got := continued(s, 1, start); got != 0 {
			t.Errorf("a notification of the present version was counted %d times by version 1", got)
		}
		asVersion1(t, s)
		s, _ = reopen(t, s)
		for i := range uint32(4) {
			if got := count(s, 1, start); got != i {
				t.Errorf("the notification to a user was counted %d times, want %d", got, i)
			}
			if got := continued(s, 1, start); got != i+1 {
				t.Errorf("the notification of version 1 was counted %d times, want %d", got, i+1)
			}
			if got := continued(s, 2, start); got != 0 {
				t.Errorf("an unknown notification was counted %d times", got)
			}
			checkpoint(t, s, uint64(i), start)
			if i == 1 {
				s, _ = reopen(t, s)
			}
		}
		if notifications, _, _ := s.Len(); notifications != 2 {
			t.Errorf("%d notifications, want 2", notifications)
		}
		expired := dayStart(fold.Day(start)) + day + int64(window+fold.Grace)
		if got := continued(s, 1, expired-1); got != 5 {
			t.Errorf("on its last day the notification was counted %d times, want 5", got)
		}
		if got := continued(s, 1, expired); got != 0 {
			t.Errorf("a day later the notification was counted %d times", got)
		}
		checkpoint(t, s, 9, expired)
		if n := keys(t, s, []byte{kindEarlier}, []byte{kindEarlier + 1}); n != 0 {
			t.Errorf("the disk holds %d records that have expired", n)
		}
	}
}

// A record of version 1 does not say on which channel its failure was booked: the
// context's stands for it.
func TestAFailureOfVersion1IsThatOfItsContext(t *testing.T) {
	want := fold.Notification{
		Known: true, Sent: true, Context: fold.NoContext, SentTime: base + 5, SentAt: base + 5, Newest: base + 9,
		SLOBooked: true, SLOFault: 3, SLOChannel: 7, SLOProvider: 4, Events: []uint64{},
	}
	want.Context.Channel = 7
	stored := []byte("\x03\x00\x00\x01\x08\x00\x00\x00\x00\x00\x00\x00\x00\x02\x05\x01\x00\x02\x04\x04\x05")
	var got fold.Notification
	if err := decodeNotification(stored, &got, base); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A record of version 2 says on which day the user last engaged, and of no experiment
// with which covariate the user entered.
func TestAUserOfVersion2(t *testing.T) {
	want := fold.User{
		FirstHour: 480_000, EngagedHour: 480_100, EngagedDays: 1, Sends: []int64{base + 5*milli, base + 9*milli},
		Experiments: []fold.ExperimentUser{{Experiment: 2, Variant: 3, Stages: 1, Sends: 2, Value: 1}},
	}
	want.Experiments[0].Outcomes[1] = 4
	stored := []byte("\x80\xa6\x1d\xe4\xa6\x1d\x00\x02\x15\x25" +
		"\x01\x03\x04\x02\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\xf0\x3f")
	var got fold.User
	if err := decodeUser(stored, &got, base); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
