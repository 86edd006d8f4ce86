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
	Kind    kind
	Channel string // or the currency, of money
	difference
	Low, High float64 // of By
	Step      string  // of which Now and Before are the mean, for a kind per step
	// Affected is how many notifications are concerned: the difference of a rate times what
	// it is a share of.
	Affected float64
}

// better reports whether it moved as it should, and worse the opposite.
func (m move) better() bool { return m.By*float64(m.Kind.Good) > 0 }
func (m move) worse() bool  { return m.By*float64(m.Kind.Good) < 0 }

// kind describes a figure whose moves matter.
type kind struct {
	// Name is that of the figure, and What says of what a notification more or less is.
	Name, What string
	Good       display.Good
	Unit       display.Unit
	y, x       catalog.Stage
	PerStep    bool // a count and no rate
	// Why says in a sentence why it matters when it gets worse.
	Why string
}

var rates = []*kind{
	{Name: "Delivery rate", What: "delivered", Good: display.Up, Unit: display.Share,
		y: catalog.StageDelivered, x: catalog.StageSent,
		Why: "What does not arrive cannot be opened, and what fails for good spends the error budget."},
	{Name: "Engagement rate", What: "engaged with", Good: display.Up, Unit: display.Share,
		y: catalog.StageEngaged, x: catalog.StageDelivered,
		Why: "Fewer people respond to what reaches them: look at templates, timing and frequency."},
	{Name: "Conversion rate", What: "converted", Good: display.Up, Unit: display.Share,
		y: catalog.StageConverted, x: catalog.StageDelivered,
		Why: "Conversions are what notifications are sent for."},
	{Name: "Opt-out rate", What: "followed by an opt-out", Good: display.Down, Unit: display.Share,
		y: catalog.StageOptedOut, x: catalog.StageDelivered,
		Why: "Who opts out cannot be reached again."},
	{Name: "Complaint rate", What: "complained about", Good: display.Down, Unit: display.Share,
		y: catalog.StageComplained, x: catalog.StageDelivered,
		Why: "Mailbox providers ask for less than 0.1 % and block senders above 0.3 %."},
	{Name: "Hard bounce rate", What: "bounced for good", Good: display.Down, Unit: display.Share,
		y: catalog.StageBouncedHard, x: catalog.StageSent,
		Why: "Providers review senders whose addresses do not exist."},
}

var (
	volumeKind = &kind{Name: "Sent", Unit: display.Count, PerStep: true}
	timeKind   = &kind{Name: "Mean delivery time", Good: display.Down, Unit: display.Seconds,
		Why: "What arrives late is acted on less."}
)

// moves holds what moved, the largest first, and at how many figures was looked.
type moves struct {
	All     []move
	Looked  int
	Status  query.Status
	Queries []string
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
	m := moves{Status: query.Status{State: query.OK}}
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
			candidates = append(candidates, move{Kind: *k, Channel: channel, difference: d, Affected: weight(d)})
		}
	}
	for _, c := range a.ChannelMetrics {
		for _, k := range rates {
			y, x := stage[k.y], stage[k.x]
			whole := x[0][c.Channel]
			add(k, c.Channel, steps{y[0][c.Channel], whole}, steps{y[1][c.Channel], x[1][c.Channel]},
				func(d difference) float64 { return math.Abs(d.By) * sum(whole) })
		}
	}
	for _, c := range a.ChannelMetrics {
		x := stage[catalog.StageSent]
		add(volumeKind, c.Channel, steps{y: x[0][c.Channel]}, steps{y: x[1][c.Channel]},
			func(d difference) float64 { return math.Abs(d.By) * float64(n) })
	}
	times, before1 := r.read(rules.LatencySumVolume, catalog.LabelChannel)
	counts, before2 := r.read(rules.LatencyVolume, catalog.LabelChannel, expr.Eq(expr.Le, "+Inf"))
	for _, c := range a.ChannelMetrics {
		add(timeKind, c.Channel, steps{times[c.Channel], counts[c.Channel]}, steps{before1[c.Channel],
			before2[c.Channel]},
			func(d difference) float64 { return math.Abs(d.By) / max(d.Before, d.Now) * sum(counts[c.Channel]) / 10 })
	}
	m.Looked, m.Queries = len(candidates), r.queries.Queries
	if m.Status = query.StatusOf(r.err); r.err != nil {
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
		p[i] = c.P
	}
	which, level := beyondChance(p)
	for _, i := range which {
		c := candidates[i]
		c.Low, c.High = c.within(level)
		c.Step = step
		m.All = append(m.All, c)
	}
	judged := func(m move) int { return min(1, int(m.Kind.Good)*int(m.Kind.Good)) }
	slices.SortStableFunc(m.All, func(a, b move) int {
		return cmp.Or(judged(b)-judged(a), cmp.Compare(b.Affected, a.Affected))
	})
}

func utc(times []time.Time) []time.Time {
	all := make([]time.Time, len(times))
	for i, t := range times {
		all[i] = t.UTC()
	}
	return all
}
