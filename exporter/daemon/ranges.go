package daemon

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/alecthomas/units"

	"belfry/exporter/strict"
)

// ranged is the value of a flag that takes what lies in a range.
type ranged[N cmp.Ordered] struct {
	name        string
	to          *N
	least, most N
	parse       func(string) (N, error)
	show        func(N) string
	unbounded   N // the most that is not worth saying
}

// String implements kingpin.Value.
func (r ranged[N]) String() string { return r.show(*r.to) }

// Set implements kingpin.Value.
func (r ranged[N]) Set(text string) error {
	n, err := r.parse(text)
	if err != nil {
		return fmt.Errorf("--%s: %w", r.name, err)
	}
	if n >= r.least && n <= r.most {
		*r.to = n
		return nil
	}
	advice := "use " + r.show(r.least) + " or more"
	if r.most < r.unbounded {
		advice = "use " + r.show(r.least) + " to " + r.show(r.most)
	}
	return fmt.Errorf("--%s: %s is out of range: %s", r.name, text, advice)
}

// IntVar makes the flag one for a whole number from least to most.
func IntVar(flag *kingpin.FlagClause, to *int, least, most int) {
	flag.SetValue(ranged[int]{flag.Model().Name, to, least, most, parseInt, strconv.Itoa, math.MaxInt})
}

func parseInt(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("invalid number %q: use a whole number", text)
	}
	return n, nil
}

// ints is the value of a flag for whole numbers, one at each use.
type ints struct {
	each ranged[int]
	to   *[]int
}

// IntsVar makes the flag a repeatable one for whole numbers from least to most.
func IntsVar(flag *kingpin.FlagClause, to *[]int, least, most int) {
	each := ranged[int]{flag.Model().Name, new(int), least, most, parseInt, strconv.Itoa, math.MaxInt}
	flag.SetValue(ints{each, to})
}

// String implements kingpin.Value.
func (i ints) String() string { return strings.Trim(fmt.Sprint(*i.to), "[]") }

// IsCumulative says that the flag can be repeated.
func (i ints) IsCumulative() bool { return true }

// Set implements kingpin.Value.
func (i ints) Set(text string) error {
	if err := i.each.Set(text); err != nil {
		return err
	}
	*i.to = append(*i.to, *i.each.to)
	return nil
}

// FloatVar makes the flag one for a finite number from least to most.
func FloatVar(flag *kingpin.FlagClause, to *float64, least, most float64) {
	show := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	flag.SetValue(ranged[float64]{flag.Model().Name, to, least, most, parseFloat, show, math.MaxFloat64})
}

func parseFloat(text string) (float64, error) {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, fmt.Errorf("invalid number %q: use a finite number", text)
	}
	return x, nil
}

// DurationVar makes the flag one for a duration of at least so much.
func DurationVar(flag *kingpin.FlagClause, to *time.Duration, least time.Duration) {
	flag.SetValue(ranged[time.Duration]{
		flag.Model().Name, to, least, math.MaxInt64, parseDuration, time.Duration.String, math.MaxInt64,
	})
}

// parseDuration reads durations of Prometheus, and those of Go, which have fractions.
func parseDuration(text string) (time.Duration, error) {
	if d, err := time.ParseDuration(text); err == nil {
		return d, nil
	}
	d, err := strict.ParseDuration(text)
	return time.Duration(d), err
}

// SizeVar makes the flag one for a number of bytes, of at least so many.
func SizeVar(flag *kingpin.FlagClause, to *units.Base2Bytes, least units.Base2Bytes) {
	flag.SetValue(ranged[units.Base2Bytes]{
		flag.Model().Name, to, least, math.MaxInt64, parseSize, units.Base2Bytes.String, math.MaxInt64,
	})
}

func parseSize(text string) (units.Base2Bytes, error) {
	size, err := units.ParseBase2Bytes(text)
	if err == nil {
		return size, nil
	}
	if _, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil {
		return 0, fmt.Errorf("invalid size %q: the unit is missing: write %sMiB or %sGiB", text, text, text)
	}
	return 0, errors.New("invalid size " + strconv.Quote(text) + ": use a number and a unit, such as 64MiB")
}
