package recommend

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// count holds delivered and engaged notifications.
type count struct{ n, x float64 }

func (c count) plus(d count) count { return count{c.n + d.n, c.x + d.x} }

func (c count) minus(d count) count { return count{c.n - d.n, c.x - d.x} }

// rate returns the share that engaged; 0 of nothing.
func (c count) rate() float64 {
	if c.n == 0 {
		return 0
	}
	return c.x / c.n
}

// arm holds the counts of one way of sending, by stratum, and their sum.
type arm struct {
	value  string
	strata []count
	total  count
}

// contest holds the ways of sending of one dimension on one channel.
type contest struct {
	dimension Dimension
	channel   string
	arms      []arm // by value
	invalid   bool  // a count is negative or not a number
}

type place struct {
	dimension Dimension
	channel   string
}

// contests sorts cells into contests, in the order of dimension and channel.
func contests(cells []Cell) []*contest {
	byPlace := map[place][]Cell{}
	for _, c := range cells {
		p := place{c.Dimension, c.Channel}
		byPlace[p] = append(byPlace[p], c)
	}
	var all []*contest
	for p, own := range byPlace {
		all = append(all, newContest(p, own))
	}
	slices.SortFunc(all, func(a, b *contest) int {
		return cmp.Or(cmp.Compare(a.dimension, b.dimension), cmp.Compare(a.channel, b.channel))
	})
	return all
}

func newContest(p place, cells []Cell) *contest {
	c := &contest{dimension: p.dimension, channel: p.channel}
	values, strata := map[string]bool{}, map[string]bool{}
	for _, cell := range cells {
		values[cell.Value], strata[cell.Stratum] = true, true
		c.invalid = c.invalid || !isCount(cell.Delivered) || !isCount(cell.Engaged)
	}
	names, order := slices.Sorted(maps.Keys(values)), slices.Sorted(maps.Keys(strata))
	for _, v := range names {
		c.arms = append(c.arms, arm{value: v, strata: make([]count, len(order))})
	}
	for _, cell := range cells {
		i, _ := slices.BinarySearch(names, cell.Value)
		j, _ := slices.BinarySearch(order, cell.Stratum)
		counted := count{cell.Delivered, cell.Engaged}
		c.arms[i].strata[j] = c.arms[i].strata[j].plus(counted)
		c.arms[i].total = c.arms[i].total.plus(counted)
	}
	return c
}

func isCount(x float64) bool { return x >= 0 && !math.IsInf(x, 1) }

// sum adds up arms, stratum by stratum.
func sum(arms []arm) arm {
	var all arm
	for _, a := range arms {
		all = arm{strata: added(all.strata, a.strata), total: all.total.plus(a.total)}
	}
	return all
}

func added(to, more []count) []count {
	all := make([]count, len(more))
	for i, c := range more {
		all[i] = c
		if to != nil {
			all[i] = c.plus(to[i])
		}
	}
	return all
}

// without returns the rest of an arm when one of the arms that it sums is left out.
func (a arm) without(one arm) arm {
	rest := arm{strata: make([]count, len(a.strata)), total: a.total.minus(one.total)}
	for i := range rest.strata {
		rest.strata[i] = a.strata[i].minus(one.strata[i])
	}
	return rest
}
