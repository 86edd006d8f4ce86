package state

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"

	"belfry/exporter/fold"
)

// expire drops expired buckets.
func (s *Store) expire(batch *pebble.Batch, now int64) error {
	if first := fold.FirstLiveDay(now, s.window); first > s.firstDay {
		s.firstDay = first
		expired := func(bucket int64) bool { return bucket < first }
		s.notifications.drop(expired)
		s.earlier.drop(expired)
		s.events.drop(expired)
		b := &s.buckets
		for kind, counts := range map[byte]map[int64]int{
			kindNotification: b.Notifications, kindEvent: b.Events,
			kindPlain: b.Plain, kindPlainEvent: b.PlainEvents, kindEarlier: b.Earlier,
		} {
			if err := dropBuckets(batch, kind, counts, first); err != nil {
				return err
			}
		}
	}
	if first := fold.FirstLiveMonth(now); first > s.firstMonth {
		s.firstMonth = first
		s.users.drop(func(bucket int64) bool { return bucket < first })
		return dropBuckets(batch, kindUser, s.buckets.Users, first)
	}
	return nil
}

func dropBuckets(batch *pebble.Batch, kind byte, counts map[int64]int, first int64) error {
	for bucket := range counts {
		if bucket >= first {
			continue
		}
		delete(counts, bucket)
		if err := batch.DeleteRange(bucketKey(kind, bucket), bucketKey(kind, bucket+1), nil); err != nil {
			return err
		}
	}
	return nil
}

// DropKeyed forgets all that is filed under the user key, because that has changed: users,
// notifications and event ids. What earlier versions filed under plain hashes stays. The
// next checkpoint deletes the records from disk.
func (s *Store) DropKeyed() error {
	if s.pending {
		return errors.New("drop what is filed under the user key: a checkpoint is being written")
	}
	s.notifications = newShelf[fold.Notification](notificationSize)
	s.events = newShelf[struct{}](eventSize)
	s.users = newShelf[fold.User](userSize)
	b := newBuckets()
	s.buckets.Notifications, s.buckets.Events, s.buckets.Users = b.Notifications, b.Events, b.Users
	s.dropped = true
	return nil
}

// deleteDropped deletes from disk what DropKeyed has forgotten.
func (s *Store) deleteDropped(batch *pebble.Batch) error {
	if !s.dropped {
		return nil
	}
	for _, kind := range [...]byte{kindNotification, kindEvent, kindUser} {
		if err := batch.DeleteRange([]byte{kind}, []byte{kind + 1}, nil); err != nil {
			return err
		}
	}
	return nil
}
