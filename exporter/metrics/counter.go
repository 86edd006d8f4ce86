package metrics

import "slices"

// Counter provides the series of a counter family.
type Counter struct{ *vector }

// Add adds delta, which must not be negative, to the series of the label set. It
// reports whether the series is new.
//
// A count is a whole number, which a float64 holds exactly up to 2^53. A sum of
// amounts keeps what its float64 cannot hold in a second one, so that the error of a
// sum does not grow with the number of amounts: at 10^12, where neighboring values of
// a float64 are 0.0001 apart, each of a million amounts of 0.0004 would else be
// rounded to 0.00037.
func (c Counter) Add(delta float64, set ...Symbol) (created bool) {
	before := c.vector.created
	r := c.row(set)
	if r.rest == 0 {
		c.table.cells[r.cell] += delta
	} else {
		addExactly(&c.table.cells[r.cell], &c.table.cells[r.rest], delta)
	}
	return c.vector.created > before
}

// addExactly adds delta to a sum in two parts: the float64 next to the sum, and what
// is left of it. Neither delta nor the sum is negative, so the first part never falls.
//
// It is the addition of Dekker, "A floating-point technique for extending the
// available precision" (1971), on Knuth's exact sum of two numbers: an addition errs by
// 2^-105 of the sum.
func addExactly(sum, rest *float64, delta float64) {
	s := *sum + delta
	// What rounding took from s. The conversions keep the compiler from fusing.
	virtual := float64(s - *sum)
	lost := float64(*sum-float64(s-virtual)) + float64(delta-virtual)
	r := *rest + lost
	*sum = s + r
	*rest = r - float64(*sum-s)
}

// Init creates the series of the label set at 0, unless it exists or the family
// has reached its limit.
func (c Counter) Init(set ...Symbol) {
	if len(c.list) < c.limit {
		c.row(set)
	}
}

// Value returns the value of the label set, 0 if it has no series.
func (c Counter) Value(set ...Symbol) float64 {
	var k key
	copy(k[:], set)
	if i, ok := c.rows[k]; ok {
		return c.table.cells[c.list[i].cell]
	}
	return 0
}

// Sets returns the label sets of all series.
func (c Counter) Sets() [][]Symbol {
	sets := make([][]Symbol, len(c.list))
	for i := range c.list {
		sets[i] = slices.Clone(c.list[i].key[:len(c.labels)])
	}
	return sets
}
