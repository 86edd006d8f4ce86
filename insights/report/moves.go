package report

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/analytics"
	"belfry/insights/display"
	"belfry/insights/query"
	"belfry/rules"
	"belfry/rules/expr"
)

// move is a figure that differs from the period before by more than chance explains.
type move struct {
	kind    *kind
	channel string // or the currency, of money
	difference
	low, high float64 // of by
	step      string  // of which now and before are the mean, for a kind per step
	// affected is how many notifications are concerned: the difference of a rate times what
	// it is a share of.
	affected float64
}

// better reports whether it moved as it should, and worse the opposite.
func (m move) better() bool { return m.by*float64(m.kind.good) > 0 }
func (m move) worse() bool  { return m.by*float64(m.kind.good) < 0 }

// kind describes a figure whose moves matter.
type kind struct {
	// name is that of the figure, and what says of what a notification more or less is.
	name, what string
	good       display.Good
	unit       display.Unit
	y, x       catalog.Stage
	perStep    bool // a count and no rate
	// why says in a sentence why it matters when it gets worse.
	why string
}

var rates = []*kind{
	{name: "Delivery rate", what: "delivered", good: display.Up, unit: display.Share,
		y: catalog.StageDelivered, x: catalog.StageSent,
		why: "What does not arrive cannot be opened, and what fails for good spends the error budget."},
	{name: "Engagement rate", what: "engaged with", good: display.Up, unit: display.Share,
		y: catalog.StageEngaged, x: catalog.StageDelivered,
		why: "Fewer people respond to what reaches them: look at templates, timing and frequency."},
	{name: "Conversion rate", what: "converted", good: display.Up, unit: display.Share,
		y: catalog.StageConverted, x: catalog.StageDelivered,
		why: "Conversions are what notifications are sent for."},
	{name: "Opt-out rate", what: "followed by an opt-out", good: display.Down, unit: display.Share,
		y: catalog.StageOptedOut, x: catalog.StageDelivered,
		why: "Who opts out cannot be reached again."},
	{name: "Complaint rate", what: "complained about", good: display.Down, unit: display.Share,
		y: catalog.StageComplained, x: catalog.StageDelivered,
		why: "Mailbox providers ask for less than 0.1 % and block senders above 0.3 %."},
	{name: "Hard bounce rate", what: "bounced for good", good: display.Down, unit: display.Share,
		y: catalog.StageBouncedHard, x: catalog.StageSent,
		why: "Providers review senders whose addresses do not exist."},
}

var (
	volumeKind = &kind{name: "Sent", unit: display.Count, perStep: true}
	timeKind   = &kind{name: "Mean delivery time", good: display.Down, unit: display.Seconds,
		why: "What arrives late is acted on less."}
)

// moves holds what moved, the largest first, and at how many figures was looked.
type moves struct {
	all     []move
	looked  int
	status  query.Status
	queries []string
}

// stepsOf reads volumes by the steps of both periods.
type stepReader struct {
	ctx     context.Context
	source  *query.Source
	now     []time.Time
	before  []time.Time
	err     error
	queries query.Answer
}

// read returns by a label what a volume counted in each step of the period and of the one
// before.
func (r *stepReader) read(
	v rules.Volume, by *catalog.Label, where ...expr.Matcher,
) (now, before map[string][]float64) {
	of := func(edges []time.Time) map[string][]float64 {
		all := map[string][]float64{}
		if r.err != nil {
			return all
		}
		t, err := r.source.Buckets(r.ctx, v, edges, []*catalog.Label{by}, where...)
		r.err = err
		r.queries.Join(t.Answer)
		for _, row := range t.Rows {
			all[row.Labels.Of(by)] = row.Values
		}
		return all
	}
	return of(r.now), of(r.before)
}

// readMoves compares the steps of a period with those of the one before, of the channels
// that the analytics publish.
func readMoves(ctx context.Context, s *query.Source, a *analytics.Analytics, now, before Period) moves {
	m := moves{status: query.Status{State: query.OK}}
	step := now.step()
	edges, earlier := now.cut(step), before.cut(step)
	r := &stepReader{ctx: ctx, source: s, now: utc(edges), before: utc(earlier)}
	n := len(edges) - 1
	paired := len(earlier) == len(edges) && step.season > 0 && n%step.season == 0

	var candidates []move
	stage := map[catalog.Stage][2]map[string][]float64{}
	for _, one := range reads() {
		here, there := r.read(rules.StageVolume, catalog.LabelChannel, expr.Stage(one))
		stage[one] = [2]map[string][]float64{here, there}
	}
	add := func(k *kind, channel string, now, before steps, weight func(difference) float64) {
		if d, ok := compare(now, before, paired); ok {
			candidates = append(candidates, move{kind: k, channel: channel, difference: d, affected: weight(d)})
		}
	}
	for _, c := range a.ChannelMetrics {
		for _, k := range rates {
			y, x := stage[k.y], stage[k.x]
			whole := x[0][c.Channel]
			add(k, c.Channel, steps{y[0][c.Channel], whole}, steps{y[1][c.Channel], x[1][c.Channel]},
				func(d difference) float64 { return math.Abs(d.by) * sum(whole) })
		}
	}
	for _, c := range a.ChannelMetrics {
		x := stage[catalog.StageSent]
		add(volumeKind, c.Channel, steps{y: x[0][c.Channel]}, steps{y: x[1][c.Channel]},
			func(d difference) float64 { return math.Abs(d.by) * float64(n) })
	}
	times, before1 := r.read(rules.LatencySumVolume, catalog.LabelChannel)
	counts, before2 := r.read(rules.LatencyVolume, catalog.LabelChannel, expr.Eq(expr.Le, "+Inf"))
	for _, c := range a.ChannelMetrics {
		add(timeKind, c.Channel, steps{times[c.Channel], counts[c.Channel]}, steps{before1[c.Channel],
			before2[c.Channel]},
			func(d difference) float64 { return math.Abs(d.by) / max(d.before, d.now) * sum(counts[c.Channel]) / 10 })
	}
	m.looked, m.queries = len(candidates), r.queries.Queries
	if m.status = query.StatusOf(r.err); r.err != nil {
		return m
	}
	m.keep(candidates, step.name)
	return m
}

// reads lists the stages that the rates are of.
func reads() (all []catalog.Stage) {
	for _, k := range rates {
		for _, s := range []catalog.Stage{k.y, k.x} {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// keep keeps what is beyond chance: what got better or worse before what is neither, and the
// largest first.
func (m *moves) keep(candidates []move, step string) {
	p := make([]float64, len(candidates))
	for i, c := range candidates {
		p[i] = c.p
	}
	which, level := beyondChance(p)
	for _, i := range which {
		c := candidates[i]
		c.low, c.high = c.within(level)
		c.step = step
		m.all = append(m.all, c)
	}
	judged := func(m move) int { return min(1, int(m.kind.good)*int(m.kind.good)) }
	slices.SortStableFunc(m.all, func(a, b move) int {
		return cmp.Or(judged(b)-judged(a), cmp.Compare(b.affected, a.affected))
	})
}

func utc(times []time.Time) []time.Time {
	all := make([]time.Time, len(times))
	for i, t := range times {
		all[i] = t.UTC()
	}
	return all
}
