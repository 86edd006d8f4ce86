package state

import "belfry/exporter/fold"

// shelf keeps the recent records of one kind in memory, decoded. The next
// checkpoint writes the dirty ones.
type shelf[R any] struct {
	entries map[fold.ID]*entry[R]
	dirty   []fold.ID // in the order in which they became dirty
	size    int       // of one entry, in bytes, approximately
	used    uint32    // number of the present checkpoint interval
}

// entry holds one record of a shelf.
type entry[R any] struct {
	record R
	bucket int64
	stored int64 // for a user, its bucket on disk; 0 if it is not there
	used   uint32
	dirty  bool
}

func newShelf[R any](size int) shelf[R] {
	return shelf[R]{entries: map[fold.ID]*entry[R]{}, size: size}
}

// touch marks an entry as used and dirty.
func (s *shelf[R]) touch(id fold.ID, e *entry[R]) {
	e.used = s.used
	if !e.dirty {
		e.dirty = true
		s.dirty = append(s.dirty, id)
	}
}

// bytes returns the approximate memory that the shelf takes.
func (s *shelf[R]) bytes() int { return len(s.entries) * s.size }

// clean marks all entries as clean and starts the next interval.
func (s *shelf[R]) clean() {
	for _, id := range s.dirty {
		if e := s.entries[id]; e != nil {
			e.dirty = false
		}
	}
	s.dirty = s.dirty[:0]
	s.used++
}

// shrink drops clean entries that were not used in the last 4 intervals. If the
// shelf still takes more than limit, it tries fewer intervals.
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

// drop drops expired entries.
func (s *shelf[R]) drop(expired func(bucket int64) bool) {
	for id, e := range s.entries {
		if expired(e.bucket) {
			delete(s.entries, id)
		}
	}
}
