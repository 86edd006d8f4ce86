package metrics

import (
	"slices"
	"strings"

	"belfry/exporter/catalog"
)

// Symbol stands for one value of one label. Symbols of a closed label are the
// indexes of its known values, so a catalog.Stage is its own symbol.
type Symbol uint16

// None is the symbol of a value that an event does not carry.
const None = Symbol(0xFFFF)

// Symbols numbers the values of one label in the order of their admission.
type Symbols struct {
	// Unknown and Other are the symbols of catalog.Unknown and catalog.Other;
	// None where a closed label lacks them.
	Unknown, Other Symbol

	// id tells labels of the same name apart: a family that carries the label,
	// and the label's name.
	id    string
	label *catalog.Label
	table *Table
	limit int // real values that may be admitted beside those known beforehand
	known int // how many names were there from the start
	index map[string]Symbol
	names []string // only ever appended to: snapshots share it
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
	if i, ok := s.index[catalog.Unknown]; ok {
		s.Unknown = i
	}
	if i, ok := s.index[catalog.Other]; ok {
		s.Other = i
	}
	return s
}

func (s *Symbols) admit(value string) Symbol {
	value = strings.Clone(value) // the caller's string is part of a message
	sym := Symbol(len(s.names))
	s.names = append(s.names, value)
	s.index[value] = sym
	return sym
}

// Of returns the symbol of a value, None for the empty string. A value that is
// unfit to be shown, outside a closed set, or new when the limit is reached is
// Other and counted as overflow.
func (s *Symbols) Of(value string) Symbol {
	if value == "" {
		return None
	}
	if sym, ok := s.index[value]; ok {
		return sym
	}
	if !s.label.Free() || len(s.names)-s.known >= s.limit || !fit(value) {
		s.table.countOverflow("any", s.label.Name)
		return s.Other
	}
	return s.admit(value)
}

// Name is the inverse of Of.
func (s *Symbols) Name(sym Symbol) string { return s.names[sym] }

// OrUnknown replaces None by Unknown.
func (s *Symbols) OrUnknown(sym Symbol) Symbol {
	if sym == None {
		return s.Unknown
	}
	return sym
}

// fit reports whether a value may be shown: short, printable, and with
// nothing of an address in it.
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
