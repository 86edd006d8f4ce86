package analytics

import (
	"testing"

	"belfry/insights/query"
)

// The quantiles are those of histogram_quantile, worked out by hand from its
// definition in Prometheus's documentation.
func TestQuantile(t *testing.T) {
	buckets := query.Vector{}
	for bound, n := range map[string]float64{"0.1": 10, "0.5": 30, "1": 90, "+Inf": 100} {
		buckets.Values = append(buckets.Values, query.Value{Labels: query.Labels{"le": bound}, Value: n})
	}
	for q, want := range map[float64]float64{0.05: 0.05, 0.1: 0.1, 0.2: 0.3, 0.6: 0.75, 0.9: 1, 0.95: 1, 0.99: 1} {
		if got := quantile(q, buckets); got.value == nil || *got.value < want-1e-12 || *got.value > want+1e-12 {
			t.Errorf("quantile %v: %v, want %v", q, got, want)
		}
	}
	if got := quantile(0.5, query.Vector{}); got.value != nil || got.reason == "" {
		t.Errorf("of nothing: %v", got)
	}
}
