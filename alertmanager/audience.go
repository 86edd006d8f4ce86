package alertmanager

import (
	"slices"

	"belfry/rules/settings"
)

// plus joins the names of receivers that are notified together.
const plus = "+"

// audience describes who is notified about an alert, and when not. Both lists hold names,
// sorted and without duplicates, so that their order in a file neither renames a
// receiver nor creates a second one.
type audience struct{ receivers, mute []string }

func newAudience(receivers, mute []string) audience {
	return audience{sortedOnce(receivers), sortedOnce(mute)}
}

func sortedOnce(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

func (a audience) compare(b audience) int {
	if c := slices.Compare(a.receivers, b.receivers); c != 0 {
		return c
	}
	return slices.Compare(a.mute, b.mute)
}

// audienceOf returns who is notified about a team's alerts of a severity.
func audienceOf(s *settings.Settings, team string, of settings.Severity) audience {
	receivers := s.Teams[team].Receivers[of]
	if len(receivers) == 0 {
		receivers = s.Teams[settings.DefaultTeam].Receivers[of]
	}
	return newAudience(receivers, muteOf(s, team, of))
}

// muteOf returns the mute times of a team for a severity. A team that wants to be
// notified at all times, unlike the default team, has an empty list.
func muteOf(s *settings.Settings, team string, of settings.Severity) []string {
	if mute, ok := s.Teams[team].Mute[of]; ok {
		return mute
	}
	return s.Teams[settings.DefaultTeam].Mute[of]
}
