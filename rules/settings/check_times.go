package settings

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

func (c *check) muteTimes(times map[string][]TimeInterval) {
	for name, intervals := range times {
		path := "mute_times." + name
		c.hyphens(path, "mute time name", name)
		for i, interval := range intervals {
			c.interval(fmt.Sprintf("%s[%d]", path, i), interval)
		}
	}
}

func (c *check) interval(path string, t TimeInterval) {
	if len(t.Weekdays)+len(t.Times) == 0 {
		c.Wrong(path, "never ends: set weekdays or times")
	}
	for i, span := range t.Weekdays {
		c.days(fmt.Sprintf("%s.weekdays[%d]", path, i), span)
	}
	for i, span := range t.Times {
		path := fmt.Sprintf("%s.times[%d]", path, i)
		from, to := c.clock(path+".start_time", span.Start), c.clock(path+".end_time", span.End)
		if from >= 0 && to >= 0 && from >= to {
			c.Wrong(path+".end_time", "%q is not after %q: split a span over midnight into two", span.End, span.Start)
		}
	}
	if c.Has(path + ".location") {
		if _, err := time.LoadLocation(t.Location); err != nil || t.Location == "" {
			c.Wrong(path+".location", "unknown time zone %q: use a name such as Europe/Paris", t.Location)
		}
	}
}

func (c *check) days(path, span string) {
	from, to, isRange := strings.Cut(span, ":")
	if !c.OneOf(path, "weekday", from, weekdays) || !isRange || !c.OneOf(path, "weekday", to, weekdays) {
		return
	}
	if slices.Index(weekdays, from) > slices.Index(weekdays, to) {
		c.Wrong(path, "%q runs backwards, since weeks start on sunday: split it into two ranges", span)
	}
}

var clockTime = regexp.MustCompile(`^((?:[01]\d|2[0-3]):[0-5]\d|24:00)$`)

// clock returns the minutes since midnight, or -1 after adding a mistake.
func (c *check) clock(path, text string) int {
	if !c.Needed(path, `a time of day, such as "07:00"`) {
		return -1
	}
	if !clockTime.MatchString(text) {
		c.Wrong(path, "invalid time of day %q: use HH:MM, from 00:00 to 24:00", text)
		return -1
	}
	digit := func(i int) int { return int(text[i] - '0') }
	return (digit(0)*10+digit(1))*60 + digit(3)*10 + digit(4)
}
