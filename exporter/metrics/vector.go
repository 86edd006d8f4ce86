package metrics

import (
	"fmt"

	"belfry/exporter/catalog"
)

// maxLabels limits the labels of a family of the fold.
const maxLabels = 5

// key identifies a label set by the symbols of the family's labels, in order.
type key [maxLabels]Symbol

// row describes one series of a family. It never changes.
type row struct {
	key     key
	serial  int32 // how many rows the family had before
	cell    int32 // first of the row's cells
	rest    int32 // cell of what the first one cannot hold, of a sum of amounts
	created int64 // stream time, nanoseconds since 1970
	native  *native
}

// vector holds the rows of one family.
type vector struct {
	table  *Table
	family *catalog.Family
	labels []*Symbols
	rows   map[key]int32
	list   []row // ascending by serial
	off    bool
	// created counts the rows, those that are gone included. generation changes when rows
	// go.
	created    int32
	generation int
	limit      int // of rows with real values; beyond it, reserve rows with "other" may follow
}

// reserve returns how many rows may be needed once the limit is reached: one for
// each combination of values of the closed labels.
func (v *vector) reserve() int {
	n := 1
	for _, s := range v.labels {
		if !s.label.Free() {
			n *= len(s.names)
		}
	}
	if n > v.limit/2 {
		return 0
	}
	return n
}

// row returns the row of a label set and adds it if it is new. Beyond the limit,
// its free labels become "other".
func (v *vector) row(set []Symbol) *row {
	if len(set) != len(v.labels) {
		panic(fmt.Sprintf("metrics: %s has %d labels, got %d values", v.family.Name, len(v.labels), len(set)))
	}
	var k key
	copy(k[:], set)
	if i, ok := v.rows[k]; ok {
		return &v.list[i]
	}
	if len(v.list) >= v.limit && !v.makeRoom() && v.toOther(&k) {
		if i, ok := v.rows[k]; ok {
			return &v.list[i]
		}
	}
	return v.add(k)
}

// toOther sets the free labels of a new set to "other" and counts those that it
// changed. It reports whether it changed any.
func (v *vector) toOther(k *key) bool {
	changed := false
	for i, s := range v.labels {
		if s.label.Free() && k[i] != s.Other {
			k[i] = s.Other
			changed = true
			if v != v.table.overflow.vector {
				v.table.countOverflow(v.family.Name, s.label.Name)
			}
		}
	}
	return changed
}

func (v *vector) add(k key) *row {
	v.rows[k] = int32(len(v.list))
	r := row{key: k, serial: v.created, cell: v.table.allocate(v.width()), created: v.table.now}
	if v.family.Kind == catalog.KindHistogram {
		r.native = &native{}
	}
	if v.exact() {
		r.rest = v.table.allocate(1)
	}
	v.list = append(v.list, r)
	v.created++
	return &v.list[len(v.list)-1]
}

// width returns how many cells in a row a row has.
func (v *vector) width() int {
	switch v.family.Kind {
	case catalog.KindGauge, catalog.KindSummary:
		return 2
	case catalog.KindHistogram:
		return len(v.family.Buckets) + 2
	default:
		return 1
	}
}

// exact reports whether the rows are sums of amounts with a second cell.
func (v *vector) exact() bool { return v.family.SumsAmounts() && !v.table.plain }
