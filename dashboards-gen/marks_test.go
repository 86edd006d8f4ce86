package dashboards_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"belfry/dashboards-gen/view"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/simtime"
)

// fault is an episode of an alert, in minutes before the marks are looked at: since when its
// condition holds, from when to when it fires, and how often it is evaluated.
type fault struct {
	name, severity     string
	channel, provider  string
	holds, fires, ends int
	every              int
}

var faults = []fault{
	{"ChannelDown", "critical", "sms", "", 1296, 1296, 1000, 1},
	{"ProviderDown", "critical", "email", "ses", 5000, 4998, 4996, 1},
	{"ExporterDown", "critical", "", "", 20, 19, 3, 1},
	{"HardBounceHigh", "critical", "sms", "twilio", 40, 40, 0, 4},
	{"ProcessingLatencyHigh", "critical", "sms", "", 30, 29, 0, 1},
	{"QueueBacklogGrowing", "warning", "", "", 40, 30, 0, 1}, // it does not page
	{"QueueStuck", "critical", "", "", 10, 0, 0, 1},          // nor this one: it is pending
}

// looked is when the marks are looked at.
var looked = time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)

// ago returns the time so many minutes before.
func ago(minutes int) time.Time { return looked.Add(-time.Duration(minutes) * time.Minute) }

// series returns a series that Prometheus writes of the alert.
func (f fault) series(name, state string) *simtime.Series {
	all := labels.NewBuilder(labels.FromStrings(model.MetricNameLabel, name, "severity", f.severity,
		"alertname", "Notification"+f.name, "rule", "Notification"+f.name))
	for label, v := range map[string]string{"channel": f.channel, "provider": f.provider, "alertstate": state} {
		all.Set(label, v) // an empty one is none
	}
	return &simtime.Series{Labels: all.Labels()}
}

// write writes what Prometheus writes of the alert, with the marks of its end.
func (f fault) write(t *testing.T, server *simtime.Server) {
	t.Helper()
	episode := func(s *simtime.Series, from, to int, v float64) {
		for m := from; m > to; m -= f.every {
			scrape(t, server, ago(m), s, v)
		}
		if from > to && to > 0 {
			scrape(t, server, ago(to), s, simtime.Stale)
		}
	}
	episode(f.series(expr.Alerts.Name, "pending"), f.holds, f.fires, 1)
	episode(f.series(expr.Alerts.Name, "firing"), f.fires, f.ends, 1)
	episode(f.series(expr.AlertsForState.Name, ""), f.holds, f.ends, float64(ago(f.holds).Unix()))
}

func scrape(t *testing.T, server *simtime.Server, at time.Time, s *simtime.Series, v float64) {
	t.Helper()
	err := server.Scrape(t.Context(), at, func(add simtime.Append) error { return add(s, v) })
	if err != nil {
		t.Fatal(err)
	}
}

// An alert has one mark, when its fault began, however long the time range is, and only where
// it is about what the dashboard and the reader's choice are about.
func TestAlertsHaveOneMark(t *testing.T) {
	server, err := simtime.Open(t.Context(), t.TempDir(), nil, simtime.OneBlock())
	if err != nil {
		t.Fatal(err)
	}
	defer server.DB.Close()
	slices.SortFunc(faults, func(a, b fault) int { return b.holds - a.holds })
	for _, f := range faults {
		f.write(t, server)
	}
	const day = 24 * time.Hour
	for _, test := range []struct {
		name, uid string
		past      time.Duration
		channel   string
		want      []string
	}{
		{"an hour", rules.Operations, time.Hour, ".*", []string{"ExporterDown 20"}},
		{"a day", rules.Operations, day, ".*", []string{"ChannelDown 1296", "ExporterDown 20"}},
		{
			"a week has the fault of two minutes, too", rules.Operations, 7 * day, ".*",
			[]string{"ChannelDown 1296", "ExporterDown 20", "ProviderDown 5000"},
		},
		{
			"one channel, and what is about none", rules.Operations, 7 * day, "email",
			[]string{"ExporterDown 20", "ProviderDown 5000"},
		},
		{"another subject", rules.Performance, day, ".*", []string{"ProcessingLatencyHigh 30"}},
		{
			"no page is about it", rules.Executive, day, ".*",
			[]string{"ChannelDown 1296", "ExporterDown 20", "HardBounceHigh 40", "ProcessingLatencyHigh 30"},
		},
		{
			"the installation's own alerts lead there", rules.SLOs, time.Hour, ".*",
			[]string{"ExporterDown 20", "HardBounceHigh 40", "ProcessingLatencyHigh 30"},
		},
		{
			"a group that is evaluated every four minutes", rules.Deliverability, time.Hour, ".*",
			[]string{"HardBounceHigh 40"},
		},
		{"it fires all the time", rules.Deliverability, 30 * time.Minute, ".*", nil},
		{"it fired before", rules.Operations, 1100 * time.Minute, "sms", []string{"ExporterDown 20"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for version, join := range map[string]time.Duration{"9.4": 15 * time.Second, "11.5": 0} {
				got := marks(t, server, dashboard(t, test.uid), test.past, test.channel, join)
				if diff := gocmp.Diff(test.want, got); diff != "" {
					t.Errorf("Grafana %s draws (-want +got):\n%s", version, diff)
				}
			}
		})
	}
}

// marks returns the marks that Grafana draws: the alert, and how many minutes ago. Grafana
// joins points that are at most join apart: the shortest step, and from 11.5 on the step.
func marks(
	t *testing.T, server *simtime.Server, d view.Dashboard, past time.Duration, channel string, join time.Duration,
) []string {
	t.Helper()
	queries, err := d.Marks(view.Screen{From: looked.Add(-past), To: looked, Scrape: 15 * time.Second},
		map[string]string{"channel": channel, "provider": ".*"})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, q := range queries {
		found, err := view.Prometheus(server.API()).Ask(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range found {
			last := time.Time{}
			for _, v := range s.Values {
				began := time.UnixMilli(int64(v))
				if began.After(last.Add(cmp.Or(join, q.Step))) {
					name := strings.TrimPrefix(s.Labels["alertname"], "Notification")
					all = append(all, fmt.Sprint(name, " ", int(looked.Sub(began).Minutes())))
				}
				last = began
			}
		}
	}
	slices.Sort(all)
	return all
}

func dashboard(t *testing.T, uid string) view.Dashboard {
	t.Helper()
	all, err := view.LoadAll(files(t))
	if err != nil {
		t.Fatal(err)
	}
	return all[slices.IndexFunc(all, func(d view.Dashboard) bool { return d.UID == uid })]
}

// Every version of Grafana reads the same query, and takes its values for times.
func TestMarksAreReadByEveryGrafana(t *testing.T) {
	load(t, func(t *testing.T, d loaded) {
		a := d.marks[0]
		target, ok := a.Target.(*prometheus.Dataquery)
		if !ok {
			t.Fatalf("the marks are read from %T", a.Target)
		}
		if *a.Expr != target.Expr || *a.Step != *target.Interval || !*a.UseValueForTime {
			t.Errorf("Grafana before 11.5 reads %s every %s, newer %s every %s",
				*a.Expr, *a.Step, target.Expr, *target.Interval)
		}
	})
}
