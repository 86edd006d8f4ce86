package history

import (
	"context"
	"errors"
	"fmt"
	"time"

	"belfry/exporter/catalog"
)

// ErrResolved reports that the episode of an alert is over.
var ErrResolved = errors.New("already resolved")

// ErrNotAcknowledged reports that there is no acknowledgement to withdraw.
var ErrNotAcknowledged = errors.New("not acknowledged")

// Acknowledge writes that k.By works on an alert from k.At until k.Until. It
// replaces an earlier acknowledgement. The error is [ErrResolved] if the episode
// is over.
func (j *Journal) Acknowledge(ctx context.Context, a *Alert, k Acknowledgement) error {
	return j.Write(ctx, func(b *Book) ([]Record, error) {
		now, err := b.current(a)
		if err != nil {
			return nil, err
		}
		r := now.record(Acknowledged, k.At)
		until := k.Until.UTC()
		r.By, r.Comment, r.Until, r.Silence = k.By, k.Comment, &until, k.Silence
		r.measure(k.At)
		return []Record{r}, nil
	})
}

// Unacknowledge withdraws an acknowledgement. The error is [ErrResolved] if the
// episode is over, and [ErrNotAcknowledged] if nobody has acknowledged it at the
// time.
func (j *Journal) Unacknowledge(ctx context.Context, a *Alert, by string, at time.Time) error {
	return j.Write(ctx, func(b *Book) ([]Record, error) {
		now, err := b.current(a)
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

// current returns the alert as it is now, if it is still in the same episode.
func (b *Book) current(a *Alert) (*Alert, error) {
	now := b.alerts[a.Fingerprint]
	if now == nil || !now.Firing() || !now.StartsAt.Equal(a.StartsAt) {
		return nil, fmt.Errorf("%s: %w", a.Labels[catalog.LabelAlertName.Name], ErrResolved)
	}
	return now, nil
}
