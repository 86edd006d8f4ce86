package view

import (
	"fmt"
	"maps"
	"time"

	"github.com/prometheus/common/model"
)

// Query has a query with all variables filled in.
type Query struct {
	Target
	PromQL     string
	Start, End time.Time
	Step       time.Duration
}

// Queries returns the panel's queries, with variables filled in and the steps that
// Grafana chooses.
func (p Panel) Queries(s Screen, chosen map[string]string) ([]Query, error) {
	var all []Query
	for _, t := range p.Targets {
		q, err := p.query(t, s, p.with(chosen))
		if err != nil {
			return nil, fmt.Errorf("panel %q: query %s: %w", p.Title, t.RefID, err)
		}
		all = append(all, q)
	}
	return all, nil
}

// markPoints is how many steps Grafana asks for of an annotation, whatever the screen.
const markPoints = 100

// Marks returns the queries of the annotations, with variables filled in and the steps that
// Grafana chooses.
func (d Dashboard) Marks(s Screen, chosen map[string]string) ([]Query, error) {
	s.Points, s.ByWidth = markPoints, false
	var all []Query
	for _, a := range d.Annotations {
		q, err := Panel{}.query(Target{Expr: a.Expr, Interval: a.Step}, s, maps.Clone(chosen))
		if err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	return all, nil
}

// query fills in the values of variables, to which it adds Grafana's own.
func (p Panel) query(t Target, s Screen, values map[string]string) (Query, error) {
	step, err := p.step(t, s)
	if err != nil {
		return Query{}, err
	}
	values = ranged(values, s.To.Sub(s.From))
	values["__interval"] = model.Duration(step).String()
	filled, err := fill(t.Expr, values)
	q := Query{Target: t, PromQL: filled, Start: s.From.Truncate(step), End: s.To.Truncate(step), Step: step}
	if t.Instant {
		q.Start, q.End = s.To, s.To
	}
	return q, err
}

// step returns the time between two points of the panel's graph.
func (p Panel) step(t Target, s Screen) (time.Duration, error) {
	least := s.Scrape
	if t.Interval != "" {
		d, err := model.ParseDuration(t.Interval)
		if err != nil {
			return 0, fmt.Errorf("interval %q: %w", t.Interval, err)
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
	return max(roundInterval(s.To.Sub(s.From)/time.Duration(points)), least), nil
}

// rounding has Grafana's table of steps: below each limit the step.
var rounding = []struct{ below, step time.Duration }{
	{1500 * time.Millisecond, time.Second}, {3500 * time.Millisecond, 2 * time.Second},
	{7500 * time.Millisecond, 5 * time.Second}, {12500 * time.Millisecond, 10 * time.Second},
	{17500 * time.Millisecond, 15 * time.Second}, {25 * time.Second, 20 * time.Second},
	{45 * time.Second, 30 * time.Second}, {90 * time.Second, time.Minute}, {210 * time.Second, 2 * time.Minute},
	{450 * time.Second, 5 * time.Minute}, {750 * time.Second, 10 * time.Minute}, {1050 * time.Second, 15 * time.Minute},
	{25 * time.Minute, 20 * time.Minute}, {45 * time.Minute, 30 * time.Minute}, {90 * time.Minute, time.Hour},
	{150 * time.Minute, 2 * time.Hour}, {270 * time.Minute, 3 * time.Hour}, {9 * time.Hour, 6 * time.Hour},
	{24 * time.Hour, 12 * time.Hour}, {7 * 24 * time.Hour, 24 * time.Hour}, {21 * 24 * time.Hour, 7 * 24 * time.Hour},
}

// roundInterval rounds the time per point to a step, as Grafana does.
func roundInterval(d time.Duration) time.Duration {
	for _, r := range rounding {
		if d < r.below {
			return r.step
		}
	}
	return 30 * 24 * time.Hour
}
