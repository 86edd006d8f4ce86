package rules

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

var update = flag.Bool("update", false, "rewrite golden files")

// load writes a rules file and compiles it. Mistakes are as of rules.yaml.
func load(t *testing.T, text string) (*Set, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := settings.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	set, err := Compile(s)
	if err == nil {
		return set, ""
	}
	if set != nil {
		t.Error("rules of a rejected file are returned")
	}
	return nil, strings.ReplaceAll(err.Error(), path, "rules.yaml")
}

// The rules file adds error codes to those that the alerts and their series count.
func TestErrorCodesOfTheRulesFile(t *testing.T) {
	set, rejected := load(t, "error_codes: {invalid_token: [Token_*], rate_limited: [E.429, 7]}\n")
	if rejected != "" {
		t.Fatal(rejected)
	}
	files, err := set.Files()
	if err != nil {
		t.Fatal(err)
	}
	shippedFiles, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]struct {
		more  string
		times int
	}{
		"rules/notification-volumes.yaml":  {`|410|Token_.*)`, 3},
		"rules/notification-platform.yaml": {`|429|E\\.429|7)`, 4},
	} {
		if got := strings.Count(string(files[file]), want.more); got != want.times {
			t.Errorf("%s: %d selectors with %s, want %d", file, got, want.more, want.times)
		}
		without := strings.ReplaceAll(string(files[file]), want.more, want.more[:4]+")")
		if without != string(shippedFiles[file]) {
			t.Errorf("%s differs from the shipped file in more than the codes", file)
		}
	}
}

// A sample that is commented out, or an alert that is not enabled, is valid too.
func TestSamplesOfTheDefaultsAreValid(t *testing.T) {
	text := string(settings.Example)
	for _, sample := range []struct{ instead, of string }{
		{"thresholds:\n  HardBounceHigh: {warning: 0.03, critical: 0.06}\n", "thresholds: {}\n"},
		{"error_codes:\n  {invalid_token: [token_*], rate_limited: [E429]}\n", "error_codes: {}\n"},
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
	s, rejected := load(t, text)
	if rejected != "" {
		t.Fatal(rejected)
	}
	var names []string
	for _, a := range s.Alerts {
		names = append(names, a.Name)
		if a.Name == HardBounceHigh.Name && a.Severity == settings.Warning && a.Threshold != 0.03 {
			t.Errorf("the threshold is %v", a.Threshold)
		}
	}
	if !slices.Contains(names, "SmsFailuresHigh") || slices.Contains(names, CostPerDeliveredHigh.Name) {
		t.Errorf("alerts are %v", names)
	}
	if n := len(s.SLOs); n != 4 || !slices.Equal(s.SLOs[3].By, perChannel) {
		t.Errorf("%d objectives", n)
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
		slo := objective(settings.Objective{
			Name: "receipts", Title: "receipts", Team: "payments", Objective: test.objective,
			Total: settings.Selector{Metric: catalog.Stages.Name}, Bad: &settings.Selector{Metric: catalog.Errors.Name},
		})
		var got []expr.Window
		for _, b := range slo.possible() {
			got = append(got, b.Long)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("objective %g (-want +got):\n%s", test.objective, diff)
		}
	}
}

// Alerts of one name and several severities are about one fault.
func TestAlertsOfOneName(t *testing.T) {
	set, rejected := load(t, `
alerts:
  - {id: late, name: Late, metric: failed_per_sent, severity: warning, condition: {operator: gt, threshold: 0.05}}
  - {id: later, name: Late, metric: failed_per_sent, severity: critical, condition: {operator: gt, threshold: 0.1}}
  - {id: latest, name: Late, metric: failed_per_sent, severity: emergency, condition: {operator: gte, threshold: 0.1}}
`)
	if rejected != "" {
		t.Fatal(rejected)
	}
	files, err := set.Files()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, files[FilePrefix+"custom.yaml"], 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "check", "rules", "--lint=all", "--lint-fatal", path)
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

// Compile reports all mistakes of a file at once, in the order of the file.
func TestEveryMistakeIsReported(t *testing.T) {
	path := filepath.Join("testdata", "settings", "mistakes.yaml")
	s, err := settings.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	set, err := Compile(s)
	if err == nil || set != nil {
		t.Fatal("the file was accepted")
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

// Each file of testdata/mistakes has one mistake, and what is said of it in the
// comments that begin "#:", from the line number on.
func TestEachMistake(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			mistake, want, _ := strings.Cut(read(t, file), "#: ")
			_, rejected := load(t, mistake)
			got := strings.ReplaceAll(rejected, "rules.yaml:", "#: ") + "\n"
			if *update {
				if err := os.WriteFile(file, []byte(mistake+got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff("#: "+want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMistakesThatStandAlone(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a list", "- a", "rules.yaml:1:1: expected keys such as site: …, got a list"},
		{"a tab", "site:\n\tgrafana: x", "rules.yaml:2:1: line is indented with a tab: use spaces"},
		{
			"a severity without receivers", "teams: {default: {receivers: {critical: []}}}",
			"rules.yaml:1:31: teams.default.receivers.critical: lists no receiver, so critical alerts would go nowhere: " +
				"name one of chat, digest, pager",
		},
		{
			"labels that are never together",
			"alerts: [{id: a, name: A, metric: stage_rate, match: {channel: sms, category: x}, severity: info, " +
				"condition: {operator: gt, threshold: 1}}]",
			"rules.yaml:1:10: alerts[0]: no series of stage_rate has all of these labels",
		},
		{
			"a window between two samples",
			"alerts: [{id: a, name: A, metric: clicked_per_opened, severity: info, condition: {operator: gt, " +
				"threshold: 1, timeWindow: 10m}}]",
			"rules.yaml:1:123: alerts[0].condition.timeWindow: clicked_per_opened needs a window of at least 1h",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, rejected := load(t, c.text)
			if diff := cmp.Diff(c.want, rejected); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if _, err := settings.Load(filepath.Join(t.TempDir(), "none.yaml")); err == nil ||
		!strings.HasPrefix(err.Error(), "load the rules file: open ") {
		t.Errorf("a missing file: %v", err)
	}
}

// A threshold of an unknown alert names the nearest one, and all of them if none is near,
// whatever value it has.
func TestThresholdsOfUnknownAlerts(t *testing.T) {
	for text, want := range map[string]string{
		"thresholds: {error_rate: 0.2}": `thresholds.error_rate: unknown alert "error_rate"; ` +
			`did you mean "ErrorRateHigh"?`,
		"thresholds: {mistakes: 0.2}":  `unknown alert "mistakes" (valid: ChannelDown, ComplaintRateHigh, `,
		"thresholds: {error_rate: {}}": `unknown alert "error_rate"; did you mean "ErrorRateHigh"?`,
		"thresholds: {ErrorRateHigh: {for: 5m}}": "thresholds.ErrorRateHigh.for: " +
			"of a shipped alert only the threshold " +
			"can be set, such as {critical: …}: to change the rest, list it under disabled and write one of your own " +
			"under alerts",
		"thresholds: {ErrorRateHigh: {warning: 1}}": `unknown severity of ErrorRateHigh "warning" (valid: critical)`,
		"thresholds: {ErrorRateHigh: {crit: 1}}":    `"crit"; did you mean "critical"? (valid: critical)`,
		"thresholds: {ErrorRateHigh: 1}": "thresholds.ErrorRateHigh: expected a mapping such as {critical: …}, " +
			"got 1",
	} {
		if _, got := load(t, text); !strings.Contains(got, want) || strings.Contains(got, "\n") {
			t.Errorf("%s:\ngot  %s\nwant %s", text, got, want)
		}
	}
}
