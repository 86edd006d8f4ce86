package metrics

import (
	"sync"
	"time"
)

// Hold makes every scraper see a new series at 0 before it sees its value:
// rate and increase never see the value that a series is born with, so a
// counter that first shows 7 would lose those 7 for good. A held series is
// shown at 0 for a while from its first exposition on, and then as it is.
//
// The hold belongs to the exposition: the fold counts on. It is safe for
// concurrent use.
type Hold struct {
	mu       sync.Mutex
	duration int64
	released []int     // rows of each family, by catalog index, that are shown as they are
	since    [][]int64 // when each row behind those was first shown, nanoseconds since 1970
}

// NewHold makes a hold of the given duration; 0 holds nothing.
func NewHold(duration time.Duration) *Hold { return &Hold{duration: int64(duration)} }

// Release lets everything that the table has by now be shown as it is: it was
// shown before, by this process or the one before.
func (h *Hold) Release(t *Table) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.released, h.since = make([]int, len(t.vectors)), make([][]int64, len(t.vectors))
	for i, v := range t.vectors {
		if v != nil {
			h.released[i] = len(v.list)
		}
	}
}

// shownAsTheyAre returns how many of the first rows of a family are shown as they are at
// a time in nanoseconds since 1970; those behind are shown at 0.
func (h *Hold) shownAsTheyAre(f *familySnapshot, now int64) int {
	if h == nil || h.duration == 0 {
		return len(f.rows)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	i := f.family.Index()
	for len(h.released) <= i {
		h.released, h.since = append(h.released, 0), append(h.since, nil)
	}
	for h.released[i]+len(h.since[i]) < len(f.rows) {
		h.since[i] = append(h.since[i], now)
	}
	for len(h.since[i]) > 0 && h.since[i][0]+h.duration <= now {
		h.since[i] = h.since[i][1:]
		h.released[i]++
	}
	return min(h.released[i], len(f.rows))
}
