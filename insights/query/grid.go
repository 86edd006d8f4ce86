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

// tile is the length of the recorded increases that all others are sums of.
const tile = 5 * time.Minute

// A rule group is evaluated at an offset within its interval that Prometheus derives
// from the group's name. So the increase that is the newest at 12:00 may have been
// recorded at 11:57, and the sum over a day that ends with it between 11:57 and
// 12:02: whichever was recorded before the next increase.
//
// mark says what is known of a time that is a multiple of tile.
type mark struct {
	// newest is when the newest increase was recorded, zero if there was none in the
	// tile before the time.
	newest time.Time
	// summed says that hours and days that end with that increase were recorded.
	summed bool
}

// phase returns how long before the time the newest increase was recorded.
func (m mark) phase(at time.Time) time.Duration { return at.Sub(m.newest) }

// sumsAt returns when the hours and days that end with the newest increase have been
// recorded: just before the next one.
func sumsAt(at time.Time, phase time.Duration) time.Time {
	return at.Add(tile - phase - time.Millisecond)
}

// maxMarks limits the memory of a grid: ten years of hours.
const maxMarks = 100_000

// grid remembers marks of the past. They are the same for all volumes, whose
// increases one rule group records.
type grid struct {
	sync.Mutex
	known map[int64]mark // by Unix seconds
}

// The series that stand for all of their groups.
var (
	anyTile = expr.Max(expr.Timestamp(rules.StageVolume.Increase5m.Where(expr.Stage(catalog.StageSent)))).By()
	anySums = expr.Count(expr.LastOverTime(rules.StageVolume.Increase1d, "5m", expr.Stage(catalog.StageSent))).By()
)

// marks returns the marks of times that are step apart. It holds the grid's lock, so
// that several volumes ask once.
func (s *Source) marks(ctx context.Context, times []time.Time, step time.Duration) (map[int64]mark, Answer, error) {
	s.grid.Lock()
	defer s.grid.Unlock()
	found := map[int64]mark{}
	var unknown []time.Time
	for _, at := range times {
		m, ok := s.grid.known[at.Unix()]
		if !ok && s.memory != nil {
			m, ok = s.memory.marks[at.Unix()]
		}
		if ok {
			found[at.Unix()] = m
		} else {
			unknown = append(unknown, at)
		}
	}
	var a Answer
	for _, r := range runsOf(unknown, step) {
		if err := s.discover(ctx, r, step, found, &a); err != nil {
			return nil, a, err
		}
	}
	s.remember(found)
	if s.memory != nil {
		for _, at := range unknown {
			s.memory.marks[at.Unix()] = found[at.Unix()] // the zero mark where there was nothing
		}
	}
	return found, a, nil
}

// discover asks when increases and sums were recorded.
func (s *Source) discover(
	ctx context.Context, times []time.Time, step time.Duration, found map[int64]mark, a *Answer,
) error {
	tiles, err := s.Range(ctx, anyTile, times[0], times[len(times)-1], step)
	a.Join(tiles.Answer)
	if err != nil || len(tiles.Series) == 0 {
		return err
	}
	phases := map[time.Duration][]time.Time{}
	for _, p := range tiles.Series[0].Points {
		m := mark{newest: time.UnixMilli(int64(p.Value * 1000)).UTC()}
		if phase := m.phase(p.At); phase < tile {
			found[p.At.Unix()] = m
			phases[phase] = append(phases[phase], p.At)
		}
	}
	for phase, of := range phases {
		for _, r := range runsOf(of, step) {
			if err := s.sums(ctx, r, step, phase, found, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// sums notes at which times of one phase there are hours and days.
func (s *Source) sums(
	ctx context.Context, times []time.Time, step, phase time.Duration, found map[int64]mark, a *Answer,
) error {
	from, to := sumsAt(times[0], phase), sumsAt(times[len(times)-1], phase)
	if now := s.Now(); to.After(now) {
		to = to.Add(-step * (1 + to.Sub(now)/step))
	}
	sums, err := s.Range(ctx, anySums, from, to, step)
	a.Join(sums.Answer)
	if err != nil || len(sums.Series) == 0 {
		return err
	}
	for _, p := range sums.Series[0].Points {
		at := p.At.Add(phase + time.Millisecond - tile)
		m := found[at.Unix()]
		m.summed = true
		found[at.Unix()] = m
	}
	return nil
}

// remember keeps the marks that will not change.
func (s *Source) remember(found map[int64]mark) {
	if len(s.grid.known)+len(found) > maxMarks {
		clear(s.grid.known)
	}
	for at, m := range found {
		if m.summed {
			s.grid.known[at] = m
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
