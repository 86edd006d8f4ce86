package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"belfry/nats"
)

// attempts limits how often Write decides again because another program was faster.
// There is little to write, so ten times in a row does not happen.
const attempts = 10

// Write appends the records that decide returns. If another program has written
// about the same alerts in the meantime, it updates the book and calls decide
// again; some of the records may then be in the book already. It returns the
// error of decide.
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
	return fmt.Errorf("write to %s: another program was faster %d times; try again", nats.AlertStream, attempts)
}

// decide also returns the sequence of each alert's last record in the book: what is
// decided holds only for that past.
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

// appendAll appends the records, and returns the fingerprints of alerts that others
// have written about.
func (j *Journal) appendAll(
	ctx context.Context, records []Record, known map[string]uint64,
) (moved map[string]bool, err error) {
	moved = map[string]bool{}
	for i := range records {
		r := &records[i]
		if moved[r.Fingerprint] {
			continue // it follows the record before
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
		j.written = max(j.written, sequence)
		j.mu.Unlock()
	}
	return moved, nil
}

// reread updates the book with what others have written. An alert whose records
// have all left the stream starts over at sequence 0.
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
