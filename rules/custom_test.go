package rules

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/rules/settings"
)

// compiled returns the alerts of a rules file with only these.
func compiled(t *testing.T, alerts string) []Alert {
	t.Helper()
	s, rejected := load(t, "alerts:\n"+alerts)
	if rejected != "" {
		t.Fatal(rejected)
	}
	return slices.DeleteFunc(s.Alerts, func(a Alert) bool { return a.Rule == "" })
}

func TestCustomAlertsCompile(t *testing.T) {
	for _, c := range []struct{ name, alert, want string }{
		{
			"a ratio over the window that is recorded",
			"{metric: failed_per_sent, condition: {operator: gt, threshold: 0.03, timeWindow: 5m}}",
			`channel:notification_failed_per_sent:ratio_rate5m > 0.03`,
		},
		{
			"each operator",
			"{metric: users, match: {segment: new}, condition: {operator: ne, threshold: -1.5, timeWindow: 1h}}",
			`sum without (instance, partition, pod) (avg_over_time(notification_users{segment="new"}[1h])) != -1.5`,
		},
		{
			"a minimum of notifications, by what the metric and senders both know",
			"{metric: delivery_latency_p95, match: {channel: sms, provider: /a|b/}, condition: {operator: gte, " +
				"threshold: 30, timeWindow: 10m, minEvents: 50}}",
			`avg_over_time(channel_provider:notification_delivery_latency_seconds:p95_rate5m` +
				`{channel="sms",provider=~"a|b"}[10m]) >= 30` +
				` and on (channel, provider) ` +
				`avg_over_time(channel_provider:notification_sent:rate1m{channel="sms",provider=~"a|b"}[10m]) * ` +
				`600 >= 50`,
		},
		{
			"a change either way against the window before, in which there may be all of the events",
			"{metric: sent_rate, condition: {operator: lt, threshold: 5, timeWindow: 5m, percentageChange: 50, " +
				"minEvents: 10}}",
			`channel:notification_sent:rate5m < 5` +
				` and (abs(channel:notification_sent:rate5m - channel:notification_sent:rate5m offset 5m) > 0) >= ` +
				`0.5 * abs(channel:notification_sent:rate5m offset 5m)` +
				` and on (channel) (sum without (provider) ` +
				`(avg_over_time(channel_provider:notification_sent:rate1m[5m])) * 300 >= 10` +
				` or sum without (provider) (avg_over_time(channel_provider:notification_sent:rate1m[5m] offset ` +
				`5m)) * 300 >= 10)`,
		},
		{
			"a change against last week of what has no channel",
			"{metric: queue_messages, condition: {operator: lte, threshold: 5, timeWindow: 5m, percentageChange: " +
				"12.5, compareTo: 7d, minEvents: 10}}",
			`avg_over_time(queue:notification_queue_messages:max[5m]) <= 5` +
				` and (abs(avg_over_time(queue:notification_queue_messages:max[5m]) - ` +
				`avg_over_time(queue:notification_queue_messages:max[5m] offset 1w)) > 0)` +
				` >= 0.125 * abs(avg_over_time(queue:notification_queue_messages:max[5m] offset 1w))` +
				` and on () (sum without (channel, provider) ` +
				`(avg_over_time(channel_provider:notification_sent:rate1m[5m])) * 300 >= 10` +
				` or sum without (channel, provider) (avg_over_time(channel_provider:notification_sent:rate1m[5m] ` +
				`offset 1w)) * 300 >= 10)`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			alerts := compiled(t, "  - "+strings.Replace(c.alert, "{", "{id: a, name: A, severity: info, ", 1)+"\n")
			if diff := cmp.Diff(c.want, alerts[0].Expr.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, err := pretty(alerts[0].Expr); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatCustomAlertsSay(t *testing.T) {
	alerts := compiled(t, `
  - id: costs
    name: CostsHigh
    description: costs {{ too }} much
    metric: cost_per_delivered
    match: {channel: sms}
    condition:
      {operator: gt, threshold: 0.05, consecutiveViolations: 5, percentageChange: 10, compareTo: 1d, minEvents: 100}
    severity: emergency
    team: delivery
    channels: [digest]
    cooldownPeriod: 45
  - {id: off, name: Off, metric: users, condition: {operator: gt, threshold: 1}, severity: info, enabled: false}
  - {id: fast, name: Fast, metric: sent_rate, condition: {operator: gte, threshold: 2.5}, severity: info}
`)
	if len(alerts) != 2 {
		t.Fatalf("%d alerts, want the two that are enabled", len(alerts))
	}
	a := alerts[0]
	got := map[string]any{
		"name": a.Name, "rule": a.ID(), "severity": a.Severity, "team": a.Team, "for": a.For, "keep": a.KeepFiringFor,
		"cooldown":  a.Cooldown,
		"receivers": a.Receivers, "threshold": a.Threshold, "summary": a.text(a.Summary, settings.Site{}),
		"description": a.text(a.Description, settings.Site{}),
		"dashboard":   a.Dashboard, "panel": a.Panel,
	}
	want := map[string]any{
		"name": "CostsHigh", "rule": "costs", "severity": settings.Emergency, "team": "delivery",
		"for": 2 * time.Minute, "keep": 45 * time.Minute,
		"cooldown": 45 * time.Minute, "receivers": []string{"digest"}, "threshold": 0.05,
		"summary": `costs {{ "{{" }} too }} much: {{ $labels.channel }}, {{ $labels.currency }}`,
		"description": `cost_per_delivered, channel sms is {{ printf "%.4g" $value }} {{ $labels.currency }} over 1d ` +
			`(alerts when above 0.05 for 5 evaluations in a row and changed by 10% against 1d before, of at least ` +
			`100 notifications).`,
		"dashboard": SLOs, "panel": panelAlerts,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	rate := "sent_rate is {{ $value | humanize }} a second over 5m (alerts when at least 2.5 a second)."
	if alerts[1].text(alerts[1].Description, settings.Site{}) != rate {
		t.Errorf("got %s", alerts[1].Description)
	}
}

// Settings that a program made have no file to point into.
func TestMistakesOfAProgram(t *testing.T) {
	s := settings.Default()
	s.Alerts = []settings.Alert{
		{ID: "a", Team: "default", Metric: "nothing"},
		{ID: "b", Team: "default", Metric: "users", Match: map[string]string{"x": "y"},
			Condition: settings.Condition{Operator: "gt"}},
		{ID: "c", Team: "default", Metric: "users", Condition: settings.Condition{Operator: "great"}},
	}
	_, err := Compile(s)
	want := "alerts[0].metric: unknown metric \"nothing\" (`belfry rules metrics` lists all)\n" +
		"alerts[1].match.x: unknown label \"x\" (valid: segment, job)\n" +
		"alerts[2]: unknown operator \"great\""
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

// What the rules mean, in the words of promtool: consecutive violations, the
// least of notifications, a change either way, and the cooldown.
func TestCustomAlertsInPromtool(t *testing.T) { inPromtool(t, "custom", "custom") }

// One failure of one does not burn a budget, ten of twenty do, although the file
// says nothing about it. The title is literal text.
func TestAnObjectiveOfOnesOwnInPromtool(t *testing.T) { inPromtool(t, "objective", "slo") }

// inPromtool compiles a file of testdata/settings and runs the cases beside it on
// one of the rule files.
func inPromtool(t *testing.T, name, rules string) {
	t.Helper()
	s, err := settings.Load(filepath.Join("testdata", "settings", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	files, err := set.Files()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for to, content := range map[string]string{
		"rules.yaml": string(files[FilePrefix+rules+".yaml"]),
		"test.yaml":  read(t, filepath.Join("testdata", "settings", name+"_test.yaml")),
	} {
		if err := os.WriteFile(filepath.Join(dir, to), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	promtool(t, "check", "rules", "--lint=all", "--lint-fatal", filepath.Join(dir, "rules.yaml"))
	promtool(t, "test", "rules", "--diff", filepath.Join(dir, "test.yaml"))
}
