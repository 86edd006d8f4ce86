package alertmanager

import (
	"slices"

	"belfry/rules/settings"
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
func audienceOf(s *settings.Settings, team string, severity settings.Severity) audience {
	receivers := s.Teams[team].Receivers[severity]
	if len(receivers) == 0 {
		receivers = s.Teams[settings.DefaultTeam].Receivers[severity]
	}
	return newAudience(receivers, muteOf(s, team, severity))
}

// muteOf is when a team does not want to hear of a severity. A team may want to
// hear of it at all times while the default team does not, and says so with an
// empty list.
func muteOf(s *settings.Settings, team string, severity settings.Severity) []string {
	if mute, ok := s.Teams[team].Mute[severity]; ok {
		return mute
	}
	return s.Teams[settings.DefaultTeam].Mute[severity]
}
