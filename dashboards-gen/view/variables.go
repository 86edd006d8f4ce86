package view

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
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
	// First leaves out what stands in closed rows, as Grafana does until somebody opens them.
	First bool
}

var variable = regexp.MustCompile(`\$([a-zA-Z_]\w*)`)

// Queries of variables: one that offers a label's values, and one that offers those of the
// label of the variable's name in an answer.
var (
	labelValues = regexp.MustCompile(`^label_values\((.*), (\w+)\)$`)
	queryResult = regexp.MustCompile(`^query_result\((.*)\)$`)
)

// Choose queries the values that each variable offers, as Grafana does before it
// draws, and chooses all, or the first of a variable of one value. It returns the value of
// each variable in queries, and the offered values.
func (d Dashboard) Choose(
	ctx context.Context, source Source, s Screen,
) (chosen map[string]string, offered map[string][]string, err error) {
	chosen, offered = map[string]string{}, map[string][]string{}
	for _, v := range d.Variables {
		if v.Type != "query" {
			continue
		}
		if offered[v.Name], err = v.offers(ctx, source, s, chosen); err != nil {
			return nil, nil, fmt.Errorf("variable %s: %w", v.Name, err)
		}
		chosen[v.Name] = v.AllValue
		if v.single() && len(offered[v.Name]) > 0 {
			chosen[v.Name] = offered[v.Name][0]
		}
	}
	return chosen, offered, nil
}

// offers returns the values that a variable offers.
func (v Variable) offers(
	ctx context.Context, source Source, s Screen, chosen map[string]string,
) ([]string, error) {
	asked, label, err := v.asks(chosen, s.To.Sub(s.From))
	if err != nil {
		return nil, err
	}
	if v.single() {
		return source.AnswerValues(ctx, label, asked, s)
	}
	return source.LabelValues(ctx, label, asked, s)
}

// single reports whether the variable has one value, from the answer to a query.
func (v Variable) single() bool { return v.AllValue == "" }

// asks returns the selector or the query that a variable reads, and the label whose values
// it offers.
func (v Variable) asks(chosen map[string]string, span time.Duration) (asked, label string, err error) {
	var query string
	if err := json.Unmarshal(v.Query, &query); err != nil {
		return "", "", err
	}
	if v.single() {
		parts := queryResult.FindStringSubmatch(query)
		if parts == nil {
			return "", "", fmt.Errorf("%q offers no answers, and has no value for all", query)
		}
		asked, err = fill(parts[1], ranged(chosen, span))
		return asked, v.Name, err
	}
	parts := labelValues.FindStringSubmatch(query)
	if parts == nil {
		return "", "", fmt.Errorf("%q does not offer label values", query)
	}
	asked, err = fill(parts[1], chosen)
	return asked, parts[2], err
}

// ranged adds Grafana's variables for the length of the time range.
func ranged(values map[string]string, span time.Duration) map[string]string {
	all := maps.Clone(values)
	seconds := strconv.Itoa(int(span.Seconds()))
	all["__range_s"], all["__range"] = seconds, seconds+"s"
	return all
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
// the queries of its panels and annotations, and what its variables read. Variables of one
// value have each that their query can answer.
func (d Dashboard) Asks(to time.Time, past time.Duration) ([]string, error) {
	var all []string
	var others []map[string]string // one other value each
	chosen := map[string]string{}
	for _, v := range d.Variables {
		if v.Type != "query" {
			continue
		}
		asked, _, err := v.asks(chosen, past)
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: variable %s: %w", d.UID, v.Name, err)
		}
		all = append(all, asked)
		chosen[v.Name] = v.AllValue
		if v.single() {
			answers := v.answers()
			chosen[v.Name] = answers[0]
			for _, other := range answers[1:] {
				others = append(others, map[string]string{v.Name: other})
			}
		}
	}
	screen := Screen{From: to.Add(-past), To: to, Points: 1000, Scrape: 10 * time.Second}
	first, err := d.asks(screen, chosen)
	if err != nil {
		return nil, err
	}
	all = append(all, first...)
	for _, other := range others {
		varied := maps.Clone(chosen)
		maps.Copy(varied, other)
		more, err := d.asks(screen, varied)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// literal matches a value that a query gives a label.
var literal = regexp.MustCompile(`"(\w+)", "([^"$]+)", "", ""\)`)

// answers returns the values that the query can answer, those that it has in its text.
func (v Variable) answers() []string {
	var all []string
	for _, found := range literal.FindAllStringSubmatch(strings.ReplaceAll(string(v.Query), `\"`, `"`), -1) {
		if found[1] == v.Name {
			all = append(all, found[2])
		}
	}
	if len(all) == 0 {
		all = []string{string(v.Current.Value)}
	}
	return all
}

// asks returns the PromQL of panels and annotations.
func (d Dashboard) asks(screen Screen, chosen map[string]string) (all []string, err error) {
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
