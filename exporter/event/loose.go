package event

import (
	"strconv"
	"strings"
	"time"
)

// looseTime reads the forms in which producers write a time beside RFC 3339:
//
//	1795402733, 1795402733.123, 1795402733123      Unix time as text
//	2026-11-23T02:58:53+0000, 2026-11-23 02:58:53+00, 2026-11-23T02:58Z
//	2026-11-23 02:58:53,123 +0000 UTC, 2026-11-23T03:58:53+01:00[Europe/Berlin]
//	Mon, 23 Nov 2026 02:58:53 +0000 (UTC)          RFC 5322, as in mail and HTTP
//
// It refuses a time without an offset, because it could be any of 24 hours.
func looseTime(s string) moment {
	switch c := s[0]; {
	case c >= '0' && c <= '9' && strings.Trim(s, "0123456789.") == "":
		return unixTime(s)
	case c >= 'A' && c <= 'Z', len(s) > 2 && (s[1] == ' ' || s[2] == ' '):
		s = mailTime(s)
	default:
		s = isoTime(s)
	}
	if len(s) > 18 && s[17] == '6' {
		return moment{} // only RFC 3339 has leap seconds
	}
	return parseTime(s)
}

// Unix time has 10 digits in seconds, and 3 more in each finer unit down to
// nanoseconds. Its first two digits are 10 to 91: September 2001 to July 2261.
const (
	unixDigits            = len("1795402733")
	firstUnix, afterUnix2 = "10", "92"
)

// unixTime reads plain decimal digits, with or without a fraction, as Unix time in
// seconds, milliseconds, microseconds or nanoseconds, and 0 as the epoch.
func unixTime(s string) moment {
	whole, part, found := strings.Cut(s, ".")
	if s == "0" {
		return moment{date: epoch, year: 1970}
	}
	finer := len(whole) - unixDigits
	if finer < 0 || finer > 9 || finer%3 != 0 || whole < firstUnix || whole >= afterUnix2 || !isDigits(whole) ||
		found && !isDigits(part) {
		return moment{}
	}
	unit := int64(time.Second)
	for range finer / 3 {
		unit /= 1000
	}
	count, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return moment{}
	}
	rest := 0
	if found {
		rest, _ = fraction("." + part)
	}
	nano := count*unit + int64(rest)*unit/int64(time.Second)
	return moment{date: whole, year: time.Unix(0, nano).UTC().Year(), unixNano: nano}
}

// isoTime rewrites a time of ISO 8601 as RFC 3339 has it; "" if it is not one.
func isoTime(s string) string {
	const minutes, seconds = len("2026-11-23T02:58"), len("2026-11-23T02:58:53")
	if len(s) <= minutes || s[10] != 'T' && s[10] != 't' && s[10] != ' ' {
		return ""
	}
	clock, rest := s[11:minutes]+":00", s[minutes:]
	if rest[0] == ':' {
		if len(s) <= seconds {
			return ""
		}
		clock, rest = s[11:seconds], s[seconds:]
		if rest[0] == '.' || rest[0] == ',' {
			n := 1
			for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
				n++
			}
			clock, rest = clock+"."+rest[1:n], rest[n:]
		}
	}
	return rfc3339(s[:10], clock, strings.TrimPrefix(rest, " "))
}

// mailTime rewrites a time of RFC 5322 as RFC 3339 has it; "" if it is not one.
func mailTime(s string) string {
	if weekday, rest, ok := strings.Cut(s, ", "); ok {
		if len(weekday) != 3 || strings.Index(weekdays, weekday)%4 != 0 {
			return ""
		}
		s = rest
	}
	day, s, _ := strings.Cut(s, " ")
	if len(day) == 1 {
		day = "0" + day
	}
	if len(day) != 2 || len(s) < len("Nov 2026 02:58 Z") || s[3] != ' ' || s[8] != ' ' {
		return ""
	}
	month := strings.Index(months, s[:3])
	if month < 0 || month%3 != 0 {
		return ""
	}
	number := strconv.Itoa(101 + month/3)[1:]
	clock, zone, _ := strings.Cut(s[9:], " ")
	if len(clock) == len("02:58") {
		clock += ":00"
	}
	if len(clock) != len("02:58:53") {
		return ""
	}
	return rfc3339(s[4:8]+"-"+number+"-"+day, clock, zone)
}

const (
	months   = "JanFebMarAprMayJunJulAugSepOctNovDec"
	weekdays = "Mon Tue Wed Thu Fri Sat Sun"
)

// rfc3339 joins a date, a time of day and an offset that may be followed by the name
// of its zone; "" if the offset is not one.
func rfc3339(date, clock, zone string) string {
	zone = withoutName(zone)
	switch {
	case strings.HasPrefix(zone, "."):
		return "" // a fraction of a minute
	case zone == "UTC" || zone == "GMT" || zone == "z":
		zone = "Z"
	case len(zone) == len("+00"):
		zone += ":00"
	case len(zone) == len("+0000"):
		zone = zone[:3] + ":" + zone[3:]
	}
	return date + "T" + clock + zone
}

// withoutName cuts the name of a time zone off an offset: "+0100 CET", "+0100 (CET)"
// or "+01:00[Europe/Berlin]". The offset has said it.
func withoutName(zone string) string {
	i := strings.IndexAny(zone, " [")
	if i < 0 {
		return zone
	}
	offset, name := zone[:i], strings.TrimPrefix(zone[i:], " ")
	n := len(name) - 1
	switch {
	case zone[i] == ' ' && n >= 2 && n <= 4 && isMadeOf(name, capitals),
		zone[i] == ' ' && n > 1 && name[0] == '(' && name[n] == ')' && isMadeOf(name[1:n], ofZoneNames),
		zone[i] == '[' && n > 1 && name[n] == ']' && isMadeOf(name[1:n], ofZoneNames):
		return offset
	}
	return zone
}

const (
	capitals    = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	ofZoneNames = capitals + "abcdefghijklmnopqrstuvwxyz0123456789_+/- "
)

// isMadeOf reports whether s has no characters but the given ones.
func isMadeOf(s, characters string) bool { return strings.Trim(s, characters) == "" }
