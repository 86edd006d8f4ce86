package fold

import (
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/metrics"
	"belfry/exporter/zone"
)

// The fold remembers when a user was seen in units of an hour.
const hour = int64(time.Hour)

// recentWindow limits how far back a user's sends count as recent.
const recentWindow = 7 * 24 * hour

// recentNames lists the classes of recent sends. More than maxRecent sends make no
// difference.
var recentNames = [...]string{"0", "1-2", "3-5", "6-10", "11+"}

const (
	numRecent = len(recentNames)
	maxRecent = 11
)

// touchUser updates the user's record if the event is a send, an engagement, or
// inside an experiment, unless it is older than the user's request to be forgotten.
// It adds what it touches to the attribution.
func (s *State) touchUser(e *event.Event, a *attribution) {
	if e.Type != catalog.EventSent && !a.engages && a.at.Experiment == metrics.None {
		return
	}
	u := s.hear(s.pseudonyms.Of(e.UserID))
	if u.Forgotten != 0 && e.Time <= u.Forgotten {
		return
	}
	if u.FirstHour == 0 {
		u.FirstHour = s.clock.Now / hour
		s.population.arrive(u.FirstHour, u.Month)
	}
	at := min(e.Time, s.clock.Now) / hour // a producer's clock may run ahead; nobody acts later than now
	if a.engages {
		s.engage(u, at)
	}
	a.user = u
	if a.at.Experiment != metrics.None {
		a.arm = s.experimentUser(u, a.at.Experiment, a.at.Variant, at/dayHours)
	}
}

// hear returns the user's record and moves it to the present month.
func (s *State) hear(id ID) *User {
	u := s.records.User(id, s.clock.Latest)
	if now := Month(s.clock.Latest); u.Month != now {
		if u.FirstHour != 0 {
			s.population.move(u.Month, now)
		}
		u.Month = now
	}
	return u
}

// countRecent remembers a send, and returns the class, an index of recentNames, of
// how many sends that were folded before are not older than recentWindow.
func countRecent(u *User, at int64) (class int) {
	recent := 0
	for _, sent := range u.Sends {
		if sent >= at-recentWindow {
			recent++
		}
	}
	i := len(u.Sends)
	u.Sends = append(u.Sends, at)
	for ; i > 0 && u.Sends[i-1] > at; i-- {
		u.Sends[i] = u.Sends[i-1]
	}
	u.Sends[i] = at
	if len(u.Sends) > maxRecent {
		u.Sends = append(u.Sends[:0], u.Sends[len(u.Sends)-maxRecent:]...)
	}
	switch {
	case recent == 0:
		return 0
	case recent <= 2:
		return 1
	case recent <= 5:
		return 2
	case recent < maxRecent:
		return 3
	default:
		return 4
	}
}

// localTime returns hour and weekday in the user's time zone as symbols, in UTC if
// the zone is unknown.
func (s *State) localTime(name string, at int64) (localHour, weekday metrics.Symbol) {
	location, cached := s.zones[name]
	if !cached {
		var known bool
		if location, known = zone.Find(name); known {
			s.zones[strings.Clone(name)] = location // name is part of a message
		} else {
			location = time.UTC
		}
	}
	t := time.Unix(0, at).In(location)
	return s.constants.hours[t.Hour()], s.constants.weekdays[t.Weekday()]
}

// forget removes what is known of a user and leaves a tombstone, so that neither a
// late event nor a replay brings it back. What was counted stays.
func (s *State) forget(id ID, at int64) {
	u := s.hear(id)
	if u.FirstHour != 0 {
		s.population.leave(u.FirstHour, u.EngagedHour, u.Month)
	}
	*u = User{Month: u.Month, Forgotten: max(u.Forgotten, at)}
}
