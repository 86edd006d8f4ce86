package metrics

import (
	"slices"
	"sync"
	"time"

	"belfry/exporter/catalog"
)

// Hold makes every scraper see a new series at 0 before it sees its value:
// rate and increase never see the value that a series is born with, so a
// counter that first shows 7 would lose those 7 for good. A held series is
// shown at 0 for a while from its first exposition on, and then as it is.
//
// A series that was shown as it is must not fall back to 0, not even in another
// process: whoever exposes saves what Advance is about to release, and hands it
// to Resume after a restart.
//
// The hold belongs to the exposition: the fold counts on. It is safe for
// concurrent use.
type Hold struct {
	mu       sync.Mutex
	duration int64
	released []int     // rows of each family, by catalog index, that are shown as they are
	since    [][]int64 // when each row behind those was first shown, nanoseconds since 1970
	unsaved  bool      // released is not what was saved last
}

// NewHold makes a hold of the given duration that has released nothing; 0 holds
// nothing and has nothing to save.
func NewHold(duration time.Duration) *Hold {
	n := len(catalog.All)
	return &Hold{duration: int64(duration), released: make([]int, n), since: make([][]int64, n), unsaved: true}
}

// Release lets everything that the table has by now be shown as it is: it was
// there before anybody looked.
func (h *Hold) Release(t *Table) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, v := range t.vectors {
		if v != nil {
			h.released[i], h.since[i] = len(v.list), nil
		}
	}
	h.unsaved = true
}

// Resume continues a hold that released so many rows of each family, by name.
func (h *Hold) Resume(released map[string]int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, rows := range released {
		if f := catalog.ByName(name); f != nil {
			h.released[f.Index()] = rows
		}
	}
	h.unsaved = false
}

// Advance releases what has been held long enough at a time in nanoseconds
// since 1970. Before any of it is shown, save makes durable how many rows of
// each family, by name, are released then; when that fails, nothing is.
func (h *Hold) Advance(now int64, save func(released map[string]int) error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.duration == 0 {
		return nil
	}
	released, due := slices.Clone(h.released), h.unsaved
	for i, since := range h.since {
		for _, at := range since {
			if at+h.duration > now {
				break
			}
			released[i]++
			due = true
		}
	}
	if !due {
		return nil
	}
	if err := save(byName(released)); err != nil {
		return err
	}
	for i := range h.since {
		h.since[i] = h.since[i][released[i]-h.released[i]:]
	}
	h.released, h.unsaved = released, false
	return nil
}

func byName(rows []int) map[string]int {
	named := map[string]int{}
	for i, n := range rows {
		if n > 0 {
			named[catalog.All[i].Name] = n
		}
	}
	return named
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
	for h.released[i]+len(h.since[i]) < len(f.rows) {
		h.since[i] = append(h.since[i], now)
	}
	return min(h.released[i], len(f.rows))
}
