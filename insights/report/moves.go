package report

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/floats"

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
	Channel string // or [together]
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

// place is 0 for what got better or worse, and 1 for what only changed.
func (m move) place() int {
	if m.Kind.Good == display.NotJudged {
		return 1
	}
	return 0
}

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

// comparer compares the steps of a period with those of the one before.
type comparer struct {
	ctx          context.Context
	source       *query.Source
	definition   Definition
	edges, older []time.Time
	paired       bool
	err          error
	queries      query.Answer
	candidates   []move
}

// course holds what a volume counted in the steps of both periods, by channel.
type course struct{ now, before map[string][]float64 }

// read reads a volume by channel, of those that the report is about.
func (c *comparer) read(v rules.Volume, where ...expr.Matcher) course {
	of := func(edges []time.Time) map[string][]float64 {
		all := map[string][]float64{}
		if c.err != nil {
			return all
		}
		t, err := c.source.Buckets(c.ctx, v, edges, []*catalog.Label{catalog.LabelChannel}, where...)
		c.err = err
		c.queries.Join(t.Answer)
		for _, row := range t.Rows {
			if channel := row.Labels.Of(catalog.LabelChannel); c.definition.counts(channel) {
				all[channel] = row.Values
				all[together] = plus(all[together], row.Values)
			}
		}
		return all
	}
	return course{of(c.edges), of(c.older)}
}

// together names all channels.
const together = ""

// compare adds a candidate if there is enough to compare. Without x, the steps of y are
// compared.
func (c *comparer) compare(k *kind, channel string, y course, x *course, weight func(difference) float64) {
	now, before := steps{y: y.now[channel]}, steps{y: y.before[channel]}
	if x != nil {
		now.x, before.x = x.now[channel], x.before[channel]
		now.y, before.y = filled(now.y, now.x), filled(before.y, before.x)
	}
	if d, ok := compare(now, before, c.paired); ok {
		c.candidates = append(c.candidates, move{Kind: *k, Channel: channel, difference: d, Affected: weight(d)})
	}
}

// filled returns zeros for what was never counted, as long as what it is a part of.
func filled(y, x []float64) []float64 {
	if len(y) == 0 {
		return make([]float64, len(x))
	}
	return y
}

// late is what a notification that takes longer counts beside one that does not arrive: it
// orders what is told, and nothing else.
const late = 0.1

// readMoves compares the steps of a period with those of the one before: of each channel that
// the analytics publish, and of all together.
func readMoves(
	ctx context.Context, s *query.Source, d Definition, a *analytics.Analytics, now, before Period,
) moves {
	step := now.step()
	edges, older := now.cut(step), before.cut(step)
	n := len(edges) - 1
	c := &comparer{ctx: ctx, source: s, definition: d, edges: utc(edges), older: utc(older),
		paired: samePhase(now, before, n, step)}
	stage := map[catalog.Stage]course{}
	for _, one := range reads() {
		stage[one] = c.read(rules.StageVolume, expr.Stage(one))
	}
	times, counts := c.read(rules.LatencySumVolume), c.read(rules.LatencyVolume, expr.Eq(expr.Le, "+Inf"))
	channels := []string{together}
	for _, ch := range a.ChannelMetrics {
		channels = append(channels, ch.Channel)
	}
	for _, channel := range channels {
		for _, k := range rates {
			whole := stage[k.x]
			c.compare(k, channel, stage[k.y], &whole, func(d difference) float64 {
				return math.Abs(d.By) * floats.Sum(whole.now[channel])
			})
		}
		c.compare(volumeKind, channel, stage[catalog.StageSent], nil, func(d difference) float64 {
			return math.Abs(d.By) * float64(n)
		})
		c.compare(timeKind, channel, times, &counts, func(d difference) float64 {
			return late * math.Abs(d.By) / max(d.Before, d.Now) * floats.Sum(counts.now[channel])
		})
	}
	m := moves{Looked: len(c.candidates), Queries: c.queries.Queries, Status: query.StatusOf(c.err)}
	if c.err == nil {
		m.keep(c.candidates, step.name)
	}
	return m
}

// samePhase reports whether the steps of two periods are at the same phase of the day and the
// week, one by one: if they are whole weeks apart, or both have whole days or weeks of steps.
func samePhase(now, before Period, n int, s step) bool {
	if len(before.cut(s)) != n+1 {
		return false
	}
	return now.From.AddDate(0, 0, -week).Equal(before.From) || s.season > 0 && n%s.season == 0
}

// beyond reports whether a figure of a channel, or of all together, moved by more than chance.
func (m moves) beyond(name, channel string) bool {
	return slices.ContainsFunc(m.All, func(one move) bool { return one.Kind.Name == name && one.Channel == channel })
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
	slices.SortStableFunc(m.All, func(a, b move) int {
		return cmp.Or(a.place()-b.place(), cmp.Compare(b.Affected, a.Affected))
	})
}

func utc(times []time.Time) []time.Time {
	all := make([]time.Time, len(times))
	for i, t := range times {
		all[i] = t.UTC()
	}
	return all
}
