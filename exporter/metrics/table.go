// Package metrics holds the values of one partition's business families and
// exposes them to Prometheus.
//
// A Table keeps all values in one flat slice of cells and represents each label
// value by a small number. So the fold adds to a series without touching a
// string, and a Snapshot costs little more than one copy of that slice: a scrape
// of 100,000 series delays the fold by well under a millisecond. A Snapshot
// shares with its Table only slices that grow at the end.
//
// A Table is deterministic: which values are admitted and which become "other"
// depends only on the order of calls. It is not safe for concurrent use. A
// Snapshot is.
package metrics

import (
	"fmt"
	"time"

	"belfry/exporter/catalog"
)

// Options adjust the known values and the limits of the catalog. The zero value
// changes nothing.
type Options struct {
	// Known adds values to labels. They do not count toward the limit of a free
	// label.
	Known map[*catalog.Label][]string
	// LabelLimits replaces the limit of free labels.
	LabelLimits map[*catalog.Label]int
	// SetLimits replaces the limit of families on label sets.
	SetLimits map[*catalog.Family]int
	// Off lists families that are not shown. The rows of a restored table wait until the
	// family is shown again, so that its counters continue.
	Off map[*catalog.Family]bool
	// Lifetime is how long at least a value of a free label stays when no event brings it
	// and others need its room; 0 is for ever. Lasting replaces it for labels whose symbols
	// are kept for longer: the symbol of such a value comes to mean no other one.
	Lifetime time.Duration
	Lasting  map[*catalog.Label]time.Duration
	// OnRetire, if it is set, is called when values have made room, with which they are
	// by symbol. InUse, if it is set, returns the values of a label that must stay.
	OnRetire func(l *catalog.Label, gone []bool)
	InUse    func(l *catalog.Label) map[Symbol]bool
}

// Table holds the values of one partition.
type Table struct {
	cells    []float64
	plain    bool      // sums of amounts have no second cells
	vectors  []*vector // by catalog index; nil if the fold does not feed the family
	symbols  map[*catalog.Label]*Symbols
	now      int64
	overflow Counter
	expired  Counter

	today       int32 // the day since 1970 by which label values live
	keepsValues bool
	onRetire    func(l *catalog.Label, gone []bool)
	inUse       func(l *catalog.Label) map[Symbol]bool
}

// NewTable returns an empty table with the families of the fold and of event
// quality.
func NewTable(o Options) *Table {
	t := &Table{
		vectors: make([]*vector, len(catalog.All)), symbols: map[*catalog.Label]*Symbols{},
		onRetire: o.OnRetire, inUse: o.InUse,
	}
	for _, f := range catalog.All {
		if f.Source != catalog.Fold && f.Source != catalog.Quality {
			continue
		}
		v := &vector{table: t, family: f, limit: f.Sets, off: o.Off[f], rows: map[key]int32{}}
		if limit, ok := o.SetLimits[f]; ok {
			v.limit = limit
		}
		for _, l := range f.Labels {
			v.labels = append(v.labels, t.symbolsOf(f, l, o))
		}
		v.limit -= v.reserve()
		t.vectors[f.Index()] = v
	}
	t.overflow, t.expired = t.Counter(catalog.LabelOverflow), t.Counter(catalog.LabelValuesExpired)
	for _, s := range t.symbols {
		s.table = t
	}
	return t
}

func (t *Table) symbolsOf(f *catalog.Family, l *catalog.Label, o Options) *Symbols {
	if s := t.symbols[l]; s != nil {
		return s
	}
	known, extensible := o.Known[l]
	s := newSymbols(l, known)
	s.extensible = extensible
	s.id = f.Name + "." + l.Name
	if limit, ok := o.LabelLimits[l]; ok && l.Free() {
		s.limit = limit
	}
	if l.Free() {
		s.lives.days = lifeDays(o.Lifetime)
	}
	if life, ok := o.Lasting[l]; ok {
		s.lives.days, s.lives.lasts = lifeDays(life), true
	}
	t.symbols[l] = s
	return s
}

// SetTime sets the stream's time, in nanoseconds since 1970: the created timestamp
// of new series and the time of gauges that are set.
func (t *Table) SetTime(now int64) { t.now = now }

// Label returns the symbols of a label. It panics if no family of the table has
// the label.
func (t *Table) Label(l *catalog.Label) *Symbols {
	s := t.symbols[l]
	if s == nil {
		panic(fmt.Sprintf("metrics: no family of the fold carries the label %s", l.Name))
	}
	return s
}

// Counter returns the series of a counter family.
func (t *Table) Counter(c catalog.Counter) Counter { return Counter{t.vectors[c.Index()]} }

// Gauge returns the series of a gauge family.
func (t *Table) Gauge(g catalog.Gauge) Gauge { return Gauge{t.vectors[g.Index()]} }

// Summary returns the series of a summary family.
func (t *Table) Summary(s catalog.Summary) Summary { return Summary{t.vectors[s.Index()]} }

// Histogram returns the series of a histogram family.
func (t *Table) Histogram(h catalog.Histogram) Histogram { return Histogram{t.vectors[h.Index()]} }

// allocate appends n zero cells and returns the index of the first one.
func (t *Table) allocate(n int) int32 {
	first := len(t.cells)
	for range n {
		t.cells = append(t.cells, 0)
	}
	return int32(first)
}

// countOverflow counts a label value that became "other". family is "any" if the
// cause was the label's own limit or an unfit value.
func (t *Table) countOverflow(family, label string) {
	t.overflow.Add(1, t.Label(catalog.LabelFamily).Of(family), t.Label(catalog.LabelLabel).Of(label))
}

// Gauge provides the series of a gauge family.
type Gauge struct{ *vector }

// Set sets the series of the label set to a value, as of the stream's time.
func (g Gauge) Set(value float64, set ...Symbol) {
	cell := g.row(set).cell
	g.table.cells[cell] = value
	g.table.cells[cell+1] = float64(g.table.now)
}

// Hide removes the series of the label set from the exposition until it is set
// again.
func (g Gauge) Hide(set ...Symbol) { g.table.cells[g.row(set).cell+1] = hidden }

// hidden marks a gauge in its second cell, instead of the time at which it was set.
const hidden = -1

// Summary provides the series of a family that shows sum and count only.
type Summary struct{ *vector }

// Observe adds an observation to the series of the label set.
func (s Summary) Observe(value float64, set ...Symbol) {
	s.ObserveMany(value, 1, set...)
}

// ObserveMany adds n observations of the same value.
func (s Summary) ObserveMany(value, n float64, set ...Symbol) {
	cell := s.row(set).cell
	s.table.cells[cell] += n
	s.table.cells[cell+1] += n * value
}
