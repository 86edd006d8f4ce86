package analytics

import (
	"context"
	"slices"
	"time"

	"belfry/insights/query"
)

// A period's total, and that of a period which begins or ends a little elsewhere,
// differ by what was counted in between. If that is about fewer users than the floor,
// the two must not both be published. Insights keeps no record of what it has
// published, so the times at which a period may begin or end follow from the data
// alone: they cut the time into stretches each of which is about nobody, or about at
// least as many users as the floor. Whatever periods are subtracted from each other,
// the result is a sum of such stretches.
//
// Within a month, days are joined from its first until they reach the floor, and the
// rest with those before; within a day, hours, and within an hour, tiles. So a month
// always begins and ends a period, and a busy platform sees no difference at all.

// seen holds how many users the cells of a breakdown are about, unit by unit.
type seen struct {
	level  level
	units  []time.Time // where units begin, and where the last ends
	people map[string][]float64
}

// watch knows where cells may be cut.
type watch struct {
	floor float64
	seen  []seen
}

// watchTimes reads what decides whether cells may be cut at the times.
func watchTimes(
	ctx context.Context, times []time.Time, now time.Time, floor float64,
	read func(context.Context, []time.Time) (map[string][]float64, query.Answer, error),
) (*watch, query.Answer, error) {
	w := &watch{floor: floor}
	var all query.Answer
	for unit := days; unit >= tiles; unit-- {
		for _, parents := range parentsOf(times, unit) {
			s := seen{level: unit, units: unitsOf(parents, unit, now)}
			if len(s.units) < 2 {
				continue
			}
			people, a, err := read(ctx, s.units)
			all.Join(a)
			if err != nil {
				return w, all, err
			}
			s.people = people
			w.seen = append(w.seen, s)
		}
	}
	return w, all, nil
}

// parentsOf returns the longer units within which the times separate units, in runs
// without gaps.
func parentsOf(times []time.Time, unit level) [][]time.Time {
	var parents []time.Time
	for _, t := range times {
		if levelOf(t) <= unit {
			parents = append(parents, startOf(t, unit+1))
		}
	}
	slices.SortFunc(parents, time.Time.Compare)
	parents = slices.CompactFunc(parents, time.Time.Equal)
	var runs [][]time.Time
	for i, p := range parents {
		if i == 0 || !endOf(parents[i-1], unit+1).Equal(p) {
			runs = append(runs, nil)
		}
		runs[len(runs)-1] = append(runs[len(runs)-1], p)
	}
	return runs
}

// unitsOf returns the boundaries of the units of a run of parents that are over.
func unitsOf(parents []time.Time, unit level, now time.Time) []time.Time {
	units := []time.Time{parents[0]}
	end := endOf(parents[len(parents)-1], unit+1)
	for t := endOf(parents[0], unit); !t.After(end) && !t.After(now); t = endOf(t, unit) {
		units = append(units, t)
	}
	return units
}

// closed reports whether a period may not begin or end at a time for what the cells
// count together.
func (w *watch) closed(cells []string, t time.Time) bool {
	for unit := levelOf(t); unit < months; unit++ {
		begin, end := startOf(t, unit), endOf(startOf(t, unit), unit)
		if w.joined(cells, begin, unit) || !begin.Equal(t) && w.joined(cells, end, unit) {
			return true
		}
	}
	return false
}

// joined reports whether the units before and after a time are one stretch.
func (w *watch) joined(cells []string, t time.Time, unit level) bool {
	parent := startOf(t, unit+1)
	if parent.Equal(t) {
		return false // a boundary of longer units
	}
	for _, s := range w.seen {
		first, found := slices.BinarySearchFunc(s.units, parent, time.Time.Compare)
		if s.level != unit || !found {
			continue
		}
		last := first
		end := endOf(parent, unit+1)
		for last+1 < len(s.units) && !s.units[last+1].After(end) {
			last++
		}
		open := stretches(s.sum(cells, first, last), w.floor, s.units[last].Equal(end))
		i, _ := slices.BinarySearchFunc(s.units[first:last+1], t, time.Time.Compare)
		return i < len(open) && !open[i]
	}
	return false
}

// sum adds up the users of the cells in the units from first to last.
func (s seen) sum(cells []string, first, last int) []float64 {
	sums := make([]float64, last-first)
	for _, cell := range cells {
		if people, ok := s.people[cell]; ok {
			for i := range sums {
				sums[i] += people[first+i]
			}
		}
	}
	return sums
}

// stretches joins units to stretches of nobody or of at least floor users. It returns
// for each boundary, from the beginning of the first unit to the end of the last,
// whether a stretch begins or ends there. While the parent is not over, units at the
// end may still be few.
func stretches(people []float64, floor float64, over bool) []bool {
	open := make([]bool, len(people)+1)
	open[0] = true
	type stretch struct {
		begin int
		sum   float64
	}
	var done []stretch
	begin, sum := 0, 0.0
	for i, n := range people {
		if sum += n; sum == 0 || sum >= floor {
			open[i+1] = true
			done = append(done, stretch{begin, sum})
			begin, sum = i+1, 0
		}
	}
	if !over || sum == 0 {
		return open
	}
	open[len(people)] = true
	for i := len(done) - 1; i >= 0 && sum < floor; i-- {
		open[begin] = false
		begin, sum = done[i].begin, sum+done[i].sum
	}
	open[0] = true
	return open
}
