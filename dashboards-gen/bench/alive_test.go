package main

import (
	"testing"
	"time"

	"belfry/dashboards-gen/history"
	"belfry/dashboards-gen/view"
	"belfry/rules"
)

// rightlyEmpty are the panels that show nothing on a platform that is well, by
// dashboard and title, with the reason.
var rightlyEmpty = map[string]map[string]string{
	rules.Executive: {
		"Sent, last 30 days B":                  noMonthBefore,
		"Cost, last 30 days B":                  noMonthBefore,
		"Earned by conversions, last 30 days B": noMonthBefore,
		"Earned by conversions, last 24 h B":    fewConversions,
		"Earned per unit spent, last 24 h B":    fewConversions,
	},
	rules.Operations: {
		"Sent but not delivered A": "it keeps silent where too little is sent to tell",
	},
	rules.Engagement: {
		"Opened per delivered by sends before, last 7 days A":    everybodyKnown,
		"Opted out per delivered by sends before, last 7 days A": everybodyKnown,
	},
	rules.Belfry: {
		"Label values past their limit, in 15 minutes": "no label has too many values",
	},
}

const (
	noMonthBefore  = "the platform is younger than two months"
	fewConversions = "nobody bought anything in the hour that was watched a week ago"
	everybodyKnown = "within eight days each of the few users was sent something"
)

// Every panel of every dashboard finds data on a platform that has been watched
// for a while: simulated traffic, counted by the fold, recorded by the rules and
// read from the real Prometheus.
func TestEveryPanelIsAlive(t *testing.T) {
	now := time.Date(2026, time.March, 3, 15, 0, 0, 0, time.UTC) // a Tuesday, the same on every run
	dir := t.TempDir()
	if err := history.Watched(now, history.Quick).Write(t.Context(), history.Blocks(dir)); err != nil {
		t.Fatal(err)
	}
	server, err := history.Serve(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	all, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		t.Run(d.UID, func(t *testing.T) { alive(t, d, &view.Prometheus{URL: server.URL}, now) })
	}
}

// alive opens the dashboard over its own time range, at most a day, and looks
// for panels without any value.
func alive(t *testing.T, d view.Dashboard, p *view.Prometheus, now time.Time) {
	o, err := d.Open(t.Context(), p, view.Screen{From: now.Add(-6 * time.Hour), To: now, Points: points, Scrape: scrapes})
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Answers) == 0 {
		t.Error("it asks nothing")
	}
	excused := rightlyEmpty[d.UID]
	shown := map[string]bool{}
	for _, a := range o.Answers {
		name := a.Panel.Title
		if len(a.Panel.Targets) > 1 {
			name += " " + a.Query.RefID
		}
		if len(a.Series) > 0 {
			shown[name] = true
			continue
		}
		if excused[name] == "" {
			t.Errorf("%q finds nothing: %s", name, a.Query.PromQL)
		}
	}
	for name, reason := range excused {
		if shown[name] {
			t.Errorf("%q is excused because %s, but finds data", name, reason)
		}
	}
}
