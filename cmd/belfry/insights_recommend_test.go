package main

import (
	"bytes"
	"strings"
	"testing"

	"belfry/insights/query"
	"belfry/insights/recommend"
)

func TestRecommendationsAreReadable(t *testing.T) {
	var cells []recommend.Cell
	for hour, engaged := range map[string]float64{"8": 900, "9": 1300, "10": 910} {
		cells = append(cells, recommend.Cell{
			Dimension: recommend.SendHour, Channel: "push", Value: hour, Delivered: 10_000, Engaged: engaged,
		})
	}
	cells = append(cells, recommend.Cell{
		Dimension: recommend.Template, Channel: "sms", Value: "welcome", Delivered: 400, Engaged: 9,
	})
	groups := recommend.Weigh(cells, recommend.Options{Days: 28})
	report := recommend.Report{
		Status: query.Status{State: query.OK}, Groups: groups, Recommendations: recommend.Find(groups),
	}
	var out bytes.Buffer
	if err := printRecommendations(&out, report); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Test sending by push between 9:00 and 9:59 of the user's own time.",
		"so it is a reason to test, not to ship. An A/B test that confirms it takes ",
		"(observational)\n  - 1,300 of 10,000 delivered notifications engaged;",
		"send_hour  push     3     9       12.9",
		"template   sms      0     -       -        -        -        0 of 1 have the 1,000 notifications",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, out.String())
		}
	}
	report.Status = query.Status{State: query.NoData, Reason: "nothing was recorded"}
	if err := printRecommendations(&out, report); err == nil || err.Error() != "nothing was recorded" {
		t.Errorf("without data: %v", err)
	}
}

func TestRecommendationsWithoutPrometheus(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--prometheus.url=http://127.0.0.1:1", "cannot be reached"},
		{"--privacy.floor=4", "--privacy.floor: 4 is out of range: use 5 or more"},
		{"--prometheus.url=localhost", "--prometheus.url"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), []string{"insights", "recommendations", c.args}, &process{stdout: &out, stderr: &errs})
		if code == 0 || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%s: exit code %d, %s", c.args, code, errs.String())
		}
	}
}
