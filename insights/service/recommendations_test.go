package service

import (
	"context"
	"strings"
	"testing"

	"belfry/exporter/catalog"
	"belfry/insights/experiment"
	"belfry/insights/query"
	"belfry/insights/strictjson"
)

// What an experiment has proven stands among the recommendations, in the API, on the
// page and in the metrics.
func TestWinnersAreRecommended(t *testing.T) {
	s := serve(t, Options{Prometheus: newFake(t, replyNothing).URL})
	won := experiment.Trial{
		Experiment: "subject-line", Control: "long", Primary: "open", Started: noon.AddDate(0, 0, -10), Now: noon,
		Arms: map[string]experiment.Arm{},
	}
	for arm, opened := range map[string]strictjson.Count{"long": 4000, "short": 5000} {
		won.Arms[arm] = experiment.Arm{Users: 20_000, Metrics: map[string]experiment.Metric{
			"open": {Kind: experiment.Proportion, N: 20_000, X: opened},
		}}
	}
	judged := experiment.Judged{Trial: won, Result: experiment.Judge(won)}
	s.experiments.ask = func(context.Context) (Experiments, query.Status) {
		return Experiments{Experiments: []experiment.Judged{judged}}, query.Status{State: query.OK}
	}
	s.Refresh(t.Context())
	for path, want := range map[string]string{
		"/api/v1/recommendations": `Ship arm short of experiment subject-line.`,
		"/":                       `Ship arm short of experiment subject-line.`,
		"/metrics":                catalog.Recommendations.Name + `{kind="ship"} 1`,
	} {
		if text := string(body(t, s.get(t, path))); !strings.Contains(text, want) {
			t.Errorf("%s lacks %s", path, want)
		}
	}
}
