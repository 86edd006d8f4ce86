package event

import "time"

// The years that a time may have. Later ones do not fit into nanoseconds since 1970,
// and 1970 itself comes from clocks that were never set.
const (
	firstYear = 1971
	lastYear  = 2261
	epoch     = "1970-01-01"
)

// moment holds a time as it was written.
type moment struct {
	// date holds the written date, "2026-11-23"; empty if the text is not a time.
	date     string
	year     int
	unixNano int64
}

// inRange reports whether an event can hold the moment.
func (m *moment) inRange() bool {
	return m.date != "" && m.year >= firstYear && m.year <= lastYear
}

// isZero reports whether the moment is the zero of a clock, in any time zone: year 1
// of Go, C# and Java, or the epoch of Unix.
func (m *moment) isZero() bool {
	return m.date == "0001-01-01" || m.date == epoch || m.date == "1969-12-31"
}

// parseTime reads a date-time of RFC 3339, section 5.6. "T" and "Z" may be lower
// case, a leap second is accepted where UTC has them and becomes the second after,
// and digits past the nanosecond are dropped. time.Parse accepts less of the grammar,
// more outside it, and takes longer.
func parseTime(s string) moment {
	const shape = "2026-11-23T02:58:53"
	if len(s) <= len(shape) || s[4] != '-' || s[7] != '-' || s[10]|0x20 != 't' || s[13] != ':' || s[16] != ':' {
		return moment{}
	}
	for _, i := range [...]uint8{0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18} {
		if s[i]-'0' > 9 {
			return moment{}
		}
	}
	subsecond, rest := fraction(s[len(shape):])
	offset, ok := zone(rest)
	year, month, day := two(s)*100+two(s[2:]), two(s[5:]), two(s[8:])
	hour, minute, second := two(s[11:]), two(s[14:]), two(s[17:])
	if !ok || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
		hour > 23 || minute > 59 || second > 60 {
		return moment{}
	}
	if ofDay := (hour*60 + minute - offset + 2*1440) % 1440; second == 60 && ofDay != 1439 {
		return moment{}
	}
	t := time.Date(year, time.Month(month), day, hour, minute-offset, second, subsecond, time.UTC)
	return moment{date: s[:10], year: year, unixNano: t.UnixNano()}
}

// fraction reads "." and digits, if they are there, and returns the nanoseconds and
// what follows. It does not take a point without digits.
func fraction(s string) (nanoseconds int, rest string) {
	if s[0] != '.' {
		return 0, s
	}
	i, scale := 1, 100_000_000
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		nanoseconds += int(s[i]-'0') * scale
		scale /= 10
	}
	if i == 1 {
		return 0, s
	}
	return nanoseconds, s[i:]
}

// zone reads "Z" or an offset such as "-08:00" and returns it in minutes.
func zone(s string) (minutes int, ok bool) {
	if s == "Z" || s == "z" {
		return 0, true
	}
	if len(s) != len("+hh:mm") || s[3] != ':' {
		return 0, false
	}
	for _, i := range [...]int{1, 2, 4, 5} {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	hours, mins := two(s[1:]), two(s[4:])
	if hours > 23 || mins > 59 {
		return 0, false
	}
	switch minutes = hours*60 + mins; s[0] {
	case '+':
		return minutes, true
	case '-':
		return -minutes, true
	}
	return 0, false
}

// two returns the number that the first two digits of s make.
func two(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
