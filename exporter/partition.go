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
	altered  bool        // what was shown before cannot be folded again as it was
	lost     uint64

	// Written with mu and marking held, so that either suffices for reading.
	hold       *metrics.Hold
	held       bool   // the hold knows what it released before
	beginnings uint64 // how often the numbers have started over

	marking sync.Mutex // guards mark
	mark    state.Place

	store   *state.Store
	streams atomic.Pointer[nats.StreamOptions]
	letters *deadLetters // set while run runs
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
	p.writtenAt.Store(p.foldedAt.UnixNano())
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
	if err := p.resumeHold(); err != nil {
		return err
	}
	p.mark, p.target = mark, mark
	if latest == nil {
		p.state = fold.New(foldOptions, p.store)
		p.place.Created = mark.Created
		return nil
	}
	behindMark := mark.Sequence > latest.Place.Sequence
	if key := keyFingerprint(p.options.UserKey); latest.UserKey != key {
		p.altered = behindMark
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
		p.altered = behindMark
		p.log.Warn("folding goes on under another configuration than before", "sequence", latest.Place.Sequence, "before", latest.Config, "now", p.config)
	}
	p.place, p.lost = latest.Place, latest.Lost
	p.written = latest.Place
	p.processed.Store(p.place.Sequence)
	p.last.Store(p.place.Sequence)
	p.lastMessage.Store(p.place.Time)
	if !marked || !behindMark {
		p.target = p.place
	}
	return p.showFrom(p.place.Sequence)
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
	if err := p.skip(m.Sequence - 1); err != nil {
		return err
	}
	at := m.Time
	if p.options.TrustReceivedAt && m.ReceivedAt > 0 {
		at = m.ReceivedAt
	}
	rejection := p.state.Fold(fold.Message{Data: m.Data, Time: at})
	if err := p.store.Err(); err != nil {
		return err
	}
	p.place = state.Place{Created: p.place.Created, Sequence: m.Sequence, Time: m.Time, Hash: xxh3.Hash(m.Data)}
	p.processed.Store(m.Sequence)
	if rejection != nil {
		p.letters.add(m, rejection)
	}
	return p.showFrom(m.Sequence)
}

// skip passes over messages, up to a sequence, that left the stream before they
// were folded. The caller holds p.mu.
func (p *partition) skip(to uint64) error {
	if to <= p.place.Sequence {
		return nil
	}
	lost := to - p.place.Sequence
	if p.options.OnLostEvents == Halt {
		return &haltError{fmt.Sprintf("%d events are lost, and --on-lost-events=halt; start with --on-lost-events=count to go on without them", lost)}
	}
	p.log.Error("events are lost: the stream dropped them before they were read; raise its max_age or max_bytes, or let the exporter pause less",
		"lost", lost, "after", p.place.Sequence)
	p.lost += lost
	p.altered = p.altered || p.returning()
	p.place.Sequence = to
	p.processed.Store(to)
	return nil
}

// returning reports whether the fold is on its way back to what was shown
// before. The caller holds p.mu.
func (p *partition) returning() bool {
	return !p.shown && p.target.Hash != 0 && p.place.Sequence < p.target.Sequence
}

// records returns how many records the fold holds.
func (p *partition) records() (notifications, users, events int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.store.Len()
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
