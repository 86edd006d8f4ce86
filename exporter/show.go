package exporter

import (
	"time"

	"belfry/exporter/metrics"
	messages "belfry/exporter/partition"
	"belfry/exporter/state"
)

// showFrom lets the numbers be shown if the fold, at this sequence, has reached
// its target. At first sight of a stream the series that exist then were there
// before anybody looked, and are shown as they are; those that come later are
// held at 0 for a while. The caller holds p.mu.
func (p *partition) showFrom(sequence uint64) error {
	if p.shown || sequence < p.target.Sequence || p.target == (state.Place{}) {
		return nil
	}
	switch {
	case p.altered:
		if err := p.startOver("what was shown cannot be folded again as it was"); err != nil {
			return err
		}
	case !p.held:
		p.state.Release(p.hold)
	}
	p.shown = true
	p.log.Info(messages.LogShown, "sequence", sequence)
	return nil
}

// startOver gives all numbers of the partition a new beginning at 0, which rate
// and increase take for the counter reset that it is: so every series is held at
// 0 first. The records stay, so that what was counted before is not counted
// again. The caller holds p.mu.
func (p *partition) startOver(why string) error {
	p.log.Error("all counters of the partition start over at 0", "because", why)
	p.state.StartOver()
	p.altered = false
	p.marking.Lock()
	defer p.marking.Unlock()
	p.hold, p.held = metrics.NewHold(p.options.Hold), true
	p.beginnings++
	return p.saveReleased(nil)
}

// part is the partition's share of an exposition, and which beginning of the
// numbers it counts from; ok is false while it must not be shown.
func (p *partition) part(now time.Time) (part metrics.Part, beginning uint64, ok bool) {
	p.mu.Lock()
	if !p.shown || p.store.Err() != nil {
		p.mu.Unlock()
		return part, 0, false
	}
	// The stream's time stands still when no message comes, but sources that
	// have fallen silent grow old all the same.
	silence := int64(now.Sub(p.foldedAt))
	part = metrics.Part{
		Partition: p.name, Snapshot: p.state.Snapshot(), Now: p.state.Now() + max(0, silence),
		Hold: p.hold, Time: now.UnixNano(),
	}
	place, beginning := p.place, p.beginnings
	p.mu.Unlock()
	return part, beginning, p.vouch(place, beginning, part)
}

// vouch makes durable what is about to be shown, so that no restart shows less,
// and reports whether it may be.
func (p *partition) vouch(place state.Place, beginning uint64, part metrics.Part) bool {
	p.marking.Lock()
	defer p.marking.Unlock()
	if beginning != p.beginnings {
		return false // the numbers have started over meanwhile
	}
	err := p.raiseMark(place)
	if err == nil {
		err = part.Hold.Advance(part.Time, p.saveReleased)
	}
	if err != nil {
		if !p.unmarked.Swap(true) {
			p.log.Error("numbers are withheld: what is shown must be on disk first; make room on the disk of the state directory", "err", err)
		}
		return false
	}
	p.unmarked.Store(false)
	return true
}

// raiseMark makes durable up to which place numbers have been shown. The caller
// holds p.marking.
func (p *partition) raiseMark(place state.Place) error {
	if place.Created == p.mark.Created && place.Sequence <= p.mark.Sequence {
		return nil // nothing new, or another scrape was quicker
	}
	if err := p.store.WriteMark(place); err != nil {
		return err
	}
	p.mark = place
	return nil
}

// isShown reports whether the numbers are on the exposition, and if not, up to
// where the fold has to come.
func (p *partition) isShown() (shown bool, target uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown && p.store.Err() == nil && !p.unmarked.Load(), p.target.Sequence
}
