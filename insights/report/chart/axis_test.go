package chart

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"belfry/insights/display"
)

func TestValuesHaveUnits(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		unit      display.Unit
		zero      bool
		want      string
	}{
		{0, 812345, display.Count, true, "0 200k 400k 600k 800k 1,000k"},
		{0, 3400, display.Count, true, "0 1,000 2,000 3,000 4,000"},
		{0, 2, display.Count, true, "0 1 2"}, {.9, .99, display.Share, false, "90 % 92 % 94 % 96 % 98 % 100 %"},
		{.971, .984, display.Share, false, "97.0 % 97.5 % 98.0 % 98.5 %"},
		{1, 1, display.Share, true, "0 % 20 % 40 % 60 % 80 % 100 %"},
		{1.2, 2.4, display.Seconds, false, "1.0 s 1.5 s 2.0 s 2.5 s"},
		{.01, .034, display.Seconds, true, "0 ms 10 ms 20 ms 30 ms 40 ms"},
		{-.012, .02, display.Points, true, "−2 −1 0 1 2 points"},
		{300, 512, display.Money("USD"), false, "300 USD 350 USD 400 USD 450 USD 500 USD 550 USD"},
		{0, 3e9, display.Count, true, "0 1G 2G 3G"},
		{1, 3e20, display.Number, true, "0 1e+20 2e+20 3e+20"},
		{0, 0, display.Number, true, "0 0.2 0.4 0.6 0.8 1.0"},
	} {
		e := extent{c.low, c.high, true}
		a := newAxis(e, c.unit, ticksY, c.zero)
		var labels []string
		for _, tick := range a.ticks {
			labels = append(labels, tick.label)
		}
		if a.name != "" {
			labels = append(labels, a.name)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%v to %v %s: got %q, want %q", c.low, c.high, c.unit, got, c.want)
		}
		if a.low > c.low || a.high < c.high {
			t.Errorf("%v to %v %s: the axis is from %v to %v", c.low, c.high, c.unit, a.low, a.high)
		}
	}
}

// Times are divided by what suits their length, in their zone, also where a day has 25 hours.
func TestTimesAreDivided(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time {
		parsed, err := time.ParseInLocation("2006-01-02 15:04", text, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	for _, c := range []struct {
		from, to string
		room     float64
		want     string
	}{
		{"2026-11-16 00:00", "2026-11-16 23:00", 700,
			"16 Nov 02:00 04:00 06:00 08:00 10:00 12:00 14:00 16:00 18:00 20:00 22:00; " +
				"Hours of 16 November 2026, Europe/Berlin"},
		{"2026-11-16 00:02", "2026-11-16 01:27", 700, "00:10 00:20 00:30 00:40 00:50 01:00 01:10 01:20; " +
			"Times of 16 November 2026, Europe/Berlin"},
		{"2026-10-24 00:00", "2026-10-26 00:00", 400,
			"24 Oct 06:00 12:00 18:00 25 Oct 06:00 12:00 18:00 26 Oct; Hours, Europe/Berlin"},
		{"2026-10-22 00:00", "2026-10-28 00:00", 700,
			"22 Oct 23 Oct 24 Oct 25 Oct 26 Oct 27 Oct 28 Oct; Days, Europe/Berlin"},
		{"2026-10-01 00:00", "2026-10-31 00:00", 300, "5 Oct 12 Oct 19 Oct 26 Oct; Days, Europe/Berlin"},
		{"2026-01-01 00:00", "2026-12-01 00:00", 500,
			"Jan 2026 Mar 2026 May 2026 Jul 2026 Sep 2026 Nov 2026; Months, Europe/Berlin"},
		{"2026-11-16 10:00", "2026-11-16 10:00", 700, "16 Nov 2026, 10:00; Europe/Berlin"},
	} {
		all, name := moments(at(c.from), at(c.to), c.room)
		var labels []string
		for _, m := range all {
			labels = append(labels, m.label)
		}
		if got := strings.Join(labels, " ") + "; " + name; got != c.want {
			t.Errorf("%s to %s: got %q, want %q", c.from, c.to, got, c.want)
		}
	}
}
