package query

import (
	"slices"
	"testing"
	"time"
)

// Buckets of many pieces have a run of their own, and those of few share one.
func TestByBucket(t *testing.T) {
	var whole run
	end := time.Unix(0, 0)
	for bucket, n := range []int{2, 30, 28, 3, 4, 20, 1} {
		for range n {
			end = end.Add(day)
			whole.pieces = append(whole.pieces, piece{end, day, bucket})
		}
	}
	var sizes []int
	var pieces []piece
	for _, r := range whole.byBucket() {
		sizes = append(sizes, len(r.pieces))
		pieces = append(pieces, r.pieces...)
	}
	if want := []int{2, 30, 28, 7, 20, 1}; !slices.Equal(sizes, want) || !slices.Equal(pieces, whole.pieces) {
		t.Errorf("runs of %v pieces, want %v", sizes, want)
	}
}

// Months and weeks consist of hours of the clock as far as they can, in every time zone.
func TestCut(t *testing.T) {
	const half = 30 * time.Minute
	month := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		from, to           time.Time
		days, hours, tiles int
	}{
		"a month":              {month, month.Add(31 * day), 31, 0, 0},
		"of a whole hour":      {month.Add(-time.Hour), month.Add(31*day - 2*time.Hour), 30, 23, 0},
		"of half an hour":      {month.Add(-5*time.Hour - half), month.Add(31*day - 5*time.Hour - half), 30, 23, 6 + 6},
		"a day":                {month.Add(-time.Hour), month.Add(23 * time.Hour), 1, 0, 0},
		"a day of 25 hours":    {month.Add(-time.Hour), month.Add(day), 1, 1, 0},
		"a week of half hours": {month.Add(half), month.Add(7*day + half), 6, 23, 6 + 6},
	} {
		pieces, err := cut([]time.Time{c.from, c.to})
		if err != nil {
			t.Fatal(err)
		}
		counts, at := map[time.Duration]int{}, c.from
		for _, p := range pieces {
			if at = at.Add(p.length); !p.end.Equal(at) {
				t.Errorf("%s: a piece ends at %s, want %s", name, p.end, at)
			}
			if len(pieces) > 1 && p.length > tile && !p.end.Equal(p.end.Truncate(time.Hour)) {
				t.Errorf("%s: a piece of %s ends at %s", name, p.length, p.end)
			}
			counts[p.length]++
		}
		if counts[day] != c.days || counts[time.Hour] != c.hours || counts[tile] != c.tiles || !at.Equal(c.to) {
			t.Errorf("%s: pieces %v until %s, want %d, %d and %d", name, counts, at, c.days, c.hours, c.tiles)
		}
	}
}
