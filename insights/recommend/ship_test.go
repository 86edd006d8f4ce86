package recommend_test

import (
	"strings"
	"testing"
	"time"

	"belfry/insights/experiment"
	"belfry/insights/recommend"
	"belfry/insights/strictjson"
)

// trial is an experiment of ten days with two arms of 20,000 users each.
func trial(opened map[string]float64) experiment.Trial {
	t := experiment.Trial{
		Experiment: "subject-line", Control: "long", Primary: "open", TargetEffect: 0.01,
		Started: noon.AddDate(0, 0, -10), Now: noon, Arms: map[string]experiment.Arm{},
	}
	for arm, share := range opened {
		t.Arms[arm] = experiment.Arm{Users: 20_000, Metrics: map[string]experiment.Metric{
			"open": {Kind: experiment.Proportion, N: 20_000, X: strictjson.Count(20_000 * share)},
		}}
	}
	return t
}

func TestADecidedExperimentIsShipped(t *testing.T) {
	won := trial(map[string]float64{"long": 0.2, "short": 0.25})
	got := recommend.Proven(won, experiment.Judge(won), []string{"sum(x)"})
	if len(got) != 1 {
		t.Fatalf("got %+v", got)
	}
	r := got[0]
	if r.Kind != recommend.KindShip || r.Evidence != recommend.Randomised || r.Test != nil || r.Unit != "users" ||
		r.N != 40_000 || len(r.Queries) != 1 || !strings.HasPrefix(r.Text, "Ship arm short of experiment subject-line.") {
		t.Errorf("got %+v", r)
	}
	report := recommend.Report{Recommendations: []recommend.Recommendation{{Kind: recommend.KindTest}}}
	report.Ship([]experiment.Judged{{Trial: won, Result: experiment.Judge(won)}})
	if all := report.Recommendations; len(all) != 2 || all[0].Kind != recommend.KindShip {
		t.Errorf("the report has %+v", all)
	}
	// 40,000 users in ten days are 120,000 in a month, and a twentieth of them is 6,000.
	if gain := r.GainPerMonth; gain == nil || gain.Value < 5_999 || gain.Value > 6_001 || gain.Low < 0 {
		t.Errorf("gain %+v", gain)
	}
}

func TestNothingElseIsShipped(t *testing.T) {
	young := trial(map[string]float64{"long": 0.2, "short": 0.25})
	young.Started = young.Now.Add(-24 * time.Hour)
	gap := trial(map[string]float64{"long": 0.2, "short": 0.25})
	gap.DataGap = true
	for name, one := range map[string]experiment.Trial{
		"no difference": trial(map[string]float64{"long": 0.2, "short": 0.2}),
		"loser":         trial(map[string]float64{"long": 0.2, "short": 0.15}),
		"young":         young, "gap": gap, "empty": {},
	} {
		if got := recommend.Proven(one, experiment.Judge(one), nil); got == nil || len(got) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
