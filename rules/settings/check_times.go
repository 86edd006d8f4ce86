package settings

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"belfry/exporter/zone"
	"belfry/rules/calendar"
)

func (c *check) muteTimes(times map[string][]TimeInterval) {
	for name, intervals := range times {
		path := "mute_times." + name
		c.hyphens(path, "mute time name", name)
		for i, interval := range intervals {
			c.interval(fmt.Sprintf("%s[%d]", path, i), interval)
		}
		if len(intervals) == 0 && !c.Mistaken(path) {
			c.Wrong(path, "lists no time, so it mutes nothing: add one such as {weekdays: [sat, sun]}, or remove it")
		}
		if len(intervals) > 0 && !c.Mistaken(path) && calendar.Always(intervals) {
			c.WrongKey(path, "never ends: leave some time of the week in which alerts notify")
		}
	}
}

func (c *check) interval(path string, t TimeInterval) {
	set := len(t.Weekdays) + len(t.Times) + len(t.Dates) + len(t.DaysOfMonth) + len(t.Months) + len(t.Years)
	if set == 0 && !c.Mistaken(path) {
		c.Wrong(path, "never ends: set weekdays, dates or times")
	}
	c.ranges(path+".weekdays", t.Weekdays, calendar.Weekdays)
	c.ranges(path+".days_of_month", t.DaysOfMonth, calendar.DaysOfMonth)
	c.ranges(path+".months", t.Months, calendar.Months)
	c.ranges(path+".years", t.Years, calendar.Years)
	for i, text := range t.Dates {
		if _, err := calendar.Dates(text); err != nil {
			c.Wrong(fmt.Sprintf("%s.dates[%d]", path, i), "%v", err)
		}
	}
	if len(t.Dates) > 0 && len(t.DaysOfMonth)+len(t.Months)+len(t.Years) > 0 {
		c.Wrong(path+".dates", "days_of_month, months or years are set as well: use one or the other")
	}
	for i, span := range t.Times {
		path := fmt.Sprintf("%s.times[%d]", path, i)
		from, to := c.clock(path+".start_time", span.Start), c.clock(path+".end_time", span.End)
		if from >= 0 && to >= 0 && from >= to {
			c.Wrong(path+".end_time", "%q is not after %q: split a span over midnight into two", span.End, span.Start)
		}
	}
	if c.Has(path + ".location") {
		// Another name may be known to this machine, and Alertmanager may run on one
		// that does not have it: then it refuses the whole configuration.
		if _, known := zone.Find(t.Location); !known || t.Location == "" {
			c.Wrong(path+".location", "unknown time zone %q: use a name such as Europe/Paris", t.Location)
		}
	}
}

func (c *check) ranges(path string, texts []string, parse func(string) ([]calendar.Range, error)) {
	for i, text := range texts {
		if _, err := parse(text); err != nil {
			c.Wrong(fmt.Sprintf("%s[%d]", path, i), "%v", err)
		}
	}
}

var clockTime = regexp.MustCompile(`^((?:[01]\d|2[0-3]):[0-5]\d|24:00)$`)

// clock returns the minutes since midnight, or -1 after adding a mistake.
func (c *check) clock(path, text string) int {
	if !c.Needed(path, `a time of day, such as "07:00"`) {
		return -1
	}
	if !clockTime.MatchString(text) {
		c.Wrong(path, "invalid time of day %q: use HH:MM, from 00:00 to 24:00%s", text, nearestClock(text))
		return -1
	}
	digit := func(i int) int { return int(text[i] - '0') }
	return (digit(0)*10+digit(1))*60 + digit(3)*10 + digit(4)
}

// nearestClock proposes a time of day for one in another spelling.
func nearestClock(text string) string {
	spelled := strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(text)), " ", "")
	for _, layout := range []string{"15:04", "15:04:05", "15.04", "3PM", "3:04PM"} {
		if at, err := time.Parse(layout, spelled); err == nil {
			return fmt.Sprintf("; did you mean %q?", at.Format("15:04"))
		}
	}
	return ""
}
