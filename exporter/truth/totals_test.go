package truth

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
)

// Sums by some labels add up over the others.
func TestTotalsBySomeLabels(t *testing.T) {
	counted := New(Options{})
	counted.add(catalog.Retries, 2, "email", "ses")
	counted.add(catalog.Retries, 3, "email", "mailgun")
	counted.add(catalog.Retries, 4, "push", "fcm")
	want := map[string]float64{"email": 5, "push": 4}
	if diff := cmp.Diff(want, counted.Totals(catalog.Retries, catalog.LabelChannel)); diff != "" {
		t.Errorf("by channel (-want +got):\n%s", diff)
	}
	want = map[string]float64{"ses,email": 2, "mailgun,email": 3, "fcm,push": 4}
	got := counted.Totals(catalog.Retries, catalog.LabelProvider, catalog.LabelChannel)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("by provider and channel (-want +got):\n%s", diff)
	}
}

// Buckets are cumulative, and the count is that of all observations.
func TestObservationsWithinABucket(t *testing.T) {
	counted := New(Options{})
	for provider, took := range map[string]time.Duration{"ses": time.Second, "mailgun": time.Minute} {
		counted.observe(catalog.DeliveryLatency, took.Seconds(), "email", provider, "normal")
	}
	thirty := 7 // the bucket of 30 s
	want := map[string]float64{"email": 1}
	if diff := cmp.Diff(want, counted.Within(catalog.DeliveryLatency, thirty, catalog.LabelChannel)); diff != "" {
		t.Errorf("within %g s (-want +got):\n%s", catalog.DeliveryLatency.Buckets[thirty], diff)
	}
	want = map[string]float64{"email": 2}
	if diff := cmp.Diff(want, counted.Totals(catalog.DeliveryLatency, catalog.LabelChannel)); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
}
