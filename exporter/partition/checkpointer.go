package partition

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"belfry/exporter/state"
)

// checkpointer writes the numbers to disk. A restart continues from the latest
// checkpoint and folds the later messages again.
type checkpointer struct {
	options *Options
	numbers *numbers
	latest  atomic.Pointer[written]
	noRoom  atomic.Bool // the disk is too full

	mu    sync.Mutex  // one checkpoint at a time; guards place
	place state.Place // of the latest checkpoint
}

// written describes the latest checkpoint.
type written struct {
	at    time.Time // before the first one, when the process began
	took  time.Duration
	bytes int
}

func newCheckpointer(o *Options, n *numbers, latest *state.Checkpoint) *checkpointer {
	c := &checkpointer{options: o, numbers: n}
	c.latest.Store(&written{at: time.Now()})
	if latest != nil {
		c.place = latest.Place
	}
	return c
}

// run writes checkpoints until ctx ends or the store fails, and then calls
// onFault.
func (c *checkpointer) run(ctx context.Context, onFault func()) {
	ticker := time.NewTicker(c.options.CheckpointInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			err := c.write()
			switch {
			case c.numbers.fault() != nil:
				onFault()
				return
			case err != nil && !errors.Is(err, errNoRoom): // checkRoom logs that, once
				c.options.Log.Error("checkpoint failed; after a crash more of the stream must be folded again",
					"err", err)
			}
		}
	}
}

// errNoRoom says that the disk is too full for a checkpoint.
var errNoRoom = errors.New("the disk of the state directory is almost full; " +
	"free some space, meanwhile the stream keeps the events")

// write writes a checkpoint, unless nothing has changed since the latest one. The
// fold waits while the state is copied, but not while it is written.
func (c *checkpointer) write() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	start := time.Now()
	if err := c.checkRoom(); err != nil {
		return err
	}
	pending, place, err := c.numbers.take(c.place)
	switch {
	case err != nil:
		return err
	case pending == nil && place == c.place:
		c.latest.Store(&written{start, c.latest.Load().took, c.latest.Load().bytes})
		return nil
	case pending == nil:
		return nil // a restart from here would not know that the counters must start over
	}
	bytes, err := pending.Write()
	c.numbers.finish(pending, place, err)
	if err != nil {
		return err
	}
	c.place = place
	c.latest.Store(&written{time.Now(), time.Since(start), bytes})
	c.options.Log.Debug(LogCheckpointWritten, "sequence", place.Sequence, "bytes", bytes)
	return nil
}

// take copies the numbers for a checkpoint and returns their place. pending is
// nil if that is the place of the checkpoint before, unless the counters have started
// over since, or if the numbers are altered.
func (n *numbers) take(before state.Place) (pending *state.Pending, place state.Place, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.gaps.log(n.options.Log, time.Now(), true)
	isWritten := n.place == before && (n.kept || n.place.Sequence == 0)
	if isWritten || n.gate.Altered {
		return nil, n.place, nil
	}
	n.options.Log.Debug(LogCheckpointBegins, "sequence", n.place.Sequence)
	pending, err = n.store.Take(state.Checkpoint{
		Place: n.place, Fold: n.fold.Image(), Config: n.options.Settings,
		UserKey: fingerprint(n.options.Fold.UserKey), Lost: n.lost,
		Earlier: n.asBefore.earlier, Unbounded: n.asBefore.unbounded,
	})
	return pending, n.place, err
}

// finish ends a checkpoint that was written, or that failed with err.
func (n *numbers) finish(pending *state.Pending, place state.Place, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	pending.Finish(err)
	n.kept = err == nil && place.Sequence > 0
}

// writeFirst writes a checkpoint before the first counts of a stream are shown: without
// one, a crash could not continue them if the stream drops its messages. It reports
// whether they may be shown. They may on a disk that is too full, as later counts may.
func (c *checkpointer) writeFirst() bool {
	err := c.write()
	return err == nil || errors.Is(err, errNoRoom)
}

// checkRoom returns an error unless the disk can take a checkpoint with room to
// spare: the database cannot continue after a write that fails.
func (c *checkpointer) checkRoom() error {
	free, err := state.FreeSpace(c.options.Dir)
	if err != nil {
		return fmt.Errorf("check free disk space: %w", err)
	}
	full := free < c.options.Reserve
	switch changed := full != c.noRoom.Swap(full); {
	case changed && full:
		c.options.Log.Error("no checkpoints are written",
			"err", errNoRoom, "free_bytes", free, "needed_bytes", c.options.Reserve)
	case changed:
		c.options.Log.Info("the disk has room again, checkpoints continue")
	}
	if full {
		return errNoRoom
	}
	return nil
}

// makeRoom writes a checkpoint early if the memory for recent records is full.
func (c *checkpointer) makeRoom() error {
	if !c.numbers.full() {
		return nil
	}
	return c.write()
}

func (n *numbers) full() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.store.Full()
}
