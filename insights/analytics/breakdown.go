package analytics

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/rules"
	"belfry/rules/expr"
)

// breakdown describes what a total is broken down by.
type breakdown struct {
	volume rules.Volume
	rows   []*catalog.Label
	// column is what the request may narrow it to, nil if nothing.
	column *catalog.Label
	// stages lists what is read of it, nil for all that analytics reads.
	stages []catalog.Stage
}

// readable narrows the volume to the stages that are read of it.
func (b breakdown) readable() expr.Matcher {
	if b.stages == nil {
		return readable
	}
	return expr.Stage(b.stages...)
}

// row is a group of a breakdown that is published.
type row struct {
	labels query.Labels
	pair
}

// result is a breakdown without what is withheld.
type result struct {
	rows     []row
	withheld Withheld
}

// readable narrows a volume to the stages that analytics reads.
var readable = expr.Stage(reading...)

// cells holds counts by the name of a cell.
type cells map[string]*stages

func (c cells) add(name string, stage catalog.Stage, n float64) {
	if c[name] == nil {
		c[name] = new(stages)
	}
	c[name][stage] += n
}

// rowOf returns the key of a row.
func (b breakdown) rowOf(l query.Labels) string {
	values := make([]string, len(b.rows))
	for i, label := range b.rows {
		values[i] = l.Of(label)
	}
	return strings.Join(values, "\x01")
}

// labelsOf inverts rowOf.
func (b breakdown) labelsOf(row string) query.Labels {
	labels := query.Labels{}
	for i, value := range strings.Split(row, "\x01") {
		labels[b.rows[i].Name] = value
	}
	return labels
}

// period is one of the two that are compared, with the channels that are withheld in
// it.
type period struct {
	Span
	hidden map[string]bool
}

// nameOf returns the name of the cell of a series. Channels that are withheld are one
// column, since only their sum can be computed.
func (p period) nameOf(b breakdown, l query.Labels) string {
	if b.column == nil || p.hidden[l.Of(b.column)] {
		return cellName(b.rowOf(l), "")
	}
	return cellName(b.rowOf(l), l.Of(b.column))
}

func (b breakdown) by() []*catalog.Label {
	by := append([]*catalog.Label{catalog.LabelStage}, b.rows...)
	if b.column != nil {
		by = append(by, b.column)
	}
	return by
}

// break down counts of the period and of the one before, and leaves out what is to be
// withheld.
func (c *computation) breakDown(ctx context.Context, b breakdown) (result, error) {
	now, before, err := c.countBoth(ctx, b)
	if err != nil {
		return result{}, err
	}
	return c.judge(ctx, b, now, before)
}

// countBoth counts cells in the period and in the one before.
func (c *computation) countBoth(ctx context.Context, b breakdown) (now, before query.Vector, err error) {
	return c.inBoth(ctx, func(ctx context.Context, in Span) (query.Vector, error) { return c.count(ctx, b, in) })
}

// count counts cells in a period.
func (c *computation) count(ctx context.Context, b breakdown, in Span) (query.Vector, error) {
	t, err := c.Buckets(ctx, b.volume, in.months(), b.by(), b.readable())
	return addUp(t), err
}

// months cuts a period at the whole months in it, which watch counts too, so that each is
// asked for once.
func (s Span) months() []time.Time {
	edges := slices.Concat([]time.Time{s.From}, wholeMonths(s.From, s.To), []time.Time{s.To})
	return utc(slices.CompactFunc(edges, time.Time.Equal))
}

// addUp returns the sum of the buckets of each row.
func addUp(t query.Table) query.Vector {
	v := query.Vector{Answer: t.Answer}
	for _, r := range t.Rows {
		total := 0.0
		for _, n := range r.Values {
			total += n
		}
		v.Values = append(v.Values, query.Value{Labels: r.Labels, Value: total})
	}
	return v
}

// judge leaves out what is to be withheld of the two periods.
func (c *computation) judge(ctx context.Context, b breakdown, now, before query.Vector) (result, error) {
	current, err := c.narrowed(ctx, b, c.current(), now)
	if err != nil {
		return result{}, err
	}
	old, err := c.narrowed(ctx, b, c.previous(), before)
	if err != nil {
		return result{}, err
	}
	return c.release(b, current, old), nil
}

func (c *computation) current() period  { return period{c.span, c.hidden} }
func (c *computation) previous() period { return period{c.old, c.hiddenBefore} }

// narrowed returns the rows of one period.
func (c *computation) narrowed(ctx context.Context, b breakdown, p period, v query.Vector) (narrowed, error) {
	w, err := c.watch(ctx, b, p, p.From, p.To)
	if err != nil {
		return narrowed{}, err
	}
	return c.narrow(b, p.cellsOf(b, v), w.withheld(p.Span)), nil
}

// cellsOf adds up a vector by cell.
func (p period) cellsOf(b breakdown, v query.Vector) cells {
	all := cells{}
	for _, e := range v.Values {
		if stage, ok := stageOf(e.Labels); ok {
			all.add(p.nameOf(b, e.Labels), stage, e.Value)
		}
	}
	return all
}

// watch reads where the cells may be cut.
func (c *computation) watch(ctx context.Context, b breakdown, p period, times ...time.Time) (*watch, error) {
	w, a, err := watchTimes(ctx, times, c.now, c.request.floor(),
		func(ctx context.Context, unit level, units []time.Time) (map[string][]float64, query.Answer, error) {
			stages := expr.Stage(peopled...)
			if unit == months {
				stages = b.readable() // which is asked for anyway
			}
			t, err := c.Buckets(ctx, b.volume, utc(units), b.by(), stages)
			return p.peopleOf(b, onlyPeopled(t)), t.Answer, err
		})
	c.asked(a)
	return w, err
}

// onlyPeopled returns the rows of the stages of which a part of the audience can be seen.
func onlyPeopled(t query.Table) query.Table {
	t.Rows = slices.DeleteFunc(t.Rows, func(r query.Row) bool {
		stage, known := stageOf(r.Labels)
		return !known || !slices.Contains(peopled, stage)
	})
	return t
}

// peopleOf returns how many users each cell is about in each bucket of a table.
func (p period) peopleOf(b breakdown, t query.Table) map[string][]float64 {
	counted := map[string][]stages{}
	for _, r := range t.Rows {
		stage, ok := stageOf(r.Labels)
		if !ok {
			continue
		}
		name := p.nameOf(b, r.Labels)
		if counted[name] == nil {
			counted[name] = make([]stages, len(r.Values))
		}
		for i, n := range r.Values {
			counted[name][i][stage] += n
		}
	}
	people := map[string][]float64{}
	for name, buckets := range counted {
		people[name] = make([]float64, len(buckets))
		for i, s := range buckets {
			people[name][i] = s.people()
		}
	}
	return people
}

// release returns the rows that may be published, and the sum of the others.
func (c *computation) release(b breakdown, current, old narrowed) result {
	var r result
	for _, key := range sortedKeys(current.shown, old.shown) {
		p := pair{current.shown[key], old.shown[key], b.stages}
		if p.now == nil && !current.hidden[key] {
			p.now = new(stages)
		}
		if p.before == nil && !old.hidden[key] {
			p.before = new(stages)
		}
		if p.now != nil && (!p.empty() || c.asksFor(key)) {
			r.rows = append(r.rows, row{b.labelsOf(key), p})
		}
	}
	slices.SortStableFunc(r.rows, func(a, b row) int {
		return int(b.now[catalog.StageSent] - a.now[catalog.StageSent])
	})
	if n := len(current.hidden); n > 0 {
		r.withheld = Withheld{n, pair{&current.rest, &old.rest, b.stages}.counts(), c.whyWithheld()}
	}
	return r
}

// empty reports that nothing was counted in either period, as of the channel unknown, of
// which the exporter has series from the start.
func (p pair) empty() bool { return *p.now == stages{} && p.before != nil && *p.before == stages{} }

// asksFor reports whether the request names a group.
func (c *computation) asksFor(group string) bool {
	return slices.Contains(c.request.Channels, group) || slices.Contains(c.request.Categories, group)
}

// whyWithheld says why groups of the period are withheld, and how to see more of them.
func (c *computation) whyWithheld() string {
	floor := int(c.request.floor())
	switch min(levelOf(c.span.From), levelOf(c.span.To)) {
	case months:
		return fmt.Sprintf("fewer than %d users, or the next-smallest beside one of these", floor)
	case days:
		return fmt.Sprintf("fewer than %d users, if only on one day of a month of which the period has a part: a period "+
			"of a day more would tell; or the next-smallest beside one of these. Whole calendar months show the most groups",
			floor)
	default:
		return fmt.Sprintf("fewer than %d users, if only in one hour of a day of which the period has a part: a period "+
			"of an hour more would tell; or the next-smallest beside one of these. Whole days show more groups, and whole "+
			"calendar months the most", floor)
	}
}

// narrowed holds rows of the columns that the request asks for.
type narrowed struct {
	shown  map[string]*stages
	hidden map[string]bool
	rest   stages // of the hidden
}

// narrow adds up the columns that the request asks for.
func (c *computation) narrow(b breakdown, all cells, hidden map[string]bool) narrowed {
	n := narrowed{map[string]*stages{}, map[string]bool{}, stages{}}
	for name, s := range all {
		key, column, _ := strings.Cut(name, "\x00")
		if b.column != nil && len(c.request.Channels) > 0 && !slices.Contains(c.request.Channels, column) {
			continue
		}
		if hidden[key] {
			n.hidden[key] = true
			n.rest.add(*s)
			continue
		}
		if n.shown[key] == nil {
			n.shown[key] = new(stages)
		}
		n.shown[key].add(*s)
	}
	return n
}

func utc(times []time.Time) []time.Time {
	all := make([]time.Time, len(times))
	for i, t := range times {
		all[i] = t.UTC()
	}
	return all
}

func sortedKeys[V any](maps ...map[string]V) []string {
	var keys []string
	for _, m := range maps {
		for key := range m {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
