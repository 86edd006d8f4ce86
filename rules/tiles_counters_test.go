package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"belfry/exporter/catalog"
)

// tileCounter is one series of a counter.
type tileCounter struct {
	*tilePartition
	labels  labels.Labels // without places
	money   bool
	whole   *tileCounter // of a bucket: its histogram's count, if a tally follows it
	growth  float64      // since the scrape before
	born    bool
	value   float64
	since   time.Time // when it was first shown since it was born or started over
	ceiling float64   // what it does not pass in the tile in which it started over
	ends    time.Time // when it makes room for others; it counts nothing any more

	// What was seen of it: growth since it was first seen, and the last sample.
	grown, last   float64
	at            time.Time
	sampled, kept bool // there is a sample; a tile has counted it
	shown         bool // its last sample is not marked stale
	samples       []tileSample
	reference     float64 // grown, as far as the tiles can know
}

type tileSample struct {
	at    time.Time
	value float64
}

// countersOf returns counters of all families that tallies follow.
func (w *tileWorld) countersOf(p *tilePartition) []*tileCounter {
	var all []*tileCounter
	names := map[string]bool{}
	for _, f := range w.follows {
		family := familyOf(f.Name)
		if names[f.Name] || family.Source.PerPartition() != (p.number >= 0) {
			continue
		}
		names[f.Name] = true
		rows := [][]string{{"__name__", f.Name, "job", Job, "env", "eu"}}
		if p.number >= 0 {
			rows[0] = append(rows[0], "partition", fmt.Sprint(p.number))
		}
		if strings.HasSuffix(f.Name, "_bucket") {
			rows = times(rows, "le", "5.0", "30.0", "+Inf")
		}
		for _, l := range family.Labels {
			rows = times(rows, l.Name, labelValues(l)...)
		}
		for _, row := range rows {
			l, money := labels.FromStrings(row...), family.Unit == catalog.UnitMoney
			c := &tileCounter{tilePartition: p, labels: l, money: money}
			// The parts of a histogram are born together.
			if c.isPart() || w.random.IntN(3) > 0 {
				c.born, c.value, c.since = true, float64(w.random.IntN(5000)), w.now.Add(-time.Hour)
			}
			all = append(all, c)
		}
	}
	for _, c := range all {
		c.whole = countOf(c, all)
	}
	return all
}

// familyOf returns the family of a counter, or of a part of a histogram or summary.
func familyOf(name string) *catalog.Family {
	for _, part := range []string{"_bucket", "_count", "_sum"} {
		name = strings.TrimSuffix(name, part)
	}
	return catalog.ByName(name)
}

// countOf returns the count of a bucket's histogram.
func countOf(bucket *tileCounter, all []*tileCounter) *tileCounter {
	name, is := strings.CutSuffix(bucket.labels.Get("__name__"), "_bucket")
	whole := labels.NewBuilder(bucket.labels).Del("le").Set("__name__", name+"_count").Labels()
	i := slices.IndexFunc(all, func(c *tileCounter) bool { return is && labels.Equal(c.labels, whole) })
	if i < 0 {
		return nil
	}
	return all[i]
}

func times(rows [][]string, label string, values ...string) [][]string {
	var all [][]string
	for _, row := range rows {
		for _, v := range values {
			all = append(all, append(slices.Clip(row), label, v))
		}
	}
	return all
}

func labelValues(l *catalog.Label) []string {
	switch l {
	case catalog.LabelSLOStage:
		return l.Values
	case catalog.LabelStage:
		return []string{"sent", "delivered"}
	case catalog.LabelFault:
		return []string{"provider", "recipient"}
	case catalog.LabelResult:
		return []string{"success", "error"}
	case catalog.LabelChannel:
		return []string{"email", "sms"}
	case catalog.LabelProvider:
		return []string{"a", "b"}
	}
	if l.Free() {
		return []string{"some"}
	}
	return l.Values[:1]
}

// isPart reports whether the counter is one of those that are born and end together.
func (c *tileCounter) isPart() bool {
	return c.whole != nil || strings.HasPrefix(c.labels.Get("__name__"), "notification_delivery_latency")
}

// gone reports whether the counter has made room for others.
func (c *tileCounter) gone(now time.Time) bool { return !c.ends.IsZero() && now.After(c.ends) }

// known reports whether tiles have counted the counter, and brings what they can
// know of it up to date. A tile counts a series that is shown, or was in it, and
// begins where the tile before ended; the first one at its first sample in it.
func (c *tileCounter) known(now time.Time, tile time.Duration) bool {
	within := func(s tileSample) bool { return s.at.After(now.Add(-tile)) }
	if c.shown && c.at.After(now.Add(-5*time.Minute)) || c.sampled && within(tileSample{at: c.at}) {
		if first := slices.IndexFunc(c.samples, within); !c.kept && first >= 0 {
			c.grown = c.last - c.samples[first].value
		} else if !c.kept {
			c.grown = 0
		}
		c.kept, c.samples, c.reference = true, nil, c.grown
	}
	return c.kept
}

// see takes note of a sample as a reader of counters does: one that has fallen
// has started over at 0.
func (c *tileCounter) see(at time.Time, v float64) {
	switch {
	case !c.sampled:
	case v < c.last:
		c.grown += v
	default:
		c.grown += v - c.last
	}
	c.sampled, c.last, c.at = true, v, at
	if !c.kept {
		c.samples = append(c.samples, tileSample{at, v})
	}
}
