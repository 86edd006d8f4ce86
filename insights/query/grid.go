package query

import (
	"context"
	"slices"
	"sync"
	"time"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

const (
	// tile is the length of the recorded increases that all others are sums of.
	tile = 5 * time.Minute
	// seen is how long after the end of an hour or a day its sum is found in the hour before:
	// see [rules.Volume].
	seen = rules.ClockLater + time.Hour - time.Millisecond
	// known is how long after the end of an hour or a day all volumes have their sums.
	known = 2 * time.Hour
	// maxKnown limits the memory of a grid: ten years of hours.
	maxKnown = 100_000
)

// clock describes sums that are recorded once.
type clock struct {
	length   time.Duration
	complete expr.Recorded
	of       func(rules.Volume) expr.Recorded
}

// clocks lists the sums, the longest first.
var clocks = []*clock{
	{day, rules.DayComplete, func(v rules.Volume) expr.Recorded { return v.IncreaseDay }},
	{time.Hour, rules.HourComplete, func(v rules.Volume) expr.Recorded { return v.IncreaseHour }},
}

// stretch is an hour or a day.
type stretch struct {
	end    int64 // in Unix seconds
	length time.Duration
}

// grid remembers which hours and days of the past have sums. They are the same for all
// volumes, which one rule group records.
type grid struct {
	sync.Mutex
	known map[stretch]bool
}

// ends returns the ends of the stretches of which the piece consists, none if it does not.
func (c *clock) ends(p piece) (ends []time.Time) {
	if p.length < c.length || p.end.UnixNano()%int64(c.length) != 0 {
		return nil
	}
	for at := p.end.Add(c.length - p.length); !at.After(p.end); at = at.Add(c.length) {
		ends = append(ends, at)
	}
	return ends
}

// summed returns by which clock each of the pieces can be read, nothing for those that must
// be read from increases. It holds the grid's lock, so that several volumes ask once.
func (s *Source) summed(ctx context.Context, pieces []piece) (map[piece]*clock, Answer, error) {
	s.grid.Lock()
	defer s.grid.Unlock()
	by := map[piece]*clock{}
	var a Answer
	for _, c := range clocks {
		var rest []piece
		for _, p := range pieces {
			if by[p] == nil && c.ends(p) != nil && s.Now().Sub(p.end) >= known {
				rest = append(rest, p)
			}
		}
		found, err := s.recorded(ctx, c, rest, &a)
		if err != nil {
			return nil, a, err
		}
		for _, p := range rest {
			if !slices.ContainsFunc(c.ends(p), func(end time.Time) bool { return !found[end.Unix()] }) {
				by[p] = c
			}
		}
	}
	return by, a, nil
}

// recorded returns which stretches of the pieces have sums, by their ends.
func (s *Source) recorded(ctx context.Context, c *clock, pieces []piece, a *Answer) (map[int64]bool, error) {
	found := map[int64]bool{}
	var unknown []time.Time
	for _, p := range pieces {
		for _, end := range c.ends(p) {
			of := stretch{end.Unix(), c.length}
			is, ok := s.grid.known[of]
			if !ok && s.memory != nil {
				is, ok = s.memory.summed[of]
			}
			if found[of.end] = is; !ok {
				unknown = append(unknown, end)
			}
		}
	}
	for _, r := range runsOf(unknown, c.length) {
		m, err := s.Range(ctx, c.recorded(), r[0].Add(seen), r[len(r)-1].Add(seen), c.length)
		a.Join(m.Answer)
		if err != nil {
			return nil, err
		}
		for _, series := range m.Series {
			for _, p := range series.Points {
				found[p.At.Add(-seen).Unix()] = true
			}
		}
	}
	s.remember(c, unknown, found)
	return found, nil
}

// recorded returns an element where a stretch has its sums once, of every target that sent
// something in it. So a target whose rules record no sums is not left out, and what was
// recorded again after the rule group was moved does not count twice.
func (c *clock) recorded() expr.Expr {
	within := justUnder(c.length)
	once := expr.CountOverTime(c.complete, within).Eq(expr.Num(1))
	sent := expr.CountOverTime(rules.StageVolume.Increase5m, within, expr.Stage(catalog.StageSent))
	targets := expr.Group(sent.Offset(window(seen))).Keeping()
	return expr.Count(targets.And(once)).By().Eq(expr.Count(targets).By())
}

// remember keeps what will not change.
func (s *Source) remember(c *clock, asked []time.Time, found map[int64]bool) {
	if len(s.grid.known)+len(found) > maxKnown {
		clear(s.grid.known)
	}
	for _, end := range asked {
		of := stretch{end.Unix(), c.length}
		if found[of.end] {
			s.grid.known[of] = true
		}
		if s.memory != nil {
			s.memory.summed[of] = found[of.end]
		}
	}
}

// runsOf cuts times into runs that are step apart.
func runsOf(times []time.Time, step time.Duration) [][]time.Time {
	times = slices.Clone(times)
	slices.SortFunc(times, time.Time.Compare)
	var runs [][]time.Time
	for i, at := range times {
		if i == 0 || at.Sub(times[i-1]) != step {
			runs = append(runs, nil)
		}
		last := len(runs) - 1
		runs[last] = append(runs[last], at)
	}
	return runs
}
