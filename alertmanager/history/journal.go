package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"belfry/nats"
)

// Journal is the stream of records and a book that keeps up with it. It is safe
// for concurrent use.
type Journal struct {
	nc      *natsgo.Conn
	created time.Time // of the stream

	mu         sync.Mutex
	book       *Book
	next       uint64 // everything before this sequence is in the book
	ahead      uint64 // the last record of our own that is, maybe behind others that are not
	totalsAt   time.Time
	totalsLast uint64 // sequence of the last totals
}

// Open reads the journal to its end. Without the stream it is
// [belfry/nats.ErrStreamNotFound].
func Open(ctx context.Context, nc *natsgo.Conn) (*Journal, error) {
	stream, err := nats.Info(ctx, nc, nats.AlertStream)
	if err != nil {
		return nil, err
	}
	totals, sequence, err := lastTotals(ctx, nc)
	if err != nil {
		return nil, err
	}
	j := &Journal{nc: nc, created: stream.Created, book: NewBook(totals), next: 1, totalsAt: totals.At, totalsLast: sequence}
	if err := j.catchUp(ctx); err != nil {
		return nil, err
	}
	return j, nil
}

func lastTotals(ctx context.Context, nc *natsgo.Conn) (Totals, uint64, error) {
	m, err := nats.LastAlert(ctx, nc, totalsKey)
	if errors.Is(err, nats.ErrMessageNotFound) {
		return NewTotals(), 0, nil
	}
	if err != nil {
		return Totals{}, 0, err
	}
	totals, err := decodeTotals(m)
	return totals, m.Sequence, err
}

// View lets f look at the book. Nothing changes meanwhile, so f must be quick.
func (j *Journal) View(f func(*Book)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	f(j.book)
}

// Follow takes in what others write, as they write it, until ctx ends or
// something on the way is in doubt. After a lost connection it may be called
// again; a [*belfry/nats.StartError] means that the stream is another one, for
// which a journal has to be opened anew. Each new record is handed to told,
// which may be nil.
func (j *Journal) Follow(ctx context.Context, told func(*Record)) error {
	j.mu.Lock()
	from := j.next
	j.mu.Unlock()
	same := func(s nats.StreamState) error {
		if !s.Created.Equal(j.created) {
			return &nats.StartError{Stream: nats.AlertStream, From: from, State: s}
		}
		return nil
	}
	return nats.Read(ctx, j.nc, nats.ReadOptions{Stream: nats.AlertStream, From: from, Opened: same}, func(batch []nats.Message) error {
		for _, r := range j.take(batch) {
			if told != nil {
				told(r)
			}
		}
		return nil
	})
}

func (j *Journal) catchUp(ctx context.Context) error {
	j.mu.Lock()
	from := j.next
	j.mu.Unlock()
	return nats.ReadAlerts(ctx, j.nc, from, func(batch []nats.Message) error {
		j.take(batch)
		return nil
	})
}

// take folds messages that follow each other in the stream and returns the
// records that the book did not have. What is no record, somebody else has put
// there.
func (j *Journal) take(batch []nats.Message) (taken []*Record) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, m := range batch {
		j.next = max(j.next, m.Sequence+1)
		if r, err := Decode(m); err == nil && j.book.Fold(m.Sequence, r) {
			taken = append(taken, r)
		}
	}
	return taken
}

// attempts bounds how often a decision is made again because somebody else was
// quicker. Each time somebody has written, and there is little to write.
const attempts = 10

// Write appends the records that decide finds missing. It calls decide again,
// with what is new in the book, when somebody else has written of the same
// alerts meanwhile; then some of the records may be in the book already. An error
// of decide ends it.
func (j *Journal) Write(ctx context.Context, decide func(*Book) ([]Record, error)) error {
	for range attempts {
		records, known, err := j.decide(decide)
		if err != nil {
			return err
		}
		moved, err := j.appendAll(ctx, records, known)
		if err != nil || len(moved) == 0 {
			return err
		}
		if err := j.reread(ctx, moved); err != nil {
			return err
		}
	}
	return fmt.Errorf("write to %s: others were quicker %d times; try again", nats.AlertStream, attempts)
}

// decide also notes up to where the book knows each alert: what is decided holds
// for that past only.
func (j *Journal) decide(decide func(*Book) ([]Record, error)) (records []Record, known map[string]uint64, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	records, err = decide(j.book)
	known = map[string]uint64{}
	for _, r := range records {
		if a := j.book.alerts[r.Fingerprint]; a != nil {
			known[r.Fingerprint] = a.sequence
		}
	}
	return records, known, err
}

// appendAll returns the fingerprints of alerts that others have written of.
func (j *Journal) appendAll(ctx context.Context, records []Record, known map[string]uint64) (moved map[string]bool, err error) {
	moved = map[string]bool{}
	for i := range records {
		r := &records[i]
		if moved[r.Fingerprint] {
			continue // it builds on the one before
		}
		after := known[r.Fingerprint]
		data, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		sequence, err := nats.AppendAlert(ctx, j.nc, r.Fingerprint, after, r.id(after), data)
		if errors.Is(err, nats.ErrAlertMoved) {
			moved[r.Fingerprint] = true
			continue
		}
		if err != nil {
			return nil, err
		}
		known[r.Fingerprint] = sequence
		j.mu.Lock()
		j.book.Fold(sequence, r)
		j.ahead = max(j.ahead, sequence)
		j.mu.Unlock()
	}
	return moved, nil
}

// reread takes in what others have written of the alerts. When the stream has
// nothing of one any more, since all of it has left, writing starts anew there.
func (j *Journal) reread(ctx context.Context, moved map[string]bool) error {
	for fingerprint := range moved {
		_, err := nats.LastAlert(ctx, j.nc, fingerprint)
		if err != nil && !errors.Is(err, nats.ErrMessageNotFound) {
			return err
		}
		j.mu.Lock()
		if a := j.book.alerts[fingerprint]; a != nil && err != nil {
			a.sequence = 0
		}
		j.mu.Unlock()
	}
	return j.catchUp(ctx)
}

// totalsEvery is how often the totals are kept: any time well below the age at
// which records leave the stream would do.
const totalsEvery = 24 * time.Hour

// KeepTotals writes the counts so far, if that was not done for a day. It does
// nothing while others have written what is not in the book yet.
func (j *Journal) KeepTotals(ctx context.Context, now time.Time) error {
	totals, after, due := j.dueTotals(now)
	if !due {
		return nil
	}
	data, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	id := fmt.Sprintf("%s-%d-%d", totalsKey, totals.Through, after)
	sequence, err := nats.AppendAlert(ctx, j.nc, totalsKey, after, id, data)
	if errors.Is(err, nats.ErrAlertMoved) { // another daemon keeps them as well, or they have left the stream
		totals, sequence, err = lastTotals(ctx, j.nc)
	}
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.totalsAt, j.totalsLast = totals.At, sequence
	return nil
}

func (j *Journal) dueTotals(now time.Time) (totals Totals, after uint64, due bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	totals = j.book.Totals()
	if j.next <= j.ahead || now.Sub(j.totalsAt) < totalsEvery || totals.empty() {
		return totals, 0, false
	}
	totals.At, totals.Through = now.UTC(), max(totals.Through, j.next-1)
	return totals, j.totalsLast, true
}
