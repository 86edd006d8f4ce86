package service

import (
	"context"
	"sync"
	"time"

	"belfry/insights/query"
)

// age knows how old the data of the server is.
type age struct {
	mu    sync.Mutex
	asked bool
	last  query.Age
}

// refreshAge asks for the newest sample. If there is no answer, the newest sample that
// was known grows older.
func (s *Service) refreshAge(ctx context.Context) {
	found, err := s.source.Age(ctx)
	a := &s.age
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err != nil:
		found.Newest = a.last.Newest
	case found.Newest.Year() > 9999: // which JSON cannot write
		found.Newest = time.Time{}
		found.Status = query.Status{State: query.Failed, Reason: "the time of the newest sample cannot be right"}
	}
	a.asked, a.last = true, found
}

// dataAge returns the newest sample's age and time, nil if none is known, and what is
// wrong with the data.
func (s *Service) dataAge() (seconds *float64, newest *time.Time, status query.Status) {
	s.age.mu.Lock()
	defer s.age.mu.Unlock()
	if !s.age.asked {
		return nil, nil, query.Status{State: query.NoData, Reason: "Prometheus has not been asked yet"}
	}
	last := s.age.last
	if last.Newest.IsZero() {
		return nil, nil, last.Status
	}
	return new(s.o.Now().Sub(last.Newest).Seconds()), &last.Newest, last.Status
}

// orStale returns the status of an answer, or that of the data where only that is stale:
// no answer from stale data passes for a new one. It asks how old the data is now.
func (s *Service) orStale(ctx context.Context, status query.Status) query.Status {
	if !fresh(status) {
		return status
	}
	s.refreshAge(ctx)
	if _, _, data := s.dataAge(); data.State == query.Stale {
		return data
	}
	return status
}
