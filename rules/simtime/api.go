package simtime

import (
	"context"
	"fmt"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
)

// API answers queries from what the server has scraped and recorded, without HTTP. It
// has Query and QueryRange; all else panics. It may be used concurrently while nothing
// is scraped or evaluated.
func (s *Server) API() v1.API { return api{server: s} }

type api struct {
	v1.API
	server *Server
}

// Query implements v1.API.
func (a api) Query(
	ctx context.Context, promQL string, at time.Time, _ ...v1.Option,
) (model.Value, v1.Warnings, v1.Infos, error) {
	q, err := a.server.engine.NewInstantQuery(ctx, a.server.DB, nil, promQL, at)
	return answer(ctx, q, err)
}

// QueryRange implements v1.API.
func (a api) QueryRange(
	ctx context.Context, promQL string, r v1.Range, _ ...v1.Option,
) (model.Value, v1.Warnings, v1.Infos, error) {
	q, err := a.server.engine.NewRangeQuery(ctx, a.server.DB, nil, promQL, r.Start, r.End, r.Step)
	return answer(ctx, q, err)
}

func answer(ctx context.Context, q promql.Query, err error) (model.Value, v1.Warnings, v1.Infos, error) {
	if err != nil {
		return nil, nil, nil, err
	}
	defer q.Close()
	result := q.Exec(ctx)
	if result.Err != nil {
		return nil, nil, nil, result.Err
	}
	switch found := result.Value.(type) {
	case promql.Scalar:
		return &model.Scalar{Timestamp: model.Time(found.T), Value: model.SampleValue(found.V)}, nil, nil, nil
	case promql.Vector:
		vector := model.Vector{}
		for _, e := range found {
			vector = append(vector, &model.Sample{
				Metric: metric(e.Metric), Timestamp: model.Time(e.T), Value: model.SampleValue(e.F),
			})
		}
		return vector, nil, nil, nil
	case promql.Matrix:
		return matrix(found), nil, nil, nil
	}
	return nil, nil, nil, fmt.Errorf("unexpected result %T", result.Value)
}

func matrix(found promql.Matrix) model.Matrix {
	all := model.Matrix{}
	for _, series := range found {
		stream := &model.SampleStream{Metric: metric(series.Metric)}
		for _, p := range series.Floats {
			stream.Values = append(stream.Values, model.SamplePair{
				Timestamp: model.Time(p.T), Value: model.SampleValue(p.F),
			})
		}
		all = append(all, stream)
	}
	return all
}

func metric(of labels.Labels) model.Metric {
	m := model.Metric{}
	of.Range(func(l labels.Label) { m[model.LabelName(l.Name)] = model.LabelValue(l.Value) })
	return m
}
