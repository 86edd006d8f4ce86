package forecast

import (
	"math"
	"slices"
)

// model forecasts the next n values of a series of at least one value with a season.
type model struct {
	name     string
	forecast func(values []float64, season, n int) []float64
}

// models lists the models, the simplest first.
var models = []model{
	{"seasonal_naive", seasonalNaive},
	{"seasonal_median", seasonalMedian},
	{"drift", drift},
	{"holt_winters", holtWinters},
}

// seasonalNaive repeats the last season (Hyndman and Athanasopoulos 2021, section 5.2).
func seasonalNaive(values []float64, season, n int) []float64 {
	season = min(season, len(values))
	ahead := make([]float64, n)
	for i := range ahead {
		ahead[i] = values[len(values)-season+i%season]
	}
	return ahead
}

// drift continues the line from the first value to the last (section 5.2).
func drift(values []float64, _, n int) []float64 {
	last := len(values) - 1
	slope := 0.0
	if last > 0 {
		slope = (values[last] - values[0]) / float64(last)
	}
	ahead := make([]float64, n)
	for i := range ahead {
		ahead[i] = values[last] + slope*float64(i+1)
	}
	return ahead
}

// medianSeasons is how many seasons the median is taken of.
const medianSeasons = 6

// seasonalMedian takes for each phase the median of the last six seasons, each less its own
// median, and adds the median of the last season. Without a season these are the last
// values.
func seasonalMedian(values []float64, season, n int) []float64 {
	if season == 1 {
		level := median(values[max(0, len(values)-4*medianSeasons):])
		return slices.Repeat([]float64{level}, n)
	}
	var levels []float64
	var seasons [][]float64
	for end := len(values); end >= season && len(seasons) < medianSeasons; end -= season {
		part := values[end-season : end]
		seasons, levels = append(seasons, part), append(levels, median(part))
	}
	if len(seasons) == 0 {
		return seasonalNaive(values, season, n)
	}
	phases := make([]float64, season)
	for i := range phases {
		var at []float64
		for k, part := range seasons {
			at = append(at, part[i]-levels[k])
		}
		phases[i] = levels[0] + median(at)
	}
	return seasonalNaive(phases, season, n)
}

// The parameters that Holt-Winters chooses among, and the damping of its trend.
var (
	alphas  = []float64{0.05, 0.2, 0.5}
	betas   = []float64{0, 0.02}
	gammas  = []float64{0.1, 0.4}
	damping = 0.98
)

// holtWinters smooths level, damped trend and additive season exponentially (Hyndman and
// Athanasopoulos 2021, section 8.3), with the parameters of the least absolute error one
// step ahead.
func holtWinters(values []float64, season, n int) []float64 {
	values = values[max(0, len(values)-8*max(season, 50)):]
	if len(values) < 2*season || len(values) < 4 {
		return seasonalNaive(values, season, n)
	}
	best := smoother{off: math.Inf(1)}
	for _, alpha := range alphas {
		for _, beta := range betas {
			for _, gamma := range gammas {
				if s := smooth(values, season, alpha, beta, gamma); s.off < best.off {
					best = s
				}
			}
		}
	}
	if math.IsInf(best.off, 1) {
		return seasonalNaive(values, season, n)
	}
	return best.ahead(len(values), n)
}

// smoother holds the state at the end of a series.
type smoother struct {
	level, trend float64
	phases       []float64
	off          float64
}

// smooth runs over the values. The first season sets the state.
func smooth(values []float64, season int, alpha, beta, gamma float64) smoother {
	s := smoother{phases: make([]float64, season)}
	for _, v := range values[:season] {
		s.level += v / float64(season)
	}
	if season > 1 {
		for i, v := range values[:season] {
			s.phases[i] = v - s.level
		}
	}
	for i := season; i < len(values); i++ {
		phase := &s.phases[i%season]
		before := s.level + damping*s.trend
		off := values[i] - before - *phase
		s.off += math.Abs(off)
		s.level = before + alpha*off
		s.trend = damping*s.trend + alpha*beta*off
		if season > 1 {
			*phase += gamma * (1 - alpha) * off
		}
	}
	return s
}

// ahead forecasts n values after the first so many.
func (s smoother) ahead(first, n int) []float64 {
	ahead := make([]float64, n)
	sum, factor := 0.0, 1.0
	for i := range ahead {
		factor *= damping
		sum += factor
		ahead[i] = s.level + sum*s.trend + s.phases[(first+i)%len(s.phases)]
	}
	return ahead
}

func median(x []float64) float64 {
	sorted := slices.Sorted(slices.Values(x))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return sorted[n/2-1]/2 + sorted[n/2]/2
}
