package partition

import (
	"log/slog"
	"time"
)

// gapsEvery separates two lines about lost events.
const gapsEvery = 10 * time.Second

// gaps sums up what is missing in the stream, so that a stretch with many gaps makes one
// line in the log. The lock of the numbers guards it.
type gaps struct {
	lost, number uint64    // events, and how often some were missing
	after        uint64    // the sequence before the first gap
	first        time.Time // when it was found
	logged       time.Time // when the latest line was written
}

// add records that so many events are missing after a sequence.
func (g *gaps) add(lost, after uint64, now time.Time) {
	if g.number == 0 {
		g.after, g.first = after, now
	}
	g.lost, g.number = g.lost+lost, g.number+1
}

// log writes the line about what was added since the latest one. It waits until the fold
// has caught up, and between two lines, but for neither longer than gapsEvery.
func (g *gaps) log(to *slog.Logger, now time.Time, caughtUp bool) {
	if g.number == 0 || now.Sub(g.logged) < gapsEvery || !caughtUp && now.Sub(g.first) < gapsEvery {
		return
	}
	to.Error("events are lost: the stream dropped them before they were read; "+
		"raise its max_age or max_bytes, or shorten the exporter's downtime",
		"lost", g.lost, "after", g.after, "gaps", g.number)
	*g = gaps{logged: now}
}

// logRest writes the last line.
func (g *gaps) logRest(to *slog.Logger, now time.Time) {
	g.logged = time.Time{}
	g.log(to, now, true)
}
