package experiment_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/experiment"
	"belfry/insights/query"
	"belfry/insights/query/querytest"
	"belfry/rules"
)

const (
	tile = 5 * time.Minute
	day  = 24 * time.Hour
)

var (
	began = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	ended = began.Add(5 * day)
	// In this hole nothing was recorded.
	holeFrom, holeTo = began.Add(time.Hour), began.Add(28 * time.Hour)
	started          = began.Add(30 * time.Hour)
)

// sums adds up what the users of an arm did: every user gets two notifications.
type sums struct{ n, y, yy, cy, c, cc float64 }

func (s *sums) add(dice *rand.Rand, rate float64) {
	c, y := float64(dice.IntN(5)), 0.0
	for range 2 {
		if dice.Float64() < rate+0.03*c {
			y++
		}
	}
	s.n, s.y, s.yy, s.cy, s.c, s.cc = s.n+1, s.y+y, s.yy+y*y, s.cy+c*y, s.c+c, s.cc+c*c
}

func (s sums) moments() map[string]float64 {
	return map[string]float64{"n": s.n, "x": 2 * s.n, "xx": 4 * s.n, "y": s.y, "yy": s.yy, "xy": 2 * s.y,
		"c": s.c, "cc": s.cc, "cx": 2 * s.c, "cy": s.cy}
}

// faulty experiments have the same users, and something that spoils them.
var faulty = []string{"restarted", "early", "changed", "hole", "stranger", "crossed"}

// past writes the record, and returns what the users of each arm did since the start.
func past(p *querytest.Past) map[string]*sums {
	dice := rand.New(rand.NewPCG(1, 2))
	total := map[string]*sums{"a": {}, "b": {}}
	for at := began.Add(tile); !at.After(ended); at = at.Add(tile) {
		var all []querytest.Sample
		arms := map[string]*sums{"a": {}, "b": {}}
		if at.After(started) && at.Before(ended.Add(-day)) {
			for range 4 {
				arms["a"].add(dice, 0.10)
				arms["b"].add(dice, 0.15)
			}
		}
		for arm, s := range arms {
			all = append(all, of("good", arm, *s)...)
			for _, name := range faulty {
				all = append(all, moment(name, arm, "n", s.n))
			}
			t := total[arm]
			t.n, t.y, t.yy, t.cy, t.c, t.cc = t.n+s.n, t.y+s.y, t.yy+s.yy, t.cy+s.cy, t.c+s.c, t.cc+s.cc
		}
		all = append(all, moment("stranger", "z", "n", 1),
			querytest.Sample{Name: rules.CrossoverVolume.Increase5m.Name, Value: 1,
				Labels: []string{catalog.LabelExperiment.Name, "crossed"}},
			querytest.Sample{Name: rules.StageVolume.Increase5m.Name, Value: 1,
				Labels: []string{catalog.LabelStage.Name, "sent", catalog.LabelChannel.Name, "email"}})
		if at.Before(holeFrom) || at.After(holeTo) {
			p.Write(at, append(all, counters(total)...)...)
		}
	}
	return total
}

// moment returns the increase of a moment of opens.
func moment(name, arm, moment string, value float64) querytest.Sample {
	return querytest.Sample{Name: rules.ExperimentMomentVolume.Increase5m.Name, Value: value,
		Labels: momentLabels(name, arm, moment)}
}

func momentLabels(name, arm, moment string) []string {
	return []string{catalog.LabelExperiment.Name, name, catalog.LabelVariant.Name, arm,
		catalog.LabelOutcome.Name, "open", catalog.LabelMoment.Name, moment}
}

// of returns what is recorded of an arm in a tile.
func of(name, arm string, s sums) []querytest.Sample {
	var all []querytest.Sample
	for m, value := range s.moments() {
		all = append(all, moment(name, arm, m, value))
	}
	return append(all, querytest.Sample{Name: rules.ExperimentUserVolume.Increase5m.Name,
		Labels: []string{catalog.LabelExperiment.Name, name, catalog.LabelVariant.Name, arm, catalog.LabelStage.Name,
			"complained"}})
}

// counters returns the exporter's own counters, and a plan that was judged before.
func counters(total map[string]*sums) []querytest.Sample {
	var all []querytest.Sample
	for arm, s := range total {
		for name, shown := range map[string]float64{"good": s.n, "restarted": s.n / 2, "early": s.n + 100, "changed": s.n,
			"hole": s.n, "stranger": s.n, "crossed": s.n} {
			all = append(all, querytest.Sample{Name: catalog.ExperimentMoments.Name, Value: shown,
				Labels: momentLabels(name, arm, "n")})
		}
	}
	return append(all, querytest.Sample{Name: catalog.ExperimentPlan.Name, Value: float64(started.Unix()),
		Labels: []string{catalog.LabelExperiment.Name, "changed", catalog.LabelPlan.Name, "another"}})
}

func serve(t *testing.T) (url string, total map[string]*sums) {
	t.Helper()
	url = querytest.Serve(t, func(p *querytest.Past) { total = past(p) })
	return url, total
}

func plan(name string) experiment.Plan {
	p := experiment.Plan{Name: name, Control: "a", Split: map[string]float64{"a": 0.5, "b": 0.5}, Alpha: 0.05,
		Primary: "open", TargetEffect: 0.01, VarianceReduction: experiment.CUPED, ConversionWindow: 0,
		Started: experiment.Instant{Time: started}, Guardrails: []experiment.PlanGuardrail{
			{Metric: "complaint", MarginAbsolute: new(0.003), Bad: experiment.Up}}}
	p.ConversionWindow.Set("1d")
	return p
}

// Read from a real Prometheus, counts are exact, and faults of the record are found.
func TestWatch(t *testing.T) {
	url, total := serve(t)
	source := querytest.Source(t, url, ended)
	nothingToJudge(t, source)
	late := ended.Add(30 * time.Minute)
	old, err := experiment.Watch(t.Context(), querytest.Source(t, url, late), []experiment.Plan{plan("good")}, late)
	if err != nil || old[0].Verdict != experiment.Collecting || old[0].Status.State != query.Stale {
		t.Errorf("old data: %s, %s, %v", old[0].Verdict, old[0].Reason, err)
	}
	var plans []experiment.Plan
	for _, name := range []string{"good", "restarted", "early", "changed", "hole", "stranger", "crossed", "nobody"} {
		plans = append(plans, plan(name))
	}
	plans[4].Started.Time = began.Add(tile)
	all, err := experiment.Watch(t.Context(), source, plans, ended)
	if err != nil || len(all) != len(plans) {
		t.Fatalf("%d results: %v", len(all), err)
	}
	for _, j := range all {
		want := map[string]struct {
			verdict experiment.Verdict
			says    string
		}{
			"good":      {experiment.Ship, "arm b wins"},
			"restarted": {experiment.Invalid, "the exporter lost its state after the start"},
			"early":     {experiment.Invalid, "100 users of arm a entered before"},
			"changed":   {experiment.Invalid, "the plan changed after the start"},
			"hole":      {experiment.Invalid, "nothing was recorded between 2026-03-01T"},
			"stranger":  {experiment.Invalid, `users are in arm "z"`},
			"crossed":   {experiment.Invalid, "seen in more than one arm"},
			"nobody":    {experiment.Collecting, "no user of experiment nobody has been counted"},
		}[j.Experiment]
		if j.Verdict != want.verdict || !strings.Contains(j.Reason, want.says) {
			t.Errorf("%s: %s, %s", j.Experiment, j.Verdict, j.Reason)
		}
		if len(j.Queries) == 0 {
			t.Errorf("%s names no queries", j.Experiment)
		}
		if j.Experiment == "good" {
			exact(t, j, total)
		}
	}
}

// exact compares the counts that were read with those that were written.
func exact(t *testing.T, j experiment.Judged, total map[string]*sums) {
	t.Helper()
	for arm, s := range total {
		m := j.Trial.Arms[arm].Metrics["open"]
		if float64(m.N) != s.n || m.NumSum != s.y || m.NumSumSq != s.yy || m.DenSum != 2*s.n || m.Cross != 2*s.y ||
			m.Covariate == nil || m.Covariate.CrossNum != s.cy || m.Covariate.CrossDen != 2*s.c {
			t.Errorf("arm %s: %+v, want %+v", arm, m, *s)
		}
	}
	c := j.Comparisons[0]
	if c.Adjusted == nil || c.Adjusted.VarianceRemoved <= 0 || c.Z != nil {
		t.Errorf("%+v", c)
	}
}

// A start in the future, and no answer, give no verdict.
func nothingToJudge(t *testing.T, source *query.Source) {
	t.Helper()
	future := plan("good")
	future.Started.Time = ended.Add(day)
	all, err := experiment.Watch(t.Context(), source, []experiment.Plan{future}, ended)
	if err != nil || all[0].Verdict != experiment.Collecting || !strings.Contains(all[0].Reason, "starts on") {
		t.Errorf("a future start: %s, %s, %v", all[0].Verdict, all[0].Reason, err)
	}
	gone := querytest.Source(t, "http://127.0.0.1:1", ended)
	all, err = experiment.Watch(t.Context(), gone, []experiment.Plan{plan("good")}, ended)
	if err == nil || all[0].Verdict != experiment.Collecting || all[0].Status.State != query.Unreachable {
		t.Errorf("no Prometheus: %s, %+v, %v", all[0].Verdict, all[0].Status, err)
	}
}
