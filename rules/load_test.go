package rules

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

var update = flag.Bool("update", false, "rewrite golden files")

// load writes a rules file and loads it. Mistakes are told as of rules.yaml.
func load(t *testing.T, text string) (*Settings, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := LoadSettings(path)
	if err == nil {
		return s, ""
	}
	if s != nil {
		t.Error("refused settings are returned all the same")
	}
	return nil, strings.ReplaceAll(err.Error(), path, "rules.yaml")
}

func TestDefaultsAreADocumentOfThemselves(t *testing.T) {
	want := DefaultSettings()
	got, refused := load(t, string(DefaultRules))
	if diff := cmp.Diff(want, got); refused != "" || diff != "" {
		t.Errorf("%s\n(-defaults +defaults laid over themselves):\n%s", refused, diff)
	}
	none, err := LoadSettings("")
	if diff := cmp.Diff(want, none); err != nil || diff != "" {
		t.Errorf("%v\n(-defaults +no file):\n%s", err, diff)
	}
	if diff := cmp.Diff([]string{"pager", "chat"}, want.Teams[DefaultTeam].Receivers[Critical]); diff != "" {
		t.Errorf("critical alerts (-want +got):\n%s", diff)
	}
	if _, ok := want.Receivers[WatchdogReceiver]; !ok {
		t.Error("there is no receiver for the watchdog")
	}
}

// A sample that is commented out, or an alert that is not enabled, is valid too.
func TestSamplesOfTheDefaultsAreValid(t *testing.T) {
	text := string(DefaultRules)
	for _, sample := range []struct{ instead, of string }{
		{"thresholds:\n  HardBounceHigh: {warning: 0.03, critical: 0.06}\n", "thresholds: {}\n"},
		{"disabled: [CostPerDeliveredHigh]\n", "disabled: []\n"},
		{"slos:\n" + commented(text, "#   - name: receipts", 7), "slos: []\n"},
		{"teams:\n" + strings.ReplaceAll(commented(text, "#   payments:", 3), "payments-", ""), "teams:\n"},
		{"enabled: true", "enabled: false"},
	} {
		before := text
		if text = strings.Replace(text, sample.of, sample.instead, 1); text == before {
			t.Errorf("the defaults have no %q", sample.of)
		}
	}
	s, refused := load(t, text)
	if refused != "" {
		t.Fatal(refused)
	}
	if alerts, err := s.customAlerts(); err != nil || len(alerts) != 1 {
		t.Errorf("%d alerts, %v", len(alerts), err)
	}
	if len(s.SLOs) != 1 || s.SLOs[0].Per != "channel" || len(s.Disabled) != 1 || s.Teams["payments"].Mute[Warning][1] != "weekends" {
		t.Errorf("the samples were not taken: %+v", s)
	}
}

// Even when all is lost, the budget of an objective of 0.9 burns ten times as fast
// as allowed: an alert at 14.4 times would promise what it cannot keep.
func TestALooseObjectiveHasNoAlertThatCannotFire(t *testing.T) {
	for _, test := range []struct {
		objective float64
		want      []expr.Window
	}{
		{0.94, []expr.Window{"1h", "6h", "1d", "3d"}},
		{0.9, []expr.Window{"6h", "1d", "3d"}},
		{0.8, []expr.Window{"1d", "3d"}},
		{0.5, []expr.Window{"3d"}},
	} {
		slo := Objective{
			Name: "receipts", Title: "receipts", Team: "payments", Objective: test.objective,
			Total: Selector{Metric: catalog.Stages.Name}, Bad: &Selector{Metric: catalog.Errors.Name},
		}.compile()
		var got []expr.Window
		for _, a := range slo.alerts() {
			got = append(got, a.Window)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("objective %g (-want +got):\n%s", test.objective, diff)
		}
	}
}

// commented takes lines out of a comment, from the one that begins so.
func commented(text, begin string, lines int) string {
	var b strings.Builder
	_, rest, _ := strings.Cut(text, begin)
	for _, line := range strings.SplitN(begin+rest, "\n", lines+1)[:lines] {
		b.WriteString(strings.TrimPrefix(line, "# ") + "\n")
	}
	return b.String()
}

func TestAFileIsLaidOverTheDefaults(t *testing.T) {
	s, refused := load(t, `
site: {grafana: https://grafana.example.com}
teams:
  default: {receivers: {critical: [&chat mine]}, mute: {warning: [nights]}}
  data: {receivers: {info: [*chat]}}
receivers:
  mine: &receiver
    webhook: [{url: "https://example.com/hook"}]
  chat: {<<: *receiver}
mute_times:
  nights: [{times: [{start_time: "22:00", end_time: "24:00"}], location: Europe/Paris}]
`)
	if refused != "" {
		t.Fatal(refused)
	}
	want := DefaultSettings()
	want.Site.Grafana = "https://grafana.example.com"
	hook := Receiver{Webhook: []Webhook{{URL: "https://example.com/hook"}}}
	want.Receivers["mine"], want.Receivers["chat"] = hook, hook
	want.Teams["default"].Receivers[Critical] = []string{"mine"}
	want.Teams["default"].Mute[Warning] = []string{"nights"}
	want.Teams["data"] = Team{Receivers: map[Severity][]string{Info: {"mine"}}, Mute: map[Severity][]string{}}
	want.MuteTimes["nights"] = []TimeInterval{{Times: []TimeRange{{"22:00", "24:00"}}, Location: "Europe/Paris"}}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if empty, refused := load(t, "# nothing\n"); refused != "" || !cmp.Equal(empty, DefaultSettings()) {
		t.Errorf("an empty file is not the defaults: %s", refused)
	}
}

func TestWhatAnAlertNeedNotSay(t *testing.T) {
	s, refused := load(t, `
alerts:
  - {id: a, name: A, metric: queue_messages, severity: warning, condition: {operator: gt, threshold: 5}}
`)
	if refused != "" {
		t.Fatal(refused)
	}
	a := s.Alerts[0]
	if !*a.Enabled || a.Team != "default" || a.Condition.ConsecutiveViolations != 1 {
		t.Errorf("got %+v", a)
	}
}

// All mistakes of a file are told at once, in its order.
func TestEveryMistakeIsTold(t *testing.T) {
	path := filepath.Join("testdata", "settings", "mistakes.yaml")
	s, err := LoadSettings(path)
	if err == nil || s != nil {
		t.Fatal("the file was taken")
	}
	golden := strings.TrimSuffix(path, "yaml") + "txt"
	got := err.Error() + "\n"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(read(t, golden), got); diff != "" {
		t.Errorf("(-%s +got):\n%s", golden, diff)
	}
	if strings.Contains(got, "hunter2") {
		t.Error("a secret is repeated")
	}
}

func TestMistakesThatStandAlone(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a list", "- a", "rules.yaml:1:1: expected keys such as site: …, got a list"},
		{"a tab", "site:\n\tgrafana: x", "rules.yaml:2:1: line is indented with a tab: use spaces"},
		{
			"nobody is told of critical alerts", "teams: {default: {receivers: {critical: []}}}",
			"rules.yaml:1:31: teams.default.receivers.critical: names nobody; leave it out to go where the team default sends it",
		},
		{
			"labels that are never together", "alerts: [{id: a, name: A, metric: stage_rate, match: {channel: sms, category: x}, severity: info, condition: {operator: gt, threshold: 1}}]",
			"rules.yaml:1:10: alerts[0]: stage_rate is not recorded by all of these labels at once",
		},
		{
			"a window between two samples", "alerts: [{id: a, name: A, metric: clicked_per_opened, severity: info, condition: {operator: gt, threshold: 1, timeWindow: 10m}}]",
			"rules.yaml:1:123: alerts[0].condition.timeWindow: clicked_per_opened says nothing about less than 1h",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, refused := load(t, c.text)
			if diff := cmp.Diff(c.want, refused); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if _, err := LoadSettings(filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.HasPrefix(err.Error(), "load the rules file: open ") {
		t.Errorf("a missing file: %v", err)
	}
}
