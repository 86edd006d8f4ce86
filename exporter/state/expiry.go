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
		if err := dropBuckets(batch, kindNotification, s.buckets.Notifications, first); err != nil {
			return err
		}
		if err := dropBuckets(batch, kindEarlier, s.buckets.Earlier, first); err != nil {
			return err
		}
		if err := dropBuckets(batch, kindEvent, s.buckets.Events, first); err != nil {
			return err
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

// DropUsers forgets all users, because the user key has changed. The next
// checkpoint deletes them from disk.
func (s *Store) DropUsers() error {
	if s.pending {
		return errors.New("drop users: a checkpoint is being written")
	}
	s.users = newShelf[fold.User](userSize)
	s.buckets.Users = map[int64]int{}
	s.noUsers = true
	return nil
}
