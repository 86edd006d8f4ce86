package analytics

import (
	"context"
	"maps"
	"slices"
	"time"

	"belfry/insights/query"
)

// A period's total, and that of a period which begins or ends a little elsewhere,
// differ by what was counted in between. If that is about fewer users than the floor,
// the two must not both be published. Insights keeps no record of what it has
// published, so what may be published follows from the data alone.
//
// The time is cut into stretches, each of which is about nobody, or about at least as
// many users as the floor. Within a month, days are joined from its first until they
// reach the floor, and the rest with those before; within a day, hours, and within an
// hour, tiles. A period begins and ends only between two stretches. A month always
// begins and ends a period, and on a busy platform any hour does.
//
// A group of a breakdown is published for a period that cuts a month, a day or an hour
// only if in each of its stretches the group is about nobody or at least the floor, and
// so is the rest of the groups there. Then everything that is published is a sum of
// cells, of a group or the rest in a stretch, none of which is about fewer. Whatever
// is subtracted from each other, what is left is a sum of cells again.

// seen holds how many users the cells of a breakdown are about, unit by unit.
type seen struct {
	level  level
	units  []time.Time // where units begin, and where the last ends
	people map[string][]float64
}

// watch knows where periods may be cut, and which groups are withheld then.
type watch struct {
	floor  float64
	seen   []seen
	hidden map[part]map[string]bool // by what was asked before
}

// part is one longer unit of what was seen: where its units begin and end there.
type part struct {
	seen        int
	first, last int
}

// watchTimes reads what decides whether cells may be cut at the times.
func watchTimes(
	ctx context.Context, times []time.Time, now time.Time, floor float64,
	read func(context.Context, level, []time.Time) (map[string][]float64, query.Answer, error),
) (*watch, query.Answer, error) {
	w := &watch{floor: floor, hidden: map[part]map[string]bool{}}
	var all query.Answer
	for unit := days; unit >= tiles; unit-- {
		for _, parents := range parentsOf(times, unit) {
			s := seen{level: unit, units: unitsOf(parents, unit, now)}
			if len(s.units) < 2 {
				continue
			}
			people, a, err := read(ctx, s.level, s.units)
			all.Join(a)
			if err != nil {
				return w, all, err
			}
			s.people = people
			w.seen = append(w.seen, s)
		}
	}
	s := seen{level: months, units: wholeMonths(times...)}
	if len(s.units) < 2 {
		return w, all, nil
	}
	people, a, err := read(ctx, s.level, s.units)
	all.Join(a)
	s.people = people
	w.seen = append(w.seen, s)
	return w, all, err
}

// wholeMonths returns where the months begin and end that are between the first and
// the last of the times.
func wholeMonths(times ...time.Time) []time.Time {
	first, last := slices.MinFunc(times, time.Time.Compare), slices.MaxFunc(times, time.Time.Compare)
	t := startOf(first, months)
	if t.Before(first) {
		t = endOf(t, months)
	}
	var units []time.Time
	for ; !t.After(last); t = endOf(t, months) {
		units = append(units, t)
	}
	return units
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

// closed reports whether a period may not begin or end at a time.
func (w *watch) closed(t time.Time) bool {
	for unit := levelOf(t); unit < months; unit++ {
		begin := startOf(t, unit)
		if w.joined(begin, unit) || !begin.Equal(t) && w.joined(endOf(begin, unit), unit) {
			return true
		}
	}
	return false
}

// joined reports whether the units before and after a time are one stretch.
func (w *watch) joined(t time.Time, unit level) bool {
	p, found := w.part(t, unit)
	if !found || startOf(t, unit+1).Equal(t) {
		return false // a boundary of longer units
	}
	i, _ := slices.BinarySearchFunc(w.seen[p.seen].units[p.first:p.last+1], t, time.Time.Compare)
	open := w.open(p)
	return i < len(open) && !open[i]
}

// part returns the longer unit that a boundary of units is in.
func (w *watch) part(t time.Time, unit level) (part, bool) {
	parent := startOf(t, unit+1)
	for i, s := range w.seen {
		first, found := slices.BinarySearchFunc(s.units, parent, time.Time.Compare)
		if s.level != unit || !found {
			continue
		}
		last := first
		for end := endOf(parent, unit+1); last+1 < len(s.units) && !s.units[last+1].After(end); {
			last++
		}
		return part{i, first, last}, last > first
	}
	return part{}, false
}

// open returns which boundaries of the units of a part are between stretches.
func (w *watch) open(p part) []bool {
	s := w.seen[p.seen]
	over := s.level == months || s.units[p.last].Equal(endOf(s.units[p.first], s.level+1))
	return stretches(s.sum(sortedKeys(s.people), p.first, p.last), w.floor, over)
}

// cutAt returns the groups that are withheld from periods that begin or end at a time.
func (w *watch) cutAt(t time.Time) map[string]bool {
	rows := map[string]bool{}
	for unit := levelOf(t); unit < months; unit++ {
		if p, found := w.part(startOf(t, unit), unit); found {
			maps.Copy(rows, w.hiddenIn(p))
		}
	}
	return rows
}

// withheld returns the groups that are withheld from a period.
func (w *watch) withheld(in Span) map[string]bool {
	rows := w.cutAt(in.From)
	maps.Copy(rows, w.cutAt(in.To))
	for i, s := range w.seen {
		for first := 0; s.level == months && first+1 < len(s.units); first++ {
			if !s.units[first].Before(in.From) && !s.units[first+1].After(in.To) {
				maps.Copy(rows, w.hiddenIn(part{i, first, first + 1}))
			}
		}
	}
	return rows
}

// hiddenIn returns the groups that are withheld from what cuts a part.
func (w *watch) hiddenIn(p part) map[string]bool {
	if known, ok := w.hidden[p]; ok {
		return known
	}
	s, open := w.seen[p.seen], w.open(p)
	g := grid{}
	for begin, end := 0, 1; end < len(open); end++ {
		if !open[end] {
			continue
		}
		for name, people := range s.people {
			sum := 0.0
			for _, n := range people[p.first+begin : p.first+end] {
				sum += n
			}
			g.add(name, end, sum)
		}
		begin = end
	}
	w.hidden[p] = g.withhold(w.floor)
	return w.hidden[p]
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
