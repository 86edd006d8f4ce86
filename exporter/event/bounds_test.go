package event

import (
	"math"
	"testing"
)

// The bounds keep every sum finite and every cent, whatever the events. This derives
// it from the bounds and from float64, for as many events as 64 bits can count.
func TestBoundsKeepEverySum(t *testing.T) {
	const (
		events = 1 << 64
		// Half the distance between neighboring float64s is at most this part of them.
		rounding = 1.0 / (1 << 53)
		// What an addition to a sum in two float64s loses, as a part of the sum.
		addition = 1.0 / (1 << 53) / (1 << 52)
		total    = 1e12
		cent     = 0.01
	)
	for f, limit := range limits {
		if digits[f] == 0 {
			continue
		}
		// The sums of an experiment hold squares of a user's sum of values.
		if sum := events * limit * events * limit; math.IsInf(sum, 0) {
			t.Errorf("field %d: the square of a sum of %v each is infinite", f, limit)
		}
		if limit != math.Pow10(digits[f]) {
			t.Errorf("field %d: values stay below %v, but have up to %d digits", f, limit, digits[f])
		}
	}
	// Counts are whole up to 2^53: of requests, this many reports at the bound.
	if reports := (1 << 53) / limits[fieldRequests]; reports < 9e6 {
		t.Errorf("requests are counted to the unit for %v reports only", reports)
	}
	// Each amount is rounded to a float64 once, which together is at most a part of
	// their sum. So is showing the sum. A million million additions each lose less.
	read, show, add := total*rounding, total*rounding, 1e12*total*addition
	if loss := read + show + add; loss >= cent/10 {
		t.Errorf("a sum of %v may be %v off: read %v, show %v, add %v", float64(total), loss, read, show, add)
	}
}
