package view

import (
	"context"
	"fmt"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
)

// Series is one series of an answer. Times are in seconds since 1970.
type Series struct {
	Labels map[string]string
	Times  []float64
	Values []float64
}

// ask puts a query to the server: for an instant or over a range, as the panel
// does.
func ask(ctx context.Context, api v1.API, q Query) ([]Series, error) {
	var value model.Value
	var err error
	if q.Instant {
		value, _, _, err = api.Query(ctx, q.PromQL, q.End)
	} else {
		value, _, _, err = api.QueryRange(ctx, q.PromQL, v1.Range{Start: q.Start, End: q.End, Step: q.Step})
	}
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", q.PromQL, err)
	}
	switch v := value.(type) {
	case *model.Scalar:
		return []Series{seriesOf(nil, model.SamplePair{Timestamp: v.Timestamp, Value: v.Value})}, nil
	case model.Vector:
		all := make([]Series, len(v))
		for i, s := range v {
			all[i] = seriesOf(s.Metric, model.SamplePair{Timestamp: s.Timestamp, Value: s.Value})
		}
		return all, nil
	case model.Matrix:
		all := make([]Series, len(v))
		for i, s := range v {
			all[i] = seriesOf(s.Metric, s.Values...)
		}
		return all, nil
	}
	return nil, fmt.Errorf("query %s: a %T cannot be drawn", q.PromQL, value)
}

func seriesOf(metric model.Metric, samples ...model.SamplePair) Series {
	s := Series{
		Labels: make(map[string]string, len(metric)), Times: make([]float64, len(samples)), Values: make([]float64, len(samples)),
	}
	for name, value := range metric {
		s.Labels[string(name)] = string(value)
	}
	for i, pair := range samples {
		s.Times[i], s.Values[i] = float64(pair.Timestamp)/1000, float64(pair.Value)
	}
	return s
}

// labelValues are a label's values among the series of a selector on the
// screen's time range; an empty selector means all series.
func labelValues(ctx context.Context, api v1.API, label, selector string, s Screen) ([]string, error) {
	var selectors []string
	if selector != "" {
		selectors = []string{selector}
	}
	values, _, _, err := api.LabelValues(ctx, label, selectors, s.From, s.To)
	all := make([]string, len(values))
	for i, value := range values {
		all[i] = string(value)
	}
	return all, err
}
