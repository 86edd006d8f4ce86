package state

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/google/go-cmp/cmp"

	"belfry/exporter/fold"
	"belfry/exporter/metrics"
)

const (
	window = 7 * 24 * time.Hour
	day    = int64(24 * time.Hour)
	month  = 30 * day
)

// start holds a stream time some hours after the beginning of a day and a
// month.
var start = monthStart(680) + int64(5*time.Hour)

func recordID(n int) (id fold.ID) {
	copy(id[:], strconv.Itoa(n))
	return id
}

// ample holds all filters of the tests.
var ample = NewCache(1<<30, 1)

func open(t *testing.T, dir string, overlay int) (*Store, *Checkpoint) {
	t.Helper()
	return openWith(t, Options{Dir: dir, Window: window, OverlayBytes: overlay, Cache: ample})
}

func openWith(t *testing.T, o Options) (*Store, *Checkpoint) {
	t.Helper()
	s, latest, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.db != nil {
			closeStore(t, s)
		}
	})
	return s, latest
}

func closeStore(t *testing.T, s *Store) {
	t.Helper()
	if err := errors.Join(s.Err(), s.Close()); err != nil {
		t.Error(err)
	}
	s.db = nil
}

func reopen(t *testing.T, s *Store) (*Store, *Checkpoint) {
	t.Helper()
	closeStore(t, s)
	return open(t, s.dir, s.limit)
}

// checkpoint writes a checkpoint as of a stream time.
func checkpoint(t *testing.T, s *Store, sequence uint64, now int64) {
	t.Helper()
	p, err := s.Take(Checkpoint{Place: Place{Sequence: sequence}, Fold: &fold.Image{Now: now}})
	if err != nil {
		t.Fatal(err)
	}
	n, err := p.Write()
	if err != nil || n == 0 {
		t.Fatalf("wrote %d bytes: %v", n, err)
	}
	p.Finish(nil)
}

// count uses a notification as the fold does and returns how often it was used
// before.
func count(s fold.Records, n int, now int64) uint32 {
	r := s.Notification(recordID(n), now)
	r.Known = true
	r.Provider = metrics.None
	r.Retries++
	return r.Retries - 1
}

// meet uses a user as the fold does and returns how many sends the user had.
func meet(s fold.Records, n int, now int64) int {
	u := s.User(recordID(n), now)
	u.Month = fold.Month(now)
	u.Sends = append(u.Sends, now)
	return len(u.Sends) - 1
}

func TestAStoreSurvives(t *testing.T) {
	s, latest := open(t, t.TempDir(), 1<<20)
	if latest != nil {
		t.Fatalf("a new store has the checkpoint %+v", latest)
	}
	n := s.Notification(recordID(1), start)
	*n = fold.Notification{Known: true, Provider: 3, Stages: 5, Newest: start + 1, Events: []uint64{7}}
	notification := *n
	u := s.User(recordID(1), start)
	*u = fold.User{FirstHour: 5, Month: fold.Month(start), Sends: []int64{start}}
	user := *u
	s.SeenEvent(recordID(1), start)
	want := Checkpoint{
		Place: Place{Created: 1, Sequence: 2, Time: 3, Hash: 4}, Config: "as it was", UserKey: "key", Lost: 5,
		Fold: &fold.Image{Now: start, Population: fold.Population{Users: 1, New: map[int64]int64{6: 1}}},
	}
	p, err := s.Take(want)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Write(); err != nil {
		t.Fatal(err)
	}
	p.Finish(nil)

	s, latest = reopen(t, s)
	if diff := cmp.Diff(&want, latest); diff != "" {
		t.Errorf("checkpoint (-written +read):\n%s", diff)
	}
	if a, b, c := s.Len(); a != 1 || b != 1 || c != 1 {
		t.Errorf("%d notifications, %d users, %d events, want 1 of each", a, b, c)
	}
	if diff := cmp.Diff(notification, *s.Notification(recordID(1), start+day)); diff != "" {
		t.Errorf("notification (-written +read):\n%s", diff)
	}
	if diff := cmp.Diff(user, *s.User(recordID(1), start+day)); diff != "" {
		t.Errorf("user (-written +read):\n%s", diff)
	}
	if !s.SeenEvent(recordID(1), start+day) || s.SeenEvent(recordID(2), start+day) {
		t.Error("the store has forgotten which events were seen")
	}
}

// A crash at any point leaves a complete checkpoint, the latest one that was
// written.
func TestACheckpointIsComplete(t *testing.T) {
	for _, test := range []struct {
		name string
		// crash takes a second checkpoint and leaves it somewhere.
		crash func(*testing.T, *Store, *Pending)
		want  uint64
	}{
		{"taken", func(*testing.T, *Store, *Pending) {}, 1},
		{"written", func(t *testing.T, _ *Store, p *Pending) {
			if _, err := p.Write(); err != nil {
				t.Fatal(err)
			}
		}, 2},
		{"finished, and more folded", func(t *testing.T, s *Store, p *Pending) {
			if _, err := p.Write(); err != nil {
				t.Fatal(err)
			}
			p.Finish(nil)
			count(s, 1, start)
			count(s, 3, start)
			meet(s, 1, start)
		}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := open(t, t.TempDir(), 1<<20)
			count(s, 1, start)
			meet(s, 1, start)
			checkpoint(t, s, 1, start)
			count(s, 1, start)
			count(s, 2, start)
			meet(s, 1, start)
			p, err := s.Take(Checkpoint{Place: Place{Sequence: 2}, Fold: &fold.Image{Now: start}})
			if err != nil {
				t.Fatal(err)
			}
			test.crash(t, s, p)

			s, latest := reopen(t, s)
			if latest.Place.Sequence != test.want {
				t.Errorf("the checkpoint is of sequence %d, want %d", latest.Place.Sequence, test.want)
			}
			if notifications, users, _ := s.Len(); notifications != int(test.want) || users != 1 {
				t.Errorf("%d notifications and %d users, want %d and 1", notifications, users, test.want)
			}
			for n, want := range []uint64{1: test.want, 2: test.want - 1, 3: 0} {
				if got := count(s, n, start); got != uint32(want) {
					t.Errorf("notification %d was counted %d times, want %d", n, got, want)
				}
			}
			if got := meet(s, 1, start); got != int(test.want) {
				t.Errorf("the user had %d sends, want %d", got, test.want)
			}
		})
	}
}

// Records that change while a checkpoint is written belong to the next one.
func TestTheFoldGoesOnWhileACheckpointIsWritten(t *testing.T) {
	s, _ := open(t, t.TempDir(), 1)
	count(s, 1, start)
	p, err := s.Take(Checkpoint{Fold: &fold.Image{Now: start}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Take(Checkpoint{Fold: &fold.Image{Now: start}}); err == nil {
		t.Error("a second checkpoint is taken while the first is written")
	}
	if got := count(s, 1, start); got != 1 {
		t.Errorf("notification 1 was counted %d times after Take, want 1", got)
	}
	if _, err := p.Write(); err != nil {
		t.Fatal(err)
	}
	if got := count(s, 1, start); got != 2 {
		t.Errorf("notification 1 was counted %d times after Write, want 2", got)
	}
	p.Finish(nil)
	if got := count(s, 1, start); got != 3 {
		t.Errorf("notification 1 was counted %d times after Finish, want 3", got)
	}
	checkpoint(t, s, 2, start)
	s, _ = reopen(t, s)
	if got := count(s, 1, start); got != 4 {
		t.Errorf("notification 1 was counted %d times after the next checkpoint, want 4", got)
	}
}

// After a failed checkpoint the store is invalid.
func TestAFailedCheckpointIsTheEnd(t *testing.T) {
	s, _ := open(t, t.TempDir(), 1<<20)
	p, err := s.Take(Checkpoint{Fold: &fold.Image{Now: start}})
	if err != nil {
		t.Fatal(err)
	}
	p.Finish(errors.New("no space left"))
	if s.Err() == nil || !strings.Contains(s.Err().Error(), "no space left") {
		t.Errorf("the store's error is %v", s.Err())
	}
	if _, err := s.Take(Checkpoint{Fold: &fold.Image{Now: start}}); err == nil {
		t.Error("another checkpoint is taken")
	}
	s.err = nil // closing is not tested here
}

func TestANewerCheckpointIsRefused(t *testing.T) {
	s, _ := open(t, t.TempDir(), 1)
	checkpoint(t, s, 1, start)
	value, closer, err := s.db.Get(checkpointKey)
	if err != nil {
		t.Fatal(err)
	}
	newer := append([]byte{version + 1}, value[1:]...)
	if err := errors.Join(closer.Close(), s.db.Set(checkpointKey, newer, pebble.Sync)); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	if _, _, err := Open(Options{Dir: s.dir, Window: window}); !errors.Is(err, ErrNewer) {
		t.Errorf("got %v, want %v", err, ErrNewer)
	}
}

func TestACorruptCheckpointIsRefused(t *testing.T) {
	for _, stored := range [][]byte{{}, {version}, {version, 1, 2, 3}} {
		s, _ := open(t, t.TempDir(), 1)
		if err := s.db.Set(checkpointKey, stored, pebble.Sync); err != nil {
			t.Fatal(err)
		}
		closeStore(t, s)
		if _, _, err := Open(Options{Dir: s.dir, Window: window}); err == nil {
			t.Errorf("%x is read as a checkpoint", stored)
		}
	}
}

// A record that cannot be read is an error of the disk, not a missing record.
func TestACorruptRecordIsAFault(t *testing.T) {
	for _, kind := range []byte{kindNotification, kindUser} {
		s, _ := open(t, t.TempDir(), 1)
		count(s, 1, start)
		meet(s, 1, start)
		checkpoint(t, s, 1, start)
		bucket := fold.Day(start)
		if kind == kindUser {
			bucket = fold.Month(start)
		}
		if err := s.db.Set(recordKey(nil, kind, bucket, recordID(1)), []byte{0xff}, pebble.Sync); err != nil {
			t.Fatal(err)
		}
		s, _ = reopen(t, s)
		count(s, 1, start)
		meet(s, 1, start)
		if !errors.Is(s.Err(), errCorrupt) {
			t.Errorf("%c: the store's error is %v", kind, s.Err())
		}
		s.err = nil // closing is not tested here
	}
}

func TestASecondStoreIsRefused(t *testing.T) {
	s, _ := open(t, t.TempDir(), 1)
	_, _, err := Open(Options{Dir: s.dir, Window: window})
	if err == nil || !strings.Contains(err.Error(), "process "+strconv.Itoa(os.Getpid())) {
		t.Errorf("got %v, want the process that has the directory", err)
	}
}

func TestABackupIsAStore(t *testing.T) {
	s, _ := open(t, t.TempDir(), 1)
	count(s, 1, start)
	checkpoint(t, s, 7, start)
	count(s, 1, start)
	dir := t.TempDir()
	if err := s.backup(filepath.Join(dir, dataDir)); err != nil {
		t.Fatal(err)
	}
	checkpoint(t, s, 8, start)
	copied, latest := open(t, dir, 1)
	if latest == nil || latest.Place.Sequence != 7 {
		t.Errorf("the copy's checkpoint is %+v, want that of sequence 7", latest)
	}
	if got := count(copied, 1, start); got != 1 {
		t.Errorf("in the copy the notification was counted %d times, want 1", got)
	}
	if err := s.backup(filepath.Join(dir, dataDir)); err == nil {
		t.Error("a backup overwrites another one")
	}
}
