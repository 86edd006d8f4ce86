package service

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/experiment"
	"belfry/insights/query"
	"belfry/insights/query/querytest"
	"belfry/rules"
)

// The degenerate past is four days in which a platform sends evenly, and experiments
// count what no experiment should.
const (
	pastDays = 4
	tile     = 5 * time.Minute
	perTile  = 100 // notifications
	// ofArm is how many users enter an arm in each tile.
	ofArm = 2
)

var (
	pastBegan = noon.AddDate(0, 0, -pastDays)
	// resetAt is when the exporter starts over and counts from 0.
	resetAt = noon.Add(-30 * time.Minute)
)

// degenerate lists experiments with one notification for each user.
var degenerate = []struct {
	name string
	// users says which arms have users, and opened the share of them who opened.
	users   map[string]float64
	opened  map[string]float64
	moments []string // all if nil
	shown   float64  // the share of users that the exporter's counters show
	verdict experiment.Verdict
	reason  string
}{
	{name: "winner", users: both(ofArm), opened: map[string]float64{"a": 0.2, "b": 0.4}, shown: 1,
		verdict: experiment.Ship, reason: "arm b wins"},
	{name: "zero-users", users: both(0), shown: 1,
		verdict: experiment.Collecting, reason: "arm a has 0 users: at least 150 are needed"},
	{name: "one-arm", users: map[string]float64{"a": ofArm, "b": 0}, opened: both(0.2), shown: 1,
		verdict: experiment.Invalid, reason: "the arms' sizes do not fit the planned split"},
	{name: "all-converted", users: both(ofArm), opened: both(1), shown: 1,
		verdict: experiment.Collecting, reason: "the effect on open has no interval: "},
	{name: "none-converted", users: both(ofArm), opened: both(0), shown: 1,
		verdict: experiment.Collecting, reason: "arm a has 0 outcomes of open: at least 10 are needed"},
	{name: "missing-counters", users: both(ofArm), opened: both(0.2), moments: []string{"n"}, shown: 1,
		verdict: experiment.Collecting, reason: "arm a has 0 outcomes of open: at least 10 are needed"},
	{name: "reset", users: both(ofArm), opened: both(0.2), shown: 0.3,
		verdict: experiment.Invalid, reason: "the exporter lost its state after the start"},
	{name: "no-series", verdict: experiment.Collecting, reason: "no user of experiment no-series has been counted"},
	{name: alone, users: map[string]float64{"a": ofArm}, shown: 1,
		verdict: experiment.Invalid, reason: "the counts cannot be right: arms: 1 given"},
}

// alone is the experiment that has no plan. Its only arm is declared to the exporter.
const alone = "alone"

func both(x float64) map[string]float64 { return map[string]float64{"a": x, "b": x} }

// degeneratePast writes the past.
func degeneratePast(p *querytest.Past) {
	counter, tiles := 0.0, 0.0
	for at := pastBegan.Add(tile); !at.After(noon); at = at.Add(tile) {
		tiles++
		if counter += perTile; at.Equal(resetAt) {
			counter = perTile
		}
		channel := []string{catalog.LabelChannel.Name, "email", catalog.LabelCategory.Name, "marketing"}
		all := []querytest.Sample{{Name: catalog.ExperimentInfo.Name, Value: 1, Labels: []string{
			catalog.LabelExperiment.Name, alone, catalog.LabelVariant.Name, "a", catalog.LabelControl.Name, "true"}}}
		for _, stage := range []string{"sent", "delivered"} {
			labels := append([]string{catalog.LabelStage.Name, stage}, channel...)
			all = append(all, querytest.Sample{Name: catalog.Stages.Name, Value: counter, Labels: labels},
				querytest.Sample{Name: rules.StageVolume.Increase5m.Name, Value: perTile, Labels: labels[:4]},
				querytest.Sample{Name: rules.CategoryVolume.Increase5m.Name, Value: perTile,
					Labels: append(labels[:2:2], labels[4:]...)})
		}
		for _, d := range degenerate {
			for arm, users := range d.users {
				all = append(all, moments(d.name, arm, users, users*d.opened[arm], d.moments)...)
				all = append(all, querytest.Sample{Name: catalog.ExperimentMoments.Name, Value: d.shown * tiles * users,
					Labels: momentOf(d.name, arm, "n")})
			}
		}
		p.Write(at, all...)
	}
}

// moments returns the increases of the moments of an arm in a tile, all or some.
func moments(name, arm string, users, opened float64, some []string) (all []querytest.Sample) {
	sums := map[string]float64{"n": users, "x": users, "xx": users, "y": opened, "yy": opened, "xy": opened}
	if some == nil {
		some = []string{"n", "x", "xx", "y", "yy", "xy"}
	}
	for _, moment := range some {
		all = append(all, querytest.Sample{Name: rules.ExperimentMomentVolume.Increase5m.Name, Value: sums[moment],
			Labels: momentOf(name, arm, moment)})
	}
	return all
}

func momentOf(name, arm, moment string) []string {
	return []string{catalog.LabelExperiment.Name, name, catalog.LabelVariant.Name, arm,
		catalog.LabelOutcome.Name, "open", catalog.LabelMoment.Name, moment}
}

// degeneratePlans writes the plans of the experiments.
func degeneratePlans(t *testing.T) (file string) {
	t.Helper()
	text := "experiments:\n"
	for _, d := range degenerate {
		if d.name != alone {
			text += fmt.Sprintf("  - {name: %s, control: a, split: {a: 0.5, b: 0.5}, started: %s, primary: open, "+
				"conversion_window: 1h, guardrails: []}\n", d.name, pastBegan.Format(time.RFC3339))
		}
	}
	return writeFile(t, "experiments.yaml", text)
}

// writeFile writes a file that is gone after the test.
func writeFile(t *testing.T, name, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Read from a real Prometheus, experiments with degenerate counts have a verdict and a
// reason, and none if the data is stale.
func TestDegeneratePast(t *testing.T) {
	url, plans := querytest.Serve(t, degeneratePast), degeneratePlans(t)
	for _, c := range []struct {
		name  string
		now   time.Time
		state query.State
	}{
		{"new", noon, ""},
		{"stale", noon.Add(30 * time.Minute), query.Stale},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, Options{Prometheus: url, Experiments: plans, Now: (&clock{c.now}).now})
			for _, path := range paths {
				s.answers(t, path, http.StatusOK, c.state)
			}
			healthy := http.StatusOK
			if c.state != "" {
				healthy = http.StatusServiceUnavailable
			}
			s.answers(t, "/api/v1/health", healthy, c.state)
			s.scraped(t)
			s.drawn(t)
			s.tabled(t)
			s.judgesDegenerate(t, c.state == query.Stale)
		})
	}
	t.Run("reset", func(t *testing.T) {
		s := serve(t, Options{Prometheus: url, Now: (&clock{noon}).now})
		for _, granularity := range []string{"minute", "hour"} {
			s.sentInTheLastHour(t, granularity, 12*perTile)
		}
	})
}

// judgesDegenerate checks the verdicts. On stale data there are none.
func (s *Service) judgesDegenerate(t *testing.T, stale bool) {
	t.Helper()
	var answer struct {
		Experiments []struct{ Experiment, Verdict, Reason string }
	}
	if err := json.Unmarshal(body(t, s.get(t, "/api/v1/experiments")), &answer); err != nil {
		t.Fatal(err)
	}
	want := len(degenerate)
	if stale {
		want-- // what the exporter declared is no longer known
	}
	if len(answer.Experiments) != want {
		t.Errorf("%d experiments, want %d", len(answer.Experiments), want)
	}
	for _, j := range answer.Experiments {
		for _, d := range degenerate {
			verdict, reason := string(d.verdict), d.reason
			if stale {
				verdict, reason = string(experiment.Collecting), "the data is stale: the newest data is 30m0s old"
			}
			if d.name == j.Experiment && (j.Verdict != verdict || !strings.HasPrefix(j.Reason, reason)) {
				t.Errorf("%s: %s: %s, want %s: %s", j.Experiment, j.Verdict, j.Reason, verdict, reason)
			}
		}
	}
}

// sentInTheLastHour checks how many notifications were sent.
func (s *Service) sentInTheLastHour(t *testing.T, granularity string, want float64) {
	t.Helper()
	path := fmt.Sprintf("/api/v1/analytics?from=%s&to=%s&granularity=%s", noon.Add(-time.Hour).Format(time.RFC3339),
		noon.Format(time.RFC3339), granularity)
	var answer struct {
		Total struct{ Value *float64 } `json:"total_notifications"`
	}
	if err := json.Unmarshal(body(t, s.get(t, path)), &answer); err != nil {
		t.Fatal(err)
	}
	if got := answer.Total.Value; got == nil || *got != want {
		t.Errorf("by the %s: want %v sent\n%.1500s", granularity, want, body(t, s.get(t, path)))
	}
}

// tabled checks that tables have no number that is none.
func (s *Service) tabled(t *testing.T) {
	t.Helper()
	for _, path := range s.tables() {
		r := s.get(t, path+"?format=csv")
		if text := string(body(t, r)); r.StatusCode != http.StatusOK || notFinite.MatchString(text) {
			t.Errorf("%s as CSV: %s\n%.500s", path, r.Status, text)
		}
	}
}
