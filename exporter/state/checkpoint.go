package state

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"belfry/exporter/fold"
)

// Checkpoint holds a partition's state at one place of its stream, without the
// records, which the store has.
type Checkpoint struct {
	// Place names the last folded message.
	Place Place
	// Fold holds the numbers.
	Fold *fold.Image
	// Config spells out the settings that the numbers depend on, for comparison.
	Config string
	// UserKey identifies the key that records are filed under without revealing it.
	UserKey string
	// Lost counts the events that left the stream before they were folded.
	Lost uint64
	// Earlier says that events mean what they meant to version 1, up to the mark.
	// Unbounded says that all event ids of a notification are remembered, as before
	// version 4, up to the mark.
	Earlier, Unbounded bool
}

// Pending holds a checkpoint that is taken but not yet written.
type Pending struct {
	store *Store
	batch *pebble.Batch
	meta  stored
}

// Take collects what a checkpoint must write. Afterwards the caller must call Write
// and then Finish. Nothing may be folded during Take and Finish.
func (s *Store) Take(c Checkpoint) (*Pending, error) {
	if s.err != nil {
		return nil, s.err
	}
	if s.pending {
		return nil, errors.New("another checkpoint is being written")
	}
	p := &Pending{store: s, batch: s.db.NewBatch()}
	if err := s.deleteDropped(p.batch); err != nil {
		return nil, fmt.Errorf("take checkpoint: %w", err)
	}
	if err := s.expire(p.batch, c.Fold.Latest()); err != nil {
		return nil, fmt.Errorf("take checkpoint: %w", err)
	}
	if err := s.collect(p.batch); err != nil {
		return nil, fmt.Errorf("take checkpoint: %w", err)
	}
	p.meta = stored{Checkpoint: c, Buckets: s.buckets.clone()}
	s.notifications.clean()
	s.earlier.clean()
	s.users.clean()
	s.events.clean()
	s.adopted = nil
	s.pending = true
	return p, nil
}

// collect adds every dirty record to the batch.
func (s *Store) collect(batch *pebble.Batch) error {
	for _, key := range s.adopted {
		if err := batch.Delete(key, nil); err != nil {
			return err
		}
	}
	if err := s.collectNotifications(batch, kindNotification, &s.notifications); err != nil {
		return err
	}
	if err := s.collectNotifications(batch, kindEarlier, &s.earlier); err != nil {
		return err
	}
	var value []byte
	for _, id := range s.users.dirty {
		e := s.users.entries[id]
		if e == nil {
			continue
		}
		if err := s.leaveMonth(batch, id, e); err != nil {
			return err
		}
		value = appendUser(value[:0], &e.record, monthStart(e.stored))
		s.key = recordKey(s.key, kindUser, e.stored, id)
		if err := batch.Set(s.key, value, nil); err != nil {
			return err
		}
	}
	for _, id := range s.events.dirty {
		if e := s.events.entries[id]; e != nil {
			s.key = recordKey(s.key, kindEvent, e.bucket, id)
			if err := batch.Set(s.key, nil, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Store) collectNotifications(batch *pebble.Batch, kind byte, from *shelf[fold.Notification]) error {
	var value []byte
	for _, id := range from.dirty {
		e := from.entries[id]
		if e == nil {
			continue
		}
		value = appendNotification(value[:0], &e.record, dayStart(e.bucket))
		s.key = recordKey(s.key, kind, e.bucket, id)
		if err := batch.Set(s.key, value, nil); err != nil {
			return err
		}
	}
	return nil
}

// leaveMonth deletes the record of a user that moves to another month.
func (s *Store) leaveMonth(batch *pebble.Batch, id fold.ID, e *entry[fold.User]) error {
	before := e.stored
	if e.stored = e.record.Month; before == 0 || before == e.stored {
		return nil
	}
	s.key = recordKey(s.key, kindUser, before, id)
	return batch.Delete(s.key, nil)
}

// Write makes the checkpoint durable and returns the number of bytes written. The
// fold may continue meanwhile.
func (p *Pending) Write() (bytes int, err error) {
	meta, err := encodeMeta(&p.meta)
	if err != nil {
		return 0, fmt.Errorf("write checkpoint: %w", err)
	}
	if err := p.batch.Set(checkpointKey, meta, nil); err != nil {
		return 0, fmt.Errorf("write checkpoint: %w", err)
	}
	n := p.batch.Len()
	if err := p.batch.Commit(pebble.Sync); err != nil {
		return 0, fmt.Errorf("write checkpoint: %w", err)
	}
	return n, p.batch.Close()
}

// Finish evicts records from the overlay that were written and not used recently.
// Called with the error of a failed Write, it invalidates the store, because
// records that should be on disk are not.
func (p *Pending) Finish(err error) {
	s := p.store
	s.pending = false
	if err := errors.Join(err, s.disk.refresh(s.records())); err != nil {
		s.fail(err)
		return
	}
	s.dropped = false
	// There are few users, used often. Notifications take most of the memory.
	s.users.shrink(s.limit / 4)
	s.events.shrink(s.limit / 8)
	s.earlier.shrink(s.limit / 8)
	s.notifications.shrink(s.limit / 2)
}

func (b buckets) clone() buckets {
	c := newBuckets()
	for _, m := range [...]struct{ from, to map[int64]int }{
		{b.Notifications, c.Notifications}, {b.Events, c.Events}, {b.Users, c.Users},
		{b.Plain, c.Plain}, {b.PlainEvents, c.PlainEvents}, {b.Earlier, c.Earlier},
	} {
		for k, v := range m.from {
			m.to[k] = v
		}
	}
	return c
}

// backup writes a consistent copy of the database, as of its latest checkpoint, to
// a new directory.
func (s *Store) backup(dir string) error {
	if err := s.db.Checkpoint(dir, pebble.WithFlushedWAL()); err != nil {
		return fmt.Errorf("copy state to %s: %w", dir, err)
	}
	return nil
}

var _ fold.Records = (*Store)(nil)
