package calendar

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"belfry/exporter/strict"
)

// Range is a range of numbers, both ends included.
type Range struct{ From, To int }

func (r Range) spell(name func(int) string) string {
	if r.From == r.To {
		return name(r.From)
	}
	return name(r.From) + ":" + name(r.To)
}

var (
	weekdayNames = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
	monthNames   = []string{
		"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
		"december",
	}
)

func weekday(n int) string { return weekdayNames[n] }
func month(n int) string   { return monthNames[n-1] }
func number(n int) string  { return strconv.Itoa(n) }

// Weekdays reads a weekday or a range of them. 0 is Sunday. A range over Saturday
// becomes two.
func Weekdays(text string) ([]Range, error) {
	return named(text, "weekday", weekdayNames, 0)
}

// Months reads a month or a range of them, names or numbers. 1 is January. A range
// over December becomes two.
func Months(text string) ([]Range, error) {
	return named(text, "month", monthNames, 1)
}

// named reads a range of names that recur; first is the number of the first name.
func named(text, what string, names []string, first int) ([]Range, error) {
	from, to, isRange := cutRange(text)
	begin, err := oneOf(from, what, names, first)
	if err != nil || !isRange {
		return []Range{{begin, begin}}, err
	}
	end, err := oneOf(to, what, names, first)
	if err != nil {
		return nil, err
	}
	if begin <= end {
		return []Range{{begin, end}}, nil
	}
	return []Range{{begin, first + len(names) - 1}, {first, end}}, nil
}

// oneOf reads a name, or the begin of one, in any case. Months may be numbers.
func oneOf(text, what string, names []string, first int) (int, error) {
	name := strings.ToLower(strings.TrimSpace(text))
	for i, full := range names {
		if full == name || len(name) >= 3 && strings.HasPrefix(full, name) {
			return first + i, nil
		}
	}
	if n, err := strconv.Atoi(name); err == nil && first == 1 && n >= 1 && n <= len(names) {
		return n, nil
	}
	return 0, fmt.Errorf("%s", strict.Unknown(what, text, names))
}

// cutRange splits a range at its colon or hyphen.
func cutRange(text string) (from, to string, isRange bool) {
	if from, to, isRange = strings.Cut(text, ":"); !isRange {
		from, to, isRange = strings.Cut(text, "-")
	}
	return from, to, isRange
}

var numberRange = regexp.MustCompile(`^(-?\d+)(?:\s*[:-]\s*(-?\d+))?$`)

// DaysOfMonth reads a day of the month, negative if it counts from the month's end,
// or a range of them. A range over the month's end becomes two.
func DaysOfMonth(text string) ([]Range, error) {
	r, ok := numbers(text)
	valid := func(day int) bool { return day != 0 && day >= -31 && day <= 31 }
	least := func(day int) int { // in the shortest month, as Alertmanager reckons
		if day < 0 {
			return 28 + day
		}
		return day
	}
	switch {
	case !ok || !valid(r.From) || !valid(r.To):
		return nil, fmt.Errorf("invalid day of the month %q: use 1 to 31, -1 for the last day, or a range such as 24:26",
			text)
	case r.From > 0 && r.To > 0 && r.From > r.To:
		return []Range{{r.From, 31}, {1, r.To}}, nil
	case least(r.From) > least(r.To) || r.From < 0 && r.To > 0:
		return nil, fmt.Errorf("%q runs backwards: split it into two ranges", text)
	}
	return []Range{r}, nil
}

// Years reads a year or a range of them.
func Years(text string) ([]Range, error) {
	r, ok := numbers(text)
	switch {
	case !ok || r.From < 1970 || r.To > 9999:
		return nil, fmt.Errorf("invalid year %q: use one such as 2026, or a range such as 2026:2028", text)
	case r.From > r.To:
		return nil, fmt.Errorf("%q runs backwards", text)
	}
	return []Range{r}, nil
}

func numbers(text string) (r Range, ok bool) {
	m := numberRange.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return r, false
	}
	from, err := strconv.Atoi(m[1])
	to := from
	if err == nil && m[2] != "" {
		to, err = strconv.Atoi(m[2])
	}
	return Range{from, to}, err == nil
}
