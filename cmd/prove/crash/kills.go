package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// phase says what the exporter is doing when it is killed.
type phase int

const (
	anywhere phase = iota
	inCheckpoint
	inReplay
	inScrape
	numPhases
)

var phaseNames = [numPhases]string{"elsewhere", "in a checkpoint", "in a replay", "in a scrape"}

func (m phase) String() string { return phaseNames[m] }

// plan draws the phases in which to kill. Each phase has its share, in random
// order, but a replay is never first: it needs a kill before it.
func plan(dice *rand.Rand, kills int) []phase {
	phases := make([]phase, kills)
	for i := range phases {
		phases[i] = [...]phase{inCheckpoint, inReplay, anywhere, inCheckpoint, inScrape, inReplay}[i%6]
	}
	dice.Shuffle(kills, func(i, j int) { phases[i], phases[j] = phases[j], phases[i] })
	for i := range phases {
		if phases[0] == inReplay && phases[i] != inReplay {
			phases[0], phases[i] = phases[i], phases[0]
		}
	}
	return phases
}

// killAll kills and restarts the exporter in each of the planned phases, spread
// over the time of publishing.
func (c *crashTest) killAll(ctx context.Context) error {
	dice := rand.New(rand.NewPCG(c.seed, 0xdead))
	phases := plan(dice, c.kills)
	for i, wanted := range phases {
		share := (float64(i) + 0.2 + 0.6*dice.Float64()) / float64(c.kills)
		if err := c.awaitPhase(ctx, dice, wanted, int64(share*float64(c.events))); err != nil {
			return fmt.Errorf("kill %d, %s: %w", i+1, wanted, err)
		}
		interrupted := c.scraper.inProgress()
		c.exporter.kill()
		hit := c.exporter.process.killedIn(interrupted)
		c.report.kills[hit]++
		c.logf("kill %d at event %d, wanted %s, was %s", i+1, c.published.Load(), wanted, hit)
		next := append(phases, anywhere)[i+1]
		if err := c.exporter.start("--state.checkpoint-interval=" + interval(next)); err != nil {
			return err
		}
	}
	return c.exporter.awaitShown(ctx)
}

// interval returns the checkpoint interval of a process that is to be killed in
// the phase: short if that is a checkpoint, otherwise long, so that the next
// process has much to replay.
func interval(end phase) string {
	if end == inCheckpoint {
		return "500ms"
	}
	return "10s"
}

// awaitPhase waits for the time to kill. A replay ends soon after the start; the
// other phases are awaited once the given number of events is published.
func (c *crashTest) awaitPhase(ctx context.Context, dice *rand.Rand, at phase, published int64) error {
	process := c.exporter.process
	if at == inReplay {
		return process.await(ctx, anyOf(func(is *partitionState) bool { return is.catchingUp || is.shown }))
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
			return nil // nothing changes anymore, so nothing is written
		}
		return process.await(ctx, anyOf(func(is *partitionState) bool { return is.checkpointing }))
	case inScrape:
		return c.scraper.await(ctx)
	default:
		return sleep(ctx, time.Duration(dice.Int64N(int64(time.Second))))
	}
}

// killedIn returns the phase in which the process was killed, by its log.
func (p *process) killedIn(scrape bool) phase {
	switch {
	case p.any(func(is *partitionState) bool { return is.catchingUp }):
		return inReplay
	case p.any(func(is *partitionState) bool { return is.checkpointing }):
		return inCheckpoint
	case scrape:
		return inScrape
	default:
		return anywhere
	}
}

// awaitPublished waits until the number of events is published.
func (c *crashTest) awaitPublished(ctx context.Context, events int64) error {
	for c.published.Load() < events {
		missing := float64(events - c.published.Load())
		if err := sleep(ctx, max(time.Millisecond, time.Duration(missing/c.rate*float64(time.Second)))); err != nil {
			return err
		}
	}
	return nil
}

// sleep waits for the duration or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
