package exposure

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"belfry/exporter/state"
)

// Ledger records, durably, what scrapers have seen of one partition. It is safe
// for concurrent use. It holds its lock while it writes to disk.
type Ledger struct {
	dir      string
	duration time.Duration // of a hold
	log      *slog.Logger
	withheld atomic.Bool

	mu   sync.Mutex  // guards what follows
	mark state.Place // up to which numbers were shown
	hold *Hold       // another one each time the counters start over
}

// Open reads the ledger in a partition's directory, which must exist. It holds new
// series at 0 for the duration hold; with 0 they show their values at once.
func Open(dir string, hold time.Duration, log *slog.Logger) (*Ledger, error) {
	mark, err := readMark(dir)
	if err != nil {
		return nil, err
	}
	l := &Ledger{dir: dir, duration: hold, log: log, mark: mark}
	l.hold, err = resumeHold(dir, hold)
	return l, err
}

// Mark returns the place up to which numbers were shown, the zero Place if none
// were.
func (l *Ledger) Mark() state.Place {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.mark
}

// Hold returns the hold of new series. StartOver replaces it.
func (l *Ledger) Hold() *Hold {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hold
}

// Commit records that the numbers at a place are shown under a hold at a time, in
// nanoseconds since 1970, and reports whether they may be. They may not if the
// record cannot be written, or if the counters have started over since the caller
// got the hold.
func (l *Ledger) Commit(place state.Place, hold *Hold, now int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if hold != l.hold {
		return false
	}
	err := l.raiseMark(place)
	if err == nil {
		err = hold.advance(now, l.saveReleased)
	}
	if err != nil {
		if !l.withheld.Swap(true) {
			l.log.Error("numbers are withheld: the high-water mark must be on disk before they are shown; "+
				"free some space on the disk of the state directory", "err", err)
		}
		return false
	}
	l.withheld.Store(false)
	return true
}

// raiseMark raises the mark to a place. The caller holds l.mu.
func (l *Ledger) raiseMark(place state.Place) error {
	if place.Created == l.mark.Created && place.Sequence <= l.mark.Sequence {
		return nil // nothing new, or a concurrent scrape was faster
	}
	if err := writeMark(l.dir, place); err != nil {
		return err
	}
	l.mark = place
	return nil
}

// Withheld reports whether the latest Commit could not write to disk. It does not
// wait for the disk itself.
func (l *Ledger) Withheld() bool { return l.withheld.Load() }

// StartOver returns a new hold, which holds every series at 0 because the counters
// start over. The hold is valid even if it could not be saved.
func (l *Ledger) StartOver() (*Hold, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hold = newHold(l.duration)
	l.hold.continued = true
	return l.hold, l.saveReleased(nil)
}

// Forget removes the mark, for a stream that is counted from the beginning.
func (l *Ledger) Forget() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mark = state.Place{}
	return removeMark(l.dir)
}
