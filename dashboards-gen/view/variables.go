package view

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// Screen is how a reader looks at a dashboard.
type Screen struct {
	From, To time.Time
	// Points are the most that a graph draws, about the pixels of its width.
	Points int
	// Scrape is the scrape interval that the data source is configured with.
	Scrape time.Duration
	// Choices replace what is chosen in a variable when the dashboard opens.
	Choices map[string][]string
}

var variable = regexp.MustCompile(`\$(?:\{(\w+)(?::(\w+))?\}|(\w+))`)

// offered is the query of a variable that offers a label's values.
var offered = regexp.MustCompile(`(?s)^label_values\((?:(.*), *)?(\w+)\)$`)

// Choose finds out what each variable stands for, as Grafana does before it
// draws: variables that offer label values ask the Prometheus for them. The
// results map names to what queries get, and to the single values.
func (d Dashboard) Choose(ctx context.Context, p *Prometheus, s Screen) (chosen map[string]string, values map[string][]string, err error) {
	chosen, values = map[string]string{}, map[string][]string{}
	for _, v := range d.Variables {
		if v.Type == "datasource" {
			continue
		}
		if chosen[v.Name], values[v.Name], err = v.choose(ctx, p, s, chosen); err != nil {
			return nil, nil, fmt.Errorf("variable %s: %w", v.Name, err)
		}
	}
	return chosen, values, nil
}

func (v Variable) choose(ctx context.Context, p *Prometheus, s Screen, chosen map[string]string) (value string, values []string, err error) {
	if v.Type == "query" {
		var query string
		if err := json.Unmarshal(v.Query, &query); err != nil {
			return "", nil, fmt.Errorf("its query is no text: %w", err)
		}
		parts := offered.FindStringSubmatch(query)
		if parts == nil {
			return "", nil, fmt.Errorf("%s does not offer label values", query)
		}
		selector, err := fill(parts[1], chosen)
		if err != nil {
			return "", nil, err
		}
		if values, err = p.LabelValues(ctx, parts[2], selector, s.From, s.To); err != nil {
			return "", nil, err
		}
	}
	current := v.current()
	if choice, ok := s.Choices[v.Name]; ok {
		current = choice
	}
	switch {
	case slices.Contains(current, "$__all") && v.AllValue != "":
		return v.AllValue, values, nil
	case slices.Contains(current, "$__all"):
		return v.format(values), values, nil
	case len(current) == 0 && len(values) > 0:
		return v.format(values[:1]), values[:1], nil // Grafana chooses the first
	}
	return v.format(current), current, nil
}

// current is what is chosen when the dashboard opens.
func (v Variable) current() []string {
	var many []string
	var one string
	switch {
	case json.Unmarshal(v.Current.Value, &many) == nil:
		return many
	case json.Unmarshal(v.Current.Value, &one) == nil && one != "":
		return []string{one}
	}
	return nil
}

// format writes values as the Prometheus data source does: as a regular
// expression where several can be chosen.
func (v Variable) format(values []string) string {
	if !v.Multi && !v.IncludeAll {
		return strings.Join(values, ",")
	}
	escaped := make([]string, len(values))
	for i, value := range values {
		escaped[i] = strings.ReplaceAll(regexp.QuoteMeta(value), `\`, `\\`)
	}
	if len(values) == 1 {
		return escaped[0]
	}
	return "(" + strings.Join(escaped, "|") + ")"
}

// fill replaces variables in a query. One that nobody knows is a mistake.
func fill(query string, values map[string]string) (string, error) {
	var unknown string
	filled := variable.ReplaceAllStringFunc(query, func(found string) string {
		parts := variable.FindStringSubmatch(found)
		value, ok := values[parts[1]+parts[3]]
		if !ok {
			unknown = found
		}
		return value
	})
	if unknown != "" {
		return "", fmt.Errorf("%s has the variable %s, which the dashboard has not", query, unknown)
	}
	return filled, nil
}

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
	for name, value := range chosen {
		all[name] = value
	}
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

// Asks are all queries of the dashboard over a time range as PromQL, with
// everything chosen: its panels', those that marks in graphs come from, and the
// selectors of its variables.
func (d Dashboard) Asks(to time.Time, past time.Duration) ([]string, error) {
	all := slices.Clone(d.Annotations)
	chosen := map[string]string{}
	for _, v := range d.Variables {
		chosen[v.Name] = ".*"
	}
	for _, v := range d.Variables {
		var query string
		if v.Type != "query" || json.Unmarshal(v.Query, &query) != nil {
			continue
		}
		if parts := offered.FindStringSubmatch(query); parts != nil && parts[1] != "" {
			selector, err := fill(parts[1], chosen)
			if err != nil {
				return nil, fmt.Errorf("dashboard %s: variable %s: %w", d.UID, v.Name, err)
			}
			all = append(all, selector)
		}
	}
	for _, p := range d.Panels {
		queries, err := p.Queries(Screen{From: to.Add(-past), To: to, Points: 1000, Scrape: 10 * time.Second}, chosen)
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", d.UID, err)
		}
		for _, q := range queries {
			all = append(all, q.PromQL)
		}
	}
	return all, nil
}
