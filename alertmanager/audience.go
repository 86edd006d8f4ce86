package alertmanager

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"belfry/rules"
)

// plus joins the names of receivers that are told together.
const plus = "+"

// audience is who is told of an alert, and when not. Both lists are names,
// sorted and without repetition, so that the order in which a file lists them
// neither renames a receiver nor makes a second one.
type audience struct{ receivers, mute []string }

func newAudience(receivers, mute []string) audience {
	return audience{distinct(receivers), distinct(mute)}
}

func distinct(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }

func (a audience) compare(b audience) int {
	if c := slices.Compare(a.receivers, b.receivers); c != 0 {
		return c
	}
	return slices.Compare(a.mute, b.mute)
}

// audienceOf is who hears of a team's alerts of a severity.
func audienceOf(s *rules.Settings, team string, severity rules.Severity) audience {
	receivers := s.Teams[team].Receivers[severity]
	if len(receivers) == 0 {
		receivers = s.Teams[rules.DefaultTeam].Receivers[severity]
	}
	return newAudience(receivers, muteOf(s, team, severity))
}

// muteOf is when a team does not want to hear of a severity. A team may want to
// hear of it at all times while the default team does not, and says so with an
// empty list.
func muteOf(s *rules.Settings, team string, severity rules.Severity) []string {
	if mute, ok := s.Teams[team].Mute[severity]; ok {
		return mute
	}
	return s.Teams[rules.DefaultTeam].Mute[severity]
}

// check returns everything for which the settings have no configuration. A rules
// file was judged when it was loaded, but a program may have changed its settings.
func check(s *rules.Settings) error {
	c := checker{s, nil}
	if _, ok := s.Receivers[rules.WatchdogReceiver]; !ok {
		c.mistake("there is no receiver %q: it is the dead man's switch, which says when alerting itself is broken", rules.WatchdogReceiver)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Receivers)) {
		if strings.Contains(name, plus) {
			c.mistake("receiver %q: a name must not contain %q, which joins the names of those told together", name, plus)
		}
	}
	for _, p := range paces {
		if len(s.Teams[rules.DefaultTeam].Receivers[p.severity]) == 0 {
			c.mistake("team %q has no receivers for %s: it is told for every team that names none", rules.DefaultTeam, p.severity)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Teams)) {
		for _, p := range paces {
			what := fmt.Sprintf("team %q, %s", name, p.severity)
			c.receivers(what, s.Teams[name].Receivers[p.severity])
			c.mute(what, s.Teams[name].Mute[p.severity])
		}
	}
	for _, a := range s.Alerts {
		c.receivers(fmt.Sprintf("alert %q", a.ID), a.Channels)
	}
	return errors.Join(c.mistakes...)
}

// checker collects mistakes, so that all are told at once.
type checker struct {
	settings *rules.Settings
	mistakes []error
}

func (c *checker) mistake(format string, args ...any) {
	c.mistakes = append(c.mistakes, fmt.Errorf(format, args...))
}

func (c *checker) receivers(what string, names []string) {
	for _, name := range names {
		if _, ok := c.settings.Receivers[name]; !ok {
			c.mistake("%s: there is no receiver %q", what, name)
		}
	}
}

func (c *checker) mute(what string, names []string) {
	for _, name := range names {
		if _, ok := c.settings.MuteTimes[name]; !ok {
			c.mistake("%s: there is no mute time %q", what, name)
		}
	}
}
