package analytics

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"belfry/exporter/zone"
	"belfry/insights/query"
	"belfry/rules"
)

// Four months, of which each hour is recorded.
var (
	firstMonth = time.Date(2025, time.November, 30, 0, 0, 0, 0, time.UTC)
	lastMonth  = time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC)
)

// sizes says what channels sent in an hour.
var sizes = map[string]func(n int) float64{
	"email": func(n int) float64 { return float64(100 + n%37) },
	"push":  func(n int) float64 { return float64(60 + n%11) },
}

// recordMonths records the months, but for a time in which nothing is recorded.
func recordMonths(t *testing.T, without Span) *recorder {
	t.Helper()
	r := newRecorder(t)
	for at, n := firstMonth.Add(hour), 0; !at.After(lastMonth); at, n = at.Add(hour), n+1 {
		if at.After(without.From) && !at.After(without.To) {
			continue
		}
		for channel, size := range sizes {
			r.record(rules.StageVolume, []string{"sent", channel}, at, size(n))
			r.record(rules.FaultVolume, []string{channel, "provider"}, at, float64(n%3))
			r.record(rules.TemplateVolume, []string{"sent", "news", channel}, at, size(n))
		}
		r.commit(at)
	}
	return r
}

// sentIn returns what channels sent in a period.
func sentIn(s Span, channels ...string) (total float64) {
	for at, n := firstMonth.Add(hour), 0; !at.After(s.To); at, n = at.Add(hour), n+1 {
		for _, channel := range channels {
			if at.After(s.From) {
				total += sizes[channel](n)
			}
		}
	}
	return total
}

// Months are what was counted in them, in all parts of the answer, also where an hour is
// missing from one.
func TestMonths(t *testing.T) {
	r := recordMonths(t, Span{})
	both := func(what string, f Figure, a *Analytics, channels ...string) {
		t.Helper()
		same(t, what, f, sentIn(a.TimeRange, channels...))
		same(t, what+" before", Figure{Value: f.Previous}, sentIn(a.Previous, channels...))
	}
	for _, name := range []string{"UTC", "Europe/Berlin", "Asia/Kathmandu"} {
		where, _ := zone.Find(name)
		for _, g := range []Granularity{Month, Day} {
			a, err := Compute(t.Context(), r.source(lastMonth), Request{
				From: time.Date(2026, time.February, 1, 0, 0, 0, 0, where), Granularity: g,
				To: time.Date(2026, time.March, 31, 0, 0, 0, 0, where),
			})
			if err != nil || !a.Status.Usable() || len(a.ChannelMetrics) != 2 || len(a.TemplateMetrics) != 1 {
				t.Fatalf("%s by %s: %+v, %v", name, g, a, err)
			}
			both("total", a.TotalNotifications, a, "email", "push")
			both("template", a.TemplateMetrics[0].Volume, a, "email", "push")
			for _, m := range a.ChannelMetrics {
				both(m.Channel, m.Volume, a, m.Channel)
			}
			for _, b := range a.Series {
				same(t, "bucket", Figure{Value: &b.Sent}, sentIn(b.Span, "email", "push"))
			}
			hours := a.TimeRange.To.Sub(a.TimeRange.From).Hours()
			same(t, "per hour", a.SystemPerformance.NotificationsPerHour, sentIn(a.TimeRange, "email", "push")/hours)
		}
	}
}

// counting counts instant queries.
type counting struct {
	v1.API
	queries atomic.Int32
}

func (c *counting) Query(
	ctx context.Context, promQL string, at time.Time, o ...v1.Option,
) (model.Value, v1.Warnings, v1.Infos, error) {
	c.queries.Add(1)
	return c.API.Query(ctx, promQL, at, o...)
}

// What is kept of months makes no answer different from that of a Source that keeps
// nothing, also when a day of the past is filled in later.
func TestKeptMonths(t *testing.T) {
	day := time.Date(2026, time.January, 10, 0, 0, 0, 0, time.UTC)
	now := func() time.Time { return lastMonth.Add(time.Minute) }
	compute := func(s *query.Source, g Granularity) *Analytics {
		t.Helper()
		a, err := Compute(t.Context(), s, Request{From: firstMonth, To: lastMonth, Granularity: g})
		if err != nil || !a.Status.Usable() {
			t.Fatalf("%+v, %v", a, err)
		}
		a.Queries = slices.DeleteFunc(a.Queries, func(q string) bool {
			return strings.HasPrefix(q, "count(last_over_time(") // when rules record, which is kept for long
		})
		return a
	}
	api := &counting{API: recordMonths(t, Span{day, day.Add(24 * hour)}).server.API()}
	kept := query.New(api, query.Options{Now: now})
	check := func(what string, g Granularity) *Analytics {
		t.Helper()
		got, want := compute(kept, g), compute(query.New(api.API, query.Options{Now: now}), g)
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s, by %s: %s", what, g, d)
		}
		return got
	}
	before := check("at first", Month)
	asked := api.queries.Load()
	check("again", Month)
	if again := api.queries.Load() - asked; again > asked-8 {
		t.Errorf("%d queries, and again %d", asked, again)
	}
	check("again", Day)
	api.API = recordMonths(t, Span{}).server.API()
	after := check("filled in", Month)
	if *after.TemplateMetrics[0].Volume.Value <= *before.TemplateMetrics[0].Volume.Value {
		t.Error("the day that was filled in is not in the answer")
	}
	check("filled in", Day)
}

// What is compared with a period that is not recorded, or in part, says so.
func TestPeriodBeforeIsMissing(t *testing.T) {
	s := recordMonths(t, Span{}).source(lastMonth)
	day := func(month time.Month, day int) time.Time { return time.Date(2025, month, day, 0, 0, 0, 0, time.UTC) }
	for _, want := range []struct {
		from, to time.Time
		note     string
		compared bool
	}{
		{
			day(12, 1), day(13, 1),
			"there is too little to compare with: in the period before, there is data in 1 of 30", false,
		},
		{day(12, 27), day(13, 24), "changes compare with a part of the period before: there is data in 27 of 28", true},
		{day(11, 1), day(12, 1), "there is nothing to compare with: in the period before, nothing was recorded", false},
		{day(14, 1), day(15, 1), "", true},
	} {
		a, err := Compute(t.Context(), s, Request{From: want.from, To: want.to, Granularity: Day})
		if err != nil || len(a.ChannelMetrics) == 0 || a.ChannelMetrics[0].Volume.Value == nil {
			t.Fatalf("%s: %+v, %v", want.from, a, err)
		}
		from := want.from.Format(time.DateOnly)
		notes := strings.Join(a.Notes, "\n")
		if (want.note == "") != !strings.Contains(notes, "compare") || !strings.Contains(notes, want.note) {
			t.Errorf("%s: %s", from, notes)
		}
		for _, f := range []Figure{a.TotalNotifications, a.Counts.Sent, a.ChannelMetrics[0].Volume} {
			if (f.Previous != nil) != want.compared {
				t.Errorf("%s: %+v", from, f)
			}
		}
	}
}
