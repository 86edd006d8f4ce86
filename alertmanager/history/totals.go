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

// totalsKey is the subject beside those of the alerts that keeps the totals. It
// is no fingerprint.
const totalsKey = "totals"

// Totals are how long it took to acknowledge and to resolve, by severity, of all
// records up to one. In the stream they outlive the records they were made of,
// so that counters do not go down when a daemon starts after those have left.
type Totals struct {
	At time.Time `json:"at"`
	// Through is the sequence of the last record that is counted.
	Through       uint64               `json:"through"`
	ToAcknowledge map[string]Durations `json:"toAcknowledge"`
	ToResolve     map[string]Durations `json:"toResolve"`
	// Bounds are the buckets' upper bounds in seconds, without +Inf.
	Bounds []float64 `json:"bounds"`
}

// Durations is a histogram.
type Durations struct {
	// Buckets counts the durations in each bucket, that of +Inf last.
	Buckets []uint64 `json:"buckets"`
	// Milliseconds is their sum. Whole numbers add up to the same whatever the
	// order; a sum that shrinks by the last digit of a float is a counter's reset.
	Milliseconds int64 `json:"milliseconds"`
}

// Count is the number of durations.
func (d Durations) Count() (n uint64) {
	for _, b := range d.Buckets {
		n += b
	}
	return n
}

// bounds are those of both families.
var bounds = catalog.AlertToResolve.Buckets

// NewTotals starts every severity at 0, so that the first alert of one is seen
// as an increase.
func NewTotals() Totals {
	t := Totals{ToAcknowledge: map[string]Durations{}, ToResolve: map[string]Durations{}, Bounds: slices.Clone(bounds)}
	for _, s := range catalog.LabelSeverity.Values {
		t.ToAcknowledge[s] = Durations{Buckets: make([]uint64, len(bounds)+1)}
		t.ToResolve[s] = Durations{Buckets: make([]uint64, len(bounds)+1)}
	}
	return t
}

// decodeTotals reads totals from the stream. Other bounds than today's cannot be
// converted: the counts then start anew with what the stream still has.
func decodeTotals(m nats.Message) (Totals, error) {
	t := NewTotals()
	var kept Totals
	if err := json.Unmarshal(m.Data, &kept); err != nil {
		return t, fmt.Errorf("message %d has no totals: %w", m.Sequence, err)
	}
	if !slices.Equal(kept.Bounds, bounds) {
		return t, nil
	}
	t.At, t.Through = kept.At, kept.Through
	maps.Copy(t.ToAcknowledge, kept.ToAcknowledge)
	maps.Copy(t.ToResolve, kept.ToResolve)
	for _, of := range []map[string]Durations{t.ToAcknowledge, t.ToResolve} {
		for severity, d := range of {
			if len(d.Buckets) != len(bounds)+1 {
				return t, fmt.Errorf("message %d has %d buckets of severity %q, want %d", m.Sequence, len(d.Buckets), severity, len(bounds)+1)
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

// empty says that there is nothing to keep.
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

// add counts the record's time if it counts.
func (t Totals) add(r *Record, counts bool) {
	switch {
	case counts && r.Transition == Acknowledged:
		add(t.ToAcknowledge, r)
	case counts && r.Transition == Resolved:
		add(t.ToResolve, r)
	}
}

// add counts an alert of an unknown severity among the warnings, where
// Alertmanager's tree sends it as well.
func add(to map[string]Durations, r *Record) {
	severity := r.Labels["severity"]
	if _, known := to[severity]; !known {
		severity = "warning"
	}
	d := to[severity]
	bucket, _ := slices.BinarySearch(bounds, r.Seconds) // an upper bound belongs to its bucket
	d.Buckets[bucket]++
	d.Milliseconds += int64(math.Round(r.Seconds * 1000))
	to[severity] = d
}
