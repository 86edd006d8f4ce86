package service

import (
	"context"
	"sync"
	"time"

	"belfry/insights/analytics"
)

const (
	// yearEvery separates two readings of the last year, of which only the first each day
	// takes the server long. It is read early for the renewal, so that no client waits.
	yearEvery, yearEarly = time.Hour, 2 * time.Hour
)

// keepYear reads the last year and the one before, as soon as all questions have been
// asked, so that the Source knows the months when a client asks about them.
func (s *Service) keepYear(ctx context.Context, asked *sync.WaitGroup) error {
	asked.Wait()
	for {
		next := yearEvery
		if !s.readYear(ctx) {
			next = s.o.Refresh
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(next):
		}
	}
}

// readYear reports whether the server has answered.
func (s *Service) readYear(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, computeTimeout)
	defer cancel()
	now := s.o.Now().In(s.o.Zone)
	a, err := analytics.Compute(ctx, s.source.Early(yearEarly), analytics.Request{
		From: now.AddDate(-1, 0, 0), To: now, Granularity: analytics.Month, Floor: s.o.Floor,
	})
	return err == nil && answered(a.Status)
}
