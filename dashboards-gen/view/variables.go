package view

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"time"
)

// Screen says what a reader sees of a dashboard.
type Screen struct {
	From, To time.Time
	// Points limits the points of a graph, about one for each pixel of its width. With
	// ByWidth it limits those of a graph as wide as the screen, and narrower graphs
	// have proportionally fewer.
	Points  int
	ByWidth bool
	// Scrape is the scrape interval that the data source is configured with.
	Scrape time.Duration
}

var variable = regexp.MustCompile(`\$(\w+)`)

// labelValues matches the query of a variable that offers a label's values.
var labelValues = regexp.MustCompile(`^label_values\((.*), (\w+)\)$`)

// Choose queries the values that each variable offers, as Grafana does before it
// draws, and chooses all. It returns the value of each variable in queries, and the
// offered values.
func (d Dashboard) Choose(
	ctx context.Context, source Source, s Screen,
) (chosen map[string]string, offered map[string][]string, err error) {
	chosen, offered = map[string]string{}, map[string][]string{}
	for _, v := range d.Variables {
		if v.Type != "query" {
			continue
		}
		selector, label, err := v.asks(chosen)
		if err != nil {
			return nil, nil, err
		}
		if offered[v.Name], err = source.LabelValues(ctx, label, selector, s); err != nil {
			return nil, nil, fmt.Errorf("variable %s: %w", v.Name, err)
		}
		chosen[v.Name] = v.AllValue
	}
	return chosen, offered, nil
}

// asks returns the selector and the label whose values a variable offers.
func (v Variable) asks(chosen map[string]string) (selector, label string, err error) {
	var query string
	if err := json.Unmarshal(v.Query, &query); err != nil {
		return "", "", fmt.Errorf("variable %s: %w", v.Name, err)
	}
	parts := labelValues.FindStringSubmatch(query)
	if parts == nil || v.AllValue == "" {
		return "", "", fmt.Errorf("variable %s: %q does not offer label values, or has no value for all", v.Name, query)
	}
	selector, err = fill(parts[1], chosen)
	return selector, parts[2], err
}

// fill replaces variables in a query.
func fill(query string, values map[string]string) (string, error) {
	var unknown string
	filled := variable.ReplaceAllStringFunc(query, func(found string) string {
		value, ok := values[found[1:]]
		if !ok {
			unknown = found
		}
		return value
	})
	if unknown != "" {
		return "", fmt.Errorf("query %s: the dashboard has no variable %s", query, unknown)
	}
	return filled, nil
}

// Asks returns all PromQL of the dashboard over a time range, with everything chosen:
// the queries of its panels and annotations, and the selectors of its variables.
func (d Dashboard) Asks(to time.Time, past time.Duration) ([]string, error) {
	var all []string
	chosen := map[string]string{}
	for _, v := range d.Variables {
		if v.Type != "query" {
			continue
		}
		selector, _, err := v.asks(chosen)
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", d.UID, err)
		}
		all = append(all, selector)
		chosen[v.Name] = v.AllValue
	}
	screen := Screen{From: to.Add(-past), To: to, Points: 1000, Scrape: 10 * time.Second}
	asked, err := d.Marks(screen, chosen)
	if err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", d.UID, err)
	}
	for _, p := range d.Panels {
		queries, err := p.Queries(screen, chosen)
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", d.UID, err)
		}
		asked = append(asked, queries...)
	}
	for _, q := range asked {
		all = append(all, q.PromQL)
	}
	return all, nil
}
