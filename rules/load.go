package rules

import (
	_ "embed"
	"fmt"
	"maps"
	"os"

	"belfry/exporter/strict"
)

// DefaultRules is the text of the default rules file, with its comments.
//
//go:embed rules.example.yaml
var DefaultRules []byte

const defaultFile = "rules.example.yaml"

// DefaultTeam is the team whose receivers stand in for what others leave out.
const DefaultTeam = "default"

// WatchdogReceiver is the receiver that is told that alerting works.
const WatchdogReceiver = "watchdog"

// DefaultSettings are the settings of the shipped rules file. They are the
// caller's own. A mistake in the shipped file is one of the program, which
// every test of this package would show.
func DefaultSettings() *Settings {
	s, err := parseSettings(defaultFile, DefaultRules, &Settings{})
	if err != nil {
		panic(err)
	}
	return s
}

// LoadSettings reads a rules file over the defaults; an empty path means the
// defaults alone. The error has a line for every mistake in the file.
func LoadSettings(path string) (*Settings, error) {
	if path == "" {
		return DefaultSettings(), nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load the rules file: %w", err)
	}
	return parseSettings(path, text, DefaultSettings())
}

// parseSettings lays the settings of a text over others and judges the result.
func parseSettings(file string, text []byte, under *Settings) (*Settings, error) {
	var own Settings
	document := strict.Decode(file, text, &own)
	complete(document, &own)
	s := under.with(&own)
	check := newCheck(document, s)
	check.settings(&own)
	if err := document.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

// complete fills in what an alert and an objective need not say.
func complete(d *strict.Document, s *Settings) {
	for i := range s.Alerts {
		a, path := &s.Alerts[i], fmt.Sprintf("alerts[%d]", i)
		if !d.Has(path + ".team") {
			a.Team = DefaultTeam
		}
		if a.Enabled == nil {
			enabled := true
			a.Enabled = &enabled
		}
		if !d.Has(path + ".condition.consecutiveViolations") {
			a.Condition.ConsecutiveViolations = 1
		}
	}
	for i := range s.SLOs {
		if !d.Has(fmt.Sprintf("slos[%d].team", i)) {
			s.SLOs[i].Team = DefaultTeam
		}
	}
}

// with lays what own says over s. An entry of a map replaces the one of the
// same name; of a team, that is each severity.
func (s *Settings) with(own *Settings) *Settings {
	merged := *s
	for _, address := range []struct{ from, to *string }{
		{&own.Site.Grafana, &merged.Site.Grafana}, {&own.Site.Prometheus, &merged.Site.Prometheus},
		{&own.Site.Alertmanager, &merged.Site.Alertmanager}, {&own.Site.Runbooks, &merged.Site.Runbooks},
	} {
		if *address.from != "" {
			*address.to = *address.from
		}
	}
	if own.Disabled != nil {
		merged.Disabled = own.Disabled
	}
	if own.SLOs != nil {
		merged.SLOs = own.SLOs
	}
	if own.Alerts != nil {
		merged.Alerts = own.Alerts
	}
	merged.Thresholds = union(s.Thresholds, own.Thresholds)
	merged.Receivers = union(s.Receivers, own.Receivers)
	merged.MuteTimes = union(s.MuteTimes, own.MuteTimes)
	merged.Teams = union(s.Teams, own.Teams)
	for name, team := range own.Teams {
		before := s.Teams[name]
		merged.Teams[name] = Team{Receivers: union(before.Receivers, team.Receivers), Mute: union(before.Mute, team.Mute)}
	}
	return &merged
}

// union is a new map with the entries of both, the second's where both have one.
func union[K comparable, V any](a, b map[K]V) map[K]V {
	both := map[K]V{}
	maps.Copy(both, a)
	maps.Copy(both, b)
	return both
}
