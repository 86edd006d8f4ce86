package analytics

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/exporter/zone"
)

// The privacy floor: breakdowns of fewer users are withheld.
const (
	DefaultFloor = 50
	LeastFloor   = 5
)

// Request asks for a period.
type Request struct {
	// From and To bound the period. Their zone, which must be the same, is that of the
	// calendar.
	From, To time.Time
	// Granularity is that of the series. The period is widened to whole buckets.
	Granularity Granularity
	// Channels and Categories narrow what is counted; nil stands for all. Channels
	// cannot be combined with categories, which are not recorded by channel.
	Channels, Categories []string
	// Floor is the number of users below which breakdowns are withheld. If 0, it is
	// DefaultFloor.
	Floor int
	// Only lists the sections to compute beside the totals, by their names in JSON; nil
	// stands for all but provider_metrics, which takes the server long over a year.
	Only []string
	// Experiment returns the result of the experiment that a template is an arm of,
	// nil if there is none. It may be nil.
	Experiment func(template string) *Experiment
}

// Params are a Request in words, as in a URL or on a command line. Empty ones have
// defaults.
type Params struct {
	From, To string
	// Last is how long ago the period began, such as 7d. It excludes From.
	Last        string
	Granularity string
	Timezone    string
	Channels    []string
	Categories  []string
}

// The bounds of a period.
const (
	defaultLast = 7 * 24 * time.Hour
	// maxBuckets is more than two months of hours, or four years of days.
	maxBuckets = 1500
	// maxMinutes is how much a series by minute may span, for which raw samples are
	// read.
	maxMinutes = 3 * time.Hour
)

// earliest is before any data, and after the last change of a zone by seconds.
var earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Request returns the request that the parameters describe at a time.
func (p Params) Request(now time.Time) (Request, error) {
	r := Request{Granularity: Day, Channels: p.Channels, Categories: p.Categories}
	location, ok := time.UTC, true
	if p.Timezone != "" {
		location, ok = zone.Find(p.Timezone)
	}
	if !ok {
		return r, fmt.Errorf("invalid time zone %q: use an IANA name such as Europe/Berlin", p.Timezone)
	}
	var err error
	if p.Granularity != "" {
		if r.Granularity, err = ParseGranularity(p.Granularity); err != nil {
			return r, err
		}
	}
	r.To = now.In(location)
	if p.To != "" {
		if r.To, err = parseTime(p.To, now, location); err != nil {
			return r, fmt.Errorf("invalid to: %w", err)
		}
	}
	r.From, err = p.from(now, r.To, r.Granularity, location)
	if err != nil {
		return r, err
	}
	return r, r.check()
}

// from returns the beginning of the period.
func (p Params) from(now, to time.Time, g Granularity, location *time.Location) (time.Time, error) {
	switch {
	case p.From != "" && p.Last != "":
		return to, errors.New("from and last exclude each other: use one")
	case p.From != "":
		from, err := parseTime(p.From, now, location)
		if err != nil {
			return to, fmt.Errorf("invalid from: %w", err)
		}
		return from, nil
	case p.Last != "":
		last, err := model.ParseDuration(p.Last)
		if err != nil || last <= 0 {
			return to, fmt.Errorf("invalid last %q: use a duration such as 7d", p.Last)
		}
		return to.Add(-time.Duration(last)), nil
	case g == Minute:
		return to.Add(-time.Hour), nil
	}
	return to.Add(-defaultLast), nil
}

// parseTime parses a time, a day, or how long ago it was. A time without a zone is in
// the location.
func parseTime(text string, now time.Time, location *time.Location) (time.Time, error) {
	if ago, err := model.ParseDuration(text); err == nil {
		return now.Add(-time.Duration(ago)).In(location), nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.In(location), nil
	}
	for _, layout := range []string{time.DateOnly, time.DateTime, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if at, err := time.ParseInLocation(layout, text, location); err == nil {
			return at, nil
		}
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds < 1<<40 && seconds > 0 {
		return time.Unix(seconds, 0).In(location), nil
	}
	return now, fmt.Errorf("invalid time %q: use a time such as 2026-01-31T12:00:00Z, a day, or how long ago, such as 7d",
		text)
}

// check returns what is wrong with the request.
func (r Request) check() error {
	if !slices.Contains(Granularities, r.Granularity) {
		_, err := ParseGranularity(string(r.Granularity))
		return err
	}
	if r.Floor != 0 && r.Floor < LeastFloor {
		return fmt.Errorf("invalid privacy floor %d: use at least %d users", r.Floor, LeastFloor)
	}
	if !r.From.Before(r.To) {
		return fmt.Errorf("invalid period: it begins at %s and ends at %s: use an earlier beginning",
			r.From.Format(time.RFC3339), r.To.Format(time.RFC3339))
	}
	if r.From.Before(earliest) || r.To.Year() > 9000 {
		return fmt.Errorf("invalid period: use years from %d to 9000", earliest.Year())
	}
	if len(r.Channels) > 0 && len(r.Categories) > 0 {
		return errors.New("channels and categories cannot be combined, since categories are not recorded by channel: use one")
	}
	for _, c := range r.Channels {
		if !catalog.LabelChannel.Known(c) {
			return fmt.Errorf("invalid channel %q: choose from %v", c, catalog.LabelChannel.Values)
		}
	}
	return r.checkLength()
}

// checkLength returns an error if the series would have too many buckets.
func (r Request) checkLength() error {
	length := r.To.Sub(r.From)
	if r.Granularity == Minute && length > maxMinutes {
		return fmt.Errorf("a series by minute spans at most %s: ask for less time, or by hour", model.Duration(maxMinutes))
	}
	least := map[Granularity]time.Duration{Hour: time.Hour, Day: 23 * time.Hour, Week: 7 * 23 * time.Hour,
		Month: 28 * 24 * time.Hour}[r.Granularity]
	if least > 0 && length/least > maxBuckets {
		return fmt.Errorf("a series by %s of %s has more than %d buckets: ask for less time, or for longer buckets",
			r.Granularity, model.Duration(length.Truncate(time.Minute)), maxBuckets)
	}
	return nil
}

// span returns the period in whole buckets, as far as it has passed.
func (r Request) span(now time.Time) (Span, error) {
	s := Span{r.Granularity.begin(r.From), r.To}
	if begun := r.Granularity.begin(r.To); begun.Before(r.To) {
		s.To = r.Granularity.next(begun)
	}
	if s.To.After(now) {
		s.To = startOf(now.In(r.To.Location()), tiles)
	}
	if !s.From.Before(s.To) {
		return s, fmt.Errorf("invalid period: it begins at %s, and it is %s: use an earlier beginning",
			s.From.Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	return s, nil
}

const sectionProviders = "provider_metrics"

// wants reports whether a section is to be computed.
func (r Request) wants(section string) bool {
	if r.Only == nil {
		return section != sectionProviders
	}
	return slices.Contains(r.Only, section)
}

func (r Request) floor() float64 {
	if r.Floor == 0 {
		return DefaultFloor
	}
	return float64(r.Floor)
}
