package analytics

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/zone"
)

func in(t *testing.T, name string) *time.Location {
	t.Helper()
	location, ok := zone.Find(name)
	if !ok {
		t.Fatalf("no time zone %s", name)
	}
	return location
}

// Buckets follow the calendar of the zone, also where clocks change.
func TestBuckets(t *testing.T) {
	for _, c := range []struct {
		zone     string
		g        Granularity
		from, to string
		lengths  []time.Duration // of the buckets
	}{
		{"Europe/Berlin", Day, "2026-03-28", "2026-03-31", []time.Duration{24 * hour, 23 * hour, 24 * hour}},
		{"Europe/Berlin", Day, "2026-10-24", "2026-10-27", []time.Duration{24 * hour, 25 * hour, 24 * hour}},
		{"Europe/Berlin", Week, "2026-03-24", "2026-03-31", []time.Duration{167 * hour, 168 * hour}},
		{"UTC", Month, "2028-01-31", "2028-03-01", []time.Duration{31 * 24 * hour, 29 * 24 * hour}},
		{"Asia/Kolkata", Day, "2026-05-01", "2026-05-02", []time.Duration{24 * hour}},
		{"Asia/Kathmandu", Hour, "2026-05-01T00:10", "2026-05-01T01:50", []time.Duration{hour, hour}},
		{"Africa/Cairo", Day, "2026-04-23", "2026-04-26", []time.Duration{24 * hour, 23 * hour, 24 * hour}}, // skips midnight
		{"America/Havana", Day, "2026-10-31", "2026-11-03", []time.Duration{24 * hour, 25 * hour, 24 * hour}},
		{"Australia/Lord_Howe", Day, "2026-04-04", "2026-04-07", []time.Duration{24 * hour, 24*hour + hour/2, 24 * hour}},
		{"UTC", Minute, "2026-05-01T00:01", "2026-05-01T00:09", []time.Duration{5 * time.Minute, 5 * time.Minute}},
	} {
		now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
		r, err := Params{From: c.from, To: c.to, Granularity: string(c.g), Timezone: c.zone}.Request(now)
		if err != nil {
			t.Fatal(err)
		}
		s, err := r.span(now)
		if err != nil {
			t.Fatal(err)
		}
		var got []time.Duration
		edges := c.g.edges(s.From, s.To)
		for i := range edges[1:] {
			got = append(got, edges[i+1].Sub(edges[i]))
		}
		if d := cmp.Diff(c.lengths, got); d != "" {
			t.Errorf("%s by %s from %s: %s", c.zone, c.g, c.from, d)
		}
	}
}

// The period before is as long by the calendar.
func TestPeriodBefore(t *testing.T) {
	day := func(text string) time.Time {
		at, err := time.ParseInLocation("2006-01-02T15:04", text, in(t, "Europe/Berlin"))
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct {
		g                  Granularity
		from, to           string
		wantFrom, wantUpTo string
	}{
		{Month, "2026-03-01T00:00", "2026-04-01T00:00", "2026-02-01T00:00", "2026-03-01T00:00"},
		{Day, "2026-03-01T00:00", "2026-04-01T00:00", "2026-02-01T00:00", "2026-03-01T00:00"},
		{Day, "2026-03-30T00:00", "2026-03-31T00:00", "2026-03-29T00:00", "2026-03-30T00:00"}, // 23 hours
		{Week, "2026-03-30T00:00", "2026-04-13T00:00", "2026-03-16T00:00", "2026-03-30T00:00"},
		{Hour, "2026-03-30T10:00", "2026-03-30T14:00", "2026-03-30T06:00", "2026-03-30T10:00"},
		{Month, "2026-03-01T00:00", "2026-03-10T12:35", "2026-02-01T00:00", "2026-02-10T12:35"}, // so far
	} {
		got := Span{day(c.from), day(c.to)}.before(c.g)
		if want := (Span{day(c.wantFrom), day(c.wantUpTo)}); !got.From.Equal(want.From) || !got.To.Equal(want.To) {
			t.Errorf("before %s to %s by %s: %v, want %v", c.from, c.to, c.g, got, want)
		}
	}
}

// Every time is in exactly one bucket, in every zone.
func TestBucketsTile(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe",
		"Asia/Beirut", "America/Asuncion", "Pacific/Apia", "Asia/Kathmandu"} {
		location := in(t, name)
		for _, l := range []level{hours, days, months} {
			at := startOf(time.Date(2011, 12, 1, 0, 0, 0, 0, location), l)
			for range 800 {
				next := endOf(at, l)
				if !next.After(at) || !startOf(next, l).Equal(next) || !startOf(next.Add(-1), l).Equal(at) {
					t.Fatalf("%s, level %d: %s is followed by %s, which begins at %s", name, l, at, next, startOf(next, l))
				}
				at = next
			}
		}
	}
}

func FuzzParams(f *testing.F) {
	f.Add("2026-01-01", "0s", "", "day", "Europe/Berlin", "email")
	f.Add("", "", "30d", "hour", "", "push")
	f.Add("-5", "9999999999999", "1y", "minute", "Local", "")
	f.Fuzz(func(t *testing.T, from, to, last, granularity, timezone, channel string) {
		now := time.Date(2026, 3, 5, 12, 34, 56, 789, time.UTC)
		p := Params{From: from, To: to, Last: last, Granularity: granularity, Timezone: timezone}
		if channel != "" {
			p.Channels = []string{channel}
		}
		r, err := p.Request(now)
		if err != nil {
			return
		}
		s, err := r.span(now)
		if err != nil {
			return
		}
		edges := r.Granularity.edges(s.From, s.To)
		if !slices.IsSortedFunc(edges, time.Time.Compare) || len(edges) > 2*maxBuckets || s.To.After(now) {
			t.Errorf("%+v: %d buckets from %s to %s", p, len(edges), s.From, s.To)
		}
		if b := s.before(r.Granularity); !b.From.Before(b.To) || b.To.After(s.From) {
			t.Errorf("%+v: %v is before %v", p, b, s)
		}
	})
}
