package state

import "belfry/exporter/fold"

// shelf is the overlay of one kind of record: the recent ones, decoded, in
// memory. Whatever is not clean is written by the next checkpoint.
type shelf[R any] struct {
	entries map[fold.ID]*entry[R]
	dirty   []fold.ID // in the order in which they became dirty
	size    int       // bytes that one entry takes, about
	used    uint32    // number of the present checkpoint interval
}

// entry is one record of a shelf.
type entry[R any] struct {
	record R
	bucket int64
	stored int64 // of a user, the bucket in which the disk has it; 0 when it has not
	used   uint32
	dirty  bool
}

func newShelf[R any](size int) shelf[R] {
	return shelf[R]{entries: map[fold.ID]*entry[R]{}, size: size}
}

// touch marks an entry as used, and as changed by its user.
func (s *shelf[R]) touch(id fold.ID, e *entry[R]) {
	e.used = s.used
	if !e.dirty {
		e.dirty = true
		s.dirty = append(s.dirty, id)
	}
}

// bytes is about how much memory the shelf takes.
func (s *shelf[R]) bytes() int { return len(s.entries) * s.size }

// clean forgets what was dirty and starts the next interval.
func (s *shelf[R]) clean() {
	for _, id := range s.dirty {
		if e := s.entries[id]; e != nil {
			e.dirty = false
		}
	}
	s.dirty = s.dirty[:0]
	s.used++
}

// shrink drops clean entries that were not used in the last few intervals,
// fewer and fewer of these until the shelf takes no more than limit.
func (s *shelf[R]) shrink(limit int) {
	for _, keep := range [...]uint32{4, 2, 1, 0} {
		if s.bytes() <= limit {
			return
		}
		for id, e := range s.entries {
			if !e.dirty && e.used+keep < s.used {
				delete(s.entries, id)
			}
		}
	}
}

// drop forgets an entry that has expired.
func (s *shelf[R]) drop(expired func(bucket int64) bool) {
	for id, e := range s.entries {
		if expired(e.bucket) {
			delete(s.entries, id)
		}
	}
}
