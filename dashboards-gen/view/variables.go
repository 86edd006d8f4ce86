package view

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
)

// Screen is how a reader looks at a dashboard.
type Screen struct {
	From, To time.Time
	// Points are the most that a graph draws, about the pixels of its width: every
	// graph, or, ByWidth, one as wide as the screen and narrower ones fewer.
	Points  int
	ByWidth bool
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
func (d Dashboard) Choose(
	ctx context.Context, api v1.API, s Screen,
) (chosen map[string]string, values map[string][]string, err error) {
	chosen, values = map[string]string{}, map[string][]string{}
	for _, v := range d.Variables {
		if v.Type == "datasource" {
			continue
		}
		if chosen[v.Name], values[v.Name], err = v.choose(ctx, api, s, chosen); err != nil {
			return nil, nil, fmt.Errorf("variable %s: %w", v.Name, err)
		}
	}
	return chosen, values, nil
}

func (v Variable) choose(
	ctx context.Context, api v1.API, s Screen, chosen map[string]string,
) (value string, values []string, err error) {
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
		if values, err = labelValues(ctx, api, parts[2], selector, s); err != nil {
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
