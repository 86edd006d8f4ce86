package recommend_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"belfry/insights/recommend"
)

// world describes four weeks of a platform with known rates.
type world struct {
	// rate returns the rate of a value on a channel on a day.
	rate func(channel, value string, day int) float64
	// volume returns how many notifications are delivered.
	volume func(channel, value string, day int) float64
	// users sets the correlation of answers within a day: with s > 0 the rate of each
	// value and day is drawn from a Beta distribution of strength s.
	strength float64
	// days sets how many strata there are; 0 stands for four weeks.
	days int
}

const days = 28

var channels = []string{"email", "push"}

// hours lists the hours as values.
func hours() (all []string) {
	for h := range 24 {
		all = append(all, fmt.Sprint(h))
	}
	return all
}

// cells draws what is counted in the world, from a seed.
func (w world) cells(d recommend.Dimension, values []string, seed uint64) (cells []recommend.Cell) {
	source := rand.NewPCG(seed, 12)
	for _, channel := range channels {
		for _, value := range values {
			for day := range cmp.Or(w.days, days) {
				n, p := w.volume(channel, value, day), w.rate(channel, value, day)
				if w.strength > 0 {
					p = distuv.Beta{Alpha: p * w.strength, Beta: (1 - p) * w.strength, Src: source}.Rand()
				}
				cells = append(cells, recommend.Cell{
					Dimension: d, Channel: channel, Value: value, Stratum: fmt.Sprintf("day %02d", day),
					Delivered: n, Engaged: distuv.Binomial{N: n, P: p, Src: source}.Rand(),
				})
			}
		}
	}
	return cells
}

// level is a world without differences.
func level(rate, volume float64) world {
	return world{
		rate:   func(string, string, int) float64 { return rate },
		volume: func(string, string, int) float64 { return volume },
	}
}
