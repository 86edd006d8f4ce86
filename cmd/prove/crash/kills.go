package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// moment is what the exporter is at when it is killed.
type moment int

const (
	anywhere moment = iota
	inCheckpoint
	inReplay
	inScrape
	numMoments
)

var momentNames = [numMoments]string{"elsewhere", "in a checkpoint", "in a replay", "in a scrape"}

func (m moment) String() string { return momentNames[m] }

// plan draws the moments of the kills. Each kind has its share, in random order;
// only a replay needs a kill before it.
func plan(dice *rand.Rand, kills int) []moment {
	moments := make([]moment, kills)
	for i := range moments {
		moments[i] = [...]moment{inCheckpoint, inReplay, anywhere, inCheckpoint, inScrape, inReplay}[i%6]
	}
	dice.Shuffle(kills, func(i, j int) { moments[i], moments[j] = moments[j], moments[i] })
	for i := range moments {
		if moments[0] == inReplay && moments[i] != inReplay {
			moments[0], moments[i] = moments[i], moments[0]
		}
	}
	return moments
}

// killAll kills the exporter at each of the planned moments, spread over the
// publication, and starts it anew each time.
func (c *crashTest) killAll(ctx context.Context) error {
	dice := rand.New(rand.NewPCG(c.seed, 0xdead))
	moments := plan(dice, c.kills)
	for i, at := range moments {
		share := (float64(i) + 0.2 + 0.6*dice.Float64()) / float64(c.kills)
		if err := c.lieInWait(ctx, dice, at, int64(share*float64(c.events))); err != nil {
			return fmt.Errorf("kill %d, %s: %w", i+1, at, err)
		}
		interrupted := c.scraper.underWay()
		c.exporter.kill()
		hit := c.exporter.process.killedIn(interrupted)
		c.report.kills[hit]++
		c.say("kill %d at event %d, meant %s, hit %s", i+1, c.published.Load(), at, hit)
		if err := c.exporter.start("--state.checkpoint-interval=" + interval(append(moments, anywhere)[i+1])); err != nil {
			return err
		}
	}
	return c.exporter.awaitShown(ctx)
}

// interval is that between the checkpoints of a process whose end is planned:
// short where it is to end in one, else long, for then much has to be folded again.
func interval(end moment) string {
	if end == inCheckpoint {
		return "500ms"
	}
	return "10s"
}

// lieInWait waits for the moment at which to kill. A replay is over soon after
// the start; all others come when so many events are published, and a while later.
func (c *crashTest) lieInWait(ctx context.Context, dice *rand.Rand, at moment, published int64) error {
	process := c.exporter.process
	if at == inReplay {
		return process.await(ctx, anyOf(func(is *condition) bool { return is.returning || is.shown }))
	}
	if err := c.exporter.awaitShown(ctx); err != nil {
		return err
	}
	if err := c.awaitPublished(ctx, published); err != nil {
		return err
	}
	switch at {
	case inCheckpoint:
		if c.published.Load() == int64(c.events) {
			return nil // nothing changes any more, so nothing is written
		}
		return process.await(ctx, anyOf(func(is *condition) bool { return is.writing }))
	case inScrape:
		return c.scraper.await(ctx)
	default:
		return pause(ctx, time.Duration(dice.Int64N(int64(time.Second))))
	}
}

// killedIn says what the process was at when it was killed, as far as its log has told.
func (p *process) killedIn(scrape bool) moment {
	switch {
	case p.any(func(is *condition) bool { return is.returning }):
		return inReplay
	case p.any(func(is *condition) bool { return is.writing }):
		return inCheckpoint
	case scrape:
		return inScrape
	default:
		return anywhere
	}
}

// awaitPublished waits until so many events are published.
func (c *crashTest) awaitPublished(ctx context.Context, events int64) error {
	for c.published.Load() < events {
		missing := float64(events - c.published.Load())
		if err := pause(ctx, max(time.Millisecond, time.Duration(missing/c.rate*float64(time.Second)))); err != nil {
			return err
		}
	}
	return nil
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
