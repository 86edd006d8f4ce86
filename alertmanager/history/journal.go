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

// Journal reads and writes the stream of records and keeps a book of them. It is
// safe for concurrent use.
type Journal struct {
	nc      *natsgo.Conn
	created time.Time // of the stream

	mu         sync.Mutex
	book       *Book
	next       uint64 // everything before this sequence is in the book
	written    uint64 // our own last record in the book; records of others before it may be missing
	totalsAt   time.Time
	totalsLast uint64 // sequence of the last totals
}

// OpenJournal reads the stream to its end. The error is
// [belfry/nats.ErrStreamNotFound] if there is no stream.
func OpenJournal(ctx context.Context, nc *natsgo.Conn) (*Journal, error) {
	stream, err := nats.Info(ctx, nc, nats.AlertStream)
	if err != nil {
		return nil, err
	}
	totals, sequence, err := lastTotals(ctx, nc)
	if err != nil {
		return nil, err
	}
	j := &Journal{
		nc: nc, created: stream.Created, book: newBook(totals), next: 1, totalsAt: totals.At, totalsLast: sequence,
	}
	if err := j.catchUp(ctx); err != nil {
		return nil, err
	}
	return j, nil
}

func lastTotals(ctx context.Context, nc *natsgo.Conn) (Totals, uint64, error) {
	m, err := nats.LastAlert(ctx, nc, totalsKey)
	if errors.Is(err, nats.ErrMessageNotFound) {
		return newTotals(), 0, nil
	}
	if err != nil {
		return Totals{}, 0, err
	}
	totals, err := decodeTotals(m)
	return totals, m.Sequence, err
}

// View calls f with the book, which does not change until f returns. So f must be
// quick.
func (j *Journal) View(f func(*Book)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	f(j.book)
}

// Firing returns copies of the alerts that fire, the longest first.
func (j *Journal) Firing() (firing []*Alert) {
	j.View(func(b *Book) { firing = b.Firing() })
	return firing
}

// Follow adds to the book what others write, as they write it, until ctx ends or
// the connection is lost; then call it again. It calls onRecord, unless that is
// nil, with each record. A [*belfry/nats.StartError] means that the stream has
// been replaced; then open a new journal.
func (j *Journal) Follow(ctx context.Context, onRecord func(*Record)) error {
	j.mu.Lock()
	from := j.next
	j.mu.Unlock()
	same := func(s nats.StreamState) error {
		if !s.Created.Equal(j.created) {
			return &nats.StartError{Stream: nats.AlertStream, From: from, State: s}
		}
		return nil
	}
	o := nats.ReadOptions{Stream: nats.AlertStream, From: from, Opened: same}
	return nats.Read(ctx, j.nc, o, func(batch []nats.Message) error {
		for _, r := range j.apply(batch) {
			if onRecord != nil {
				onRecord(r)
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
		j.apply(batch)
		return nil
	})
}

// apply adds consecutive messages of the stream to the book and returns the records
// that were new to it. It skips messages that are not records, such as totals.
func (j *Journal) apply(batch []nats.Message) (applied []*Record) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, m := range batch {
		j.next = max(j.next, m.Sequence+1)
		if r, err := Decode(m); err == nil && j.book.Fold(m.Sequence, r) {
			applied = append(applied, r)
		}
	}
	return applied
}

// totalsEvery separates two saved totals. It must be well below the age at which
// records leave the stream.
const totalsEvery = 24 * time.Hour

// SaveTotals writes the counts so far if the last ones are a day old. It waits
// while records of others are missing from the book.
func (j *Journal) SaveTotals(ctx context.Context, now time.Time) error {
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
	if errors.Is(err, nats.ErrAlertMoved) { // another daemon has saved them, or they have left the stream
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
	if j.next <= j.written || now.Sub(j.totalsAt) < totalsEvery || totals.empty() {
		return totals, 0, false
	}
	totals.At, totals.Through = now.UTC(), max(totals.Through, j.next-1)
	return totals, j.totalsLast, true
}
