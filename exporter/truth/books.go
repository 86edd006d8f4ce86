package truth

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"belfry/exporter/catalog"
)

// books hold the figures of each family by its index in the catalogue: nil
// where the truth does not cover it, empty where the exporter must show nothing
// but zeros.
type books []map[labelSet]*figure

// labelSet holds the values of a family's labels in their order. No family of the
// fold has more than five.
type labelSet [5]string

// figure holds what one label set shows: a counter or gauge has a value, a
// histogram or summary a count and a sum.
type figure struct {
	value float64
	count uint64
	sum   float64
	// buckets holds the cumulative counts of a histogram in the order of
	// catalog.Family.Buckets. Files do not have them: nil in a truth from a file.
	buckets []uint64
	// at says when a gauge was set, in the time of its partition.
	at int64
}

// newBooks opens the books of all families that are a function of the stream.
func newBooks() books {
	b := make(books, len(catalog.All))
	for _, f := range catalog.All {
		if f.Source == catalog.Fold || f.Source == catalog.Quality {
			b[f.Index()] = map[labelSet]*figure{}
		}
	}
	return b
}

// clone copies the maps but not the figures: a caller may add figures to the copy
// and must not change the others.
func (b books) clone() books {
	c := slices.Clone(b)
	for i := range c {
		c[i] = maps.Clone(c[i])
	}
	return c
}

// figure returns the figure of a label set, a new one if there is none. Empty
// values are unknown.
func (b books) figure(f *catalog.Family, values []string) *figure {
	var set labelSet
	for i, v := range values {
		set[i] = cmp.Or(v, catalog.Unknown)
	}
	v := b[f.Index()][set]
	if v == nil {
		v = &figure{}
		b[f.Index()][set] = v
	}
	return v
}

// add increases a counter, or a gauge that counts.
func (b books) add(m catalog.Metric, by float64, values ...string) {
	b.figure(m.Desc(), values).value += by
}

// observe adds a duration in seconds.
func (b books) observe(f *catalog.Family, seconds float64, values []string) {
	v := b.figure(f, values)
	v.count++
	v.sum += seconds
	if v.buckets == nil && f.Kind == catalog.KindHistogram {
		v.buckets = make([]uint64, len(f.Buckets))
	}
	for i, bound := range f.Buckets {
		if seconds <= bound {
			v.buckets[i]++
		}
	}
}

// families returns those that the truth covers, in the order of the catalogue.
func (b books) families() []*catalog.Family {
	var covered []*catalog.Family
	for i, sets := range b {
		if sets != nil {
			covered = append(covered, catalog.All[i])
		}
	}
	return covered
}

// sets returns the label sets of a family that show something, sorted.
func (b books) sets(f *catalog.Family) []labelSet {
	var sets []labelSet
	for set, v := range b[f.Index()] {
		if f.Kind == catalog.KindGauge || v.value != 0 || v.count != 0 {
			sets = append(sets, set)
		}
	}
	slices.SortFunc(sets, func(a, b labelSet) int { return slices.Compare(a[:], b[:]) })
	return sets
}

// holds reports whether all of the values are in the set.
func (s labelSet) holds(values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return !slices.Contains(s[:], v) })
}

// key joins the values of some of the family's labels.
func (s labelSet) key(f *catalog.Family, by []*catalog.Label) string {
	values := make([]string, len(by))
	for i, l := range by {
		values[i] = s[slices.Index(f.Labels, l)]
	}
	return strings.Join(values, ",")
}
