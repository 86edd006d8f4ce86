package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"belfry/exporter/simulate"
	"belfry/exporter/truth"
	"belfry/rules"
)

// The provider outage of the check starts late enough for the rules to have seen
// normal traffic, and lasts long enough to page.
const (
	outageAfter    = 100 * time.Second
	outageLasts    = 60 * time.Second
	outageProvider = "ses"
	pageWithin     = 3 * time.Minute
	resolveWithin  = 5 * time.Minute
	agreeWithin    = 2 * time.Minute
)

// verdict is the line that the check prints.
type verdict struct {
	FaultToPage     float64 `json:"fault_to_page_s"`
	PageToResolved  float64 `json:"page_to_resolved_s"`
	Events          int     `json:"events"`
	CountsMatch     bool    `json:"counts_match_truth"`
	DifferencesSeen int     `json:"-"`
}

// runCheck breaks a provider with a new error code, waits for the page and its
// resolution, and compares every count with the truth.
func (s *system) runCheck() error {
	simulator, err := s.simulator(simulate.Incident{
		Name: "provider-outage", At: outageAfter, For: outageLasts, Provider: outageProvider,
		Code: fmt.Sprintf("never_seen_%d", time.Now().Unix()),
	})
	if err != nil {
		return err
	}
	begin, counted := simulator.Start(), simulator.Count()
	s.say("traffic starts; %s fails in %s, for %s", outageProvider, outageAfter, outageLasts)
	traffic, stopTraffic := context.WithCancel(s.ctx)
	defer stopTraffic()
	published := make(chan error, 1)
	go func() { published <- s.publish(traffic, simulator) }()

	v, err := s.awaitPages(begin.Add(outageAfter))
	stopTraffic()
	if err := errors.Join(err, <-published); err != nil {
		return err
	}
	s.say("traffic ended; comparing all counts")
	differences, err := s.compare(counted)
	if err != nil {
		return err
	}
	v.Events, v.CountsMatch = counted.Events, len(differences) == 0
	if err := json.NewEncoder(s.p.stdout).Encode(v); err != nil {
		return err
	}
	for _, d := range differences[:min(10, len(differences))] {
		s.say("%s", d)
	}
	if !v.CountsMatch {
		return fmt.Errorf("%d counts differ from the truth", len(differences))
	}
	if v.FaultToPage >= 60 {
		return fmt.Errorf("the page took %.0f s: at most a minute is promised", v.FaultToPage)
	}
	return nil
}

// awaitPages waits for the page about the outage and for its resolution.
func (s *system) awaitPages(fault time.Time) (v verdict, err error) {
	about := func(status string) func(page) bool {
		return func(p page) bool {
			return p.name() == rules.ProviderDown.Name && p.Status == status &&
				p.Labels["provider"] == outageProvider && p.Receiver == "pager"
		}
	}
	fired, err := s.await("the page", about("firing"), time.Until(fault)+pageWithin)
	if err != nil {
		return v, err
	}
	v.FaultToPage = fired.at.Sub(fault).Round(time.Millisecond).Seconds()
	s.say("paged %.1f s after the fault", v.FaultToPage)
	if v.FaultToPage < 0 {
		return v, fmt.Errorf("the page came %.1f s before the fault", -v.FaultToPage)
	}
	resolved, err := s.await("the resolution", about("resolved"), resolveWithin)
	if err != nil {
		return v, err
	}
	v.PageToResolved = resolved.at.Sub(fired.at).Round(time.Millisecond).Seconds()
	return v, nil
}

// await waits for a page.
func (s *system) await(what string, matches func(page) bool, within time.Duration) (page, error) {
	timeout := time.NewTimer(within)
	defer timeout.Stop()
	for {
		p, changed := s.pages.find(matches)
		if changed == nil {
			return p, nil
		}
		select {
		case <-changed:
		case <-timeout.C:
			return page{}, fmt.Errorf("%s did not come within %s", what, lasting(within))
		case <-s.ctx.Done():
			return page{}, s.ctx.Err()
		}
	}
}

// compare compares /metrics with the truth until they agree: new series are
// exposed at 0 for a while.
func (s *system) compare(counted *truth.Truth) ([]truth.Difference, error) {
	v := &verification{source: "http://" + local(s.ports.exporter) + "/metrics"}
	if err := v.wait.Set(agreeWithin.String()); err != nil {
		return nil, err
	}
	differences, err := v.compare(s.ctx, s.p, counted)
	if err != nil {
		return nil, fmt.Errorf("compare %s: %w", http.MethodGet+" "+v.source, err)
	}
	return differences, nil
}
