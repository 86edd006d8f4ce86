// Package calendar reads recurring spans of time, as people write them, and spells
// them as Alertmanager's time_intervals do.
//
//	weekdays: [mon-thu, Sunday]          short names, ranges, also over the week's end
//	dates: [2026-12-24:2027-01-02]       one year, or 12-24:01-02 for every year
//	months: [nov:feb]                    ranges over the year's end
//
// Alertmanager takes full names, and ranges that do not run over an end.
package calendar

import (
	"slices"
	"time"

	"belfry/exporter/zone"
)

// Interval is a recurring span of time. All that it sets must hold. Its keys are
// those of Alertmanager's time_intervals, and dates.
type Interval struct {
	// Weekdays lists names or ranges such as saturday or mon-fri.
	Weekdays []string `yaml:"weekdays,omitempty,flow" strict:"verbatim"`
	// Dates lists days, YYYY-MM-DD or, for every year, MM-DD, and ranges of them.
	Dates []string `yaml:"dates,omitempty,flow" strict:"verbatim"`
	// DaysOfMonth lists days from 1 to 31, or from the month's end, -1 to -31.
	DaysOfMonth []string `yaml:"days_of_month,omitempty,flow" strict:"verbatim"`
	// Months lists names or numbers, Years numbers, and both ranges.
	Months []string `yaml:"months,omitempty,flow" strict:"verbatim"`
	Years  []string `yaml:"years,omitempty,flow" strict:"verbatim"`
	// Times lists spans of a day.
	Times []TimeRange `yaml:"times,omitempty"`
	// Location names a time zone; empty for UTC.
	Location string `yaml:"location,omitempty"`
}

// TimeRange is a span of a day from Start to End, HH:MM, without the End.
type TimeRange struct {
	Start string `yaml:"start_time"`
	End   string `yaml:"end_time"`
}

// Plain returns the intervals that mean the same in Alertmanager's spelling. The
// interval must be valid.
func (i Interval) Plain() []Interval {
	plain := i
	plain.Dates = nil
	plain.Weekdays = spelled(i.Weekdays, Weekdays, weekday)
	plain.Months = spelled(i.Months, Months, month)
	plain.DaysOfMonth = spelled(i.DaysOfMonth, DaysOfMonth, number)
	plain.Years = spelled(i.Years, Years, number)
	if len(i.Dates) == 0 {
		return []Interval{plain}
	}
	var all []Interval
	for _, text := range i.Dates {
		days, err := Dates(text)
		if err != nil {
			continue
		}
		for _, d := range days {
			one := plain
			one.DaysOfMonth, one.Months, one.Years = d.days(), d.months(), d.years()
			all = append(all, one)
		}
	}
	return all
}

// spelled returns the texts of a list in Alertmanager's spelling.
func spelled(texts []string, parse func(string) ([]Range, error), name func(int) string) []string {
	var all []string
	for _, text := range texts {
		ranges, err := parse(text)
		if err != nil {
			continue
		}
		for _, r := range ranges {
			all = append(all, r.spell(name))
		}
	}
	return all
}

// Holds reports whether a time is in the interval, which must be valid. It reads the
// interval as Alertmanager does.
func (i Interval) Holds(at time.Time) bool {
	location, known := zone.Find(i.Location)
	if !known {
		return false
	}
	at = at.In(location)
	for _, p := range i.Plain() {
		if p.holds(at) {
			return true
		}
	}
	return false
}

func (i Interval) holds(at time.Time) bool {
	inTimes := len(i.Times) == 0
	for _, t := range i.Times {
		clock := at.Format("15:04")
		inTimes = inTimes || t.Start <= clock && clock < t.End
	}
	return inTimes && within(i.Weekdays, Weekdays, int(at.Weekday())) && within(i.Months, Months, int(at.Month())) &&
		within(i.Years, Years, at.Year()) && inMonth(i.DaysOfMonth, at)
}

// within reports whether a number is in one of the ranges, or there is none.
func within(texts []string, parse func(string) ([]Range, error), n int) bool {
	return len(texts) == 0 || slices.ContainsFunc(texts, func(text string) bool {
		ranges, _ := parse(text)
		return slices.ContainsFunc(ranges, func(r Range) bool { return r.From <= n && n <= r.To })
	})
}

// inMonth reports whether the day is one of these days of its month, or there is
// none.
func inMonth(texts []string, at time.Time) bool {
	last := time.Date(at.Year(), at.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	day := func(n int) int {
		if n < 0 {
			return last + n + 1
		}
		return n
	}
	return len(texts) == 0 || slices.ContainsFunc(texts, func(text string) bool {
		ranges, _ := DaysOfMonth(text)
		return slices.ContainsFunc(ranges, func(r Range) bool {
			return day(r.From) <= at.Day() && at.Day() <= day(r.To)
		})
	})
}

// Always reports whether the intervals together leave no minute of the four years
// from 2025 on.
func Always(intervals []Interval) bool {
	if len(intervals) == 0 {
		return false
	}
	begin, end := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)
	for day := begin; day.Before(end); day = day.AddDate(0, 0, 1) {
		for _, at := range ends(intervals, day) {
			if !slices.ContainsFunc(intervals, func(i Interval) bool { return i.Holds(at) }) {
				return false
			}
		}
	}
	return true
}

// ends returns the times of a day at which an interval may end: if there is a time
// in none of them, one begins then.
func ends(intervals []Interval, day time.Time) []time.Time {
	var all []time.Time
	for _, i := range intervals {
		location, known := zone.Find(i.Location)
		if !known {
			continue
		}
		midnight := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, location)
		all = append(all, midnight)
		for _, t := range i.Times {
			if clock, err := time.Parse("15:04", t.End); err == nil {
				hours, minutes := clock.Hour(), clock.Minute()
				all = append(all, time.Date(day.Year(), day.Month(), day.Day(), hours, minutes, 0, 0, location))
			}
		}
	}
	return all
}
