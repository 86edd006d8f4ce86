package query

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"belfry/exporter/catalog"
)

// Answer has what every result has beside its figures.
type Answer struct {
	// Queries lists the PromQL that the figures come from, each once.
	Queries []string `json:"queries"`
	// Dropped counts samples that were left out: NaN, infinite, or histograms.
	Dropped int `json:"-"`
	// Warnings lists what the server said about a partial answer.
	Warnings []string `json:"-"`
}

// Join adds what other answers say.
func (a *Answer) Join(others ...Answer) {
	for _, o := range others {
		a.Queries = union(a.Queries, o.Queries)
		a.Warnings = union(a.Warnings, o.Warnings)
		a.Dropped += o.Dropped
	}
}

func union(all, more []string) []string {
	for _, s := range more {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// Status returns Partial where the server warned, else OK.
func (a Answer) Status() Status {
	if len(a.Warnings) > 0 {
		return Status{Partial, "the server answered in part: " + strings.Join(a.Warnings, "; ")}
	}
	return Status{State: OK}
}

// Labels holds label values by label name.
type Labels map[string]string

// Of returns the value of a label, "" if there is none.
func (l Labels) Of(label *catalog.Label) string { return l[label.Name] }

// Value is an element of a vector.
type Value struct {
	Labels Labels
	Value  float64
}

// Vector is the result of an instant query, in the order of the labels.
type Vector struct {
	Answer
	Values []Value
}

// Sum returns the sum of the values.
func (v Vector) Sum() float64 {
	sum := 0.0
	for _, e := range v.Values {
		sum += e.Value
	}
	return sum
}

// Find returns the value of the first element that has these label values, whatever
// others it has, and whether there is one.
func (v Vector) Find(labels Labels) (float64, bool) {
	for _, e := range v.Values {
		if e.Labels.contain(labels) {
			return e.Value, true
		}
	}
	return 0, false
}

func (l Labels) contain(some Labels) bool {
	for name, value := range some {
		if l[name] != value {
			return false
		}
	}
	return true
}

// Point is a sample.
type Point struct {
	At    time.Time
	Value float64
}

// Series is a series of samples in the order of time.
type Series struct {
	Labels Labels
	Points []Point
}

// Matrix is the result of a query over a range. Where a series has no value at a step
// it has no point.
type Matrix struct {
	Answer
	Series []Series
}

// Row has a value for each bucket of a Table.
type Row struct {
	Labels Labels
	Values []float64
}

// Table holds how much counters grew in each of several buckets, the first between
// Edges[0] and Edges[1].
type Table struct {
	Answer
	Edges []time.Time
	Rows  []Row
}

// Sum returns the sums of all rows, one value for each bucket.
func (t Table) Sum() []float64 {
	sums := make([]float64, max(0, len(t.Edges)-1))
	for _, r := range t.Rows {
		for i, v := range r.Values {
			sums[i] += v
		}
	}
	return sums
}

// key identifies label values, whatever the order of a map.
func (l Labels) key() string {
	names := make([]string, 0, len(l))
	for name := range l {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		b.WriteString(name + "=" + strconv.Quote(l[name]) + ",")
	}
	return b.String()
}
