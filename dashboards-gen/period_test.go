package dashboards

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/prometheus/model/labels"

	"belfry/dashboards-gen/view"
	"belfry/rules"
	"belfry/rules/simtime"
)

// Titles name the time range, and a long one reads the increases of days.
func TestPeriodsFollowTheTimeRange(t *testing.T) {
	for _, test := range []struct {
		back                time.Duration
		title, reads, since string
	}{
		{45 * time.Minute, "Sent in 45 min", ":increase5m{", "[2700s]"},
		{90 * time.Minute, "Sent in 90 min", ":increase5m{", "[5400s]"},
		{24 * time.Hour, "Sent in 24 h", ":increase5m{", "[86400s]"},
		{7 * 24 * time.Hour, "Sent in 7 days", ":increase5m{", "[604800s]"},
		{36 * 24 * time.Hour, "Sent in 36 days", ":increase5m{", "[3110400s]"},
		{365 * 24 * time.Hour, "Sent in 365 days", ":increase_day{", "[31536000s]"},
	} {
		api := prometheusWith(t, nil)
		at := time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)
		a := firstCard(t, api, at, test.back)
		if a.Panel.Title != test.title || !strings.Contains(a.Query.PromQL, test.reads) ||
			!strings.Contains(a.Query.PromQL, test.since) {
			t.Errorf("over %s: %q reads %s", test.back, a.Panel.Title, a.Query.PromQL)
		}
	}
}

// firstCard opens the executive dashboard and returns the first answer of its first panel.
func firstCard(t *testing.T, api v1.API, at time.Time, back time.Duration) view.Answer {
	t.Helper()
	return openExecutive(t, api, at, back).Answers[0]
}

func openExecutive(t *testing.T, api v1.API, at time.Time, back time.Duration) view.Opened {
	t.Helper()
	content, err := executive().JSON()
	if err != nil {
		t.Fatal(err)
	}
	d, err := view.Load("leadership/executive.json", content)
	if err != nil {
		t.Fatal(err)
	}
	o, err := d.Open(t.Context(), onlyEmail{view.Prometheus(api)},
		view.Screen{From: at.Add(-back), To: at, Points: 100, Scrape: 10 * time.Second, First: true})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// onlyEmail offers one channel, since the simulated server lists no values of labels.
type onlyEmail struct{ view.Source }

func (onlyEmail) LabelValues(context.Context, string, string, view.Screen) ([]string, error) {
	return []string{"email"}, nil
}

// prometheusWith returns an API over what was sent by email in each of the five minutes of a
// past; the last is at noon.
func prometheusWith(t *testing.T, sent []float64) v1.API {
	t.Helper()
	server, err := simtime.Open(t.Context(), t.TempDir(), nil, simtime.OneBlock())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.DB.Close() })
	series := &simtime.Series{Labels: labels.FromStrings("__name__", rules.StageVolume.Increase5m.Name,
		"stage", "sent", "channel", "email")}
	noon := time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)
	for i, n := range sent {
		at := noon.Add(-time.Duration(len(sent)-1-i) * 5 * time.Minute)
		if err := server.Scrape(t.Context(), at, func(add simtime.Append) error { return add(series, n) }); err != nil {
			t.Fatal(err)
		}
	}
	return server.API()
}

// A change has an arrow, and there is none unless the period before was recorded as well.
func TestChangesNeedTheSamePastBefore(t *testing.T) {
	hour := func(each float64) []float64 { return slicesOf(12, each) }
	for _, test := range []struct {
		name string
		sent []float64
		want string // names and values of the first card
	}{
		{"more", append(hour(10), hour(15)...), "sent 180, ▲ vs the 60 min before 0.500"},
		{"less", append(hour(20), hour(15)...), "sent 180, ▼ vs the 60 min before 0.250"},
		{"about the same", append(hour(1000), hour(1001)...), "sent 12012, ≈ vs the 60 min before 0.001"},
		{"half of the hour before", append(slicesOf(6, 10), hour(15)...), "sent 180"},
		{"nothing before", hour(15), "sent 180"},
	} {
		t.Run(test.name, func(t *testing.T) {
			at := time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)
			o := openExecutive(t, prometheusWith(t, test.sent), at, time.Hour)
			var got []string
			for _, a := range o.Of(o.Panels[0]) {
				for _, s := range a.Series {
					value := fmt.Sprintf("%.3f", s.Values[0])
					got = append(got, a.Query.LegendFormat+" "+strings.TrimSuffix(value, ".000"))
				}
			}
			if diff := cmp.Diff(test.want, strings.Join(got, ", ")); diff != "" {
				t.Errorf("the card (-want +got):\n%s", diff)
			}
		})
	}
}

func slicesOf(n int, each float64) []float64 {
	all := make([]float64, n)
	for i := range all {
		all[i] = each
	}
	return all
}
