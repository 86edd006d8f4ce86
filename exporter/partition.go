package exporter

import (
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zeebo/xxh3"

	"belfry/exporter/fold"
	"belfry/exporter/metrics"
	"belfry/exporter/state"
	"belfry/nats"
)

// foldAtOnce is how many events are folded before a waiting scrape gets its
// turn: a few milliseconds of work.
const foldAtOnce = 500

// partition reads and folds one partition of the stream.
type partition struct {
	number  int
	name    string // value of the label partition
	stream  string
	options *Options
	config  string // fingerprint of what the numbers depend on
	log     *slog.Logger
	observe func(seconds float64) // the time per event that folding a batch took

	mu       sync.Mutex // guards what follows
	state    *fold.State
	place    state.Place // of the last folded message
	foldedAt time.Time   // wall clock of the last fold
	shown    bool        // numbers may be on the exposition
	target   state.Place // where they may be: what was shown before, or the stream's end at first sight
	hold     *metrics.Hold
	lost     uint64

	marking sync.Mutex // guards mark
	mark    state.Place

	store   *state.Store
	streams atomic.Pointer[nats.StreamOptions]
	checkpointing
	progress
}

// progress is where the partition stands, for anybody to read.
type progress struct {
	processed, last atomic.Uint64
	lastMessage     atomic.Int64           // stream time of the newest folded message, nanoseconds
	halted          atomic.Pointer[string] // why it stopped for good, nil while it goes on
	brokenFence     atomic.Bool            // the stream is not the one that was folded
	unmarked        atomic.Bool            // the high-water mark cannot be written
}

// openPartition opens the partition's state and restores the numbers that it
// left behind.
func openPartition(c *Config, number int, o *Options, observe func(float64)) (*partition, error) {
	p := &partition{
		number: number, name: strconv.Itoa(number), stream: nats.StreamName(number), options: o,
		config: c.fingerprint(), log: o.Log.With("partition", number), observe: observe,
		foldedAt: time.Now(), hold: metrics.NewHold(o.Hold),
	}
	store, latest, err := state.Open(state.Options{
		Dir: PartitionDir(o.StateDir, number), Window: time.Duration(c.AttributionWindow),
		OverlayBytes: o.OverlayBytes, Cache: o.cache, Log: p.log,
	})
	if err != nil {
		return nil, fmt.Errorf("partition %d: %w", number, err)
	}
	p.store = store
	p.streams.Store(&o.Streams)
	if err := p.restore(c, latest); err != nil {
		return nil, fmt.Errorf("partition %d: %w", number, joinClose(err, store))
	}
	return p, nil
}

// restore continues from the latest checkpoint, if there is one. Numbers are
// shown again once the fold has reached what was shown before.
func (p *partition) restore(c *Config, latest *state.Checkpoint) (err error) {
	foldOptions := c.FoldOptions(p.number)
	foldOptions.UserKey = p.options.UserKey
	mark, marked, err := p.store.ReadMark()
	if err != nil {
		return err
	}
	p.mark, p.target = mark, mark
	if latest == nil {
		p.state = fold.New(foldOptions, p.store)
		return nil
	}
	if key := keyFingerprint(p.options.UserKey); latest.UserKey != key {
		p.log.Warn("the user key is another one: what was known of users is dropped, and every user is new")
		latest.Fold.Population = fold.Population{}
		if err := p.store.DropUsers(); err != nil {
			return err
		}
	}
	if p.state, err = fold.Restore(foldOptions, p.store, latest.Fold); err != nil {
		return err
	}
	if latest.Config != p.config {
		p.log.Warn("folding goes on under another configuration than before", "sequence", latest.Place.Sequence, "before", latest.Config, "now", p.config)
	}
	p.place, p.lost = latest.Place, latest.Lost
	p.written = latest.Place
	p.processed.Store(p.place.Sequence)
	p.last.Store(p.place.Sequence)
	p.lastMessage.Store(p.place.Time)
	if !marked || mark.Sequence < p.place.Sequence {
		p.target = p.place
	}
	p.showFrom(p.place.Sequence)
	return nil
}

// showFrom lets the numbers be shown if the fold, at this sequence, has reached
// its target. What exists at that very point was shown before, or was there
// before anybody looked; what comes later is held at 0 for a while. The caller
// holds p.mu.
func (p *partition) showFrom(sequence uint64) {
	if p.shown || sequence < p.target.Sequence || p.target == (state.Place{}) {
		return
	}
	p.shown = true
	p.state.Release(p.hold)
	p.log.Info("numbers are on /metrics", "sequence", sequence)
}

// take folds a batch, with a pause for scrapes now and then.
func (p *partition) take(batch []nats.Message) error {
	start := time.Now()
	for rest := batch; len(rest) > 0; {
		n := min(len(rest), foldAtOnce)
		if err := p.foldSome(rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	p.observe(time.Since(start).Seconds() / float64(len(batch)))
	return p.makeRoom()
}

// foldSome folds messages while scrapes wait.
func (p *partition) foldSome(messages []nats.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range messages {
		if err := p.foldOne(&messages[i]); err != nil {
			return err
		}
	}
	newest := &messages[len(messages)-1]
	p.last.Store(newest.Sequence + newest.Pending)
	p.lastMessage.Store(newest.Time)
	p.foldedAt = time.Now()
	return nil
}

func (p *partition) foldOne(m *nats.Message) error {
	if expected := p.place.Sequence + 1; p.place.Sequence > 0 && m.Sequence > expected {
		if err := p.countLost(m.Sequence - expected); err != nil {
			return err
		}
	}
	at := m.Time
	if p.options.TrustReceivedAt && m.ReceivedAt > 0 {
		at = m.ReceivedAt
	}
	place := state.Place{Created: p.place.Created, Sequence: m.Sequence, Time: m.Time, Hash: xxh3.Hash(m.Data)}
	if m.Sequence == p.target.Sequence && !p.shown && p.target.Hash != 0 && !p.target.Same(place) {
		return &fenceError{fmt.Sprintf("the message at %s, up to which numbers were shown, is another one now", p.target)}
	}
	rejection := p.state.Fold(fold.Message{Data: m.Data, Time: at})
	if err := p.store.Err(); err != nil {
		return err
	}
	p.place = place
	p.processed.Store(m.Sequence)
	p.showFrom(m.Sequence)
	if rejection != nil {
		p.reject(m, rejection)
	}
	return nil
}

// reject tells of an event that could not be counted, without anything of its
// content.
func (p *partition) reject(m *nats.Message, rejection *Rejection) {
	p.log.Debug("event rejected", "sequence", m.Sequence, "reason", rejection.Reason.String(), "field", rejection.Field)
	if p.options.DeadLetters != nil {
		p.options.DeadLetters.Add(p.number, m, rejection)
	}
}

// countLost counts messages that left the stream before they were folded.
func (p *partition) countLost(lost uint64) error {
	p.lost += lost
	p.log.Error("events are lost: the stream dropped them before they were read; raise its max_age or max_bytes, or let the exporter pause less", "lost", lost)
	if p.options.OnLostEvents == Halt {
		return &haltError{fmt.Sprintf("%d events are lost, and --on-lost-events=halt; start with --on-lost-events=count to go on without them", lost)}
	}
	return nil
}

// part is the partition's share of an exposition; ok is false while it must
// not be shown.
func (p *partition) part(now time.Time) (part metrics.Part, ok bool) {
	p.mu.Lock()
	if !p.shown || p.store.Err() != nil {
		p.mu.Unlock()
		return part, false
	}
	// The stream's time stands still when no message comes, but sources that
	// have fallen silent grow old all the same.
	silence := int64(now.Sub(p.foldedAt))
	part = metrics.Part{
		Partition: p.name, Snapshot: p.state.Snapshot(), Now: p.state.Now() + max(0, silence),
		Hold: p.hold, Time: now.UnixNano(),
	}
	place := p.place
	p.mu.Unlock()
	return part, p.raiseMark(place)
}

// raiseMark makes durable that the numbers up to a place are about to be shown,
// and reports whether they may be.
func (p *partition) raiseMark(place state.Place) bool {
	p.marking.Lock()
	defer p.marking.Unlock()
	if place.Sequence == p.mark.Sequence && place.Created == p.mark.Created {
		return true
	}
	if place.Sequence < p.mark.Sequence && place.Created == p.mark.Created {
		return true // another scrape was quicker
	}
	if err := p.store.WriteMark(place); err != nil {
		if !p.unmarked.Swap(true) {
			p.log.Error("numbers are withheld: what is shown must be on disk first; make room on the disk of the state directory", "err", err)
		}
		return false
	}
	p.unmarked.Store(false)
	p.mark = place
	return true
}

// records returns how many records the fold holds.
func (p *partition) records() (notifications, users, events int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.store.Len()
}

// isShown reports whether the numbers are on the exposition, and if not, up to
// where the fold has to come.
func (p *partition) isShown() (shown bool, target uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown && !p.unmarked.Load(), p.target.Sequence
}

// lostEvents returns how many events were lost.
func (p *partition) lostEvents() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost
}

// behind is how many messages of the stream are not folded yet.
func (p *partition) behind() uint64 {
	processed := p.processed.Load()
	return max(p.last.Load(), processed) - processed
}

// lagSeconds is the age of the newest folded message while others wait behind it.
func (p *partition) lagSeconds() float64 {
	at := p.lastMessage.Load()
	if p.last.Load() <= p.processed.Load() || at == 0 {
		return 0
	}
	return time.Since(time.Unix(0, at)).Seconds()
}
