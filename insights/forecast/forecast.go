// Package forecast says what a series will be.
//
// Models compete in a rolling backtest: each forecasts the recent past from what was
// known before it, with its anomalies and without them, and the one with the least mean
// absolute error makes the forecast, or the two best together. The intervals come from the
// errors of that backtest, which anomalies are part of, and the error is published as MASE, which
// is below 1 where it beats repeating the last season. Gaps are filled before.
package forecast

import (
	"fmt"
	"time"

	"belfry/insights/series"
)

// Options say what to forecast.
type Options struct {
	// Horizon is how many steps to forecast, at least 1.
	Horizon int
	// Season is how many steps the pattern of the series has, 1 for none. 0 chooses among
	// none, a day, a week and, for days and months, 7 and 12, and lets models of all these
	// compete.
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
	// Model names the model that was chosen, or two with a plus between them.
	Model  string `json:"model"`
	Season int    `json:"season"`
	// MASE is the mean absolute error of the backtest, over that of seasonal naive
	// forecasts one season ahead (Hyndman and Koehler 2006). It is nil without a backtest,
	// and Reason says why.
	MASE   *float64 `json:"mase"`
	Reason string   `json:"reason,omitempty"`
	// StepSeconds is the distance of the points.
	StepSeconds float64 `json:"step_seconds"`
	// Rows is how many points were read, and LeftOut how many of them were left out as
	// anomalies.
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
	season, seasons := o.Season, []int{o.Season}
	if season == 0 {
		season, seasons = h.seasons()
	} else if 2*season > len(h.actual) {
		return Forecast{}, fmt.Errorf("invalid season %d: %d steps of history are less than two seasons",
			season, len(h.actual))
	}
	fill(h.whole, season)
	fill(h.clean, season)
	c := h.compete(h.candidates(seasons), season, o.Horizon)
	f := Forecast{Model: c.best.name, Season: season, StepSeconds: o.Step.Seconds(), Rows: len(points)}
	if c.best.cleans() {
		f.LeftOut = h.anomalies
	}
	f.MASE, f.Reason = c.mase(h.whole, season)
	f.Points = h.publish(c, season, o)
	return f, nil
}

// publish forecasts with the chosen model, and adds the intervals.
func (h *history) publish(c contest, season int, o Options) []Point {
	means := c.best.forecast(h, len(h.actual), o.Horizon)
	w80, w95 := c.widths(h.whole, season, o.Horizon, 0.8), c.widths(h.whole, season, o.Horizon, 0.95)
	points := make([]Point, o.Horizon)
	for i := range points {
		mean := h.within(means[i])
		points[i] = Point{
			At: h.last.Add(time.Duration(i+1) * o.Step), Mean: mean,
			Lo80: h.within(mean - w80[i]), Hi80: h.within(mean + w80[i]),
			Lo95: h.within(mean - max(w80[i], w95[i])), Hi95: h.within(mean + max(w80[i], w95[i])),
		}
	}
	return points
}
