package errorcode

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"

	"belfry/exporter/catalog"
)

// Faults says whose fault an error code is, by the lists of a configuration and the
// shipped families. It is safe for concurrent use.
type Faults struct{ own list }

// NewFaults returns the faults under a configuration that maps codes and patterns to
// values of catalog.LabelFault.
func NewFaults(own map[string]string) *Faults {
	f := &Faults{newList()}
	codes := slices.Sorted(maps.Keys(own))
	for _, code := range codes {
		f.own.add(code, own[code], nil)
	}
	f.addReadings(codes)
	f.own.sort()
	return f
}

// addReadings adds what listed diagnostics are read as, such as 503 for "HTTP 503":
// events come with that. A code that is the reading of several, with several faults,
// is left to the shipped ones.
func (f *Faults) addReadings(codes []string) {
	readings := map[string]string{}
	for _, code := range codes {
		reading, changed := Read(code)
		if !changed || IsPattern(code) || f.Lists(reading) {
			continue
		}
		fault := f.own.exact[code]
		if other, twice := readings[reading]; twice && other != fault {
			fault = ""
		}
		readings[reading] = fault
	}
	for _, reading := range slices.Sorted(maps.Keys(readings)) {
		if fault := readings[reading]; fault != "" {
			name := strings.ToLower(reading)
			f.own.anyCase[name] = append(f.own.anyCase[name], entry{name, fault, nil})
		}
	}
}

// Exact returns the codes that the configuration lists by their names, sorted.
func (f *Faults) Exact() []string { return slices.Sorted(maps.Keys(f.own.exact)) }

// Lists reports whether the configuration lists the code by its name, spelled like
// this.
func (f *Faults) Lists(code string) bool { _, listed := f.own.exact[code]; return listed }

// Of returns whose fault a code of the provider is. ok is false if neither the
// configuration nor a family says it, and for the empty code.
func (f *Faults) Of(code, provider string) (fault string, ok bool) {
	if code == "" {
		return "", false
	}
	if fault, ok = f.own.fault(code, provider); ok {
		return fault, true
	}
	return shipped().fault(code, provider)
}

// Shown returns what the label error_code shows for a code: the code as it was sent,
// but [catalog.Other] for a text of several words that is not the name of a code. Such
// a text was written for people and may be about one.
func (f *Faults) Shown(code string) string {
	if !strings.ContainsFunc(code, unicode.IsSpace) || f.Lists(code) || isDocumented(code) {
		return code
	}
	return catalog.Other
}

// list holds codes and patterns with their faults.
type list struct {
	exact    map[string]string
	anyCase  map[string][]entry // by the name in lower case
	patterns []entry            // those that decide first come first
}

// entry holds a code or pattern in lower case, and to whose providers it belongs.
type entry struct {
	name, fault string
	providers   []string
}

func newList() list { return list{exact: map[string]string{}, anyCase: map[string][]entry{}} }

func (l *list) add(code, fault string, providers []string) {
	e := entry{strings.ToLower(code), fault, providers}
	if IsPattern(code) {
		l.patterns = append(l.patterns, e)
		return
	}
	if providers == nil {
		l.exact[code] = fault
	}
	l.anyCase[e.name] = append(l.anyCase[e.name], e)
}

// sort puts what belongs to a provider before what belongs to all, and then patterns
// of a higher rank before others. The order of equals does not matter: they have one
// fault, or match no code both.
func (l *list) sort() {
	ofOne := func(e entry) int { return min(len(e.providers), 1) }
	for _, entries := range l.anyCase {
		slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(ofOne(b), ofOne(a)) })
	}
	slices.SortStableFunc(l.patterns, func(a, b entry) int {
		return cmp.Or(cmp.Compare(ofOne(b), ofOne(a)), cmp.Compare(rank(b.name), rank(a.name)))
	})
}

// fault looks a code up: as it is written, then in any case, then by pattern.
func (l *list) fault(code, provider string) (string, bool) {
	folded := strings.ToLower(code)
	for _, e := range l.anyCase[folded] {
		if e.providers != nil && e.covers(provider) {
			return e.fault, true
		}
	}
	if fault, ok := l.exact[code]; ok {
		return fault, true
	}
	for _, e := range l.anyCase[folded] {
		if e.providers == nil {
			return e.fault, true
		}
	}
	for _, e := range l.patterns {
		if match(e.name, folded) && e.covers(provider) {
			return e.fault, true
		}
	}
	return "", false
}

// covers reports whether the entry applies to a provider: one of its words is a word
// of the provider's name.
func (e entry) covers(provider string) bool {
	if e.providers == nil {
		return true
	}
	words := strings.FieldsFunc(strings.ToLower(provider), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return slices.ContainsFunc(words, func(word string) bool { return slices.Contains(e.providers, word) })
}

// shipped returns the codes of the families whose fault is known.
var shipped = sync.OnceValue(func() *list {
	l := newList()
	for _, family := range Families {
		for _, c := range family.Codes {
			if c.Fault != catalog.Unknown && c.Fault != asConfigured {
				l.add(c.Name, c.Fault, family.Providers)
			}
		}
	}
	l.sort()
	return &l
})

// documented returns the names of all shipped codes that are not patterns, in lower
// case.
var documented = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, family := range Families {
		for _, c := range family.Codes {
			names[strings.ToLower(c.Name)] = !IsPattern(c.Name)
		}
	}
	return names
})

func isDocumented(code string) bool { return documented()[strings.ToLower(code)] }
