package simtime

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"
)

// Spell is a time during which an alert fired.
type Spell struct {
	Labels   labels.Labels // with alertname
	From, To time.Time
}

// note takes what a rule tells Alertmanager: the alerts that fire, and for a
// while those that no longer do.
func (s *Server) note(_ context.Context, _ string, alerts ...*rules.Alert) {
	for _, a := range alerts {
		id := a.Labels.Hash()
		i, fires := s.firing[id]
		switch {
		case a.ResolvedAt.IsZero() && !fires:
			s.firing[id] = len(s.fired)
			s.fired = append(s.fired, Spell{Labels: a.Labels, From: a.FiredAt})
		case !a.ResolvedAt.IsZero() && fires:
			s.fired[i].To = a.ResolvedAt
			delete(s.firing, id)
		}
	}
}

// Fired returns every time that an alert fired, oldest first. An alert that
// still fires does so until the end.
func (s *Server) Fired(end time.Time) []Spell {
	all := slices.Clone(s.fired)
	for _, i := range s.firing {
		all[i].To = end
	}
	slices.SortStableFunc(all, func(a, b Spell) int { return a.From.Compare(b.From) })
	return all
}
