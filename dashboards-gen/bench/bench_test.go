package main

import (
	"strings"
	"testing"
	"time"

	dashboards "belfry/dashboards-gen"
)

// The whole of it, over three days instead of a year: every query of every
// dashboard is answered.
func TestThreeDays(t *testing.T) {
	var out strings.Builder
	b := bench{past: 4 * day, samples: 60e6, opens: 1, limit: time.Minute, dir: t.TempDir(), ranges: []time.Duration{time.Hour, 3 * day}}
	if err := b.run(t.Context(), &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, d := range dashboards.All() {
		if n := strings.Count(out.String(), "  "+d.Title+"  "); n != len(b.ranges) {
			t.Errorf("%s is reported %d times, not for each of %d ranges:\n%s", d.Title, n, len(b.ranges), out.String())
		}
	}
}

// A dashboard that takes too long is named with its slowest panels.
func TestMissesFail(t *testing.T) {
	var out strings.Builder
	b := bench{past: 2 * day, samples: 60e6, opens: 1, limit: time.Nanosecond, dir: t.TempDir(), ranges: []time.Duration{time.Hour}}
	err := b.run(t.Context(), &out)
	if err == nil || !strings.Contains(err.Error(), "took longer") || !strings.Contains(out.String(), "the slowest panels") {
		t.Errorf("no dashboard can open in a nanosecond, but: %v\n%s", err, out.String())
	}
}
