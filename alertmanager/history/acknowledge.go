package history

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrOver says that an alert is resolved, or is another episode by now.
var ErrOver = errors.New("it is resolved by now")

// ErrNotAcknowledged says that there is nothing to give back.
var ErrNotAcknowledged = errors.New("it is not acknowledged")

// Acknowledge writes that somebody looks after an alert from k.At until k.Until.
// An alert that is acknowledged already is so anew, under the new name and until
// the new time. It is ErrOver where the episode is over.
func (j *Journal) Acknowledge(ctx context.Context, a *Alert, k Acknowledgement) error {
	return j.Write(ctx, func(b *Book) ([]Record, error) {
		now, err := b.same(a)
		if err != nil {
			return nil, err
		}
		r := now.record(Acknowledged, k.At)
		until := k.Until.UTC()
		r.By, r.Comment, r.Until, r.Silence = k.By, k.Comment, &until, k.Silence
		r.since(k.At)
		return []Record{r}, nil
	})
}

// Unacknowledge gives an alert back. It is ErrOver where the episode is over, and
// ErrNotAcknowledged where nobody looks after it at the time.
func (j *Journal) Unacknowledge(ctx context.Context, a *Alert, by string, at time.Time) error {
	return j.Write(ctx, func(b *Book) ([]Record, error) {
		now, err := b.same(a)
		if err != nil {
			return nil, err
		}
		if !now.AcknowledgedAt(at) {
			return nil, ErrNotAcknowledged
		}
		r := now.record(Unacknowledged, at)
		r.By = by
		return []Record{r}, nil
	})
}

// same is the alert as it is now, if it is still in the same episode.
func (b *Book) same(a *Alert) (*Alert, error) {
	now := b.alerts[a.Fingerprint]
	if now == nil || !now.Open() || !now.StartsAt.Equal(a.StartsAt) {
		return nil, fmt.Errorf("%s: %w", a.Labels["alertname"], ErrOver)
	}
	return now, nil
}
