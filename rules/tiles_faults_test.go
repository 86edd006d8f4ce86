package rules

import (
	"fmt"
	"testing"
	"time"
)

// hold returns how long a series is shown at 0 when it is new.
func (w *tileWorld) hold() time.Duration { return max(30*time.Second, 2*w.scrape) }

// once reports true so often that it is once in a time on average, when asked at
// every scrape.
func (w *tileWorld) once(in time.Duration) bool {
	return w.random.Int64N(int64(in)) < int64(w.scrape)
}

// upTo returns a random time.
func (w *tileWorld) upTo(most time.Duration) time.Duration {
	return time.Duration(w.random.Int64N(int64(most)))
}

// one returns one of several times.
func (w *tileWorld) one(of ...time.Duration) time.Duration { return of[w.random.IntN(len(of))] }

// live takes the counters to the next scrape.
func (w *tileWorld) live(t *testing.T) {
	w.faults(t)
	for _, c := range w.counters {
		if !c.born {
			c.born = w.once(2 * time.Hour)
		}
		if c.born && c.ends.IsZero() && !c.isPart() && w.once(12*time.Hour) {
			c.ends = w.now.Add(2 * time.Hour)
		}
		if c.whole == nil {
			c.count(w.growth(c))
		}
	}
	for _, c := range w.counters {
		if c.whole != nil && w.random.IntN(3) > 0 { // as its count did, or not
			c.count(c.whole.growth)
		}
	}
}

// growth returns what a counter counts until the next scrape: mostly nothing.
func (w *tileWorld) growth(c *tileCounter) float64 {
	if w.random.IntN(3) > 0 {
		return 0
	}
	n := float64(1 + w.random.IntN(3))
	if w.random.IntN(50) == 0 {
		n = 1000
	}
	if c.money {
		n /= 100
	}
	return n
}

// count adds n.
func (c *tileCounter) count(n float64) {
	c.growth = 0
	if c.born && c.ends.IsZero() && (!c.over || c.value+n < c.ceiling) {
		c.value += n
		c.growth = n
	}
}

// faults decides what goes wrong until the next scrape.
func (w *tileWorld) faults(t *testing.T) {
	if !w.outage.IsZero() && !w.now.Before(w.outage) {
		w.outage = time.Time{}
		w.restart(t)
	}
	if w.outage.IsZero() && !w.startsOver() && w.once(2*time.Hour) {
		w.outage = w.now.Add(w.upTo(w.one(2*time.Minute, 20*time.Minute, 3*time.Hour)))
		w.note("Prometheus is down until " + w.outage.Format(time.TimeOnly))
	}
	for _, p := range w.partitions {
		if w.once(time.Hour) {
			p.hidden = w.now.Add(w.upTo(w.one(time.Minute, 10*time.Minute, 90*time.Minute)))
			w.note(fmt.Sprintf("partition %d is hidden until %s", p.number, p.hidden.Format(time.TimeOnly)))
		}
		if w.once(time.Hour) {
			p.moves++
			w.note(fmt.Sprintf("partition %d moves", p.number))
		}
		if w.once(time.Hour) && w.canStartOver(p) {
			w.startOver(p)
		}
	}
}

// startOver begins all counters of a partition at 0 again.
func (w *tileWorld) startOver(p *tilePartition) {
	w.note(fmt.Sprintf("partition %d starts over", p.number))
	p.over, p.overAt = true, w.now
	for _, c := range w.counters {
		if c.tilePartition == p {
			c.ceiling, c.value, c.since = c.last, 0, time.Time{}
		}
	}
}

// canStartOver leaves out what no reader of the counters can tell: what they
// had counted when they started over is in their last scrape, and that must be
// in a tile by itself or together with what follows. They must not have appeared
// in the same tile.
func (w *tileWorld) canStartOver(p *tilePartition) bool {
	if p.over || w.missed || !w.outage.IsZero() || !w.evaluated.Equal(w.nextDue.Add(-w.tile)) {
		return false
	}
	for _, s := range w.pending {
		if !s.at.After(w.evaluated) || s.commit.After(w.nextDue) || s.shows(p) {
			return false
		}
	}
	for _, c := range w.counters {
		untold := !c.kept || c.reference != c.grown && !c.at.After(w.evaluated)
		if c.tilePartition == p && c.sampled && untold {
			return false
		}
	}
	return true
}

// shows reports whether the scrape has a counter of the partition that no tile has
// counted yet.
func (s tileScrape) shows(p *tilePartition) bool {
	for c := range s.values {
		if c.tilePartition == p && !c.kept {
			return true
		}
	}
	return false
}

// startsOver reports whether no tile has counted yet that a partition started
// over.
func (w *tileWorld) startsOver() bool {
	for _, p := range w.partitions {
		if p.over {
			return true
		}
	}
	return false
}

// settle ends what holds until tiles have counted that a partition started over.
func (w *tileWorld) settle() {
	for _, p := range w.partitions {
		seen := true
		for _, c := range w.counters {
			seen = seen && (c.tilePartition != p || !c.sampled || c.gone(w.now) || c.at.After(p.overAt))
		}
		p.over = p.over && !seen
	}
}

// snapshot returns what a scrape finds: nothing when it fails, no series of a hidden
// partition or that has made room for others, and 0 of a series that is new.
func (w *tileWorld) snapshot() tileScrape {
	s := tileScrape{
		at: w.now, commit: w.now.Add(w.lag), values: map[*tileCounter]float64{}, moves: map[*tilePartition]int{},
	}
	if w.random.IntN(40) == 0 {
		return s
	}
	for _, c := range w.counters {
		s.moves[c.tilePartition] = c.moves
		if !c.born || w.now.Before(c.hidden) || c.gone(w.now) {
			continue
		}
		if c.since.IsZero() {
			c.since = w.now
		}
		s.values[c] = c.value
		if w.now.Sub(c.since) < w.hold() {
			s.values[c] = 0
		}
	}
	return s
}
