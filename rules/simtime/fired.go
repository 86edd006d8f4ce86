package simtime

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"
)

// Firing says from when to when an alert fired.
type Firing struct {
	Labels   labels.Labels // with alertname
	From, To time.Time
}

// notify stands in for Alertmanager. Rules send it the alerts that fire, and for
// a while those that have been resolved.
func (s *Server) notify(_ context.Context, _ string, alerts ...*rules.Alert) {
	s.notified.Lock()
	defer s.notified.Unlock()
	for _, a := range alerts {
		id := a.Labels.Hash()
		i, fires := s.firing[id]
		switch {
		case a.ResolvedAt.IsZero() && !fires:
			s.firing[id] = len(s.fired)
			s.fired = append(s.fired, Firing{Labels: a.Labels, From: a.FiredAt})
		case !a.ResolvedAt.IsZero() && fires:
			s.fired[i].To = a.ResolvedAt
			delete(s.firing, id)
		}
	}
}

// Fired returns all alerts that fired, oldest first. Those that still fire have
// end as their end.
func (s *Server) Fired(end time.Time) []Firing {
	all := slices.Clone(s.fired)
	for _, i := range s.firing {
		all[i].To = end
	}
	slices.SortStableFunc(all, func(a, b Firing) int { return a.From.Compare(b.From) })
	return all
}
