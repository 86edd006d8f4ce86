package anomaly

import (
	"math"
	"time"

	"belfry/insights/series"
)

// isCounter reports whether points look like a counter: whole numbers that never fall
// and mostly grow.
func isCounter(points []series.Point) bool {
	if len(points) < warmUpPoints || !series.Counts(points) {
		return false
	}
	grown := 0
	for i := 1; i < len(points); i++ {
		switch before := points[i-1].Value; {
		case points[i].Value < before:
			return false
		case points[i].Value > before:
			grown++
		}
	}
	return 2*grown >= len(points)
}

// detectGrowth judges by how much a counter grows. A counter that falls was reset, and
// has grown from zero.
func detectGrowth(points []series.Point, step time.Duration) []Verdict {
	d := New(step)
	verdicts := make([]Verdict, len(points))
	verdicts[0].Reason = ReasonWarmUp
	for i := 1; i < len(points); i++ {
		before, p := points[i-1], points[i]
		steps := max(1, math.Round(float64(p.At.Sub(before.At))/float64(max(step, 1))))
		if p.Value < before.Value {
			verdicts[i].Reason = ReasonReset
			continue
		}
		v := d.Observe(series.Point{At: p.At, Value: math.Round((p.Value - before.Value) / steps)})
		if v.Known {
			v.Expected, v.Lower, v.Upper = before.Value+v.Expected*steps, before.Value+v.Lower*steps,
				before.Value+v.Upper*steps
		}
		verdicts[i] = v
	}
	return verdicts
}
