package made

import (
	"math"
	"math/rand/v2"
	"time"
)

// shapes lists what notification platforms and machines have.
var shapes = []shape{
	{
		name: "daily volume, 5 minutes", step: 5 * time.Minute, days: 28, season: 288,
		value: func(r *rand.Rand, h float64) float64 { return poisson(r, 400*daily(h)) },
		faults: []fault{
			{at: 200, hours: 1, change: times(0)},
			{at: 340, hours: 2, change: times(0.5)},
			{at: 500, hours: 2, change: times(2)},
		},
	},
	{
		name: "weekly volume, hourly", step: time.Hour, days: 70, season: 168,
		value: func(r *rand.Rand, h float64) float64 { return math.Round(5000 * weekly(h) * noise(r, 0.05)) },
		faults: []fault{
			{at: 700, hours: 6, change: times(0.3)},
			{at: 1000, hours: 5, change: times(0)},
			{at: 1400, hours: 8, change: times(1.8)},
		},
	},
	{
		name: "sparse counts, 5 minutes", step: 5 * time.Minute, days: 28, season: 288,
		value:  func(r *rand.Rand, h float64) float64 { return poisson(r, 2*daily(h)) },
		faults: []fault{{at: 230, hours: 3, change: times(0)}, {at: 440, hours: 2, change: wholeTimes(6)}},
	},
	{
		name: "level shift, 5 minutes", step: 5 * time.Minute, days: 28, season: 1,
		value:  func(r *rand.Rand, _ float64) float64 { return 40 * noise(r, 0.06) },
		faults: []fault{{at: 250, hours: 24, lasting: true, change: times(1.8)}, {at: 480, hours: 2, change: times(0.5)}},
	},
	{
		name: "gaps, 5 minutes", step: 5 * time.Minute, days: 28, season: 288,
		value:   func(r *rand.Rand, h float64) float64 { return 100 * daily(h) * noise(r, 0.08) },
		missing: func(h float64) bool { return math.Mod(h, 50) > 47 || math.Mod(h, 7) < 0.2 },
		faults:  []fault{{at: 265, hours: 2, change: times(0.4)}, {at: 430, hours: 9, change: gone}},
	},
	{
		name: "trend, hourly", step: time.Hour, days: 60, season: 24,
		value:  func(r *rand.Rand, h float64) float64 { return (200 + h) * daily(h) * noise(r, 0.05) },
		faults: []fault{{at: 600, hours: 5, change: times(0.4)}, {at: 1100, hours: 5, change: times(1.9)}},
	},
	{
		name: "machine, 5 minutes", step: 5 * time.Minute, days: 21, season: 1,
		value: func() func(*rand.Rand, float64) float64 {
			b := &bursts{}
			return func(r *rand.Rand, _ float64) float64 {
				if b.next(r, 150, 4) {
					return 45 + 20*r.Float64()
				}
				return 30 * noise(r, 0.1)
			}
		}(),
		faults: []fault{{at: 240, hours: 4, change: plus(50)}, {at: 400, hours: 3, change: times(0.1)}},
	},
	{
		name: "delivery ratio, 5 minutes", step: 5 * time.Minute, days: 28, season: 1,
		value:  func(r *rand.Rand, h float64) float64 { return share(r, 400*daily(h), 0.985) },
		faults: []fault{{at: 260, hours: 2, change: times(0.9)}, {at: 500, hours: 1, change: times(0.5)}},
	},
	{
		name: "taxi-like, 30 minutes", step: 30 * time.Minute, days: 120, season: 336,
		value:  func(r *rand.Rand, h float64) float64 { return math.Round(15000 * weekly(h) * noise(r, 0.06)) },
		faults: []fault{{at: 1900, hours: 24, change: times(0.6)}, {at: 2500, hours: 16, change: times(0.5)}},
	},
	{
		name: "latency with bursts, minutes", step: time.Minute, days: 14, season: 1440,
		value: func() func(*rand.Rand, float64) float64 {
			b := &bursts{}
			return func(r *rand.Rand, h float64) float64 {
				x := (0.3 + 0.2*daily(h)) * math.Exp(0.2*r.NormFloat64())
				if b.next(r, 1500, 5) {
					return 3 * x
				}
				return x
			}
		}(),
		faults: []fault{{at: 210, hours: 1, change: times(4)}, {at: 290, hours: 2, change: times(2.5)}},
	},
	{
		name: "days", step: day, days: 300, season: 7,
		value: func(r *rand.Rand, h float64) float64 {
			return math.Round(100000 * weekly(math.Floor(h/24)*24+14) * noise(r, 0.05))
		},
		faults: []fault{{at: 24 * 120, hours: 72, change: times(0.3)}, {at: 24 * 220, hours: 48, change: times(2)}},
	},
	{
		name: "below zero, hourly", step: time.Hour, days: 60, season: 24,
		value:  func(r *rand.Rand, h float64) float64 { return -10 + 6*daily(h) + r.NormFloat64() },
		faults: []fault{{at: 700, hours: 8, change: plus(15)}, {at: 1200, hours: 8, change: plus(-20)}},
	},
}

// noise draws a factor around 1.
func noise(r *rand.Rand, deviation float64) float64 { return 1 + deviation*r.NormFloat64() }
