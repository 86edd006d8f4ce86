package rules

import (
	"slices"
	"strings"
	"sync"
	"time"

	"belfry/rules/expr"
	"belfry/rules/settings"
)

// Set holds everything that a rules file compiles to.
type Set struct {
	// Records and Alerts follow the order of the rule files.
	Records []expr.Recorded
	Alerts  []Alert
	// SLOs lists the shipped objectives and then those of the rules file.
	SLOs []SLO

	site   settings.Site
	groups []filled
}

// filled is a group with its rules.
type filled struct {
	group
	records []expr.Recorded
	alerts  []Alert
}

// Compile compiles a rules file: the shipped rules as it tunes them, and those
// of its own. The error has a line for every mistake in the file, those that
// [settings.Load] found included.
func Compile(s *settings.Settings) (*Set, error) {
	c := compiler{Document: s.Document(), settings: s, shipped: shippedByName()}
	c.thresholds()
	c.disabled()
	c.objectives()
	own := c.alerts()
	if err := c.Err(); err != nil {
		return nil, err
	}
	slos := []SLO{DeliverySLO, latencySLO(limitFor(s, latencyBurn, settings.Critical, defaultLatency)), freshnessSLO}
	for _, o := range s.SLOs {
		slos = append(slos, objective(o))
	}
	return assemble(s, slos, own), nil
}

// shipped returns what the default rules file compiles to.
var shipped = sync.OnceValue(func() *Set { return assemble(settings.Default(), shippedSLOs(), nil) })

// assemble fills the groups.
func assemble(s *settings.Settings, slos []SLO, own []Alert) *Set {
	set := &Set{SLOs: slos, site: s.Site}
	for _, g := range groups {
		f := filled{g, g.list.records.all, g.list.alerts.all}
		switch g {
		case objectives, objectiveTiles:
			f.addObjectives(slos)
		case custom:
			f.alerts = own
		}
		f.addErrorCodes(s)
		f.alerts = tuned(s, f.alerts)
		if len(f.records)+len(f.alerts) == 0 {
			continue
		}
		set.groups = append(set.groups, f)
		set.Records, set.Alerts = append(set.Records, f.records...), append(set.Alerts, f.alerts...)
	}
	return set
}

// addObjectives adds the rules of the objectives to one of their two groups.
func (f *filled) addObjectives(slos []SLO) {
	for _, s := range slos {
		if f.group == objectiveTiles {
			f.records = append(f.records, s.tiles()...)
			continue
		}
		f.records, f.alerts = append(f.records, s.records()...), append(f.alerts, s.alerts()...)
	}
}

// tuned returns the alerts with the thresholds of the rules file, without those
// that it disables.
func tuned(s *settings.Settings, alerts []Alert) []Alert {
	var all []Alert
	for _, a := range alerts {
		name := strings.TrimPrefix(a.Name, settings.Prefix)
		switch {
		case a.Rule != "":
			all = append(all, a)
		case !slices.Contains(s.Disabled, name):
			all = append(all, a.with(limitFor(s, name, a.Severity, a.Threshold)))
		}
	}
	return all
}

// limitFor returns the threshold that the rules file sets for a shipped alert, or
// usual if it sets none.
func limitFor(s *settings.Settings, alert string, severity settings.Severity, usual float64) float64 {
	if own, ok := s.Thresholds[alert][severity]; ok {
		return own
	}
	return usual
}

// Recorded returns every series that the shipped rules record, in the order of
// the rule files.
func Recorded() []expr.Recorded { return slices.Clone(shipped().Records) }

// Alerts returns every shipped alert, in the order of the rule files.
func Alerts() []Alert { return slices.Clone(shipped().Alerts) }

// shippedByName returns the shipped alerts by their names without prefix.
func shippedByName() map[string][]Alert {
	all := map[string][]Alert{}
	for _, a := range shipped().Alerts {
		name := strings.TrimPrefix(a.Name, settings.Prefix)
		all[name] = append(all[name], a)
	}
	return all
}

// Group names a group of the shipped rules and how often it is evaluated.
type Group struct {
	Name  string
	Every time.Duration
}

// Groups returns the groups of the shipped rules, in the order of the rule files.
func Groups() []Group {
	var all []Group
	for _, g := range shipped().groups {
		all = append(all, Group{g.name, g.every})
	}
	return all
}
