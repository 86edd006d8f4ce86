package forecast

import (
	"context"
	"sync"
	"time"

	"belfry/insights/query"
	"belfry/insights/series"
	"belfry/insights/watched"
)

// Ahead holds the forecast of one horizon.
type Ahead struct {
	// Horizon is how far ahead: 1h, 1d or 1w.
	Horizon string `json:"horizon"`
	Point
}

// horizons lists the horizons in hours.
var horizons = []struct {
	name  string
	hours int
}{{"1h", 1}, {"1d", 24}, {"1w", 7 * 24}}

// Watched holds the forecast of a watched series, by the hour: volumes in notifications
// per second. Where there is none, Reason says why.
type Watched struct {
	Series  string   `json:"series"`
	Channel string   `json:"channel"`
	Reason  string   `json:"reason,omitempty"`
	Model   string   `json:"model,omitempty"`
	Season  int      `json:"season_hours,omitempty"`
	MASE    *float64 `json:"mase"`
	Ahead   []Ahead  `json:"ahead"`
	// Points holds the forecast of each hour of the next week, and History the last week.
	Points  []Point  `json:"points"`
	History []Past   `json:"history"`
	Queries []string `json:"queries"`
}

// Past holds the value of an hour, at its end.
type Past struct {
	At    time.Time `json:"at"`
	Value float64   `json:"value"`
}

// Report holds all forecasts.
type Report struct {
	Status      query.Status `json:"status"`
	GeneratedAt time.Time    `json:"generated_at"`
	Series      []Watched    `json:"series"`
	// LeftOut counts series past the limit.
	LeftOut int      `json:"left_out"`
	Queries []string `json:"queries"`
}

// Watcher forecasts the watched series of a server once an hour. It keeps the report of the
// present hour, which is the same after a restart. A Watcher is safe for concurrent use.
type Watcher struct {
	mu   sync.Mutex
	hour time.Time
	kept Report
}

// Watch returns the forecasts from the last full hour on. Where the server does not answer,
// the status says why and there are no series.
func (w *Watcher) Watch(ctx context.Context, s *query.Source) Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	// The increase of the last minutes is recorded a step later.
	hour := s.Now().UTC().Add(-2 * watched.Step).Truncate(time.Hour)
	if hour.Equal(w.hour) {
		return w.kept
	}
	set := watched.Read(ctx, s, hour.Add(-watched.History), hour)
	r := Report{Status: set.Status, GeneratedAt: s.Now().UTC(), Series: []Watched{}, LeftOut: set.LeftOut,
		Queries: set.Queries}
	if !set.Status.Usable() {
		return r
	}
	for _, one := range set.Series {
		if !one.Silent() {
			r.Series = append(r.Series, watch(one, hour))
		}
	}
	w.hour, w.kept = hour, r
	return r
}

// watch forecasts one series from the hour on.
func watch(s watched.Series, hour time.Time) Watched {
	w := Watched{
		Series: s.Name, Channel: s.Channel, Ahead: []Ahead{}, Points: []Point{}, History: []Past{}, Queries: s.Queries,
	}
	hours := hourly(s)
	if len(hours) == 0 || hour.Sub(hours[len(hours)-1].At) > staleHours {
		w.Reason = "there are no values of the last hours"
		return w
	}
	for _, p := range hours[max(0, len(hours)-horizons[len(horizons)-1].hours):] {
		w.History = append(w.History, Past(p))
	}
	last := horizons[len(horizons)-1].hours
	f, err := Fit(hours, Options{Horizon: last, Step: time.Hour, Shares: s.Trials != nil})
	if err != nil {
		w.Reason = err.Error()
		return w
	}
	w.Model, w.Season, w.MASE, w.Reason, w.Points = f.Model, f.Season, f.MASE, f.Reason, f.Points
	for _, h := range horizons {
		w.Ahead = append(w.Ahead, Ahead{h.name, f.Points[h.hours-1]})
	}
	return w
}

const (
	// staleHours is how old the last hour may be.
	staleHours = 6 * time.Hour
	// leastSteps are needed in an hour.
	leastSteps = 6
)

// hourly returns the mean of each full hour, at its end: of ratios weighted by their trials,
// of volumes per second.
func hourly(s watched.Series) []series.Point {
	var hours []series.Point
	var sum, weight float64
	steps := 0
	for i, p := range s.Points {
		x := 1.0
		if s.Trials != nil {
			x = s.Trials[i]
		}
		sum, weight, steps = sum+x*p.Value, weight+x, steps+1
		end := p.At.Truncate(time.Hour)
		if !end.Equal(p.At) {
			end = end.Add(time.Hour)
		}
		lastOfHour := i+1 == len(s.Points) || s.Points[i+1].At.After(end)
		if !lastOfHour {
			continue
		}
		if steps >= leastSteps && weight > 0 {
			hours = append(hours, series.Point{At: end, Value: sum / weight * perSecond(s.Name)})
		}
		sum, weight, steps = 0, 0, 0
	}
	return hours
}

func perSecond(name string) float64 {
	if name == watched.Volume {
		return 1 / watched.Step.Seconds()
	}
	return 1
}
