// Package forecast says what a series will be.
//
// Four models compete in a rolling backtest: each forecasts the recent past from what was
// known before it, and the one with the least mean absolute error makes the forecast. Its
// intervals come from the errors of that backtest, and its error is published as MASE, which
// is below 1 where it beats repeating the last season. Anomalies are left out and gaps are
// filled before.
package forecast

import (
	"fmt"
	"math"
	"time"

	"belfry/insights/anomaly"
	"belfry/insights/series"
)

// Options say what to forecast.
type Options struct {
	// Horizon is how many steps to forecast, at least 1.
	Horizon int
	// Season is how many steps the pattern of the series has, 1 for none. 0 chooses among
	// none, a day, a week and, for days and months, 7 and 12.
	Season int
	// Step is the distance of the points. 0 takes their usual distance.
	Step time.Duration
	// Shares says that the values are shares, none above 1. Otherwise values look like shares
	// if they are between 0 and 1 and not all whole.
	Shares bool
}

// Point is a forecast for one time with its intervals.
type Point struct {
	At   time.Time `json:"at"`
	Mean float64   `json:"mean"`
	Lo80 float64   `json:"lo80"`
	Hi80 float64   `json:"hi80"`
	Lo95 float64   `json:"lo95"`
	Hi95 float64   `json:"hi95"`
}

// Forecast holds the points that were asked for, and how they came about.
type Forecast struct {
	// Model names the model that was chosen.
	Model  string `json:"model"`
	Season int    `json:"season"`
	// MASE is the mean absolute error of the backtest, over that of seasonal naive
	// forecasts one season ahead (Hyndman and Koehler 2006). It is nil without a backtest,
	// and Reason says why.
	MASE   *float64 `json:"mase"`
	Reason string   `json:"reason,omitempty"`
	// StepSeconds is the distance of the points.
	StepSeconds float64 `json:"step_seconds"`
	// Rows is how many points were read, and LeftOut how many of them were anomalies.
	Rows    int     `json:"rows"`
	LeftOut int     `json:"left_out"`
	Points  []Point `json:"-"`
}

// Limits.
const (
	// leastPoints are needed for any forecast.
	leastPoints = 3
	// MaxHorizon limits how far a forecast goes.
	MaxHorizon = 100_000
	// maxHistory limits how many of the last steps are used.
	maxHistory = 20_000
)

// Fit forecasts the points, which are in order of time.
func Fit(points []series.Point, o Options) (Forecast, error) {
	switch {
	case o.Horizon < 1 || o.Horizon > MaxHorizon:
		return Forecast{}, fmt.Errorf("invalid horizon %d: use 1 to %d steps", o.Horizon, MaxHorizon)
	case o.Season < 0:
		return Forecast{}, fmt.Errorf("invalid season %d: use a number of steps, or 1 for none", o.Season)
	case len(points) < leastPoints:
		return Forecast{}, fmt.Errorf("%d points: a forecast needs at least %d", len(points), leastPoints)
	}
	if o.Step <= 0 {
		o.Step = series.Step(points)
	}
	h := regular(points, o.Step)
	h.shares = h.shares || o.Shares
	season := o.Season
	if season == 0 {
		season = h.season()
	} else if 2*season > len(h.values) {
		return Forecast{}, fmt.Errorf("invalid season %d: %d steps of history are less than two seasons",
			season, len(h.values))
	}
	h.fill(season)
	best := compete(h.values, season, o.Horizon)
	f := Forecast{
		Model: best.model.name, Season: season, StepSeconds: o.Step.Seconds(), Rows: len(points), LeftOut: h.leftOut,
	}
	f.MASE, f.Reason = best.mase(h.values, season)
	f.Points = h.publish(best, season, o)
	return f, nil
}

// publish forecasts with the chosen model, and adds the intervals.
func (h *history) publish(best contest, season int, o Options) []Point {
	means := best.model.forecast(h.values, season, o.Horizon)
	points := make([]Point, o.Horizon)
	for i := range points {
		mean := h.within(means[i])
		w80, w95 := best.width(h.values, season, i, 0.8), best.width(h.values, season, i, 0.95)
		points[i] = Point{
			At: h.last.Add(time.Duration(i+1) * o.Step), Mean: mean,
			Lo80: h.within(mean - w80), Hi80: h.within(mean + w80),
			Lo95: h.within(mean - w95), Hi95: h.within(mean + w95),
		}
	}
	return points
}

// history holds a series at regular steps.
type history struct {
	values  []float64 // NaN where nothing is known
	last    time.Time
	step    time.Duration
	leftOut int
	// positive and shares say that no value was negative, or that all were between 0
	// and 1.
	positive, shares bool
}

// regular puts the points on steps that end with the last, without anomalies.
func regular(points []series.Point, step time.Duration) *history {
	h := &history{last: points[len(points)-1].At, step: step, positive: true, shares: !series.Counts(points)}
	n := int(min(int64(h.last.Sub(points[0].At)/step)+1, maxHistory))
	h.values = make([]float64, n)
	for i := range h.values {
		h.values[i] = math.NaN()
	}
	for i, v := range anomaly.Detect(points, step) {
		p := points[i]
		h.positive = h.positive && p.Value >= 0
		h.shares = h.shares && p.Value >= 0 && p.Value <= 1
		if v.Anomalous {
			h.leftOut++
			continue
		}
		if back := int64(math.Round(float64(h.last.Sub(p.At)) / float64(step))); back < int64(n) {
			h.values[n-1-int(back)] = p.Value
		}
	}
	return h
}

// within moves a value into the range that the history was always in.
func (h *history) within(x float64) float64 {
	if h.positive {
		x = max(x, 0)
	}
	if h.shares {
		x = min(x, 1)
	}
	return min(max(x, -math.MaxFloat64), math.MaxFloat64)
}

// fill replaces what is not known by the value a season before, or after, or by the
// nearest before or after.
func (h *history) fill(season int) {
	known := func(i int) bool { return i >= 0 && i < len(h.values) && !math.IsNaN(h.values[i]) }
	for _, lag := range []int{season, -season, 1, -1} {
		for k := range h.values {
			i := k
			if lag < 0 {
				i = len(h.values) - 1 - k
			}
			if !known(i) && known(i-lag) {
				h.values[i] = h.values[i-lag]
			}
		}
	}
}
