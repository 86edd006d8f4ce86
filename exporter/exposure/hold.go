package exposure

import (
	"slices"
	"sync"
	"time"

	"belfry/exporter/catalog"
)

// Hold shows each new series at 0 before its value, for a duration that starts
// with its first exposition. Then it releases the series, which must not fall
// back to 0 afterwards. Meanwhile the fold continues to count. A Hold is safe for
// concurrent use.
type Hold struct {
	duration  int64 // nanoseconds; with 0 nothing is held or saved
	continued bool  // its numbers were shown before

	mu       sync.Mutex
	released []int     // number of series of each family, by catalog index, that show their values
	since    [][]int64 // when each later series was first shown, nanoseconds since 1970
	unsaved  bool      // released differs from what was saved last
}

// newHold returns a hold that has released nothing.
func newHold(duration time.Duration) *Hold {
	n := len(catalog.All)
	return &Hold{duration: int64(duration), released: make([]int, n), since: make([][]int64, n), unsaved: true}
}

// continueHold returns a hold that has released this number of series of each
// family, by name.
func continueHold(duration time.Duration, released map[string]int) *Hold {
	h := newHold(duration)
	h.continued, h.unsaved = true, false
	for name, series := range released {
		if f := catalog.ByName(name); f != nil {
			h.released[f.Index()] = series
		}
	}
	return h
}

// ReleaseExisting releases this number of series of each family if nothing of the
// partition was ever shown: no scraper has missed their beginning. Otherwise it
// does nothing.
func (h *Hold) ReleaseExisting(series map[*catalog.Family]int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.continued {
		return
	}
	for f, n := range series {
		h.released[f.Index()], h.since[f.Index()] = n, nil
	}
	h.unsaved = true
}

// Released returns how many of the first n series of a family show their values
// at a time, in nanoseconds since 1970. The later ones show 0. The hold of those
// that it sees for the first time starts now.
func (h *Hold) Released(f *catalog.Family, n int, now int64) int {
	if h.duration == 0 {
		return n
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	i := f.Index()
	for h.released[i]+len(h.since[i]) < n {
		h.since[i] = append(h.since[i], now)
	}
	return min(h.released[i], n)
}

// advance releases the series whose hold has ended at a time, in nanoseconds since
// 1970. It first saves the number of released series of each family, by name, and
// releases nothing if that fails.
func (h *Hold) advance(now int64, save func(released map[string]int) error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.duration == 0 {
		return nil
	}
	released, due := slices.Clone(h.released), h.unsaved
	for i, since := range h.since {
		for _, first := range since {
			if first+h.duration > now {
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

func byName(series []int) map[string]int {
	named := map[string]int{}
	for i, n := range series {
		if n > 0 {
			named[catalog.All[i].Name] = n
		}
	}
	return named
}
