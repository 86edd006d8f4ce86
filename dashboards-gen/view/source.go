package view

import (
	"context"
	"fmt"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
)

// Source answers the queries of a dashboard. It is safe for concurrent use.
type Source interface {
	// Ask answers a query, for an instant or over a range.
	Ask(ctx context.Context, q Query) ([]Series, error)
	// LabelValues returns a label's values among the series of a selector on the
	// screen's time range.
	LabelValues(ctx context.Context, label, selector string, s Screen) ([]string, error)
	// AnswerValues returns a label's values in the answer to a query at the end of the
	// screen's time range, in its order.
	AnswerValues(ctx context.Context, label, promQL string, s Screen) ([]string, error)
}

// Series has the samples of one series. Times are in seconds since 1970.
type Series struct {
	Labels map[string]string
	Times  []float64
	Values []float64
}

// Prometheus returns a source that queries a server.
func Prometheus(api v1.API) Source { return server{api} }

type server struct{ v1.API }

func (s server) Ask(ctx context.Context, q Query) ([]Series, error) {
	var value model.Value
	var err error
	if q.Instant {
		value, _, _, err = s.Query(ctx, q.PromQL, q.End)
	} else {
		value, _, _, err = s.QueryRange(ctx, q.PromQL, v1.Range{Start: q.Start, End: q.End, Step: q.Step})
	}
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", q.PromQL, err)
	}
	switch v := value.(type) {
	case *model.Scalar:
		return []Series{seriesOf(nil, model.SamplePair{Timestamp: v.Timestamp, Value: v.Value})}, nil
	case model.Vector:
		all := make([]Series, len(v))
		for i, sample := range v {
			all[i] = seriesOf(sample.Metric, model.SamplePair{Timestamp: sample.Timestamp, Value: sample.Value})
		}
		return all, nil
	case model.Matrix:
		all := make([]Series, len(v))
		for i, stream := range v {
			all[i] = seriesOf(stream.Metric, stream.Values...)
		}
		return all, nil
	}
	return nil, fmt.Errorf("query %s: a %T cannot be drawn", q.PromQL, value)
}

func seriesOf(metric model.Metric, samples ...model.SamplePair) Series {
	s := Series{
		Labels: make(map[string]string, len(metric)),
		Times:  make([]float64, len(samples)), Values: make([]float64, len(samples)),
	}
	for name, value := range metric {
		s.Labels[string(name)] = string(value)
	}
	for i, pair := range samples {
		s.Times[i], s.Values[i] = float64(pair.Timestamp)/1000, float64(pair.Value)
	}
	return s
}

func (s server) LabelValues(ctx context.Context, label, selector string, screen Screen) ([]string, error) {
	values, _, _, err := s.API.LabelValues(ctx, label, []string{selector}, screen.From, screen.To)
	all := make([]string, len(values))
	for i, value := range values {
		all[i] = string(value)
	}
	return all, err
}

func (s server) AnswerValues(ctx context.Context, label, promQL string, screen Screen) ([]string, error) {
	found, err := s.Ask(ctx, Query{Target: Target{Instant: true}, PromQL: promQL, End: screen.To})
	if err != nil {
		return nil, err
	}
	var values []string
	for _, series := range found {
		if value, ok := series.Labels[label]; ok {
			values = append(values, value)
		}
	}
	return values, nil
}
