package service

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
)

// The alert NotificationReportFailed and the dashboards read these series.
func TestScheduledReportsAreSeries(t *testing.T) {
	s, err := New(Options{Prometheus: "http://127.0.0.1:1", Reports: func() []Scheduled {
		return []Scheduled{
			{Name: "weekly", Sent: time.Unix(1_767_600_000, 500_000_000), Failures: 2}, {Name: "never", Failures: 1},
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, f := range s.families() {
		if strings.HasPrefix(f.GetName(), "notification_report_") {
			if _, err := expfmt.MetricFamilyToText(&text, f); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, want := range []string{
		`notification_report_failures_total{report="weekly"} 2`, `notification_report_failures_total{report="never"} 1`,
		`notification_report_last_success_timestamp_seconds{report="weekly"} 1.7676000005e+09`,
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %s in\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), `timestamp_seconds{report="never"}`) {
		t.Error("a report that was never sent has a time")
	}
}
