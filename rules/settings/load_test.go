package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// load writes a rules file and loads it.
func load(t *testing.T, text string) *Settings {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Document().Err(); err != nil {
		t.Fatal(err)
	}
	return s
}

var values = cmpopts.IgnoreUnexported(Settings{})

func TestDefaultsAreADocumentOfThemselves(t *testing.T) {
	want := Default()
	if diff := cmp.Diff(want, load(t, string(Example)), values); diff != "" {
		t.Errorf("(-defaults +defaults laid over themselves):\n%s", diff)
	}
	if _, err := Load(""); err == nil || err.Error() != "load the rules file: its name is empty: name a file" {
		t.Errorf("an empty name: %v", err)
	}
	for _, text := range []string{""} {
		if err := Parse("a.yaml", []byte(text)).Document().Err(); err == nil ||
			err.Error() != "a.yaml:1:1: is empty: write {} for the defaults" {
			t.Errorf("a file without text: %v", err)
		}
	}
	if diff := cmp.Diff([]string{"pager", "chat"}, want.Teams[DefaultTeam].Receivers[Critical]); diff != "" {
		t.Errorf("critical alerts (-want +got):\n%s", diff)
	}
	if _, ok := want.Receivers[WatchdogReceiver]; !ok {
		t.Error("the watchdog has no receiver")
	}
}

func TestAFileIsLaidOverTheDefaults(t *testing.T) {
	s := load(t, `
x-shared:
  office: &office {location: Europe/Paris}
site: {grafana: https://grafana.example.com/}
teams:
  default: {receivers: {critical: [&chat mine]}, mute: {warning: [nights]}}
  data: {receivers: {info: [*chat]}}
receivers:
  mine: &receiver
    webhook: [{url: "https://example.com/hook"}]
  chat: {<<: *receiver}
mute_times:
  nights: [{<<: *office, times: [{start_time: "22:00", end_time: "24:00"}]}]
`)
	want := Default()
	want.Site.Grafana = "https://grafana.example.com"
	hook := Receiver{Webhook: []Webhook{{URL: "https://example.com/hook"}}}
	want.Receivers["mine"], want.Receivers["chat"] = hook, hook
	want.Teams["default"].Receivers[Critical] = []string{"mine"}
	want.Teams["default"].Mute[Warning] = []string{"nights"}
	want.Teams["data"] = Team{Receivers: map[Severity][]string{Info: {"mine"}}, Mute: map[Severity][]string{}}
	want.MuteTimes["nights"] = []TimeInterval{{Times: []TimeRange{{Start: "22:00", End: "24:00"}}, Location: "Europe/Paris"}}
	if diff := cmp.Diff(want, s, values); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if empty := load(t, "# nothing\n"); !cmp.Equal(empty, Default(), values) {
		t.Error("an empty file is not the defaults")
	}
}

func TestWhatAnAlertNeedNotSay(t *testing.T) {
	s := load(t, `
alerts:
  - {id: a, name: A, metric: queue_messages, severity: warning, condition: {operator: gt, threshold: 5}}
`)
	a := s.Alerts[0]
	if !*a.Enabled || a.Team != "default" || a.Condition.ConsecutiveViolations != 1 {
		t.Errorf("got %+v", a)
	}
}

// Links that only work on the reader's own machine, and a page that says nothing to do, are
// warned of, each with its place.
func TestWarnings(t *testing.T) {
	alerts := `
alerts:
  - {id: quiet, name: Quiet, metric: failed_per_sent, severity: warning, condition: {operator: gt, threshold: 1}}
  - {id: loud, name: Loud, metric: failed_per_sent, severity: critical, condition: {operator: gt, threshold: 1}}
  - {id: off, name: Off, metric: failed_per_sent, severity: critical, enabled: false, condition: {operator: gt, threshold: 1}}
  - {id: said, name: Said, metric: failed_per_sent, severity: critical, firstStep: Call, condition: {operator: gt, threshold: 1}}
`
	for _, c := range []struct{ name, text, want string }{
		{"the defaults", "", "f:1 site.grafana f:1 site.alertmanager f:1 site.runbooks"},
		{"one is set", "site: {grafana: https://grafana.example}", "f:1 site.alertmanager f:1 site.runbooks"},
		{"other words for it", "site:\n  grafana: http://127.0.0.2:3000\n  alertmanager: http://[::1]:9093\n" +
			"  runbooks: http://0.0.0.0/r\n  nats: nats://nats.example:4222,nats://LOCALHOST:4222\n",
			"f:2 site.grafana f:3 site.alertmanager f:4 site.runbooks f:5 site.nats"},
		{"all are set", "site: {grafana: https://a.example, alertmanager: https://b.example, runbooks: https://c.example}" + alerts,
			"f:4 alerts[1]"},
	} {
		s := parse("f", []byte(c.text), Default())
		if err := s.Document().Err(); err != nil {
			t.Fatal(c.name, err)
		}
		var got []string
		for _, line := range s.Warnings() {
			place, rest, _ := strings.Cut(line, ": warning: ")
			path, _, _ := strings.Cut(rest, ": ")
			got = append(got, place+" "+path)
		}
		if said := strings.Join(got, " "); said != c.want {
			t.Errorf("%s: got %q, want %q", c.name, said, c.want)
		}
	}
}
