package backtest

import (
	"context"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"

	"belfry/rules/promapi"
)

// Prometheus implements History with a Prometheus server.
type Prometheus struct {
	API v1.API
}

// QueryRange implements History.
func (p Prometheus) QueryRange(
	ctx context.Context, promQL string, from, to time.Time, step time.Duration,
) ([]Series, error) {
	matrix, err := promapi.QueryRange(ctx, p.API, promQL, v1.Range{Start: from, End: to, Step: step})
	if err != nil {
		return nil, err
	}
	all := make([]Series, len(matrix))
	for i, found := range matrix {
		all[i].Labels = map[string]string{}
		for name, value := range found.Metric {
			all[i].Labels[string(name)] = string(value)
		}
		for _, sample := range found.Values {
			all[i].At = append(all[i].At, sample.Timestamp.Time().UTC())
			all[i].Values = append(all[i].Values, float64(sample.Value))
		}
	}
	return all, nil
}

// Has implements History.
func (p Prometheus) Has(ctx context.Context, selector string, from, to time.Time) (bool, error) {
	series, _, _, err := p.API.Series(ctx, []string{selector}, from, to, v1.WithLimit(1))
	return len(series) > 0, err
}
