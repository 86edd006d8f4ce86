package fold

import (
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/metrics"
)

// hour is the unit in which the fold remembers when a user was seen.
const hour = int64(time.Hour)

// recentWindow is how far back a user's sends count as recent.
const recentWindow = 7 * 24 * hour

// maxRecent is the number of recent sends from which on more make no
// difference: the last class of catalog.RecentSends.
const maxRecent = 11

// touchUser lets the user's record follow an accepted event of a notification:
// a send, an engagement, or anything inside an experiment. It returns nil when
// the event is none of these, or is older than the user's wish to be forgotten.
func (s *State) touchUser(e *event.Event, experiment metrics.Symbol, engaged bool) *User {
	if e.Type != catalog.EventSent && !engaged && experiment == metrics.None {
		return nil
	}
	u := s.hear(s.userID(e.UserID))
	if u.Forgotten != 0 && e.Time <= u.Forgotten {
		return nil
	}
	if u.FirstHour == 0 {
		u.FirstHour = s.now / hour
		s.population.arrive(u.FirstHour, u.Month)
	}
	if at := e.Time / hour; engaged && at > u.EngagedHour {
		s.population.engage(u.FirstHour, u.EngagedHour, at)
		u.EngagedHour = at
	}
	return u
}

// hear returns the user's record, moved to the present month.
func (s *State) hear(id ID) *User {
	u := s.records.User(id, s.now)
	if now := Month(s.now); u.Month != now {
		if u.FirstHour != 0 {
			s.population.move(u.Month, now)
		}
		u.Month = now
	}
	return u
}

// userID is the user's pseudonym: the first half of HMAC-SHA-256 of the id
// under the installation's key.
func (s *State) userID(user string) (id ID) {
	s.mac.Reset()
	s.mac.Write([]byte(user))
	s.sum = s.mac.Sum(s.sum[:0])
	copy(id[:], s.sum)
	return id
}

// countRecent returns the class of how many sends, folded before, are not
// older than recentWindow, and remembers this one. The latest maxRecent are
// enough to tell.
func countRecent(u *User, at int64) metrics.Symbol {
	recent := 0
	for _, sent := range u.Sends {
		if sent > at-recentWindow {
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

// localTime returns the hour and weekday at which the user's clock stood, as
// symbols; UTC where the time zone is not known.
func (s *State) localTime(zone string, at int64) (localHour, weekday metrics.Symbol) {
	location, ok := s.zones[zone]
	if !ok {
		location = time.UTC
		if l, err := time.LoadLocation(zone); err == nil && zone != "Local" {
			location = l
		}
		if len(s.zones) < maxZones {
			s.zones[zone] = location
		}
	}
	t := time.Unix(0, at).In(location)
	return metrics.Symbol(t.Hour()), metrics.Symbol((t.Weekday() + 6) % 7)
}

// maxZones bounds the cache of time zones; there are about 600.
const maxZones = 1000

// forget removes what is known of a user and leaves a tombstone, so that
// neither a late event nor a replay brings it back. What was counted stays.
func (s *State) forget(id ID, at int64) {
	u := s.hear(id)
	if u.FirstHour != 0 {
		s.population.leave(u.FirstHour, u.EngagedHour, u.Month)
	}
	*u = User{Month: u.Month, Forgotten: max(u.Forgotten, at)}
}
