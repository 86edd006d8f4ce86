package backfill

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"belfry/exporter/simulate"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/simtime"
)

// step is the time between two tiles.
const step = 5 * time.Minute

// ledger turns what an outline counts into tiles.
type ledger struct {
	tiles  []tile
	sums   map[string][]sum // by tile
	totals []float64        // of each row
	of     [][]share        // of each row, in series
	series []*tiled
	index  map[string]int
	dense  time.Time // from when on sums are recorded with every tile
}

// share says how much of a row's growth a series takes.
type share struct {
	series int32
	weight float64
}

// tiled is a series of tiles.
type tiled struct {
	simtime.Series
	now  float64   // the present tile
	past []float64 // those of the last day, a ring
	sums []summed
}

// summed is a series of sums of tiles.
type summed struct {
	simtime.Series
	tiles int
	now   float64
}

func newLedger() (*ledger, error) {
	l := &ledger{sums: map[string][]sum{}, index: map[string]int{}}
	var err error
	if l.tiles, err = tiles(); err != nil {
		return nil, err
	}
	all, err := sums(l.tiles)
	for _, s := range all {
		l.sums[s.of] = append(l.sums[s.of], s)
	}
	return l, err
}

// add adds what an outline has counted to the present tile.
func (l *ledger) add(rows []simulate.Row, deltas []float64) {
	for i, by := range deltas {
		if i == len(l.totals) {
			l.totals, l.of = append(l.totals, 0), append(l.of, nil)
		}
		if by == 0 {
			continue
		}
		if l.of[i] == nil {
			l.of[i] = l.sharesOf(rows[i])
		}
		l.totals[i] += by
		for _, s := range l.of[i] {
			l.series[s.series].now += s.weight * by
		}
	}
}

// sharesOf returns the series that a row grows.
func (l *ledger) sharesOf(r simulate.Row) []share {
	shares := []share{}
	for i := range l.tiles {
		t := &l.tiles[i]
		for _, term := range t.terms {
			p := families[term.metric]
			if p.Family != r.Family {
				continue
			}
			for _, values := range valuesOfRow(r, p.sample) {
				if term.matches(values) {
					shares = append(shares, share{l.seriesOf(t, values), term.sign * weightOf(r, p.sample)})
				}
			}
		}
	}
	return shares
}

// valuesOfRow returns the labels of the samples that a row counts into.
func valuesOfRow(r simulate.Row, s sample) []map[string]string {
	values := map[string]string{}
	for i, l := range r.Family.Labels {
		values[l.Name] = r.Values[i]
	}
	if s != bucket {
		return []map[string]string{values}
	}
	var all []map[string]string
	for _, bound := range append(slices.Clone(r.Family.Buckets), math.Inf(1)) {
		if r.Seconds <= bound {
			own := map[string]string{expr.Le.Name: labels.FormatOpenMetricsFloat(bound)}
			for name, value := range values {
				own[name] = value
			}
			all = append(all, own)
		}
	}
	return all
}

// weightOf returns what one count of a row adds to a sample.
func weightOf(r simulate.Row, s sample) float64 {
	if s == total {
		return r.Seconds
	}
	return 1
}

// seriesOf returns the number of a tile's series.
func (l *ledger) seriesOf(t *tile, values map[string]string) int32 {
	kept := t.keep(values)
	key := t.Name + "\x00" + strings.Join(kept, "\x00")
	i, known := l.index[key]
	if !known {
		i = len(l.series)
		l.index[key] = i
		s := &tiled{past: make([]float64, 24*time.Hour/step)}
		s.Labels = recordedLabels(t.Recorded, kept)
		for _, of := range l.sums[t.Name] {
			s.sums = append(s.sums, summed{
				Series: simtime.Series{Labels: recordedLabels(of.Recorded, kept)}, tiles: of.tiles,
			})
		}
		l.series = append(l.series, s)
	}
	return int32(i)
}

// recordedLabels returns the labels of a recorded series.
func recordedLabels(r expr.Recorded, values []string) labels.Labels {
	b := labels.NewScratchBuilder(len(values) + 2)
	for i, l := range r.Labels() {
		b.Add(l.Name, values[i])
	}
	b.Add(model.MetricNameLabel, r.Name)
	b.Add(expr.Job.Name, rules.Job)
	b.Sort()
	return b.Labels()
}

// record appends the tile that ends at a time, and the sums: every quarter of an hour, and
// with every tile where dashboards look closely.
func (l *ledger) record(at time.Time, add simtime.Append) error {
	n := int(at.UnixNano() / int64(step))
	for _, s := range l.series {
		size := len(s.past)
		dayAgo := s.past[n%size]
		s.past[n%size] = s.now
		if err := add(&s.Series, s.now); err != nil {
			return err
		}
		for i := range s.sums {
			w, left := &s.sums[i], dayAgo
			if w.tiles < size {
				left = s.past[(n-w.tiles)%size]
			}
			w.now += s.now - left
			if n%sumEvery == 0 || !at.Before(l.dense) {
				if err := add(&w.Series, w.now); err != nil {
					return err
				}
			}
		}
		s.now = 0
	}
	return nil
}

// sumEvery is how many tiles there are between two samples of a sum, seenClosely for how
// long before the end there are no tiles between: graphs of a day draw lines, not dots.
const (
	sumEvery    = 3
	seenClosely = day + 2*time.Hour
)
