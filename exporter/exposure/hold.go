package exposure

import (
	"slices"
	"sync"
	"time"

	"belfry/exporter/catalog"
)

// Hold shows a new series at 0 before its value: rate and increase never see
// the value that a series begins with, so a counter that first shows 7 would
// lose those 7 for good. A series is held at 0 for a while from its first
// exposition on, and then released. It must not fall back to 0 afterwards.
//
// The hold is part of the exposition: the fold counts on meanwhile. It is safe
// for concurrent use.
type Hold struct {
	duration  int64 // nanoseconds; 0 holds nothing and has nothing to save
	continued bool  // follows on numbers that were shown before

	mu       sync.Mutex
	released []int     // series of each family, by catalog index, that show their values
	since    [][]int64 // when each series behind those was first shown, nanoseconds since 1970
	unsaved  bool      // released is not what was saved last
}

// newHold makes a hold of the given duration that has released nothing.
// Duration 0 holds nothing.
func newHold(duration time.Duration) *Hold {
	n := len(catalog.All)
	return &Hold{duration: int64(duration), released: make([]int, n), since: make([][]int64, n), unsaved: true}
}

// continueHold makes a hold that has released that many series of each family,
// by name.
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

// ReleaseExisting releases that many series of each family when nothing of the
// partition has ever been shown: they were there before anybody looked. A hold
// that continues an earlier one stays as it is.
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
// at a time, in nanoseconds since 1970. Those behind them show 0 and, if this is
// the first time, start to wait.
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

// advance releases the series that have been held long enough at a time, in
// nanoseconds since 1970. It first saves how many series of each family, by
// name, are released then, and releases nothing when that fails.
func (h *Hold) advance(now int64, save func(released map[string]int) error) error {
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

func byName(series []int) map[string]int {
	named := map[string]int{}
	for i, n := range series {
		if n > 0 {
			named[catalog.All[i].Name] = n
		}
	}
	return named
}
