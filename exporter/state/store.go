// Package state keeps what the fold remembers between events: in memory for a
// replay, on disk for the exporter.
//
// # What a Store promises
//
// A Store is one partition's directory. Records live in an overlay in memory
// and, beneath it, in pebble. Nothing reaches the disk but by a checkpoint, one
// atomic and synced batch of all records that changed, all numbers, and the
// place in the stream that they belong to. After a crash the directory holds
// the latest checkpoint, whole, and the exporter folds the stream on from there.
//
// Records are filed under the day, users under the month, that they belong to.
// A day that is out of its time is invisible at once and dropped from the disk,
// as one range, by the next checkpoint.
package state

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/gofrs/flock"

	"belfry/exporter/fold"
	"belfry/nats/dirlock"
)

// Options describe a store.
type Options struct {
	// Dir is the partition's directory; it is made when absent.
	Dir string
	// Window is the attribution window.
	Window time.Duration
	// OverlayBytes is about how much memory recent records may take.
	OverlayBytes int
	// Cache is shared by the stores of a process; nil makes a small one.
	Cache *Cache
	// Log gets what the database has to say; nil discards.
	Log *slog.Logger
}

// Store keeps the state of one partition in a directory. It implements
// fold.Records. It must not be used by two goroutines at once, except that
// Pending.Write may run beside the methods of fold.Records.
type Store struct {
	db     *pebble.DB
	disk   disk
	lock   *flock.Flock
	dir    string
	window time.Duration
	limit  int

	notifications shelf[fold.Notification]
	users         shelf[fold.User]
	events        shelf[struct{}]
	buckets       buckets
	firstDay      int64 // of the last expiry
	firstMonth    int64

	key     []byte // scratch
	err     error  // the first fault of the disk; everything after it is void
	pending bool   // a checkpoint is taken and not finished
	noUsers bool   // those on disk are dropped, and the next checkpoint says so
}

// buckets counts the records in each bucket, on disk or to be written.
type buckets struct {
	Notifications, Events, Users map[int64]int
}

// Sizes of one record in the overlay, in bytes, measured with its share of the
// map and of its slices.
const (
	notificationSize = 420
	userSize         = 400
	eventSize        = 110
)

// Open opens or makes the store and returns its latest checkpoint, nil when it
// has none yet.
func Open(o Options) (s *Store, latest *Checkpoint, err error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("open state: %w", err)
	}
	lock, err := dirlock.Acquire(o.Dir)
	if err != nil {
		return nil, nil, fmt.Errorf("open state: %w", err)
	}
	s = &Store{
		lock: lock, dir: o.Dir, window: o.Window, limit: o.OverlayBytes,
		notifications: newShelf[fold.Notification](notificationSize), users: newShelf[fold.User](userSize),
		events: newShelf[struct{}](eventSize), buckets: newBuckets(),
	}
	if err := checkRetired(o.Dir); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open state in %s: %w", o.Dir, err), lock.Close())
	}
	blocks, share := o.cache()
	if s.db, err = openPebble(o, blocks); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open state in %s: %w", o.Dir, err), lock.Close())
	}
	s.disk = disk{db: s.db, share: share}
	if latest, err = s.load(); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open state in %s: %w", o.Dir, err), s.Close())
	}
	return s, latest, nil
}

func newBuckets() buckets {
	return buckets{Notifications: map[int64]int{}, Events: map[int64]int{}, Users: map[int64]int{}}
}

// Close closes the directory. What changed since the latest checkpoint is gone.
func (s *Store) Close() error {
	return errors.Join(s.disk.release(), s.db.Close(), s.lock.Close())
}

// Err returns the first fault of the disk. After it the records returned are
// made up, and the numbers folded from them must neither be shown nor kept.
func (s *Store) Err() error { return s.err }

func (s *Store) fail(err error) {
	if s.err == nil {
		s.err = fmt.Errorf("state in %s: %w", s.dir, err)
	}
}

// Full reports that the overlay has outgrown its limit, so that a checkpoint
// is due before its time. Until then nothing should be looked up; that may take
// long on a disk that is full too.
func (s *Store) Full() bool {
	if s.overlayBytes() <= s.limit {
		return false
	}
	if err := s.disk.release(); err != nil {
		s.fail(err)
	}
	return true
}

func (s *Store) overlayBytes() int {
	return s.notifications.bytes() + s.users.bytes() + s.events.bytes()
}

// Len implements fold.Records.
func (s *Store) Len() (notifications, users, events int) {
	sum := func(counts map[int64]int) (n int) {
		for _, c := range counts {
			n += c
		}
		return n
	}
	return sum(s.buckets.Notifications), sum(s.buckets.Users), sum(s.buckets.Events)
}

// records is how many records there are of all kinds.
func (s *Store) records() int {
	notifications, users, events := s.Len()
	return notifications + users + events
}

// Notification implements fold.Records.
func (s *Store) Notification(id fold.ID, now int64) *fold.Notification {
	first := fold.FirstLiveDay(now, s.window)
	e := s.notifications.entries[id]
	if e == nil || e.bucket < first {
		e = &entry[fold.Notification]{bucket: fold.Day(now)}
		if value, day, ok := s.find(kindNotification, s.buckets.Notifications, e.bucket, first, id); ok {
			e.bucket = day
			if err := decodeNotification(value, &e.record, dayStart(day)); err != nil {
				s.fail(err)
			}
		} else {
			s.buckets.Notifications[e.bucket]++
		}
		s.notifications.entries[id] = e
	}
	s.notifications.touch(id, e)
	return &e.record
}

// User implements fold.Records.
func (s *Store) User(id fold.ID, now int64) *fold.User {
	first := fold.FirstLiveMonth(now)
	e := s.users.entries[id]
	if e == nil || e.record.Month < first {
		e = &entry[fold.User]{}
		onDisk := s.buckets.Users
		if s.noUsers {
			onDisk = nil
		}
		if value, month, ok := s.find(kindUser, onDisk, fold.Month(now), first, id); ok {
			e.stored = month
			if err := decodeUser(value, &e.record, monthStart(month)); err != nil {
				s.fail(err)
			}
			e.record.Month = month
		}
		e.bucket = e.record.Month
		s.users.entries[id] = e
	}
	s.countUser(e, fold.Month(now))
	s.users.touch(id, e)
	return &e.record
}

// countUser follows the user, who the caller moves to the present month, in
// the count of each month.
func (s *Store) countUser(e *entry[fold.User], month int64) {
	if e.bucket == month {
		return
	}
	if e.bucket != 0 {
		s.buckets.Users[e.bucket]--
	}
	e.bucket = month
	s.buckets.Users[month]++
}

// SeenEvent implements fold.Records.
func (s *Store) SeenEvent(id fold.ID, now int64) bool {
	first := fold.FirstLiveDay(now, s.window)
	if e := s.events.entries[id]; e != nil && e.bucket >= first {
		e.used = s.events.used
		return true
	}
	e := &entry[struct{}]{bucket: fold.Day(now)}
	if _, _, ok := s.find(kindEvent, s.buckets.Events, e.bucket, first, id); ok {
		return true
	}
	s.events.entries[id] = e
	s.buckets.Events[e.bucket]++
	s.events.touch(id, e)
	return false
}

func dayStart(day int64) int64 { return day * 24 * int64(time.Hour) }

func monthStart(month int64) int64 { return month * 30 * 24 * int64(time.Hour) }
