// Package series holds a figure over time: points in order, with the usual distance
// between them. It reads them from CSV files, so that anybody can try the detector and
// the forecaster on data of their own.
package series

import (
	"slices"
	"time"
)

// Point holds one value and its time. Values are finite.
type Point struct {
	At    time.Time
	Value float64
}

// stepGaps is how many gaps between points decide what the step is.
const stepGaps = 200

// Step returns the usual distance between points: the most frequent one of the first
// 200, the shortest of those that are equally frequent. It is 0 for fewer than two
// points. Later points do not change it, so that what a detector said about the
// beginning of a series stays true when the series grows.
func Step(points []Point) time.Duration {
	counts := map[time.Duration]int{}
	for i := 1; i < len(points) && i <= stepGaps; i++ {
		if gap := points[i].At.Sub(points[i-1].At); gap > 0 {
			counts[gap]++
		}
	}
	var step time.Duration
	for gap, n := range counts {
		if n > counts[step] || n == counts[step] && gap < step {
			step = gap
		}
	}
	return step
}

// Counts reports whether all values are whole and none is negative, as numbers of
// events are.
func Counts(points []Point) bool {
	return !slices.ContainsFunc(points, func(p Point) bool {
		return p.Value < 0 || p.Value != float64(int64(p.Value))
	})
}
