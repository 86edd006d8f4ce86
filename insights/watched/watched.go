// Package watched reads the series that insights watches: for each channel its volume, the
// delivery ratio, the open ratio and the 95th percentile of the delivery latency, over the
// last weeks.
//
// Which alert decides about what is settled here: the rules alert on volume and opens where
// their seasonal band is in force, and insights on everything else. See [Series.Banded].
package watched

import (
	"context"
	"slices"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/insights/series"
	"belfry/rules"
	"belfry/rules/expr"
)

// Names of the series.
const (
	Volume     = "volume"
	Delivery   = "delivery_ratio"
	Open       = "open_ratio"
	LatencyP95 = "latency_p95"
)

const (
	// Step is the distance of the points: the length of the recorded increases.
	Step = 5 * time.Minute
	// History is how far back series are read: four weeks, and some days for the level
	// before them.
	History = 34 * 24 * time.Hour
	// MaxSeries limits how many series are watched.
	MaxSeries = 200
)

// Series holds one watched series. Of a ratio, Trials says of how many each point is a share.
type Series struct {
	Name    string
	Channel string
	Points  []series.Point
	Trials  []float64
	// Banded says that a band of the rules is in force for this series, whose alerts
	// decide.
	Banded bool
	// Queries lists what the points come from.
	Queries []string
}

// Silent reports that nothing was sent at all, as on a channel that is not in use: its
// volume is 0 at every point. There is nothing to say of such a series.
func (s Series) Silent() bool {
	return s.Name == Volume && !slices.ContainsFunc(s.Points, func(p series.Point) bool { return p.Value != 0 })
}

// Set holds all watched series, by name and channel.
type Set struct {
	Series []Series
	Status query.Status
	// LeftOut counts series past MaxSeries.
	LeftOut int
	query.Answer
}

// Read reads the series from a time until another, both on a Step. Where a server does not
// answer, the status says why and there are no series.
func Read(ctx context.Context, s *query.Source, from, until time.Time) Set {
	r := reader{ctx: ctx, source: s, from: from, until: until, set: Set{Status: query.Status{State: query.OK}}}
	sent := r.counts(catalog.StageSent)
	delivered := r.counts(catalog.StageDelivered)
	opened := r.counts(catalog.StageOpened)
	latency := r.read(rules.LatencyP95.Expr)
	volumeBand, openBand := r.bands(rules.VolumeSeason), r.bands(rules.EngagementSeason)
	if r.err != nil {
		r.set.Status, r.set.Series = query.StatusOf(r.err), nil
		return r.set
	}
	for _, one := range sent.Series {
		channel := one.Labels.Of(catalog.LabelChannel)
		r.add(Series{Name: Volume, Channel: channel, Points: points(one.Points), Banded: volumeBand[channel],
			Queries: sent.Queries})
		r.addRatio(Delivery, channel, find(delivered, channel), one.Points, deliverySpan, sent.Queries)
	}
	for _, one := range delivered.Series {
		channel := one.Labels.Of(catalog.LabelChannel)
		r.addRatio(Open, channel, find(opened, channel), one.Points, openSpan, opened.Queries)
		r.set.Series[len(r.set.Series)-1].Banded = openBand[channel]
	}
	for _, one := range latency.Series {
		channel := one.Labels.Of(catalog.LabelChannel)
		r.add(Series{Name: LatencyP95, Channel: channel, Points: points(one.Points), Queries: latency.Queries})
	}
	return r.finish(sent.Status())
}

// Over how many steps the ratios are computed: what is opened was delivered long before.
const deliverySpan, openSpan = 3, 12

// reader reads until the first error.
type reader struct {
	ctx         context.Context
	source      *query.Source
	from, until time.Time
	set         Set
	err         error
}

// read evaluates an expression at each step.
func (r *reader) read(e expr.Expr) query.Matrix {
	if r.err != nil {
		return query.Matrix{}
	}
	m, err := r.source.Range(r.ctx, e, r.from, r.until, Step)
	r.err = err
	r.set.Join(m.Answer)
	return m
}

// counts reads how many notifications reached a stage in each step, by channel.
func (r *reader) counts(stage catalog.Stage) query.Matrix {
	tiles := rules.StageVolume.Increase5m.Where(expr.Stage(stage))
	return r.read(expr.Sum(tiles).By(catalog.LabelChannel))
}

// bands returns the channels for which a band of the rules is in force.
func (r *reader) bands(s rules.Seasonal) map[string]bool {
	banded := map[string]bool{}
	if r.err != nil {
		return banded
	}
	v, err := r.source.Instant(r.ctx, s.Lower.Expr, r.until)
	r.err = err
	r.set.Join(v.Answer)
	for _, one := range v.Values {
		banded[one.Labels.Of(catalog.LabelChannel)] = true
	}
	return banded
}

func (r *reader) add(s Series) { r.set.Series = append(r.set.Series, s) }

// addRatio adds the share of trials that succeeded, each over the last steps of a span.
func (r *reader) addRatio(name, channel string, successes map[int64]float64, trials []query.Point, span int,
	queries []string) {
	s := Series{Name: name, Channel: channel, Queries: queries}
	var good, all []float64
	for i, p := range trials {
		if i > 0 && p.At.Sub(trials[i-1].At) != Step {
			good, all = nil, nil
		}
		good, all = append(good, successes[p.At.UnixNano()]), append(all, p.Value)
		good, all = good[max(0, len(good)-span):], all[max(0, len(all)-span):]
		if n := sum(all); n > 0 && len(all) == span {
			s.Points = append(s.Points, series.Point{At: p.At, Value: min(1, sum(good)/n)})
			s.Trials = append(s.Trials, n)
		}
	}
	r.add(s)
}

// finish sorts the series, and drops those past the limit.
func (r *reader) finish(status query.Status) Set {
	r.set.Status = query.Worst(r.set.Status, status)
	r.set.Series = slices.DeleteFunc(r.set.Series, func(s Series) bool { return len(s.Points) == 0 })
	slices.SortFunc(r.set.Series, func(a, b Series) int {
		return strings.Compare(a.Channel+"\x00"+a.Name, b.Channel+"\x00"+b.Name)
	})
	if len(r.set.Series) == 0 {
		r.set.Status = query.Status{State: query.NoData, Reason: "there are no notifications yet: " +
			"check that Prometheus scrapes the exporter and loads the shipped rules"}
	}
	if over := len(r.set.Series) - MaxSeries; over > 0 {
		r.set.LeftOut, r.set.Series = over, r.set.Series[:MaxSeries]
	}
	return r.set
}

// find returns the values of a channel by time.
func find(m query.Matrix, channel string) map[int64]float64 {
	values := map[int64]float64{}
	for _, s := range m.Series {
		if s.Labels.Of(catalog.LabelChannel) == channel {
			for _, p := range s.Points {
				values[p.At.UnixNano()] = p.Value
			}
		}
	}
	return values
}

func points(of []query.Point) []series.Point {
	all := make([]series.Point, len(of))
	for i, p := range of {
		all[i] = series.Point(p)
	}
	return all
}

func sum(x []float64) (total float64) {
	for _, v := range x {
		total += v
	}
	return total
}
