// Package metrics holds the values of one partition's business families and
// shows them as an exposition.
//
// A Table keeps every value in one flat slice of cells and every label value
// as a small number, so that the fold adds to a series without touching a
// string, and a Snapshot is little more than one copy of that slice: a scrape
// of 100,000 series holds the fold up for well under a millisecond. What a
// Snapshot shares with its Table only ever grows at the end.
//
// A Table is deterministic: which values are admitted, and which become
// "other", depends on nothing but the order of calls. It must not be used by
// two goroutines at once; a Snapshot may.
package metrics

import (
	"fmt"

	"belfry/exporter/catalog"
)

// maxLabels is the largest number of labels of a family of the fold.
const maxLabels = 5

// key is one label set: the symbols of the family's labels in their order.
type key [maxLabels]Symbol

// Options adjust the catalogue's known sets and limits. The zero value leaves
// them as they are.
type Options struct {
	// Known adds values to closed labels, and to free ones beside their limit.
	Known map[*catalog.Label][]string
	// LabelLimits replaces the limit of free labels.
	LabelLimits map[*catalog.Label]int
	// SetLimits replaces the limit on label sets of families.
	SetLimits map[*catalog.Family]int
}

// Table is the values of one partition.
type Table struct {
	cells    []float64
	vectors  []*vector // by catalog index; nil where the fold does not feed the family
	symbols  map[*catalog.Label]*Symbols
	now      int64
	overflow Counter
}

// NewTable makes a table for the families of the fold and of event quality.
func NewTable(o Options) *Table {
	t := &Table{vectors: make([]*vector, len(catalog.All)), symbols: map[*catalog.Label]*Symbols{}}
	for _, f := range catalog.All {
		if f.Source != catalog.Fold && f.Source != catalog.Quality {
			continue
		}
		v := &vector{table: t, family: f, limit: f.Sets, rows: map[key]int32{}}
		if limit, ok := o.SetLimits[f]; ok {
			v.limit = limit
		}
		for _, l := range f.Labels {
			v.labels = append(v.labels, t.symbolsOf(f, l, o))
		}
		v.limit -= v.reserve()
		t.vectors[f.Index()] = v
	}
	t.overflow = t.Counter(catalog.LabelOverflow)
	for _, s := range t.symbols {
		s.table = t
	}
	return t
}

func (t *Table) symbolsOf(f *catalog.Family, l *catalog.Label, o Options) *Symbols {
	if s := t.symbols[l]; s != nil {
		return s
	}
	s := newSymbols(l, o.Known[l])
	s.id = f.Name + "." + l.Name
	if limit, ok := o.LabelLimits[l]; ok && l.Free() {
		s.limit = limit
	}
	t.symbols[l] = s
	return s
}

// SetTime tells the table the stream's time, in nanoseconds since 1970. Series
// that are born from now on are created at it.
func (t *Table) SetTime(now int64) { t.now = now }

// Label returns the symbols of a label that some family of the table carries.
func (t *Table) Label(l *catalog.Label) *Symbols {
	s := t.symbols[l]
	if s == nil {
		panic(fmt.Sprintf("metrics: no family of the fold carries the label %s", l.Name))
	}
	return s
}

// Counter returns the values of a counter family.
func (t *Table) Counter(c catalog.Counter) Counter { return Counter{t.vectors[c.Index()]} }

// Gauge returns the values of a gauge family.
func (t *Table) Gauge(g catalog.Gauge) Gauge { return Gauge{t.vectors[g.Index()]} }

// Summary returns the values of a summary family.
func (t *Table) Summary(s catalog.Summary) Summary { return Summary{t.vectors[s.Index()]} }

// Histogram returns the values of a histogram family.
func (t *Table) Histogram(h catalog.Histogram) Histogram { return Histogram{t.vectors[h.Index()]} }

// allocate appends n zero cells and returns the first one's index.
func (t *Table) allocate(n int) int32 {
	first := len(t.cells)
	for range n {
		t.cells = append(t.cells, 0)
	}
	return int32(first)
}

// row is one label set of a family. It never changes once it is made.
type row struct {
	key     key
	cell    int32 // first of the row's cells
	created int64 // stream time of its birth, nanoseconds since 1970
	native  *native
}

// vector is one family's rows.
type vector struct {
	table  *Table
	family *catalog.Family
	labels []*Symbols
	rows   map[key]int32
	list   []row
	limit  int // rows with real values; reserve more may be added with "other"
}

// reserve is how many rows may be needed once the limit is reached: one for
// each combination of the closed labels.
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

// row finds or makes the row of a label set; past the limit its free labels
// become "other".
func (v *vector) row(set []Symbol) *row {
	if len(set) != len(v.labels) {
		panic(fmt.Sprintf("metrics: %s has %d labels, got %d values", v.family.Name, len(v.labels), len(set)))
	}
	var k key
	copy(k[:], set)
	if i, ok := v.rows[k]; ok {
		return &v.list[i]
	}
	if len(v.list) >= v.limit && v.limitApplies(&k) {
		if i, ok := v.rows[k]; ok {
			return &v.list[i]
		}
	}
	return v.add(k)
}

// limitApplies turns the free labels of a new set into "other" and counts it,
// where that changes anything.
func (v *vector) limitApplies(k *key) bool {
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
	cells := 1
	var n *native
	switch v.family.Kind {
	case catalog.KindGauge, catalog.KindSummary:
		cells = 2
	case catalog.KindHistogram:
		cells = len(v.family.Buckets) + 2
		n = &native{}
	}
	v.rows[k] = int32(len(v.list))
	v.list = append(v.list, row{key: k, cell: v.table.allocate(cells), created: v.table.now, native: n})
	return &v.list[len(v.list)-1]
}

// countOverflow counts a label value that became "other"; family is "any"
// where the label's own limit or form was the cause.
func (t *Table) countOverflow(family, label string) {
	t.overflow.Add(1, t.Label(catalog.LabelFamily).Of(family), t.Label(catalog.LabelLabel).Of(label))
}

// Counter adds to the series of a counter family.
type Counter struct{ *vector }

// Add adds delta, which must not be negative, to the series of the label set.
// It reports whether the series was born by this call.
func (c Counter) Add(delta float64, set ...Symbol) (born bool) {
	before := len(c.list)
	c.table.cells[c.row(set).cell] += delta
	return len(c.list) > before
}

// Born makes sure that the series of the label set exists, at 0 if it is new. A
// family that has reached its limit admits none beforehand.
func (c Counter) Born(set ...Symbol) {
	if len(c.list) < c.limit {
		c.row(set)
	}
}

// Gauge sets the series of a gauge family.
type Gauge struct{ *vector }

// Set gives the series of the label set a value as of the stream's time.
func (g Gauge) Set(value float64, set ...Symbol) {
	cell := g.row(set).cell
	g.table.cells[cell] = value
	g.table.cells[cell+1] = float64(g.table.now)
}

// Hide takes the series of the label set off the exposition until it is set again.
func (g Gauge) Hide(set ...Symbol) { g.table.cells[g.row(set).cell+1] = hidden }

// hidden in a gauge's second cell, in the place of the time it was set.
const hidden = -1

// Summary observes into a family that shows sum and count only.
type Summary struct{ *vector }

// Observe adds one observation to the series of the label set.
func (s Summary) Observe(value float64, set ...Symbol) {
	cell := s.row(set).cell
	s.table.cells[cell]++
	s.table.cells[cell+1] += value
}
