package display

import (
	"fmt"
	"math"

	"belfry/insights/anomaly"
	"belfry/insights/forecast"
	"belfry/insights/watched"
)

// SeriesUnit returns how the values of a watched series are written.
func SeriesUnit(series string) Unit {
	switch series {
	case watched.Delivery, watched.Open:
		return Share
	case watched.LatencyP95:
		return Seconds
	default:
		return Number
	}
}

// titles says what the watched series are.
var titles = map[string]string{
	watched.Volume: "Sent per second", watched.Delivery: "Delivered per sent", watched.Open: "Opened per delivered",
	watched.LatencyP95: "Delivery latency, 95th percentile",
}

// SeriesTitle says what a watched series is.
func SeriesTitle(series string) string {
	if title, ok := titles[series]; ok {
		return title
	}
	return series
}

// OfWatch shows a watched series beside what is expected of it.
func OfWatch(w anomaly.Watched) Watch {
	p := Watch{
		Series: SeriesTitle(w.Series), Channel: w.Channel, Unit: SeriesUnit(w.Series), State: w.State, Reason: w.Reason,
		Anomalous: w.Anomalous, Known: w.Expected != nil, Value: w.Value,
	}
	if w.Since != nil {
		p.Since = *w.Since
	}
	if w.Lower != nil && w.Upper != nil {
		p.Range = &Range{Low: *w.Lower, High: *w.Upper, Level: "expected"}
	}
	for _, h := range w.History {
		p.History = append(p.History,
			Point{At: h.At, Value: &h.Value, Low: h.Lower, High: h.Upper, Odd: h.Anomalous})
	}
	return p
}

// OfForecast shows what a series is expected to become.
func OfForecast(w forecast.Watched) Forecast {
	p := Forecast{
		Series: SeriesTitle(w.Series), Channel: w.Channel, Unit: SeriesUnit(w.Series), Model: w.Model, Reason: w.Reason,
	}
	if w.MASE != nil && !math.IsInf(*w.MASE, 0) && !math.IsNaN(*w.MASE) {
		p.Error = fmt.Sprintf("%.2f of the error of repeating the last season", *w.MASE)
	}
	for _, a := range w.Ahead {
		p.Steps = append(p.Steps, Step{
			Horizon: a.Horizon, At: a.At, Mean: a.Mean, Inner: Range{Low: a.Lo80, High: a.Hi80, Level: "80 %"},
			Outer: Range{Low: a.Lo95, High: a.Hi95, Level: "95 %"},
		})
	}
	for _, h := range w.History {
		p.History = append(p.History, Point{At: h.At, Value: &h.Value})
	}
	for _, f := range w.Points {
		p.Ahead = append(p.Ahead, Point{At: f.At, Value: &f.Mean, Low: &f.Lo95, High: &f.Hi95})
	}
	return p
}
