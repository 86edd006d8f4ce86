package truth

import "belfry/exporter/catalog"

// Total returns the sum of a family's values, and of the counts of a histogram
// or summary, over the label sets that hold all of the given values.
func (t *Truth) Total(m catalog.Metric, values ...string) (sum float64) {
	for set, f := range t.books()[m.Desc().Index()] {
		if set.holds(values) {
			sum += f.value + float64(f.count)
		}
	}
	return sum
}

// Totals returns the sums of a family's values, and of the counts of a histogram or
// summary, by some of its labels: their values, in this order, are joined by commas.
func (t *Truth) Totals(m catalog.Metric, by ...*catalog.Label) map[string]float64 {
	sums := map[string]float64{}
	for set, f := range t.books()[m.Desc().Index()] {
		sums[set.key(m.Desc(), by)] += f.value + float64(f.count)
	}
	return sums
}

// Within returns how many observations of a histogram were within its i-th
// bucket, by some of its labels as in Totals.
func (t *Truth) Within(h catalog.Histogram, bucket int, by ...*catalog.Label) map[string]float64 {
	sums := map[string]float64{}
	for set, f := range t.books()[h.Index()] {
		if f.buckets != nil {
			sums[set.key(h.Family, by)] += float64(f.buckets[bucket])
		}
	}
	return sums
}
