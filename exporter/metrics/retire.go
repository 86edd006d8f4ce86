package metrics

import (
	"slices"
	"time"

	"belfry/exporter/catalog"
)

// A label's value lives for as long as events bring it. When a label or a family has
// reached its limit, the values that no event has brought for their lifetime make room:
// their series end, and other values may take their numbers. Until room is needed nothing
// ends. No counter falls: a series that ends keeps its last value in Prometheus, and one
// that comes back is a new one, which begins at 0.

// lives says how long the values of a label have been without an event.
type lives struct {
	days   int32 // that a value lives without an event; 0 is for ever
	lasts  bool  // records may refer to a value after its life, so no other one takes its number
	seen   []int32
	vacant []Symbol // numbers of retired values that others may take, ascending

	retired   int   // values that have no name any more, whose number nobody has taken
	fullUntil int32 // the day until which no value's life ends
}

// day is the unit of lives, in nanoseconds.
const day = int64(24 * time.Hour)

// lifeDays returns a lifetime in whole days, rounded up.
func lifeDays(life time.Duration) int32 { return int32((int64(life) + day - 1) / day) }

// takeVacant returns a number that a retired value has left, if there is one.
func (l *lives) takeVacant() (sym Symbol, ok bool) {
	if len(l.vacant) == 0 {
		return 0, false
	}
	sym = l.vacant[0]
	l.vacant, l.retired = l.vacant[1:], l.retired-1
	return sym, true
}

// leave notes that a value has lost its number.
func (l *lives) leave(sym Symbol) {
	l.retired++
	if !l.lasts {
		l.vacant = append(l.vacant, sym)
	}
}

// Touch says that a value lives on, as an event that brings it does.
func (s *Symbols) Touch(sym Symbol) { s.lives.seen[sym] = s.table.today }

// Retired reports whether the value that a symbol represented has made room for others.
// Only labels of Options.Lasting keep the symbols of such values.
func (s *Symbols) Retired(sym Symbol) bool { return s.names[sym] == "" }

// SetToday sets the day, in nanoseconds since 1970, by which label values live. It never
// falls.
func (t *Table) SetToday(now int64) { t.today = int32(now / day) }

// KeepValues makes all label values live for ever, or ends that.
func (t *Table) KeepValues(yes bool) { t.keepsValues = yes }

// retire ends the series of the label's values whose life is over. It reports whether
// there are any.
func (t *Table) retire(s *Symbols) bool {
	if t.keepsValues || s.lives.days == 0 || t.today <= s.lives.fullUntil {
		return false
	}
	gone, count := s.expired()
	if count == 0 {
		return false
	}
	s.remove(gone)
	t.drop(s, gone)
	if t.onRetire != nil {
		t.onRetire(s.label, gone)
	}
	t.expired.Add(float64(count), t.Label(catalog.LabelLabel).Of(s.label.Name))
	return true
}

// expired returns which values' life is over, by symbol, and how many they are.
func (s *Symbols) expired() (gone []bool, count int) {
	gone = make([]bool, len(s.names))
	oldest, inUse := s.table.today, map[Symbol]bool(nil)
	if s.table.inUse != nil {
		inUse = s.table.inUse(s.label)
	}
	for i, name := range s.names {
		switch {
		case name == "" || s.fixed[name]:
		case s.table.today-s.lives.seen[i] <= s.lives.days:
			oldest = min(oldest, s.lives.seen[i])
		case inUse[Symbol(i)]:
			oldest = min(oldest, s.table.today-s.lives.days) // ask again tomorrow
		default:
			gone[i] = true
			count++
		}
	}
	s.lives.fullUntil = oldest + s.lives.days
	return gone, count
}

// remove takes values away.
func (s *Symbols) remove(gone []bool) {
	s.names = slices.Clone(s.names)
	for i := range gone {
		if gone[i] {
			delete(s.index, s.names[i])
			s.names[i] = ""
			s.lives.leave(Symbol(i))
		}
	}
	slices.Sort(s.lives.vacant)
}

// drop removes the rows with a label value that is gone, and moves the cells of all others
// together. Snapshots keep the rows and cells that they have.
func (t *Table) drop(s *Symbols, gone []bool) {
	cells := t.cells
	t.cells = make([]float64, 0, len(cells))
	for _, v := range t.vectors {
		if v != nil {
			v.keep(v.without(s, gone), cells)
		}
	}
}

// without returns the rows without a label value that is gone.
func (v *vector) without(s *Symbols, gone []bool) []row {
	at := slices.Index(v.labels, s)
	if at < 0 {
		return v.list
	}
	return slices.DeleteFunc(slices.Clone(v.list), func(r row) bool { return r.key[at] != None && gone[r.key[at]] })
}

// keep makes copies of rows, whose cells it takes from others, the rows of the vector.
func (v *vector) keep(rows []row, cells []float64) {
	v.generation++
	v.list, v.rows = make([]row, len(rows)), make(map[key]int32, len(rows))
	move := func(from int32, n int) int32 {
		v.table.cells = append(v.table.cells, cells[from:int(from)+n]...)
		return int32(len(v.table.cells) - n)
	}
	for i, r := range rows {
		r.cell = move(r.cell, v.width())
		if r.rest != 0 {
			r.rest = move(r.rest, 1)
		}
		if r.native != nil {
			moved := &native{slots: slices.Clone(r.native.slots)}
			if r.native.zero != 0 {
				moved.zero = move(r.native.zero, 1)
			}
			for j := range moved.slots {
				moved.slots[j].cell = move(moved.slots[j].cell, 1)
			}
			r.native = moved
		}
		v.list[i] = r
		v.rows[r.key] = int32(i)
	}
}

// makeRoom ends series of the family for which nothing has come for long. It reports
// whether there is room for one more.
func (v *vector) makeRoom() bool {
	for _, s := range v.labels {
		if s.label.Free() && v.table.retire(s) && len(v.list) < v.limit {
			return true
		}
	}
	return false
}
