package exporter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	messages "belfry/exporter/partition"
	"belfry/exporter/state"
)

// checkpointing is what a partition knows of its checkpoints.
type checkpointing struct {
	writing sync.Mutex  // one checkpoint at a time
	written state.Place // of the latest checkpoint; guarded by writing

	writtenAt atomic.Int64 // wall clock, nanoseconds; when the process began before the first
	took      atomic.Int64 // nanoseconds
	bytes     atomic.Int64
	noRoom    atomic.Bool // the disk is too full
}

// checkpointEvery writes checkpoints until ctx ends.
func (p *partition) checkpointEvery(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			err := p.checkpoint()
			switch {
			case p.fault() != nil:
				p.haltOnFault()
				return
			case err != nil && !errors.Is(err, errNoRoom): // which is said once
				p.log.Error("checkpoint failed; after a crash more of the stream has to be folded again", "err", err)
			}
		}
	}
}

// errNoRoom says that the disk is too full for a checkpoint.
var errNoRoom = errors.New("the disk of the state directory is almost full; make room, meanwhile the stream keeps the events")

// checkpoint writes the partition's state, unless nothing has changed. The fold
// stands still while the state is copied, but not while it is written.
func (p *partition) checkpoint() error {
	p.writing.Lock()
	defer p.writing.Unlock()
	start := time.Now()
	if err := p.checkRoom(); err != nil {
		return err
	}
	p.mu.Lock()
	place := p.place
	if place == p.written {
		p.mu.Unlock()
		p.writtenAt.Store(start.UnixNano())
		return nil
	}
	if p.altered {
		p.mu.Unlock()
		return nil // a restart from here would not know that the numbers have to start over
	}
	p.log.Debug(messages.LogCheckpointBegins, "sequence", place.Sequence)
	pending, err := p.store.Take(state.Checkpoint{Place: place, Fold: p.state.Image(), Config: p.config, UserKey: keyFingerprint(p.options.UserKey), Lost: p.lost})
	p.mu.Unlock()
	if err != nil {
		return err
	}
	bytes, err := pending.Write()
	p.mu.Lock()
	pending.Finish(err)
	p.mu.Unlock()
	if err != nil {
		return err
	}
	p.written = place
	p.writtenAt.Store(time.Now().UnixNano())
	p.took.Store(int64(time.Since(start)))
	p.bytes.Store(int64(bytes))
	p.log.Debug(messages.LogCheckpointWritten, "sequence", place.Sequence, "bytes", bytes)
	return nil
}

// checkRoom makes sure that the disk can take a checkpoint with room to spare:
// the database cannot go on after a write that the disk refuses.
func (p *partition) checkRoom() error {
	free, err := state.FreeSpace(p.options.StateDir)
	if err != nil {
		return fmt.Errorf("ask for free disk space: %w", err)
	}
	full := free < p.options.reserve()
	switch changed := full != p.noRoom.Swap(full); {
	case changed && full:
		p.log.Error("no checkpoints are written", "err", errNoRoom, "free_bytes", free, "needed_bytes", p.options.reserve())
	case changed:
		p.log.Info("the disk has room again, checkpoints go on")
	}
	if full {
		return errNoRoom
	}
	return nil
}

// makeRoom writes a checkpoint before its time when the overlay is full.
func (p *partition) makeRoom() error {
	p.mu.Lock()
	full := p.store.Full()
	p.mu.Unlock()
	if !full {
		return nil
	}
	return p.checkpoint()
}

// checkpointAge is the time since the latest checkpoint, or since the process
// began.
func (p *partition) checkpointAge(now time.Time) float64 {
	return now.Sub(time.Unix(0, p.writtenAt.Load())).Seconds()
}

// close writes a last checkpoint and closes the store.
func (p *partition) close() error {
	err := p.checkpoint()
	return joinClose(err, p.store)
}

func joinClose(err error, c io.Closer) error { return errors.Join(err, c.Close()) }
