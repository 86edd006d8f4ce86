package analytics

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Granularity says how long the buckets of a series are.
type Granularity string

// The granularities, shortest first.
const (
	Minute Granularity = "minute"
	Hour   Granularity = "hour"
	Day    Granularity = "day"
	Week   Granularity = "week"
	Month  Granularity = "month"
)

// Granularities lists all granularities, shortest first.
var Granularities = []Granularity{Minute, Hour, Day, Week, Month}

// ParseGranularity returns the granularity of a name.
func ParseGranularity(name string) (Granularity, error) {
	if g := Granularity(name); slices.Contains(Granularities, g) {
		return g, nil
	}
	names := make([]string, len(Granularities))
	for i, g := range Granularities {
		names[i] = string(g)
	}
	return "", fmt.Errorf("invalid granularity %q: choose one of %s", name, strings.Join(names, ", "))
}

// tile is the length of the recorded increases, below which no count is exact.
const tile = 5 * time.Minute

// level is the length of calendar units that a boundary can separate. Unlike a
// Granularity it has tiles, and no weeks, which are not parts of months.
type level int

const (
	tiles level = iota
	hours
	days
	months
)

// levelOf returns the longest unit that begins at a time.
func levelOf(t time.Time) level {
	switch {
	case startOf(t, months).Equal(t):
		return months
	case startOf(t, days).Equal(t):
		return days
	case startOf(t, hours).Equal(t):
		return hours
	}
	return tiles
}

// startOf returns when the unit began that a time is in, in the time's zone.
func startOf(t time.Time, l level) time.Time {
	switch l {
	case months:
		return dawn(t.Year(), t.Month(), 1, t.Location())
	case days:
		return dawn(t.Year(), t.Month(), t.Day(), t.Location())
	case hours:
		since := time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
		return t.Add(-since - time.Duration(t.Nanosecond()))
	}
	return t.Truncate(tile)
}

// endOf returns when the unit ends that begins at a time.
func endOf(t time.Time, l level) time.Time {
	switch l {
	case months:
		return dawn(t.Year(), t.Month()+1, 1, t.Location())
	case days:
		return dawn(t.Year(), t.Month(), t.Day()+1, t.Location())
	case hours:
		if next := startOf(t.Add(time.Hour), hours); next.After(t) {
			return next
		}
		return t.Add(time.Hour)
	}
	return t.Add(tile)
}

// dawn returns the first moment of a day. It is not always midnight: there are zones
// that put the clock forward at midnight, and some that repeat the hour after it.
func dawn(year int, month time.Month, day int, zone *time.Location) time.Time {
	want := time.Date(year, month, day, 12, 0, 0, 0, zone)
	t := time.Date(want.Year(), want.Month(), want.Day(), 0, 0, 0, 0, zone)
	if t.Day() != want.Day() {
		_, t = t.ZoneBounds() // midnight was skipped
	}
	if earlier := t.Add(-time.Hour); earlier.Day() == want.Day() {
		return earlier
	}
	return t
}

// begin returns when the bucket of a granularity began that a time is in.
func (g Granularity) begin(t time.Time) time.Time {
	switch g {
	case Month:
		return startOf(t, months)
	case Week:
		monday := t.Day() - (int(t.Weekday())+6)%7
		return dawn(t.Year(), t.Month(), monday, t.Location())
	case Day:
		return startOf(t, days)
	case Hour:
		return startOf(t, hours)
	}
	return startOf(t, tiles)
}

// move returns the beginning of the bucket that is n buckets later, or earlier for a
// negative n. The time must be the beginning of a bucket. Minutes move by five, so
// that what they add up to was recorded.
func (g Granularity) move(t time.Time, n int) time.Time {
	switch g {
	case Month:
		return dawn(t.Year(), t.Month()+time.Month(n), 1, t.Location())
	case Week:
		return dawn(t.Year(), t.Month(), t.Day()+7*n, t.Location())
	case Day:
		return dawn(t.Year(), t.Month(), t.Day()+n, t.Location())
	case Hour:
		return t.Add(time.Duration(n) * time.Hour)
	}
	return t.Add(time.Duration(n) * tile)
}

// edges returns the beginnings of the buckets from one time to another, and then to.
func (g Granularity) edges(from, to time.Time) []time.Time {
	edges := []time.Time{from}
	for next := g.next(g.begin(from)); next.Before(to); next = g.next(next) {
		edges = append(edges, next)
	}
	return append(edges, to)
}

// next returns when the bucket ends that begins at a time.
func (g Granularity) next(t time.Time) time.Time {
	if g == Hour {
		return endOf(t, hours)
	}
	return g.move(t, 1)
}

// Span is a period of time. From is in it, To is not.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// before returns the period before, of the same length by the calendar: for whole
// months as many months, otherwise as many buckets. Of a period whose last bucket is
// not over yet, it ends after the same time.
func (s Span) before(g Granularity) Span {
	if levelOf(s.From) == months && levelOf(s.To) == months {
		g = Month
	}
	n := len(g.edges(s.From, s.To)) - 1
	b := Span{g.move(s.From, -n), s.From}
	if !g.begin(s.To).Equal(s.To) {
		if same := b.From.Add(s.To.Sub(s.From)); same.Before(b.To) {
			b.To = same
		}
	}
	return b
}
