package report

import (
	"fmt"
	"strings"
	"time"

	"belfry/insights/analytics"
)

// Period is the time that a report is about, in the zone of its calendar. From is in it,
// To is not.
type Period struct{ From, To time.Time }

// Units of the calendar, of which a report covers the last whole one.
const (
	Day     = "day"
	Week    = "week"
	Month   = "month"
	Quarter = "quarter"
	Year    = "year"
)

// Units lists them, shortest first.
var Units = []string{Day, Week, Month, Quarter, Year}

// Last returns the last whole unit of the calendar that is over at a time, in its zone.
// Weeks begin on Monday.
func Last(unit string, now time.Time) (Period, error) {
	to := begin(unit, now)
	if to.IsZero() {
		return Period{}, fmt.Errorf("invalid unit %q: use one of %s", unit, strings.Join(Units, ", "))
	}
	return Period{begin(unit, to.Add(-1)), to}, nil
}

// begin returns the beginning of the unit that a time is in, and zero for an unknown unit.
func begin(unit string, t time.Time) time.Time {
	year, month, day := t.Date()
	switch unit {
	case Day:
	case Week:
		day -= (int(t.Weekday()) + 6) % 7
	case Month:
		day = 1
	case Quarter:
		month, day = month-(month-1)%3, 1
	case Year:
		month, day = time.January, 1
	default:
		return time.Time{}
	}
	return time.Date(year, month, day, 0, 0, 0, 0, t.Location())
}

// Words names the period for people: "November 2026", "16 to 22 November 2026", or two
// times where it does not consist of whole days.
func (p Period) Words() string {
	from, last := p.From, p.To.AddDate(0, 0, -1)
	switch {
	case !begin(Day, p.From).Equal(p.From) || !begin(Day, p.To).Equal(p.To):
		if from.Format(time.DateOnly) == p.To.Format(time.DateOnly) {
			return from.Format("2 January 2006, 15:04") + " to " + p.To.Format("15:04")
		}
		return from.Format("2 January 2006, 15:04") + " to " + p.To.Format("2 January 2006, 15:04")
	case p.is(Day):
		return from.Format("Monday, 2 January 2006")
	case p.is(Month):
		return from.Format("January 2006")
	case p.is(Quarter):
		return fmt.Sprintf("%s to %s", from.Format("January"), last.Format("January 2006"))
	case p.is(Year):
		return from.Format("2006")
	case from.Year() != last.Year():
		return from.Format("2 January 2006") + " to " + last.Format("2 January 2006")
	case from.Month() != last.Month():
		return from.Format("2 January") + " to " + last.Format("2 January 2006")
	}
	return from.Format("2") + " to " + last.Format("2 January 2006")
}

// is reports whether the period is a whole unit of the calendar.
func (p Period) is(unit string) bool {
	return begin(unit, p.From).Equal(p.From) && begin(unit, p.To).Equal(p.To) &&
		begin(unit, p.To.Add(-1)).Equal(p.From)
}

// unit says what the period is, in the middle of a sentence: "week", or "period".
func (p Period) unit() string {
	for _, u := range Units {
		if p.is(u) {
			return u
		}
	}
	if days := wholeDays(p); days > 1 {
		return fmt.Sprintf("%d days", days)
	}
	return "period"
}

// wholeDays returns how many days of the calendar the period consists of, 0 if of none.
func wholeDays(p Period) int {
	if !begin(Day, p.From).Equal(p.From) || !begin(Day, p.To).Equal(p.To) {
		return 0
	}
	return int((p.To.Sub(p.From) + 12*time.Hour) / (24 * time.Hour))
}

// granularity returns the length of the steps in which courses are shown.
func (p Period) granularity() analytics.Granularity {
	switch length := p.To.Sub(p.From); {
	case length <= 3*24*time.Hour:
		return analytics.Hour
	case length > 100*24*time.Hour && begin(Month, p.From).Equal(p.From) && begin(Month, p.To).Equal(p.To):
		return analytics.Month
	default:
		return analytics.Day
	}
}

// week is the length of a week in days.
const week = 7

// like returns the period that this one is fairly compared with, given the one before: of less
// than a week that is the same time a week before, since people act otherwise at another time of
// day and on another weekday.
func (p Period) like(before Period) Period {
	if p.From.AddDate(0, 0, week).After(p.To) {
		return Period{p.From.AddDate(0, 0, -week), p.To.AddDate(0, 0, -week)}
	}
	return before
}

// step is the length of the parts into which a period is cut.
type step struct {
	name string // such as "day"
	next func(time.Time) time.Time
	// season is how many of them make a day or a week, 0 if none do.
	season int
}

// step returns the length of the parts whose variation tells what is chance.
func (p Period) step() step {
	switch length := p.To.Sub(p.From); {
	case length <= 6*time.Hour:
		return step{"5 minutes", func(t time.Time) time.Time { return t.Add(tile) }, 0}
	case length <= 3*24*time.Hour:
		return step{"hour", func(t time.Time) time.Time { return t.Add(time.Hour) }, 24}
	case length <= 100*24*time.Hour:
		return step{"day", func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }, 7}
	default:
		return step{"week", func(t time.Time) time.Time { return t.AddDate(0, 0, 7) }, 0}
	}
}

// tile is the length of the shortest increases that are recorded.
const tile = 5 * time.Minute

// cut cuts the period into steps. The last one takes the rest.
func (p Period) cut(s step) (edges []time.Time) {
	for at := p.From; at.Before(p.To); at = s.next(at) {
		edges = append(edges, at)
	}
	if last := edges[len(edges)-1]; len(edges) > 1 && !s.next(last).Equal(p.To) {
		edges = edges[:len(edges)-1]
	}
	return append(edges, p.To)
}
