// Package state stores what the fold remembers between events: in memory for a
// replay, on disk for the exporter.
//
// # What a Store promises
//
// A Store owns one partition's directory. It keeps recent records in an overlay
// in memory, and all others in a pebble database. Only a checkpoint writes to the
// database: one atomic and synced batch of all changed records, all numbers, and
// the place in the stream to which they belong. After a crash the directory holds
// the latest checkpoint, complete, and the exporter continues from there.
//
// Records are stored by day, users by month. A day that expires becomes invisible
// at once, and the next checkpoint deletes it from disk as one range.
package state

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/gofrs/flock"

	"belfry/exporter/fold"
	"belfry/nats/dirlock"
)

// Options configure a store.
type Options struct {
	// Dir names the partition's directory. Open creates it.
	Dir string
	// Window holds the attribution window.
	Window time.Duration
	// OverlayBytes limits the memory for recent records, approximately.
	OverlayBytes int
	// Cache holds disk blocks for all stores of a process. If it is nil, the store
	// uses a small one of its own.
	Cache *Cache
	// Log gets the messages of the database. Nil discards them.
	Log *slog.Logger
}

// Store stores the state of one partition in a directory. It implements
// fold.Records. It is not safe for concurrent use, except that Pending.Write may
// run during the methods of fold.Records.
type Store struct {
	db     *pebble.DB
	disk   disk
	lock   *flock.Flock
	dir    string
	window time.Duration
	limit  int

	notifications shelf[fold.Notification]
	earlier       shelf[fold.Notification]
	users         shelf[fold.User]
	events        shelf[struct{}]
	buckets       buckets
	firstDay      int64 // of the last expiry
	firstMonth    int64

	key     []byte   // scratch
	err     error    // the first error of the disk; the records are invalid afterwards
	pending bool     // a checkpoint is taken and not finished
	dropped bool     // what is on disk under the user key, which the next checkpoint deletes
	adopted [][]byte // keys on disk of records that Adopt has moved, which it deletes too
}

// buckets counts the records in each bucket, on disk or to be written. Plain, PlainEvents
// and Earlier are of earlier versions and become empty when their records have expired.
type buckets struct {
	Notifications, Events, Users map[int64]int
	Plain, PlainEvents, Earlier  map[int64]int
}

// Measured sizes of one record in the overlay, in bytes, with its share of the map
// and its slices.
const (
	notificationSize = 420
	userSize         = 400
	eventSize        = 110
)

// Open opens or creates the store and returns its latest checkpoint, nil if it has
// none yet.
func Open(o Options) (s *Store, latest *Checkpoint, err error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("open state: %w", onDisk(filepath.Dir(o.Dir), err))
	}
	lock, err := dirlock.Acquire(o.Dir)
	if err != nil {
		return nil, nil, fmt.Errorf("open state: %w", onDisk(o.Dir, err))
	}
	s = &Store{
		lock: lock, dir: o.Dir, window: o.Window, limit: o.OverlayBytes,
		notifications: newShelf[fold.Notification](notificationSize),
		earlier:       newShelf[fold.Notification](notificationSize), users: newShelf[fold.User](userSize),
		events: newShelf[struct{}](eventSize), buckets: newBuckets(),
	}
	if err := checkRetired(o.Dir); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open state in %s: %w", o.Dir, err), lock.Close())
	}
	blocks, share := o.cache()
	if s.db, err = openPebble(o, blocks); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open state in %s: %w", o.Dir, advised(o.Dir, err)), lock.Close())
	}
	s.disk = disk{db: s.db, share: share}
	if latest, err = s.load(); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open state in %s: %w", o.Dir, advised(o.Dir, err)), s.Close())
	}
	return s, latest, nil
}

func newBuckets() buckets {
	return buckets{
		Notifications: map[int64]int{}, Events: map[int64]int{}, Users: map[int64]int{},
		Plain: map[int64]int{}, PlainEvents: map[int64]int{}, Earlier: map[int64]int{},
	}
}

// Close closes the directory. Changes since the latest checkpoint are lost.
func (s *Store) Close() error {
	return errors.Join(s.disk.release(), s.db.Close(), s.lock.Close())
}

// Err returns the first error of the disk. Afterwards the returned records are
// invalid, and the numbers folded from them must be neither shown nor stored.
func (s *Store) Err() error { return s.err }

func (s *Store) fail(err error) {
	if s.err == nil {
		s.err = fmt.Errorf("state in %s: %w", s.dir, err)
	}
}

// Full reports whether the overlay has outgrown its limit, so that a checkpoint is
// due early. The caller should not look up anything before it is written, which
// may take long if the disk is full too.
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
	return s.notifications.bytes() + s.earlier.bytes() + s.users.bytes() + s.events.bytes()
}
