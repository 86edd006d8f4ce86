package strict

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

var durationType = reflect.TypeFor[model.Duration]()

func (d *Document) duration(n *yaml.Node, into reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode {
		d.broken(n, path, "expected a duration such as 30s, 5m or 1h30m, got %s", describe(n))
		return
	}
	parsed, err := ParseDuration(n.Value)
	if err != nil {
		d.broken(n, path, "%v", err)
		return
	}
	into.Set(reflect.ValueOf(parsed))
}

// ParseDuration reads a Prometheus duration, such as 30s, 5m, 1h30m or 7d. The error
// says what to write instead.
func ParseDuration(text string) (model.Duration, error) {
	parsed, err := model.ParseDuration(text)
	if err == nil {
		return parsed, nil
	}
	said := fmt.Sprintf("invalid duration %q", text)
	if n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64); err == nil {
		return 0, errors.New(said + ": the unit is missing: " + withUnit(n))
	}
	if positive, negative := strings.CutPrefix(strings.TrimSpace(text), "-"); negative {
		if d, err := model.ParseDuration(positive); err == nil {
			return 0, errors.New(said + ": it is negative: write " + d.String())
		}
	}
	said += ": use a number and a unit, such as 30s, 5m or 1h30m"
	if near := nearestDuration(text); near != "" {
		said += "; did you mean " + strconv.Quote(near) + "?"
	}
	return 0, errors.New(said)
}

// withUnit says how to write a number whose unit is missing: a small one can be
// anything, a large one is most likely a number of seconds or milliseconds.
func withUnit(n uint64) string {
	const small, large = 300, 1_000_000
	switch {
	case n < small:
		return fmt.Sprintf("write %ds, %dm, %dh or %dd", n, n, n, n)
	case n < large:
		return fmt.Sprintf("write %ds%s if it counts seconds", n, in(n, time.Second))
	case n <= uint64(math.MaxInt64/time.Second):
		return fmt.Sprintf("write %ds%s if it counts seconds, or %dms%s if it counts milliseconds",
			n, in(n, time.Second), n, in(n, time.Millisecond))
	}
	return "use one such as 30s, 5m or 1h30m"
}

// in returns a number of units in larger ones, in brackets, if that is shorter to
// read.
func in(n uint64, unit time.Duration) string {
	d := time.Duration(n) * unit
	if text := model.Duration(d).String(); d%time.Minute == 0 {
		return " (" + text + ")"
	}
	return ""
}

// unitNames maps units, as people write them, to those of a Prometheus duration and
// their length. A month counts 30 days. Prometheus has nothing below a millisecond.
var unitNames = map[string]time.Duration{
	"ms": time.Millisecond, "msec": time.Millisecond, "millisecond": time.Millisecond, "milli": time.Millisecond,
	"s": time.Second, "sec": time.Second, "second": time.Second,
	"m": time.Minute, "min": time.Minute, "minute": time.Minute,
	"h": time.Hour, "hr": time.Hour, "hour": time.Hour,
	"d": day, "day": day, "w": 7 * day, "wk": 7 * day, "week": 7 * day,
	"mo": 30 * day, "mon": 30 * day, "mth": 30 * day, "month": 30 * day,
	"y": 365 * day, "yr": 365 * day, "year": 365 * day,
}

const day = 24 * time.Hour

// smaller maps a unit to the one that a number without a unit behind it counts, as
// in 1h30.
var smaller = map[time.Duration]time.Duration{
	7 * day: day, day: time.Hour, time.Hour: time.Minute, time.Minute: time.Second, time.Second: time.Millisecond,
}

var (
	// amounts matches one number with its unit, as in 1.5 hours and 30.
	amounts    = regexp.MustCompile(`^[\s,]*(?:and\s+)?(\d+(?:[.,]\d+)?)\s*([a-z]*)`)
	isoPattern = regexp.MustCompile(`^p(?:\d+[ywd])*(?:t(?:\d+[hms])+)?$`) // ISO 8601, without months
)

// nearestDuration guesses which duration an invalid one was meant to be, or returns
// "".
func nearestDuration(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	if isoPattern.MatchString(text) {
		text = strings.NewReplacer("p", "", "t", "").Replace(text)
	}
	var total, last time.Duration
	for text != "" {
		m := amounts.FindStringSubmatch(text)
		if m == nil {
			return ""
		}
		amount, err := strconv.ParseFloat(strings.Replace(m[1], ",", ".", 1), 64)
		unit := smaller[last]
		if m[2] != "" {
			unit = unitOf(m[2])
		}
		length := amount * float64(unit)
		if err != nil || unit == 0 || length > math.MaxInt64/2 || last > 0 && unit >= last {
			return ""
		}
		total, last, text = total+time.Duration(math.Round(length)), unit, text[len(m[0]):]
	}
	total = total.Round(time.Millisecond)
	if total <= 0 {
		return ""
	}
	return model.Duration(total).String()
}

// unitOf returns the length of a unit, misspelled ones included, or 0.
func unitOf(name string) time.Duration {
	for _, known := range []string{name, strings.TrimSuffix(name, "s")} {
		if unit, ok := unitNames[known]; ok {
			return unit
		}
	}
	var words []string
	for word := range unitNames {
		if len(word) > 3 {
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return unitNames[Nearest(strings.TrimSuffix(name, "s"), words)]
}
