package page_test

import (
	"strings"
	"testing"
	"time"

	"belfry/insights/analytics"
	"belfry/insights/display"
	"belfry/insights/experiment"
	"belfry/insights/page"
	"belfry/insights/query"
	"belfry/insights/recommend"
	"belfry/insights/strictjson"
)

func TestOfAnalytics(t *testing.T) {
	a := &analytics.Analytics{Status: query.Status{State: query.OK}}
	a.TotalNotifications = analytics.Figure{Value: new(200.0)}
	a.Counts.Sent, a.Counts.Delivered = a.TotalNotifications, analytics.Figure{Value: new(190.0)}
	a.Delivery = analytics.Figure{Value: new(0.95), Previous: new(0.9)}
	a.Open = analytics.Figure{Reason: "nothing was opened"}
	a.Series = []analytics.Bucket{{Sent: 150, Opened: 0, DeliveryRate: new(0.94)}, {Sent: 50}}
	a.ChannelMetrics = []analytics.Channel{{Channel: "push"}}
	a.Notes = []string{"the period was moved"}
	o := display.OfAnalytics(a)
	delivery, open := o.Items[1], o.Items[2]
	if r := delivery.Range; r == nil || r.Low < 0.90 || r.Low > 0.92 || r.High < 0.96 || r.High > 0.98 {
		t.Errorf("delivery rate %+v with %+v", delivery, r)
	}
	if len(delivery.History) != 2 || delivery.History[1].Value != nil || open.Range != nil || open.Reason == "" {
		t.Errorf("delivery %+v, open %+v", delivery, open)
	}
	if html := render(t, page.Data{Now: now, Overview: o}); !strings.Contains(html, "95.00 %") ||
		!strings.Contains(html, "The period was moved.") {
		t.Error("the delivery rate or the note is not on the page")
	}
	a.Status, a.Notes = query.Status{State: query.NoData, Reason: "nothing was recorded"}, nil
	if o := display.OfAnalytics(a); !o.Failed || o.Note != "Nothing was recorded." || len(o.Items) > 0 {
		t.Errorf("without data: %+v", o)
	}
}

func TestOfExperiment(t *testing.T) {
	trial := experiment.Trial{Experiment: "greeting", Control: "a", Primary: "open", Started: now.Add(-240 * time.Hour),
		Now: now, Arms: map[string]experiment.Arm{}}
	for arm, x := range map[string]float64{"a": 4000, "b": 5000} {
		trial.Arms[arm] = experiment.Arm{Users: 20_000, Metrics: map[string]experiment.Metric{
			"open": {Kind: experiment.Proportion, N: 20_000, X: strictjson.Count(x)}}}
	}
	trial.PlannedUsers = 40_000 // of two of the three arms that are planned
	e := display.OfExperiment(experiment.Judged{Result: experiment.Judge(trial), PlannedUsers: 60_000,
		Users: map[string]float64{"a": 20_000, "b": 20_000}})
	if e.Verdict != "ship" || *e.Users != 40_000 || *e.Planned != 60_000 || len(e.Comparisons) != 1 {
		t.Fatalf("got %+v", e)
	}
	c := e.Comparisons[0]
	if c.Unit != display.Points || c.Range == nil || c.Range.Low <= 0 || c.PValue == nil || !c.Primary {
		t.Errorf("got %+v", c)
	}
	empty := display.OfExperiment(experiment.Judged{Result: experiment.Judge(experiment.Trial{})})
	if empty.Reason == "" || empty.Verdict == "" || empty.Planned != nil {
		t.Errorf("of nothing: %+v", empty)
	}
}

func TestOfRecommendation(t *testing.T) {
	estimate := recommend.Estimate{Value: 0.02, Low: 0.01, High: 0.03}
	r := display.OfRecommendation(recommend.Recommendation{
		Kind: recommend.KindTest, Dimension: recommend.SendHour, Channel: "push", Subject: "9", Unit: "notifications",
		Effect: estimate, Rate: &estimate, Test: &recommend.Test{PerArm: 1234, Total: 2468},
	})
	if r.Subject != "Hour of the user's day by push: 9" || r.Test != "1,234 users in each of two arms" ||
		r.Rest != nil || r.Effect.Range.Level != "90 % interval" {
		t.Errorf("got %+v", r)
	}
}
