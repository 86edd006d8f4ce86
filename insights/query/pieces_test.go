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
