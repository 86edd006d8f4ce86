package cases

import (
	"context"
	"maps"
	"slices"
	"sort"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

// sample holds a value at a time in milliseconds.
type sample struct {
	t int64
	v float64
}

// series holds a series in memory, with its samples in order.
type series struct {
	labels  labels.Labels
	samples []sample
	owner   int // index of the rule that writes it, or input
}

// input is the owner of input series.
const input = -1

// store holds series by name.
type store map[string][]*series

func (s store) add(all ...*series) {
	for _, one := range all {
		name := one.labels.Get(model.MetricNameLabel)
		s[name] = append(s[name], one)
	}
}

// view is what a rule sees of two stores: everything above, and from the base the
// series that no replaced rule wrote. Rules from the index later on have not been
// evaluated yet at the time now.
type view struct {
	base, above store
	replaced    map[int]bool
	later       int
	now         int64
}

// Querier returns a view of the time from mint to maxt, inclusive.
func (v *view) Querier(mint, maxt int64) (storage.Querier, error) {
	return &querier{v, mint, maxt}, nil
}

type querier struct {
	*view
	mint, maxt int64
}

// Select returns the series that match, in no particular order.
func (q *querier) Select(
	_ context.Context, _ bool, _ *storage.SelectHints, matchers ...*labels.Matcher,
) storage.SeriesSet {
	var found []storage.Series
	q.each(q.base, matchers, func(s *series) {
		if !q.replaced[s.owner] {
			found = q.append(found, s)
		}
	})
	q.each(q.above, matchers, func(s *series) { found = q.append(found, s) })
	return &seriesSet{series: found, at: -1}
}

func (q *querier) append(found []storage.Series, s *series) []storage.Series {
	samples, maxt := s.samples, q.maxt
	if s.owner >= q.later {
		maxt = min(maxt, q.now-1)
	}
	from := sort.Search(len(samples), func(i int) bool { return samples[i].t >= q.mint })
	to := from + sort.Search(len(samples)-from, func(i int) bool { return samples[from+i].t > maxt })
	if from == to {
		return found
	}
	return append(found, excerpt{s.labels, samples[from:to]})
}

func (q *querier) each(s store, matchers []*labels.Matcher, visit func(*series)) {
	for _, m := range matchers {
		if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual {
			eachMatching(s[m.Value], matchers, visit)
			return
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		eachMatching(s[name], matchers, visit)
	}
}

func eachMatching(all []*series, matchers []*labels.Matcher, visit func(*series)) {
	for _, s := range all {
		if !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(s.labels.Get(m.Name)) }) {
			visit(s)
		}
	}
}

// LabelValues returns nothing: PromQL does not use it.
func (q *querier) LabelValues(
	context.Context, string, *storage.LabelHints, ...*labels.Matcher,
) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// LabelNames returns nothing: PromQL does not use it.
func (q *querier) LabelNames(
	context.Context, *storage.LabelHints, ...*labels.Matcher,
) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// Close does nothing.
func (q *querier) Close() error { return nil }

type seriesSet struct {
	series []storage.Series
	at     int
}

func (s *seriesSet) Next() bool                        { s.at++; return s.at < len(s.series) }
func (s *seriesSet) At() storage.Series                { return s.series[s.at] }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

// excerpt holds a part of a series.
type excerpt struct {
	labels  labels.Labels
	samples span
}

func (e excerpt) Labels() labels.Labels { return e.labels }

// Iterator iterates over the samples.
func (e excerpt) Iterator(chunkenc.Iterator) chunkenc.Iterator {
	return storage.NewListSeriesIterator(e.samples)
}

// span holds samples for Prometheus's iterator.
type span []sample

func (s span) Get(i int) chunks.Sample { return &s[i] }
func (s span) Len() int                { return len(s) }

// Samples are floats: cases have neither native histograms nor start times.

func (s *sample) T() int64                      { return s.t }
func (s *sample) F() float64                    { return s.v }
func (s *sample) ST() int64                     { return 0 }
func (s *sample) H() *histogram.Histogram       { return nil }
func (s *sample) FH() *histogram.FloatHistogram { return nil }
func (s *sample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (s *sample) Copy() chunks.Sample           { c := *s; return &c }
