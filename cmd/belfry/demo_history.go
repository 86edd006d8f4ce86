package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"belfry/dashboards-gen/backfill"
	"belfry/exporter"
	"belfry/exporter/simulate"
	"belfry/rules"
)

// writeHistory writes the weeks before the demo into the data directories of its
// Prometheus and its exporter, unless the directory holds a demo that is continued.
func (s *system) writeHistory() error {
	begin := time.Now()
	s.trialsFrom = begin
	if s.history == 0 || s.check {
		return nil
	}
	if wanted, err := s.beginHistory(); err != nil || !wanted {
		return err
	}
	config, err := exporter.LoadConfig("")
	if err != nil {
		return err
	}
	o := exporter.Options{StateDir: filepath.Join(s.unfinished(), stateName)}
	if err := o.LoadUserKey(s.keyFile()); err != nil {
		return err
	}
	h := backfill.History{
		Traffic: simulate.Config{Seed: s.seed, PerMinute: s.perMinute},
		Long:    time.Duration(s.history), Trials: time.Duration(s.history) * 2 / 3,
		Exporter: config, StateDir: o.StateDir, UserKey: o.UserKey, Progress: s.progress("history"),
		Instances: map[string]string{
			rules.Job: local(s.ports.exporter), "belfry-alerts": local(s.ports.alerts),
			"prometheus": local(s.ports.prometheus), "alertmanager": local(s.ports.alertmanager),
		},
	}
	s.say("history       writing %s of simulated traffic; --history 0 starts without", s.history)
	if s.traffic, err = h.Write(s.ctx, filepath.Join(s.unfinished(), prometheusName)); err != nil {
		return err
	}
	if err := s.finishHistory(); err != nil {
		return err
	}
	s.trialsFrom = begin.Add(-backfill.Replayed - h.Trials).Truncate(time.Hour)
	s.say("history       %s to %s, written in %.0f s", begin.Add(-time.Duration(s.history)).Format(time.DateOnly),
		begin.Format(time.DateOnly), time.Since(begin).Seconds())
	return nil
}

// progress returns a function that says every ten seconds how much is done.
func (s *system) progress(what string) func(done float64) {
	said := time.Now()
	return func(done float64) {
		if time.Since(said) >= 10*time.Second {
			said = time.Now()
			s.say("%-13s %.0f %%", what, 100*done)
		}
	}
}

// live returns the simulator of the traffic that begins now: the one that continues the
// history, if there is one.
func (s *system) live() (*simulate.Simulator, error) {
	if s.traffic == nil {
		return s.simulator()
	}
	incidents, err := s.planned()
	if err != nil {
		return nil, err
	}
	return s.traffic, s.traffic.Break(time.Now(), incidents)
}

// planned returns the incidents that flags plan.
func (d *demo) planned() (all []simulate.Incident, err error) {
	for _, text := range d.incidents {
		incident, err := simulate.ParseIncident(text)
		if err != nil {
			return nil, fmt.Errorf("--incident: %w", err)
		}
		all = append(all, incident)
	}
	return all, nil
}

// The names of the directories that a history fills.
const prometheusName, stateName = "prometheus", "state"

func (d *demo) prometheusData() string { return filepath.Join(d.dir, prometheusName) }
func (d *demo) stateDir() string       { return filepath.Join(d.dir, stateName) }
func (d *demo) keyFile() string        { return filepath.Join(d.dir, "user.key") }

// unfinished returns the directory of a history while it is written.
func (d *demo) unfinished() string { return filepath.Join(d.dir, "unfinished-history") }

// beginHistory reports whether a history is wanted: Prometheus has no data yet. It removes
// what an interrupted demo has left of one.
func (d *demo) beginHistory() (wanted bool, err error) {
	entries, err := os.ReadDir(d.prometheusData())
	if err == nil && len(entries) > 0 {
		d.say("history       %s has data, which is continued", d.prometheusData())
		return false, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	return true, os.RemoveAll(d.unfinished())
}

// finishHistory moves a history into its place, the data of Prometheus last: until it has
// data, a state was left by a demo that was interrupted before its traffic began.
func (d *demo) finishHistory() error {
	for _, name := range []string{stateName, prometheusName} {
		to := filepath.Join(d.dir, name)
		if err := os.RemoveAll(to); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(d.unfinished(), name), to); err != nil {
			return err
		}
	}
	return os.RemoveAll(d.unfinished())
}
