package calendar

import (
	"fmt"
	"strings"
	"time"
)

// Days are days of the year: the days Day of the months Month of the years Year, or
// of every year if Year is zero.
type Days struct{ Day, Month, Year Range }

func (d Days) days() []string   { return []string{d.Day.spell(number)} }
func (d Days) months() []string { return []string{d.Month.spell(month)} }

func (d Days) years() []string {
	if d.Year == (Range{}) {
		return nil
	}
	return []string{d.Year.spell(number)}
}

// date is a day; its year is 0 for every year.
type date struct{ year, month, day int }

// Dates reads a day, YYYY-MM-DD or MM-DD for every year, or a range of days: two of
// them with a colon between. A range of every year may run over the year's end.
func Dates(text string) ([]Days, error) {
	first, last, isRange := strings.Cut(text, ":")
	from, err := readDate(first)
	if err != nil {
		return nil, err
	}
	to := from
	if isRange {
		if to, err = readDate(last); err != nil {
			return nil, err
		}
	}
	backwards := from.month > to.month || from.month == to.month && from.day > to.day
	switch {
	case (from.year == 0) != (to.year == 0):
		return nil, fmt.Errorf("%q has a year on one side: give both or neither", text)
	case from.year > to.year, from.year == to.year && from.year > 0 && backwards:
		return nil, fmt.Errorf("%q runs backwards", text)
	case from.year == 0 && backwards:
		return append(between(from, date{0, 12, 31}), between(date{0, 1, 1}, to)...), nil
	case from.year == to.year:
		return between(from, to), nil
	}
	all := between(from, date{from.year, 12, 31})
	if to.year-from.year > 1 {
		all = append(all, Days{Range{1, 31}, Range{1, 12}, Range{from.year + 1, to.year - 1}})
	}
	return append(all, between(date{to.year, 1, 1}, to)...), nil
}

// between returns the days of one year from one to another.
func between(from, to date) []Days {
	year := Range{from.year, from.year}
	if from.month == to.month {
		return []Days{{Range{from.day, to.day}, Range{from.month, from.month}, year}}
	}
	all := []Days{{Range{from.day, 31}, Range{from.month, from.month}, year}}
	if to.month-from.month > 1 {
		all = append(all, Days{Range{1, 31}, Range{from.month + 1, to.month - 1}, year})
	}
	return append(all, Days{Range{1, to.day}, Range{to.month, to.month}, year})
}

func readDate(text string) (date, error) {
	text = strings.TrimSpace(text)
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return date{day.Year(), int(day.Month()), day.Day()}, nil
	}
	if day, err := time.Parse(time.DateOnly, "2000-"+text); err == nil { // a leap year
		return date{0, int(day.Month()), day.Day()}, nil
	}
	said := fmt.Sprintf("invalid date %q: use YYYY-MM-DD, or MM-DD for every year", text)
	for _, layout := range []string{"2006-1-2", "2006/1/2", "20060102", "2.1.2006", time.RFC3339} {
		if day, err := time.Parse(layout, text); err == nil {
			return date{}, fmt.Errorf("%s; did you mean %q?", said, day.Format(time.DateOnly))
		}
	}
	return date{}, fmt.Errorf("%s", said)
}
