package view

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// Query is a query with everything filled in.
type Query struct {
	Target
	PromQL     string
	Start, End time.Time
	Step       time.Duration
}

// Queries are what the panel asks, with variables filled in and the steps that
// Grafana chooses. Hidden queries are left out.
func (p Panel) Queries(s Screen, chosen map[string]string) ([]Query, error) {
	start, end, err := p.timeRange(s)
	if err != nil {
		return nil, err
	}
	var all []Query
	for _, t := range p.Targets {
		if t.Hide || t.Expr == "" {
			continue
		}
		q, err := p.query(t, s, start, end, p.with(chosen))
		if err != nil {
			return nil, fmt.Errorf("panel %q: query %s: %w", p.Title, t.RefID, err)
		}
		all = append(all, q)
	}
	return all, nil
}

// timeRange is the panel's own time range, where it has one.
func (p Panel) timeRange(s Screen) (start, end time.Time, err error) {
	start, end = s.From, s.To
	if p.TimeFrom != "" {
		back, err := model.ParseDuration(strings.TrimPrefix(p.TimeFrom, "now-"))
		if err != nil {
			return start, end, fmt.Errorf("panel %q: time from %q: %w", p.Title, p.TimeFrom, err)
		}
		start = end.Add(-time.Duration(back))
	}
	if p.TimeShift != "" {
		back, err := model.ParseDuration(p.TimeShift)
		if err != nil {
			return start, end, fmt.Errorf("panel %q: time shift %q: %w", p.Title, p.TimeShift, err)
		}
		start, end = start.Add(-time.Duration(back)), end.Add(-time.Duration(back))
	}
	return start, end, nil
}

func (p Panel) query(t Target, s Screen, start, end time.Time, chosen map[string]string) (Query, error) {
	least := s.Scrape
	for _, own := range []string{p.Interval, t.Interval} {
		if own == "" {
			continue
		}
		d, err := model.ParseDuration(own)
		if err != nil {
			return Query{}, fmt.Errorf("interval %q: %w", own, err)
		}
		least = time.Duration(d)
	}
	points := s.Points
	if s.ByWidth && p.Place.W > 0 {
		points = max(points*p.Place.W/24, 50)
	}
	if p.MaxDataPoints > 0 {
		points = int(p.MaxDataPoints)
	}
	step := max(roundInterval(end.Sub(start)/time.Duration(points)), least)
	filled, err := fill(t.Expr, withBuiltIn(chosen, start, end, step, least))
	q := Query{Target: t, PromQL: filled, Start: start.Truncate(step), End: end.Truncate(step), Step: step}
	if t.Instant {
		q.Start, q.End = end, end
	}
	return q, err
}

// withBuiltIn adds Grafana's own variables.
func withBuiltIn(chosen map[string]string, start, end time.Time, step, least time.Duration) map[string]string {
	seconds := strconv.FormatInt(int64(end.Sub(start).Seconds()), 10)
	all := map[string]string{
		"__interval": model.Duration(step).String(), "__interval_ms": strconv.FormatInt(step.Milliseconds(), 10),
		"__rate_interval": model.Duration(max(step+least, 4*least)).String(),
		"__range":         seconds + "s", "__range_s": seconds, "__range_ms": seconds + "000",
	}
	maps.Copy(all, chosen)
	return all
}

// rounding is Grafana's table of steps: below each limit the step.
var rounding = []struct{ below, step time.Duration }{
	{1500 * time.Millisecond, time.Second}, {3500 * time.Millisecond, 2 * time.Second}, {7500 * time.Millisecond, 5 * time.Second},
	{12500 * time.Millisecond, 10 * time.Second}, {17500 * time.Millisecond, 15 * time.Second}, {25 * time.Second, 20 * time.Second},
	{45 * time.Second, 30 * time.Second}, {90 * time.Second, time.Minute}, {210 * time.Second, 2 * time.Minute},
	{450 * time.Second, 5 * time.Minute}, {750 * time.Second, 10 * time.Minute}, {1050 * time.Second, 15 * time.Minute},
	{25 * time.Minute, 20 * time.Minute}, {45 * time.Minute, 30 * time.Minute}, {90 * time.Minute, time.Hour},
	{150 * time.Minute, 2 * time.Hour}, {270 * time.Minute, 3 * time.Hour}, {9 * time.Hour, 6 * time.Hour},
	{24 * time.Hour, 12 * time.Hour}, {7 * 24 * time.Hour, 24 * time.Hour}, {21 * 24 * time.Hour, 7 * 24 * time.Hour},
}

// roundInterval is the step that Grafana makes of the time per point.
func roundInterval(d time.Duration) time.Duration {
	for _, r := range rounding {
		if d < r.below {
			return r.step
		}
	}
	return 30 * 24 * time.Hour
}
