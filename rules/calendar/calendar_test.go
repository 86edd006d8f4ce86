package calendar

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPlain(t *testing.T) {
	night := []TimeRange{{"22:00", "24:00"}}
	for _, c := range []struct {
		name string
		give Interval
		want []Interval
	}{
		{"full names stay", Interval{Weekdays: []string{"monday:thursday", "sunday"}},
			[]Interval{{Weekdays: []string{"monday:thursday", "sunday"}}}},
		{"short names, hyphens and capitals", Interval{Weekdays: []string{"Mon-Fri", "sat", "SUN"}},
			[]Interval{{Weekdays: []string{"monday:friday", "saturday", "sunday"}}}},
		{"over the week's end", Interval{Weekdays: []string{"fri:mon", "saturday:sunday"}},
			[]Interval{{Weekdays: []string{"friday:saturday", "sunday:monday", "saturday", "sunday"}}}},
		{"months over the year's end", Interval{Months: []string{"nov-feb", "7"}},
			[]Interval{{Months: []string{"november:december", "january:february", "july"}}}},
		{"days of the month",
			Interval{DaysOfMonth: []string{"24-26", "-1", "-3:-1", "28:2", "20:-5"}, Years: []string{"2026:2028"}},
			[]Interval{{
				DaysOfMonth: []string{"24:26", "-1", "-3:-1", "28:31", "1:2", "20:-5"}, Years: []string{"2026:2028"},
			}}},
		{"one day", Interval{Dates: []string{"2026-12-24"}, Times: night, Location: "Europe/Paris"},
			[]Interval{{DaysOfMonth: []string{"24"}, Months: []string{"december"}, Years: []string{"2026"}, Times: night,
				Location: "Europe/Paris"}}},
		{"the turn of a year", Interval{Dates: []string{"2026-12-24:2027-01-02"}}, []Interval{
			{DaysOfMonth: []string{"24:31"}, Months: []string{"december"}, Years: []string{"2026"}},
			{DaysOfMonth: []string{"1:2"}, Months: []string{"january"}, Years: []string{"2027"}},
		}},
		{"the turn of every year", Interval{Dates: []string{"12-24:01-02"}}, []Interval{
			{DaysOfMonth: []string{"24:31"}, Months: []string{"december"}},
			{DaysOfMonth: []string{"1:2"}, Months: []string{"january"}},
		}},
		{"summers and years", Interval{Dates: []string{"06-15:09-01", "2026-11-30:2029-01-01"}}, []Interval{
			{DaysOfMonth: []string{"15:31"}, Months: []string{"june"}},
			{DaysOfMonth: []string{"1:31"}, Months: []string{"july:august"}},
			{DaysOfMonth: []string{"1"}, Months: []string{"september"}},
			{DaysOfMonth: []string{"30:31"}, Months: []string{"november"}, Years: []string{"2026"}},
			{DaysOfMonth: []string{"1:31"}, Months: []string{"december"}, Years: []string{"2026"}},
			{DaysOfMonth: []string{"1:31"}, Months: []string{"january:december"}, Years: []string{"2027:2028"}},
			{DaysOfMonth: []string{"1"}, Months: []string{"january"}, Years: []string{"2029"}},
		}},
	} {
		if diff := cmp.Diff(c.want, c.give.Plain()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// An interval holds on exactly its days.
func TestHolds(t *testing.T) {
	for _, c := range []struct {
		i    Interval
		days int // of the years 2026 to 2028
	}{
		{Interval{Dates: []string{"2026-12-24:2027-01-02"}}, 10},
		{Interval{Dates: []string{"12-24:01-02"}}, 30},
		{Interval{Dates: []string{"02-29"}}, 1},
		{Interval{Dates: []string{"2026-01-31:2028-02-01"}}, 732},
		{Interval{DaysOfMonth: []string{"-1"}, Months: []string{"feb"}}, 3},
		{Interval{DaysOfMonth: []string{"31"}}, 21},
		{Interval{DaysOfMonth: []string{"30:2"}, Years: []string{"2027"}}, 11 + 7 + 24},
		{Interval{Weekdays: []string{"sat-sun"}, Dates: []string{"2026-12-01:2026-12-31"}}, 8},
		{Interval{Times: []TimeRange{{"12:01", "24:00"}}}, 0},
		{Interval{Times: []TimeRange{{"13:00", "13:30"}}, Months: []string{"january"}, Location: "Europe/Paris"}, 93},
	} {
		days := 0
		for day := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC); day.Year() < 2029; day = day.AddDate(0, 0, 1) {
			if c.i.Holds(day) {
				days++
			}
		}
		if days != c.days {
			t.Errorf("%+v holds on %d days, want %d", c.i, days, c.days)
		}
	}
}

func TestMistakes(t *testing.T) {
	const useDate = ": use YYYY-MM-DD, or MM-DD for every year"
	for text, want := range map[string]string{
		"2026-02-30":            `invalid date "2026-02-30"` + useDate,
		"24.12.2026":            `invalid date "24.12.2026"` + useDate + `; did you mean "2026-12-24"?`,
		"2026/12/24":            `invalid date "2026/12/24"` + useDate + `; did you mean "2026-12-24"?`,
		"2026-12-24:12-26":      `"2026-12-24:12-26" has a year on one side: give both or neither`,
		"2026-12-24:2026-12-23": `"2026-12-24:2026-12-23" runs backwards`, "christmas": `invalid date "christmas"` + useDate,
	} {
		if _, err := Dates(text); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	for _, c := range []struct {
		text  string
		parse func(string) ([]Range, error)
		want  string
	}{
		{"saterday", Weekdays, `unknown weekday "saterday"; did you mean "saturday"? (valid: sunday, monday, tuesday, ` +
			`wednesday, thursday, friday, saturday)`},
		{"mon:funday", Weekdays, `unknown weekday "funday"; did you mean "sunday"? (valid: sunday, monday, tuesday, ` +
			`wednesday, thursday, friday, saturday)`},
		{"1", Weekdays, `unknown weekday "1" (valid: sunday, monday, tuesday, wednesday, thursday, friday, saturday)`},
		{"13", Months, `unknown month "13" (valid: january, february, march, april, may, june, july, august, september, ` +
			`october, november, december)`},
		{"0", DaysOfMonth, `invalid day of the month "0": use 1 to 31, -1 for the last day, or a range such as 24:26`},
		{"32", DaysOfMonth, `invalid day of the month "32": use 1 to 31, -1 for the last day, or a range such as 24:26`},
		{"-1:-3", DaysOfMonth, `"-1:-3" runs backwards: split it into two ranges`},
		{"-1:3", DaysOfMonth, `"-1:3" runs backwards: split it into two ranges`},
		{"26", Years, `invalid year "26": use one such as 2026, or a range such as 2026:2028`},
		{"2027-2026", Years, `"2027-2026" runs backwards`},
	} {
		if _, err := c.parse(c.text); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

func TestAlways(t *testing.T) {
	day := []TimeRange{{"00:00", "12:00"}, {"12:00", "24:00"}}
	short := []TimeRange{{"00:00", "12:00"}, {"12:01", "24:00"}}
	for _, c := range []struct {
		name string
		all  []Interval
		want bool
	}{
		{"nothing", nil, false},
		{"a whole day", []Interval{{Times: day}}, true},
		{"all but a minute", []Interval{{Times: short}}, false},
		{"a week and its end", []Interval{{Weekdays: []string{"mon-fri"}}, {Weekdays: []string{"sat-sun"}}}, true},
		{"all but Wednesdays", []Interval{{Weekdays: []string{"thu-tue"}}}, false},
		{"months", []Interval{{Months: []string{"jan-nov"}}, {Months: []string{"dec"}, DaysOfMonth: []string{"1:31"}}},
			true},
		{"all but leap days", []Interval{
			{Months: []string{"mar:jan"}}, {Months: []string{"feb"}, DaysOfMonth: []string{"1:28"}},
		}, false},
		{"all but one year", []Interval{{Years: []string{"1970:2027"}}, {Years: []string{"2029:9999"}}}, false},
		{"two zones", []Interval{
			{Times: []TimeRange{{"00:00", "12:00"}}, Location: "Europe/Paris"},
			{Times: []TimeRange{{"12:00", "24:00"}}},
		}, false},
	} {
		if got := Always(c.all); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
