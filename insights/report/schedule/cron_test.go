package schedule

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// due returns the first times after another that are due.
func due(t *testing.T, spec, zone, after string, n int) (all []string) {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339, after)
	if err != nil {
		t.Fatal(err)
	}
	times, err := parseTimes(spec, location)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		at = times.next(at)
		all = append(all, at.In(location).Format("2006-01-02T15:04 -0700"))
	}
	return all
}

func TestTimesOfTheWallClock(t *testing.T) {
	for _, c := range []struct {
		name, spec, zone, after string
		want                    []string
	}{
		{"weekday", "0 8 * * mon", "Europe/Berlin", "2026-11-30T07:00:00Z", []string{
			"2026-12-07T08:00 +0100", "2026-12-14T08:00 +0100"}},
		{"the clock is put forward past it", "30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", []string{
			"2026-03-28T02:30 +0100", "2026-03-29T03:00 +0200", "2026-03-30T02:30 +0200"}},
		{"several times are left out", "*/20 2 * * *", "Europe/Berlin", "2026-03-28T23:30:00Z", []string{
			"2026-03-29T03:00 +0200", "2026-03-30T02:00 +0200", "2026-03-30T02:20 +0200"}},
		{"left out, and due then anyway", "30 2,3 * * *", "Europe/Berlin", "2026-03-28T23:30:00Z", []string{
			"2026-03-29T03:00 +0200", "2026-03-29T03:30 +0200", "2026-03-30T02:30 +0200"}},
		{"the clock is put back over it", "30 2 * * *", "Europe/Berlin", "2026-10-24T00:00:00Z", []string{
			"2026-10-24T02:30 +0200", "2026-10-25T02:30 +0200", "2026-10-26T02:30 +0100"}},
		{"asked between the two", "30 2 * * *", "Europe/Berlin", "2026-10-25T00:45:00Z", []string{
			"2026-10-26T02:30 +0100"}},
		{"each hour, one of them twice", "0 * * * *", "America/New_York", "2026-11-01T04:30:00Z", []string{
			"2026-11-01T01:00 -0400", "2026-11-01T02:00 -0500"}},
		{"half an hour", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", []string{
			"2026-10-04T02:30 +1100", "2026-10-05T02:15 +1100"}},
		{"midnight that does not exist", "0 0 * * *", "America/Havana", "2026-03-07T12:00:00Z", []string{
			"2026-03-08T01:00 -0400", "2026-03-09T00:00 -0400"}},
		{"the end of a month", "0 9 31 * *", "UTC", "2026-01-31T09:00:00Z", []string{
			"2026-03-31T09:00 +0000", "2026-05-31T09:00 +0000", "2026-07-31T09:00 +0000", "2026-08-31T09:00 +0000"}},
		{"each month", "@monthly", "UTC", "2027-12-15T00:00:00Z", []string{
			"2028-01-01T00:00 +0000", "2028-02-01T00:00 +0000", "2028-03-01T00:00 +0000"}},
		{"a leap day", "0 12 29 2 *", "UTC", "2026-01-01T00:00:00Z", []string{
			"2028-02-29T12:00 +0000", "2032-02-29T12:00 +0000"}},
		{"13 hours ahead", "0 8 1 * *", "Pacific/Tongatapu", "2026-11-30T18:59:59Z", []string{
			"2026-12-01T08:00 +1300", "2027-01-01T08:00 +1300"}},
		{"13 hours ahead, a second later", "0 8 1 * *", "Pacific/Tongatapu", "2026-11-30T19:00:00Z", []string{
			"2027-01-01T08:00 +1300"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, due(t, c.spec, c.zone, c.after, len(c.want))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Over years, each occurrence comes once, in order, and none is left out.
func TestEachDayOnce(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana",
		"Pacific/Tongatapu"} {
		all := due(t, "30 2 * * *", zone, "2025-12-31T12:00:00Z", 3*365)
		days := map[string]int{}
		for _, at := range all {
			days[at[:10]]++
		}
		if len(days) != len(all) {
			t.Errorf("%s: %d occurrences on %d days", zone, len(all), len(days))
		}
	}
}

func TestTimesThatCannotBe(t *testing.T) {
	for _, spec := range []string{"", "0 8 * *", "0 25 * * *", "0 0 30 2 *", "@every 5m", "CRON_TZ=UTC 0 8 * * *",
		"@reboot"} {
		if _, err := parseTimes(spec, time.UTC); err == nil {
			t.Errorf("%q: no error", spec)
		}
	}
}
