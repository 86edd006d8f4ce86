package analytics

import (
	"math"
	"slices"
	"strconv"

	"belfry/insights/query"
	"belfry/rules/expr"
)

// quantile returns the q-quantile of observations that are counted in classic buckets,
// interpolated within a bucket as PromQL's histogram_quantile does: from 0 in the
// lowest, and the greatest bound for what is above it.
func quantile(q float64, buckets query.Vector) number {
	type bucket struct{ bound, count float64 }
	var all []bucket
	for _, e := range buckets.Values {
		if bound, err := strconv.ParseFloat(e.Labels.Of(expr.Le), 64); err == nil {
			all = append(all, bucket{bound, e.Value})
		}
	}
	slices.SortFunc(all, func(a, b bucket) int { return int(math.Copysign(1, a.bound-b.bound)) })
	if len(all) < 2 || all[len(all)-1].count <= 0 {
		return unknown("no time was reported")
	}
	rank := q * all[len(all)-1].count
	i := slices.IndexFunc(all, func(b bucket) bool { return b.count >= rank })
	if i == len(all)-1 {
		return known(all[i-1].bound)
	}
	below := bucket{}
	if i > 0 {
		below = all[i-1]
	}
	in := all[i].count - below.count
	return known(below.bound + (all[i].bound-below.bound)*(rank-below.count)/in)
}
