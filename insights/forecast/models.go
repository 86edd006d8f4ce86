package forecast

import (
	"math"
	"slices"
)

// candidate forecasts the next n values of a series of at least one value.
type candidate struct {
	name string
	// kind numbers the models, of which each is with and without anomalies.
	kind     int
	forecast func(values []float64, n int) []float64
	// cleans says that it looks at the series without its anomalies.
	cleans bool
}

// models lists the models that have a season, the simplest first.
var models = []struct {
	name     string
	forecast func(values []float64, season, n int) []float64
}{
	{"seasonal_naive", seasonalNaive},
	{"seasonal_median", seasonalMedian},
	{"holt_winters", holtWinters},
}

// levels says of how many of the last values the level is the median.
var levels = []int{6, 24, 288, 2016}

// candidates lists what competes for a history, the simplest first: each model with each
// season, levels, and drift; where no value is 0 or less, also what multiplies instead of
// adding; and all of these without anomalies.
func (h *history) candidates(seasons []int) []candidate {
	var all []candidate
	add := func(name string, forecast func(values []float64, n int) []float64) {
		all = append(all, candidate{name: name, kind: len(all), forecast: forecast})
	}
	for k, m := range models {
		for _, season := range seasons {
			model := func(values []float64, n int) []float64 { return m.forecast(values, season, n) }
			add(m.name, model)
			if k > 0 && season > 1 && slices.Min(h.whole) > 0 {
				add(m.name+"_log", logarithmic(model))
			}
		}
	}
	for _, window := range levels {
		add("median", func(values []float64, n int) []float64 {
			return slices.Repeat([]float64{median(values[max(0, len(values)-window):])}, n)
		})
	}
	add("drift", drift)
	if h.anomalies > 0 {
		for _, c := range all {
			c.cleans = true
			all = append(all, c)
		}
	}
	return all
}

// logarithmic returns a model of the logarithms, whose season and errors multiply.
func logarithmic(model func(values []float64, n int) []float64) func(values []float64, n int) []float64 {
	return func(values []float64, n int) []float64 {
		logarithms := make([]float64, len(values))
		for i, x := range values {
			logarithms[i] = math.Log(x)
		}
		ahead := model(logarithms, n)
		for i, x := range ahead {
			ahead[i] = math.Exp(x)
		}
		return ahead
	}
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
func drift(values []float64, n int) []float64 {
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

func median(x []float64) float64 {
	sorted := slices.Sorted(slices.Values(x))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return sorted[n/2-1]/2 + sorted[n/2]/2
}
