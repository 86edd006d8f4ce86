package exposure

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"belfry/exporter/state"
)

// Ledger is the durable account of what scrapers have seen of one partition. It
// is safe for concurrent use. Its lock is held while it writes to the disk.
type Ledger struct {
	dir      string
	duration time.Duration // of holds
	log      *slog.Logger
	withheld atomic.Bool

	mu   sync.Mutex  // guards what follows
	mark state.Place // up to which numbers have been shown
	hold *Hold       // of the present beginning of the numbers
}

// Open reads the ledger of a partition's directory, which must exist. New series
// are held at 0 for the duration; 0 shows them at once.
func Open(dir string, hold time.Duration, log *slog.Logger) (*Ledger, error) {
	mark, err := readMark(dir)
	if err != nil {
		return nil, err
	}
	l := &Ledger{dir: dir, duration: hold, log: log, mark: mark}
	l.hold, err = resumeHold(dir, hold)
	return l, err
}

// Mark returns the place up to which numbers have been shown, the zero Place
// when none have.
func (l *Ledger) Mark() state.Place {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.mark
}

// Hold returns the hold of new series, which is another one after StartOver.
func (l *Ledger) Hold() *Hold {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hold
}

// Vouch makes durable that the numbers at a place are shown under a hold at a
// time, in nanoseconds since 1970, and reports whether they may be. They may not
// when the disk does not take it, or when the numbers have started over since
// the caller got the hold.
func (l *Ledger) Vouch(place state.Place, hold *Hold, now int64) bool {
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
			l.log.Error("numbers are withheld: what is shown must be on disk first; "+
				"make room on the disk of the state directory", "err", err)
		}
		return false
	}
	l.withheld.Store(false)
	return true
}

// raiseMark moves the mark up to a place. The caller holds l.mu.
func (l *Ledger) raiseMark(place state.Place) error {
	if place.Created == l.mark.Created && place.Sequence <= l.mark.Sequence {
		return nil // nothing new, or another scrape was quicker
	}
	if err := writeMark(l.dir, place); err != nil {
		return err
	}
	l.mark = place
	return nil
}

// Withheld reports whether the latest Vouch failed because of the disk. It
// never waits for the disk.
func (l *Ledger) Withheld() bool { return l.withheld.Load() }

// StartOver begins a new hold, for numbers that start over at 0: every series
// is held. The hold is valid even when it could not be saved.
func (l *Ledger) StartOver() (*Hold, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hold = newHold(l.duration)
	l.hold.continued = true
	return l.hold, l.saveReleased(nil)
}

// Forget removes the mark, for a stream that is counted from its beginning.
func (l *Ledger) Forget() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mark = state.Place{}
	return removeMark(l.dir)
}
