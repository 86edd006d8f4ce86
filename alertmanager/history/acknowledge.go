package history

import (
	"context"
	"errors"
	"fmt"
	"time"

	"belfry/exporter/catalog"
)

// errResolved reports that the episode of an alert is over.
var errResolved = errors.New("already resolved")

// errNotAcknowledged reports that there is no acknowledgement to withdraw.
var errNotAcknowledged = errors.New("not acknowledged")

// Acknowledge writes that k.By works on an alert from k.At until k.Until. It
// replaces an earlier acknowledgement. It fails if the episode is over.
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

// Unacknowledge withdraws an acknowledgement. It fails if the episode is over, or if
// the alert is not acknowledged at the time.
func (j *Journal) Unacknowledge(ctx context.Context, a *Alert, by string, at time.Time) error {
	return j.Write(ctx, func(b *Book) ([]Record, error) {
		now, err := b.current(a)
		if err != nil {
			return nil, err
		}
		if !now.AcknowledgedAt(at) {
			return nil, errNotAcknowledged
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
		return nil, fmt.Errorf("%s: %w", a.Labels[catalog.LabelAlertName.Name], errResolved)
	}
	return now, nil
}
