package metrics

import (
	"slices"
	"strings"

	"belfry/exporter/catalog"
	"belfry/exporter/glyph"
)

// Symbol represents one value of one label. The symbols of a closed label are the
// indexes of its known values, so a catalog.Stage is its own symbol.
type Symbol uint16

// MaxValues limits the values of a label, known ones included: a Symbol has 16 bits.
const MaxValues = int(None)

// None represents a value that an event does not have.
const None = Symbol(0xFFFF)

// Symbols numbers the values of one label in the order in which they are admitted.
type Symbols struct {
	// Unknown and Other represent catalog.Unknown and catalog.Other. They are None
	// if a closed label has no such value.
	Unknown, Other Symbol

	// id distinguishes labels of the same name: a family that has the label, and
	// the label's name.
	id    string
	label *catalog.Label
	table *Table
	limit int             // of values that are admitted beside the known ones
	known int             // number of names known from the start
	fixed map[string]bool // names known from the start, of a free label
	lives lives
	// extensible says that the configuration adds values, so that their order varies.
	extensible bool
	index      map[string]Symbol
	names      []string // grows at the end, or is replaced: snapshots share it
}

func newSymbols(l *catalog.Label, known []string) *Symbols {
	s := &Symbols{Unknown: None, Other: None, label: l, limit: l.Limit, index: map[string]Symbol{}}
	if l.Free() {
		s.Unknown, s.Other = s.admit(catalog.Unknown), s.admit(catalog.Other)
	}
	for _, v := range slices.Concat(l.Values, known) {
		if _, twice := s.index[v]; !twice {
			s.admit(v)
		}
	}
	s.known = len(s.names)
	s.findSpecial()
	if l.Free() {
		s.fixed = map[string]bool{}
		for _, name := range s.names {
			s.fixed[name] = true
		}
	}
	return s
}

// findSpecial looks up Unknown and Other.
func (s *Symbols) findSpecial() {
	if i, ok := s.index[catalog.Unknown]; ok {
		s.Unknown = i
	}
	if i, ok := s.index[catalog.Other]; ok {
		s.Other = i
	}
}

// adopt takes over the numbers that the values of a closed label had in an image. It
// returns false if they cannot be kept: a value is gone, or the values of a label that
// the configuration does not extend have another order.
func (s *Symbols) adopt(names []string) bool {
	if len(names) <= len(s.names) && slices.Equal(names, s.names[:len(names)]) {
		return true
	}
	all := slices.Clone(names)
	for _, name := range s.names {
		if !slices.Contains(names, name) {
			all = append(all, name)
		}
	}
	if !s.extensible || len(all) != len(s.names) {
		return false
	}
	s.names, s.lives.seen, s.index = nil, nil, map[string]Symbol{}
	for _, name := range all {
		s.admit(name)
	}
	s.findSpecial()
	return true
}

func (s *Symbols) admit(value string) Symbol {
	value = strings.Clone(value) // the caller's string is part of a message
	sym, vacant := s.lives.takeVacant()
	if vacant {
		s.names = slices.Clone(s.names)
		s.names[sym] = value
	} else {
		sym = Symbol(len(s.names))
		s.names = append(s.names, value)
		s.lives.seen = append(s.lives.seen, 0)
	}
	s.index[value] = sym
	return sym
}

// Of returns the symbol of a value, None for the empty string. It returns Other,
// and counts an overflow, for a value that is unfit, not among those of a closed
// label, or new when the limit is reached. Hidden characters of a value are escaped: see
// [glyph.Line].
func (s *Symbols) Of(value string) Symbol {
	if value == "" {
		return None
	}
	if sym, ok := s.index[value]; ok {
		s.lives.seen[sym] = s.table.today
		return sym
	}
	if s.label.Free() && fit(value) {
		shown := glyph.Line(value)
		if sym, ok := s.index[shown]; ok {
			s.lives.seen[sym] = s.table.today
			return sym
		}
		if len(shown) <= catalog.MaxLabelValue && (s.hasRoom() || s.table.retire(s) && s.hasRoom()) {
			sym := s.admit(shown)
			s.lives.seen[sym] = s.table.today
			return sym
		}
	}
	s.table.countOverflow("any", s.label.Name)
	return s.Other
}

// hasRoom reports whether one more value may be admitted.
func (s *Symbols) hasRoom() bool {
	used, numbered := len(s.names)-s.lives.retired, len(s.names) < MaxValues || len(s.lives.vacant) > 0
	return used-s.known < s.limit && numbered
}

// escapeStored escapes hidden characters in the values of an older image, which go on
// under their numbers.
func (s *Symbols) escapeStored() {
	for i, name := range s.names {
		if name == "" {
			continue // retired
		}
		shown := glyph.Line(name)
		if _, taken := s.index[shown]; !taken {
			delete(s.index, name)
			s.names[i], s.index[shown] = shown, Symbol(i)
		}
	}
}

// Name returns the value that a symbol represents.
func (s *Symbols) Name(sym Symbol) string { return s.names[sym] }

// OrUnknown returns the symbol, or Unknown instead of None.
func (s *Symbols) OrUnknown(sym Symbol) Symbol {
	if sym == None {
		return s.Unknown
	}
	return sym
}

// fit reports whether a value may be shown: it is short, has no control characters and
// does not look like an address.
func fit(value string) bool {
	if len(value) > catalog.MaxLabelValue || strings.Contains(value, "@") || strings.Contains(value, "://") {
		return false
	}
	for _, r := range value {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return false
		}
	}
	return true
}
