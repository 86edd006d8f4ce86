package service

import (
	"math"
	"strings"

	"belfry/exporter/catalog"
	"belfry/exporter/scrape"
)

// limited collects series within the limits of the catalogue: the values of each free
// label, and the label sets of each family. It keeps what comes first, so callers add
// series in a stable order.
type limited struct {
	families scrape.Families
	values   map[*catalog.Label]map[string]bool
	sets     map[*catalog.Family]map[string]bool
	leftOut  map[string]int // label sets by family
}

func newLimited() *limited {
	return &limited{
		values: map[*catalog.Label]map[string]bool{}, sets: map[*catalog.Family]map[string]bool{},
		leftOut: map[string]int{},
	}
}

// add adds a series, unless a limit is reached, or its value is not a finite number or
// its labels have been added before.
func (l *limited) add(m catalog.Metric, value float64, labels ...string) {
	f := m.Desc()
	set := strings.Join(labels, "\xff")
	if math.IsNaN(value) || math.IsInf(value, 0) || l.sets[f][set] {
		return
	}
	if !l.admits(f, labels) {
		l.leftOut[f.Name]++
		return
	}
	if l.sets[f] == nil {
		l.sets[f] = map[string]bool{}
	}
	l.sets[f][set] = true
	l.families.Add(m, value, labels...)
}

// addKnown adds a series whose value may not be known.
func (l *limited) addKnown(m catalog.Metric, value *float64, labels ...string) {
	if value != nil {
		l.add(m, *value, labels...)
	}
}

// addBool adds a series that is 1 or 0.
func (l *limited) addBool(m catalog.Metric, is bool, labels ...string) {
	value := 0.0
	if is {
		value = 1
	}
	l.add(m, value, labels...)
}

// admits notes the values of the free labels, if all are within their limits.
func (l *limited) admits(f *catalog.Family, labels []string) bool {
	if len(l.sets[f]) >= f.Sets {
		return false
	}
	for i, label := range f.Labels {
		if counts(label, labels[i]) && !l.values[label][labels[i]] && len(l.values[label]) >= label.Limit {
			return false
		}
	}
	for i, label := range f.Labels {
		if !counts(label, labels[i]) {
			continue
		}
		if l.values[label] == nil {
			l.values[label] = map[string]bool{}
		}
		l.values[label][labels[i]] = true
	}
	return true
}

// counts reports whether a value counts against the label's limit. An empty one, which is
// no label, does not, nor do those that the exporter writes beside its limit.
func counts(label *catalog.Label, value string) bool {
	return label.Free() && value != "" && value != catalog.Unknown && value != catalog.Other
}
