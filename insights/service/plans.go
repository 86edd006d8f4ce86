package service

import (
	"slices"
	"strings"
	"sync"
	"time"

	"belfry/insights/experiment"
	"belfry/insights/query"
)

// plans holds the plans in force.
type plans struct {
	mu     sync.Mutex
	all    []experiment.Plan
	status query.Status // of the last attempt to load them
}

// get returns the plans in force. The status says why the file is not in force, if it is
// not.
func (p *plans) get() ([]experiment.Plan, query.Status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.all), p.status
}

// load reads the file of plans. It refuses a change of a plan whose experiment runs.
func (p *plans) load(file string, now time.Time) error {
	all, err := experiment.LoadPlans(file)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		err = experiment.Changed(p.all, all, now)
	}
	if err != nil {
		lines := strings.ReplaceAll(err.Error(), "\n", "; ")
		p.status = query.Status{State: query.Failed, Reason: notReloaded + ": " + lines}
		return err
	}
	p.all, p.status = all, query.Status{State: query.OK}
	return nil
}

// notReloaded says what becomes of the plans when their file is refused.
const notReloaded = "the plans of experiments were not reloaded, those before stay in force"

// Reload reads the file of plans again, and asks about experiments at once. On an error
// the plans stay as they are.
func (s *Service) Reload() error {
	if err := s.plans.load(s.o.Experiments, s.o.Now()); err != nil {
		s.o.Log.Error(notReloaded, "err", err)
		return err
	}
	all, _ := s.plans.get()
	s.o.Log.Info("plans of experiments reloaded", "plans", len(all))
	select {
	case s.replanned <- struct{}{}:
	default: // it is about to ask
	}
	return nil
}
