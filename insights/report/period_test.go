package report

import (
	"testing"
	"time"
)

func at(t *testing.T, zone, text string) time.Time {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, location)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestTheLastWholeUnit(t *testing.T) {
	for _, c := range []struct{ unit, zone, now, from, to, words, is string }{
		{Day, "UTC", "2026-11-30 00:00", "2026-11-29 00:00", "2026-11-30 00:00", "Sunday, 29 November 2026", "day"},
		{Week, "UTC", "2026-11-30 09:00", "2026-11-23 00:00", "2026-11-30 00:00", "23 to 29 November 2026", "week"},
		{Week, "UTC", "2026-11-29 23:59", "2026-11-16 00:00", "2026-11-23 00:00", "16 to 22 November 2026", "week"},
		{Week, "UTC", "2027-01-05 10:00", "2026-12-28 00:00", "2027-01-04 00:00", "28 December 2026 to 3 January 2027",
			"week"},
		{Month, "UTC", "2028-03-01 00:00", "2028-02-01 00:00", "2028-03-01 00:00", "February 2028", "month"},
		{Month, "UTC", "2026-01-31 12:00", "2025-12-01 00:00", "2026-01-01 00:00", "December 2025", "month"},
		{Quarter, "UTC", "2026-11-30 00:00", "2026-07-01 00:00", "2026-10-01 00:00", "July to September 2026",
			"quarter"},
		{Year, "UTC", "2026-11-30 00:00", "2025-01-01 00:00", "2026-01-01 00:00", "2025", "year"},
		// 23 and 25 hours, and a zone 13 hours ahead, where it is tomorrow.
		{Day, "Europe/Berlin", "2026-03-30 06:00", "2026-03-29 00:00", "2026-03-30 00:00", "Sunday, 29 March 2026",
			"day"},
		{Week, "Europe/Berlin", "2026-10-26 06:00", "2026-10-19 00:00", "2026-10-26 00:00", "19 to 25 October 2026",
			"week"},
		{Day, "Pacific/Tongatapu", "2026-12-01 00:30", "2026-11-30 00:00", "2026-12-01 00:00",
			"Monday, 30 November 2026", "day"},
	} {
		p, err := Last(c.unit, at(t, c.zone, c.now))
		if err != nil {
			t.Fatal(err)
		}
		if from, to := at(t, c.zone, c.from), at(t, c.zone, c.to); !p.From.Equal(from) || !p.To.Equal(to) {
			t.Errorf("last %s at %s: got %s to %s", c.unit, c.now, p.From, p.To)
		}
		if p.Words() != c.words || p.unit() != c.is {
			t.Errorf("last %s at %s: got %q, a %s", c.unit, c.now, p.Words(), p.unit())
		}
	}
	if _, err := Last("fortnight", time.Now()); err == nil {
		t.Error("a fortnight is no unit")
	}
}

func TestWordsOfAPeriod(t *testing.T) {
	for _, c := range []struct{ from, to, words, is string }{
		{"2026-11-30 13:05", "2026-11-30 14:20", "30 November 2026, 13:05 to 14:20", "period"},
		{"2026-11-29 23:00", "2026-11-30 01:00", "29 November 2026, 23:00 to 30 November 2026, 01:00", "period"},
		{"2026-10-28 00:00", "2026-11-04 00:00", "28 October to 3 November 2026", "7 days"},
		{"2026-11-01 00:00", "2026-11-30 00:00", "1 to 29 November 2026", "29 days"},
	} {
		p := Period{at(t, "UTC", c.from), at(t, "UTC", c.to)}
		if p.Words() != c.words || p.unit() != c.is {
			t.Errorf("%s to %s: got %q, %s", c.from, c.to, p.Words(), p.unit())
		}
	}
}

// The steps of a period cover it whole: none is left out, and none is shorter than its unit
// but the last, which takes the rest.
func TestStepsCoverThePeriod(t *testing.T) {
	for _, c := range []struct {
		from, to string
		n        int
		season   int
	}{
		{"2026-11-30 00:00", "2026-12-01 00:00", 24, 24},
		{"2026-03-29 00:00", "2026-03-30 00:00", 23, 24}, // daylight saving time begins
		{"2026-11-23 00:00", "2026-11-30 00:00", 7, 7},
		{"2026-02-01 00:00", "2026-03-01 00:00", 28, 7},
		{"2025-01-01 00:00", "2026-01-01 00:00", 52, 0},
		{"2026-11-30 13:05", "2026-11-30 14:20", 15, 0},
	} {
		p := Period{at(t, "Europe/Berlin", c.from), at(t, "Europe/Berlin", c.to)}
		edges := p.cut(p.step())
		if len(edges)-1 != c.n || p.step().season != c.season {
			t.Errorf("%s to %s: got %d steps with a season of %d", c.from, c.to, len(edges)-1, p.step().season)
		}
		if !edges[0].Equal(p.From) || !edges[len(edges)-1].Equal(p.To) {
			t.Errorf("%s to %s: steps from %s to %s", c.from, c.to, edges[0], edges[len(edges)-1])
		}
	}
}

// A day or an hour is compared with the same weekday and time of day, across a change of the
// clock.
func TestWhatIsLikeAPeriod(t *testing.T) {
	before := Period{at(t, "UTC", "2026-01-01 00:00"), at(t, "UTC", "2026-02-01 00:00")}
	for _, c := range []struct{ from, to, like string }{
		{"2026-10-26 00:00", "2026-10-27 00:00", "Monday, 19 October 2026"},
		{"2026-11-30 13:05", "2026-11-30 14:20", "23 November 2026, 13:05 to 14:20"},
		{"2026-11-23 00:00", "2026-11-30 00:00", "January 2026"},
		{"2026-11-01 00:00", "2026-12-01 00:00", "January 2026"},
	} {
		p := Period{at(t, "Europe/Berlin", c.from), at(t, "Europe/Berlin", c.to)}
		like := p.like(before)
		if like.Words() != c.like {
			t.Errorf("%s is compared with %s", p.Words(), like.Words())
		}
		s := p.step()
		if n := len(p.cut(s)) - 1; like != before && !samePhase(p, like, n, s) {
			t.Errorf("%s: the steps are not compared in pairs", p.Words())
		}
	}
}
