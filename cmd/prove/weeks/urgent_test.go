package weeks

import (
	"slices"
	"strings"
	"testing"
	"time"

	belfryrules "belfry/rules"
	"belfry/rules/backtest"
	"belfry/rules/settings"
)

// The short variant of `prove weeks urgent`: one of the faults.
func TestAFaultPagesOnce(t *testing.T) {
	t.Parallel()
	report, err := urgentFaults(t.Context(), t.TempDir(), 1, "NATS down")
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err != nil || len(report.all) != 1 {
		t.Errorf("%v\n%s", err, report)
	}
}

// Each alert that pages has a fault.
func TestEveryPageHasAFault(t *testing.T) {
	for _, a := range belfryrules.Alerts() {
		if a.Severity != settings.Critical {
			continue
		}
		name := strings.TrimPrefix(a.Name, settings.Prefix)
		if !slices.ContainsFunc(urgents, func(u urgent) bool { return u.pages == name }) {
			t.Errorf("no fault pages with %s", name)
		}
	}
	if !slices.ContainsFunc(urgents, func(u urgent) bool { return u.alone }) {
		t.Error("every page is acknowledged")
	}
}

// The proof can fail: it notices a page too many, one too late and one that is missing.
func TestPagesAreJudged(t *testing.T) {
	begins := monday(4)
	o := &observed{urgent: urgent{what: "outage", pages: "ProviderDown", then: &push}, begins: begins, second: begins}
	message := func(alert string, seconds int) backtest.Message {
		return backtest.Message{
			At:    begins.Add(time.Duration(seconds) * time.Second),
			Group: map[string]string{"alertname": settings.Prefix + alert},
		}
	}
	down, then := message("ProviderDown", 40), message("ChannelDown", 50)
	for want, pages := range map[string][]backtest.Message{
		"":                            {down, then},
		"1 pages too many":            {down, then, message("ErrorRateHigh", 55)},
		"page 1 is NotificationError": {message("ErrorRateHigh", 30), message("ProviderDown", 40)},
		"page 1 is NotificationProviderDown after 1m1s": {message("ProviderDown", 61), message("ChannelDown", 62)},
		"no page with NotificationChannelDown":          {down},
	} {
		o.pages = pages
		got := strings.Join(o.wrong(), "\n")
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
