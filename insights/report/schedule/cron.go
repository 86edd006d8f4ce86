package schedule

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// times is when a schedule is due.
type times struct {
	spec cron.Schedule // of the wall clock, as if it were UTC
	zone *time.Location
}

// parser takes the five fields of cron, and words such as @weekly.
var parser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

// parseTimes parses a schedule of cron. The error says what to write.
func parseTimes(text string, zone *time.Location) (times, error) {
	const use = `use five fields such as "0 8 * * mon" for Monday at 8:00, or @daily, @weekly or @monthly`
	if strings.Contains(text, "TZ=") {
		return times{}, fmt.Errorf("%q names a time zone: use the key timezone", text)
	}
	if strings.HasPrefix(strings.TrimSpace(text), "@every") {
		return times{}, fmt.Errorf("%q has no fixed times: %s", text, use)
	}
	spec, err := parser.Parse(text)
	if err != nil {
		return times{}, fmt.Errorf("%q is no schedule of cron: %w: %s", text, err, use)
	}
	t := times{spec, zone}
	if t.spec.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return times{}, fmt.Errorf("%q is never due: use a date that exists", text)
	}
	return t, nil
}

// next returns the first time after another that is due.
func (t times) next(after time.Time) time.Time {
	wall := asUTC(after.In(t.zone))
	// Around a change of the clock, the wall clock may have shown a time already.
	for wall = wall.Add(-maxShift); ; {
		if wall = t.spec.Next(wall); wall.IsZero() {
			return time.Time{}
		}
		if at := onClock(wall, t.zone); at.After(after) {
			return at
		}
	}
}

// maxShift is more than any change of a clock.
const maxShift = 3 * time.Hour

// asUTC returns the time of UTC at which clocks there show what the clock of t shows.
func asUTC(t time.Time) time.Time {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	return time.Date(year, month, day, hour, minute, second, t.Nanosecond(), time.UTC)
}

// onClock returns when the clock of a zone first shows what clocks of UTC show at a time, or,
// if it leaves that out, when it is put forward past it.
func onClock(wall time.Time, zone *time.Location) time.Time {
	year, month, day := wall.Date()
	at := time.Date(year, month, day, wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), zone)
	begin, end := at.ZoneBounds()
	if shown := asUTC(at); shown.After(wall) {
		return begin
	} else if shown.Before(wall) {
		return end
	}
	if !begin.IsZero() {
		_, now := at.Zone()
		_, before := begin.Add(-1).Zone()
		if first := at.Add(time.Duration(now-before) * time.Second); first.Before(begin) &&
			asUTC(first.In(zone)).Equal(wall) {
			return first
		}
	}
	return at
}
