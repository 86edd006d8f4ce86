package service

import (
	"context"
	"time"

	"belfry/insights/analytics"
	"belfry/insights/query"
)

// overviewSpan is the period of the overview. It is a week, so that each weekday is
// compared with itself.
const overviewSpan = 7 * 24 * time.Hour

// overview computes what the page shows first, and the health.
func (s *Service) overview(ctx context.Context) (*analytics.Analytics, query.Status) {
	now := s.o.Now().In(s.o.Zone)
	answer, err := analytics.Compute(ctx, s.source, analytics.Request{
		From: now.Add(-overviewSpan), To: now, Granularity: analytics.Hour, Floor: s.o.Floor,
		Only: []string{"channel_metrics", "system_performance"},
	})
	if err != nil {
		return nil, query.Status{State: query.Failed, Reason: err.Error()}
	}
	return answer, answer.Status
}
