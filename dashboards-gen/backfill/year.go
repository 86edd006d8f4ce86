package backfill

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"belfry/exporter/catalog"
)

// Year is a long, made-up past.
type Year struct {
	Plans    []Plan
	From, To time.Time
	// Thinned is the shortest interval between samples before Fine. It depends on
	// the budget of samples.
	Thinned time.Duration
	Fine    time.Time
}

// PlanYear plans a past of the metrics with at most budget samples. To fit, series
// with more than one sample in five minutes lose samples, except in the duration
// fine at the end. An unknown metric is an error.
func PlanYear(names []string, to time.Time, past, fine time.Duration, budget int64) (*Year, error) {
	kinds := Kinds()
	y := &Year{From: to.Add(-past), To: to, Fine: to.Add(-fine)}
	var series []Series
	for _, name := range names {
		k, known := kinds[name]
		if !known {
			return nil, fmt.Errorf("unknown metric %s: it is neither in the catalogue nor recorded by a rule", name)
		}
		series = append(series, Make(k)...)
	}
	for _, thinned := range []time.Duration{scrape, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute} {
		y.Thinned, y.Plans = thinned, y.plan(series, thinned)
		if y.Samples() <= budget {
			return y, nil
		}
	}
	return nil, fmt.Errorf("%d series over %s have %d samples even if thinned to one in 5 minutes: allow more than %d",
		len(series), past, y.Samples(), budget)
}

func (y *Year) plan(series []Series, thinned time.Duration) []Plan {
	plans := make([]Plan, len(series))
	for i, s := range series {
		plans[i] = Plan{s, []Span{
			{y.From, y.Fine, max(s.Kind.Every, thinned), 0},
			{y.Fine, y.To, s.Kind.Every, 0},
		}}
		if s.Kind.episodic() {
			plans[i].Spans = y.episodes(s)
		}
	}
	return plans
}

// episodic reports whether the metric has samples only while something is wrong.
func (k Kind) episodic() bool {
	return strings.HasPrefix(k.Name, "ALERTS") || k.Name == catalog.AlertCondition.Name ||
		k.Name == catalog.AlertValue.Name
}

// episodes returns forty minutes in every nine days, at other times for each
// series, and the last ten minutes for one series in twenty.
func (y *Year) episodes(s Series) []Span {
	const every, lasts = 9 * day, 40 * time.Minute
	var spans []Span
	seed := mix(s.Labels.Hash())
	begin := y.From.Add(time.Duration(seed % uint64(every)))
	for ; begin.Add(lasts).Before(y.To); begin = begin.Add(every) {
		spans = append(spans, Span{begin, begin.Add(lasts), s.Kind.Every, 0})
	}
	if last := y.To.Add(-10 * time.Minute); seed%20 == 0 && (len(spans) == 0 || spans[len(spans)-1].To.Before(last)) {
		spans = append(spans, Span{last, y.To, s.Kind.Every, 0})
	}
	return spans
}

// Samples returns the approximate number of planned samples.
func (y *Year) Samples() int64 {
	var n int64
	for _, p := range y.Plans {
		for _, s := range p.Spans {
			n += int64(max(0, s.To.Sub(s.From)) / s.Every)
		}
	}
	return n
}

// month is the length of the blocks into which Prometheus compacts a year.
const month = 31 * 24 * time.Hour

// Write writes the blocks, one per processor at a time, and returns the number of
// samples.
func (y *Year) Write(ctx context.Context, dir string) (uint64, error) {
	var samples atomic.Uint64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.NumCPU())
	for from := y.From.Truncate(month); from.Before(y.To); from = from.Add(month) {
		group.Go(func() error {
			n, err := WriteBlock(ctx, dir, y.Plans, from, from.Add(month))
			samples.Add(n)
			return err
		})
	}
	err := group.Wait()
	return samples.Load(), err
}

// Typical returns how many series the exporter of the typical platform exposes.
func Typical() int {
	n := 0
	for _, k := range Kinds() {
		if !k.Recorded {
			n += len(k.sets())
		}
	}
	return n
}

// Names returns the names of the metrics that the queries read, in order.
func Names(queries []string) ([]string, error) {
	var all []string
	for _, q := range queries {
		names, err := Read(q)
		if err != nil {
			return nil, err
		}
		all = append(all, names...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}
