package forecast

import "math"

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
