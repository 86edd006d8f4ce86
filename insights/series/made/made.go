// Package made makes up series of many shapes with known anomalies, on which the detector
// and the forecaster are scored. The same seed makes the same series.
package made

import (
	"math"
	"math/rand/v2"
	"time"

	"belfry/insights/series"
)

// Window holds the time in which something was wrong.
type Window struct{ From, Until time.Time }

// Series holds a made-up series and when it was anomalous. Season is how many steps
// its pattern has, 1 for none.
type Series struct {
	Name    string
	Points  []series.Point
	Windows []Window
	Season  int
}

// Start is when all series start, a Monday.
var Start = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// shape describes how a series is made: the value at a time, and its faults.
type shape struct {
	name   string
	step   time.Duration
	days   int
	season int
	value  func(r *rand.Rand, hours float64) float64
	faults []fault
	// missing leaves points out without a fault.
	missing func(hours float64) bool
}

// fault changes the values from a time on, both in hours. A lasting one goes on after
// the hours in which it counts as an anomaly.
type fault struct {
	at, hours float64
	lasting   bool
	change    func(r *rand.Rand, x float64) float64
}

// times returns a change that multiplies.
func times(factor float64) func(*rand.Rand, float64) float64 {
	return func(_ *rand.Rand, x float64) float64 { return x * factor }
}

// plus returns a change that adds.
func plus(more float64) func(*rand.Rand, float64) float64 {
	return func(_ *rand.Rand, x float64) float64 { return x + more }
}

// wholeTimes returns a change of a count to a Poisson number of another mean.
func wholeTimes(factor float64) func(*rand.Rand, float64) float64 {
	return func(r *rand.Rand, x float64) float64 { return poisson(r, x*factor) }
}

// gone stands for a point that is missing.
func gone(*rand.Rand, float64) float64 { return math.NaN() }

// All makes one series of each shape.
func All(seed uint64) []Series {
	all := make([]Series, len(shapes))
	for i, s := range shapes {
		all[i] = s.make(rand.New(rand.NewPCG(seed, uint64(i))))
	}
	return all
}

// make makes the series of the shape. Faults come up to three hours later than the shape
// says.
func (s shape) make(r *rand.Rand) Series {
	made := Series{Name: s.name, Season: s.season}
	faults := make([]fault, len(s.faults))
	for i, f := range s.faults {
		f.at += math.Floor(r.Float64()*3/s.step.Hours()) * s.step.Hours()
		faults[i] = f
		made.Windows = append(made.Windows, Window{Start.Add(hours(f.at)), Start.Add(hours(f.at + f.hours))})
	}
	for at := time.Duration(0); at < time.Duration(s.days)*day; at += s.step {
		h := at.Hours()
		x := s.value(r, h)
		for _, f := range faults {
			if h >= f.at && (f.lasting || h < f.at+f.hours) {
				x = f.change(r, x)
			}
		}
		if !math.IsNaN(x) && (s.missing == nil || !s.missing(h)) {
			made.Points = append(made.Points, series.Point{At: Start.Add(at), Value: x})
		}
	}
	return made
}

func hours(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }

// daily is the rhythm of a day around 1: low at night, high in the afternoon.
func daily(h float64) float64 {
	return 1 + 0.6*math.Sin(2*math.Pi*(h-9)/24) + 0.15*math.Sin(4*math.Pi*(h-7)/24)
}

// weekly is the rhythm of a week: weekends have two fifths less.
func weekly(h float64) float64 {
	if d := int(h/24) % 7; d >= 5 {
		return 0.6 * daily(h)
	}
	return daily(h)
}

// poisson draws a count. Large means are drawn from the normal distribution.
func poisson(r *rand.Rand, mean float64) float64 {
	if mean > 200 {
		return math.Max(0, math.Round(mean+math.Sqrt(mean)*r.NormFloat64()))
	}
	n, p := -1.0, 1.0
	for limit := math.Exp(-mean); p > limit || n < 0; n++ {
		p *= r.Float64()
	}
	return math.Max(n, 0)
}

// share draws the share of successes of n tries.
func share(r *rand.Rand, n, p float64) float64 {
	return math.Min(1, math.Max(0, p+math.Sqrt(p*(1-p)/n)*r.NormFloat64()))
}

// bursts remembers for how long a burst goes on.
type bursts struct{ left int }

// next begins a burst once in every so many points, and returns whether there is one.
func (b *bursts) next(r *rand.Rand, every float64, length int) bool {
	if b.left == 0 && r.Float64() < 1/every {
		b.left = 1 + r.IntN(length)
	}
	if b.left > 0 {
		b.left--
		return true
	}
	return false
}
