package simulate

import (
	"math"
	"math/rand/v2"
	"time"
)

// mix computes the finalizer of splitmix64 over two words. For a fixed a it is a
// bijection of b, so ids made from it are distinct.
func mix(a, b uint64) uint64 {
	z := b + a*0x9e3779b97f4a7c15 + 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// share turns a hash into a number in [0, 1).
func share(hash uint64) float64 { return float64(hash>>11) / (1 << 53) }

// dice draws random numbers from a named point. Each lifecycle and each of its events
// has a point of its own, so nothing depends on the order in which lifecycles are
// planned, and a duplicate gets the same bytes as its event.
type dice struct {
	source rand.PCG
	*rand.Rand
}

func newDice() *dice {
	d := &dice{}
	d.Rand = rand.New(&d.source)
	return d
}

// at moves to the point of key and n.
func (d *dice) at(key, n uint64) { d.source.Seed(mix(key, n), n) }

// chance returns true with probability p.
func (d *dice) chance(p float64) bool { return p > 0 && d.Float64() < p }

// between draws uniformly from [low, high).
func (d *dice) between(low, high time.Duration) time.Duration {
	return low + time.Duration(d.Float64()*float64(high-low))
}

// scattered draws log-uniformly from [low, high): each order of magnitude is equally
// likely.
func (d *dice) scattered(low, high time.Duration) time.Duration {
	return time.Duration(float64(low) * math.Pow(float64(high)/float64(low), d.Float64()))
}

// exponential draws from the exponential distribution with the given mean.
func (d *dice) exponential(mean time.Duration) time.Duration {
	return time.Duration(d.ExpFloat64() * float64(mean))
}

// delay describes a log-normal waiting time.
type delay struct {
	median time.Duration
	sigma  float64
}

func (d *dice) delay(l delay) time.Duration {
	return time.Duration(float64(l.median) * math.Exp(l.sigma*d.NormFloat64()))
}

// weighted returns the index into whose share of the total weight u, in [0, 1), falls.
// At least one weight must be above 0.
func weighted(n int, weight func(int) float64, u float64) int {
	var total float64
	for i := range n {
		total += weight(i)
	}
	left, chosen := u*total, 0
	for i := range n {
		w := weight(i)
		if w <= 0 {
			continue
		}
		chosen = i
		if left -= w; left < 0 {
			break
		}
	}
	return chosen
}
