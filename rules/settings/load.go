package settings

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"

	"belfry/exporter/strict"
)

// Example holds the text of the default rules file, with its comments.
//
//go:embed rules.example.yaml
var Example []byte

// Default returns the settings of the shipped rules file. They are the caller's
// to change. A mistake in the shipped file is a bug, which every test would show.
func Default() *Settings {
	s := parse("rules.example.yaml", Example, &Settings{})
	if err := s.document.Err(); err != nil {
		panic(err)
	}
	s.document = nil // its lines say nothing about settings that a program changed
	return s
}

// Load reads a rules file and lays it over the defaults. The error is about a file
// that cannot be read. Mistakes in the file are kept in the settings, for
// rules.Compile to report.
func Load(path string) (*Settings, error) {
	if path == "" {
		return nil, errors.New("load the rules file: its name is empty: name a file")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load the rules file: %w", err)
	}
	return Parse(path, text), nil
}

// Parse lays the text of a rules file over the defaults. Messages about it begin with
// name. Mistakes are kept in the settings, for rules.Compile to report. A text without
// a character is one: it is more likely a program that failed than a wish for the
// defaults, which comments alone, or {}, express.
func Parse(name string, text []byte) *Settings {
	s := parse(name, text, Default())
	if len(bytes.TrimSpace(text)) == 0 {
		s.document.Wrong("", "is empty: write {} for the defaults")
	}
	return s
}

// parse lays the settings of a text over others and checks the result.
func parse(file string, text []byte, under *Settings) *Settings {
	var own Settings
	document := strict.Decode(file, text, &own)
	complete(document, &own)
	s := under.with(&own)
	s.document = document
	c := check{document, s}
	c.settings(&own)
	return s
}

// complete fills in what alerts and objectives may leave out.
func complete(d *strict.Document, s *Settings) {
	for i := range s.Alerts {
		a, path := &s.Alerts[i], fmt.Sprintf("alerts[%d]", i)
		if !d.Has(path + ".team") {
			a.Team = DefaultTeam
		}
		if a.Enabled == nil {
			a.Enabled = new(true)
		}
		if !d.Has(path + ".condition.consecutiveViolations") {
			a.Condition.ConsecutiveViolations = 1
		}
	}
	for i := range s.SLOs {
		path := fmt.Sprintf("slos[%d]", i)
		if !d.Has(path + ".team") {
			s.SLOs[i].Team = DefaultTeam
		}
		if !d.Has(path + ".min_bad") {
			s.SLOs[i].MinBad = DefaultMinBad
		}
	}
}

// with returns s with what own says laid over it. An entry of a map replaces the
// one of the same name; in a team, that applies to each severity.
func (s *Settings) with(own *Settings) *Settings {
	merged := *s
	merged.Site = s.Site.with(own.Site)
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
	merged.ErrorCodes = union(s.ErrorCodes, own.ErrorCodes)
	merged.Receivers = union(s.Receivers, own.Receivers)
	merged.MuteTimes = union(s.MuteTimes, own.MuteTimes)
	merged.Teams = union(s.Teams, own.Teams)
	for name, team := range own.Teams {
		before := s.Teams[name]
		merged.Teams[name] = Team{
			Receivers: union(before.Receivers, team.Receivers), Mute: union(before.Mute, team.Mute),
		}
	}
	return &merged
}

func (s Site) with(own Site) Site {
	for _, address := range []struct{ from, to *string }{
		{&own.Grafana, &s.Grafana}, {&own.Prometheus, &s.Prometheus},
		{&own.Alertmanager, &s.Alertmanager}, {&own.Runbooks, &s.Runbooks}, {&own.NATS, &s.NATS},
	} {
		if *address.from != "" {
			*address.to = strings.TrimRight(*address.from, "/")
		}
	}
	return s
}

// union returns a new map with the entries of both, b's where both have one.
func union[K comparable, V any](a, b map[K]V) map[K]V {
	both := map[K]V{}
	maps.Copy(both, a)
	maps.Copy(both, b)
	return both
}
