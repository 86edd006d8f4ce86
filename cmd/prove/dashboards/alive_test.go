package dashboards

import (
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"testing"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"

	"belfry/dashboards-gen/view"
	"belfry/deploy/stack"
	"belfry/rules"
)

// rightlyEmpty lists the queries that find nothing on the simulated platform, by
// dashboard and a pattern for the panel's title and the query's name.
var rightlyEmpty = []struct{ dashboard, query, reason string }{
	{rules.Executive, ` in 6 h [BCD]$`, "in the six hours before it was watched too rarely to compare with"},
	{"belfry-phone", ` in 6 h [BCD]$`, "in the six hours before it was watched too rarely to compare with"},
	{rules.Operations, `^Sent but not delivered, all providers [AB]`,
		"it keeps silent where too little is sent to tell"},
	{rules.Engagement, `by sends before in 6 h(, all channels)? [A-D]$`,
		"in six hours of few users too little of a class is delivered to judge"},
	{rules.Engagement, `by local hour and weekday .* [BD-H]$`, "six hours of a Tuesday are shown"},
	{rules.Anomalies, `^(Sent|Opened) per .*, (unknown|chat|sms|webhook) [A-D]$`,
		"too little was sent there in what was watched a week ago"},
	{"belfry-phone", `^Alerts firing now, all channels B`, "an alert is firing"},
	{"belfry-promises", `, last (30 days|6 h|90 days) [AB]$`,
		"a promise is kept or not, so that one of both is empty, and neither is there before its period is"},
	{"belfry-promises", `^(Dashboard queries, p99|Readers, trailing 30 days) A$`, "no Grafana runs"},
	{"belfry-promises", `^Slowest page, per interval A$`,
		"no total fault began to page while the platform was watched"},
	{"belfry-promises", `, change in 90 days A$`, "the platform is younger than 90 days"},
	{rules.Belfry, `^Label values past their limit`, "no label has too many values"},
	{rules.Belfry, `^Repaired events per second A`, "simulated producers need no repairs"},
	{rules.Belfry, `^Unusual events per second H`, "simulated producers fill in their ids"},
}

// Every panel of every dashboard finds data on a platform that has been watched
// for a while: simulated traffic, counted by the fold, recorded by the rules and
// read from the real Prometheus.
func TestEveryPanelIsAlive(t *testing.T) {
	dir := t.TempDir()
	// A separate process, since the race detector would slow it down tenfold.
	program := exec.CommandContext(t.Context(), "go", "run", "belfry/cmd/prove", "dashboards", "--replay", dir)
	if out, err := program.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	server, err := stack.ServeBlocks(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	all, err := load()
	if err != nil {
		t.Fatal(err)
	}
	excused := make([]bool, len(rightlyEmpty))
	for _, d := range all {
		t.Run(d.UID, func(t *testing.T) {
			alive(t, d, prometheus(t, server.URL), excused)
			headlines(t, d, view.Prometheus(prometheus(t, server.URL)))
		})
	}
	for i, used := range excused {
		if e := rightlyEmpty[i]; !used {
			t.Errorf("%s: %q finds data, but is listed as empty because %s", e.dashboard, e.query, e.reason)
		}
	}
}

// alive opens the dashboard over the last hours and fails for queries that find
// nothing.
func alive(t *testing.T, d view.Dashboard, api v1.API, excused []bool) {
	o, err := d.Open(t.Context(), view.Prometheus(api),
		view.Screen{From: aliveAt.Add(-6 * time.Hour), To: aliveAt, Points: points, Scrape: scrapes})
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Answers) == 0 {
		t.Error("it has no queries")
	}
	for _, a := range o.Answers {
		name := a.Panel.Title + " " + a.Query.RefID
		if len(a.Series) == 0 && !excuse(d.UID, name, excused) {
			t.Errorf("%q finds nothing: %s", name, a.Query.PromQL)
		}
	}
	firstColumns(t, o.Answers)
}

// headlines checks that what a panel says of the present does not depend on the time range:
// the last step of a query over a week is up to half an hour old.
func headlines(t *testing.T, d view.Dashboard, source view.Source) {
	d.Panels = slices.DeleteFunc(slices.Clone(d.Panels), func(p view.Panel) bool {
		return !slices.Contains([]string{"stat", "gauge", "piechart", "bargauge", "table"}, p.Type)
	})
	now, want := aliveAt.Add(-7*time.Minute), map[string]string{}
	for _, back := range []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour} {
		o, err := d.Open(t.Context(), source,
			view.Screen{From: now.Add(-back), To: now, Points: points, Scrape: scrapes})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range o.Answers {
			if got := newest(a.Series); want[a.Query.PromQL] == "" {
				want[a.Query.PromQL] = got
			} else if want[a.Query.PromQL] != got {
				t.Errorf("%q shows %s over %s, and %s over an hour", a.Panel.Title, got, back, want[a.Query.PromQL])
			}
		}
	}
}

// newest lists the last values of series.
func newest(series []view.Series) string {
	var list []string
	for _, s := range series {
		list = append(list, fmt.Sprint(s.Labels, s.Values[len(s.Values)-1]))
	}
	slices.Sort(list)
	return fmt.Sprint(list)
}

// firstColumns checks that the first query of each table has every row.
func firstColumns(t *testing.T, answers []view.Answer) {
	rows := map[int]map[string]bool{} // of the first query, by panel
	for _, a := range answers {
		if a.Panel.Type != "table" {
			continue
		}
		first := a.Query.RefID == "A"
		if first {
			rows[a.Panel.ID] = map[string]bool{}
		}
		for _, s := range a.Series {
			row := fmt.Sprint(s.Labels)
			if first {
				rows[a.Panel.ID][row] = true
			} else if !rows[a.Panel.ID][row] {
				t.Errorf("%q: query %s has the row %s, which A does not have", a.Panel.Title, a.Query.RefID, row)
			}
		}
	}
}

// excuse reports whether a query is listed as empty, and marks the entry as used.
func excuse(dashboard, query string, used []bool) bool {
	for i, e := range rightlyEmpty {
		if e.dashboard == dashboard && regexp.MustCompile(e.query).MatchString(query) {
			used[i] = true
			return true
		}
	}
	return false
}
