package history

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"belfry/exporter/catalog"
	"belfry/nats"
)

// totalsKey stands in for a fingerprint in the subject of the totals.
const totalsKey = "totals"

// Totals count how long it took to acknowledge and to resolve, by severity, over
// all records up to one. In the stream they outlive these records, so that
// counters do not go down when a daemon starts after the records have left.
type Totals struct {
	At time.Time `json:"at"`
	// Through holds the sequence of the last record counted.
	Through       uint64               `json:"through"`
	ToAcknowledge map[string]Durations `json:"toAcknowledge"`
	ToResolve     map[string]Durations `json:"toResolve"`
	// Bounds holds the upper bounds of the buckets in seconds, without +Inf.
	Bounds []float64 `json:"bounds"`
}

// Durations holds a histogram.
type Durations struct {
	// Buckets counts the durations in each bucket; the last one is +Inf.
	Buckets []uint64 `json:"buckets"`
	// Milliseconds adds them up. Whole numbers have the same sum in any order; a float
	// that shrinks in its last digit is a counter reset.
	Milliseconds int64 `json:"milliseconds"`
}

// Count returns the number of durations.
func (d Durations) Count() (n uint64) {
	for _, b := range d.Buckets {
		n += b
	}
	return n
}

// bounds holds the bucket bounds of both families.
var bounds = catalog.AlertToResolve.Buckets

// newTotals returns totals with every severity at 0, so that the first alert of
// each shows as an increase.
func newTotals() Totals {
	t := Totals{ToAcknowledge: map[string]Durations{}, ToResolve: map[string]Durations{}, Bounds: slices.Clone(bounds)}
	for _, s := range catalog.LabelSeverity.Values {
		t.ToAcknowledge[s] = Durations{Buckets: make([]uint64, len(bounds)+1)}
		t.ToResolve[s] = Durations{Buckets: make([]uint64, len(bounds)+1)}
	}
	return t
}

// decodeTotals decodes totals from the stream. Totals with other bounds cannot be
// converted: the counts then start over from the records in the stream.
func decodeTotals(m nats.Message) (Totals, error) {
	t := newTotals()
	var saved Totals
	if err := json.Unmarshal(m.Data, &saved); err != nil {
		return t, fmt.Errorf("message %d holds no totals: %w", m.Sequence, err)
	}
	if !slices.Equal(saved.Bounds, bounds) {
		return t, nil
	}
	t.At, t.Through = saved.At, saved.Through
	maps.Copy(t.ToAcknowledge, saved.ToAcknowledge)
	maps.Copy(t.ToResolve, saved.ToResolve)
	for _, of := range []map[string]Durations{t.ToAcknowledge, t.ToResolve} {
		for severity, d := range of {
			if len(d.Buckets) != len(bounds)+1 {
				return t, fmt.Errorf("message %d has %d buckets for severity %q instead of %d",
					m.Sequence, len(d.Buckets), severity, len(bounds)+1)
			}
		}
	}
	return t, nil
}

func (t Totals) clone() Totals {
	c := t
	c.ToAcknowledge, c.ToResolve = cloneDurations(t.ToAcknowledge), cloneDurations(t.ToResolve)
	return c
}

func cloneDurations(of map[string]Durations) map[string]Durations {
	c := make(map[string]Durations, len(of))
	for severity, d := range of {
		d.Buckets = slices.Clone(d.Buckets)
		c[severity] = d
	}
	return c
}

// empty reports whether nothing has been counted.
func (t Totals) empty() bool {
	for _, of := range []map[string]Durations{t.ToAcknowledge, t.ToResolve} {
		for _, d := range of {
			if d.Count() > 0 {
				return false
			}
		}
	}
	return true
}

// add counts the duration of an acknowledgement or of a resolved alert.
func (t Totals) add(r *Record) {
	of := t.ToResolve
	if r.Transition == Acknowledged {
		of = t.ToAcknowledge
	}
	severity := r.Labels[catalog.LabelSeverity.Name]
	if _, known := of[severity]; !known {
		severity = otherSeverity
	}
	d := of[severity]
	bucket, _ := slices.BinarySearch(bounds, r.Seconds) // an upper bound belongs to its bucket
	d.Buckets[bucket]++
	d.Milliseconds += int64(math.Round(r.Seconds * 1000))
	of[severity] = d
}

// otherSeverity counts alerts of unknown severities, as Alertmanager's routing
// tree treats them.
const otherSeverity = "warning"
