package cases

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
)

// recording collects the series that a rule writes, with stale markers for those
// that disappear.
type recording struct {
	owner  int
	step   int64
	series map[uint64]*series
	live   map[uint64]*series // written at the latest time
	into   store              // new series are added to it at once, unless it is nil
}

func newRecording(owner int, step time.Duration) *recording {
	return &recording{owner: owner, step: step.Milliseconds(), series: map[uint64]*series{}, live: map[uint64]*series{}}
}

var stale = math.Float64frombits(value.StaleNaN)

func (out *recording) add(t int64, written []promql.Sample) {
	live := make(map[uint64]*series, len(written))
	for _, s := range written {
		id := s.Metric.Hash()
		one := out.of(id, s.Metric)
		one.samples = append(one.samples, sample{t, s.F})
		live[id] = one
	}
	for id, one := range out.live {
		if live[id] == nil {
			one.samples = append(one.samples, sample{t, stale})
		}
	}
	out.live = live
}

func (out *recording) of(id uint64, l labels.Labels) *series {
	one := out.series[id]
	if one == nil {
		one = &series{labels: l, owner: out.owner}
		out.series[id] = one
		if out.into != nil {
			out.into.add(one)
		}
	}
	return one
}

// addMatrix adds the results of all times up to the end.
func (out *recording) addMatrix(r *Rule, matrix promql.Matrix, end int64) error {
	merged := map[uint64]bool{}
	for _, s := range matrix {
		l := r.metric(s.Metric)
		id := l.Hash()
		one := out.of(id, l)
		merged[id] = merged[id] || len(one.samples) > 0
		for _, p := range s.Floats {
			one.samples = append(one.samples, sample{p.T, p.F})
		}
	}
	for id, one := range out.series {
		if merged[id] {
			slices.SortFunc(one.samples, func(a, b sample) int { return int(a.t - b.t) })
		}
		marked := make([]sample, 0, len(one.samples)+1)
		for k, p := range one.samples {
			if k > 0 && one.samples[k-1].t == p.t {
				return fmt.Errorf("%s: several elements of the result have the labels %s", r.ID, one.labels)
			}
			marked = append(marked, p)
			next := p.t + out.step
			if next <= end && (k+1 == len(one.samples) || one.samples[k+1].t != next) {
				marked = append(marked, sample{next, stale})
			}
		}
		one.samples = marked
	}
	return nil
}

// all returns the series in the order of their labels.
func (out *recording) all() []*series {
	all := make([]*series, 0, len(out.series))
	for _, one := range out.series {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b *series) int { return labels.Compare(a.labels, b.labels) })
	return all
}
