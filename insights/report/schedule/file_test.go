package schedule

import (
	_ "embed"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var formats = []string{"html", "pdf", "csv"}

//go:embed reports.example.yaml
var example string

func TestExample(t *testing.T) {
	dir := t.TempDir()
	text := strings.NewReplacer("/etc/belfry", dir, "/var/lib/belfry/reports", dir).Replace(example)
	for _, name := range []string{"smtp.password", "slack.url"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Parse("reports.yaml", []byte(text), formats)
	if err != nil {
		t.Fatal(err)
	}
	after := time.Date(2026, 11, 30, 12, 59, 59, 0, time.UTC)
	for i, want := range []struct {
		next    string
		report  string
		targets int
	}{
		{"2026-12-01T06:00:00Z", "Daily operations", 1},
		{"2026-11-30T13:00:00Z", "Push, weekly", 2},
		{"2026-12-01T07:00:00Z", "Monthly executive report", 3},
	} {
		s := f.Schedules[i]
		if got := s.Next(after).UTC().Format(time.RFC3339); got != want.next || s.Definition.Title != want.report ||
			len(s.targets) != want.targets {
			t.Errorf("%s: %s, due at %s, to %v", s.Name, s.Definition.Title, got, s.targets)
		}
	}
}

// Each mistake is told with its line and what to write.
func TestMistakes(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"unknown key": {"schedule: []", `reports.yaml:1:1: schedule`},
		"cron":        {schedules(`cron: "0 25 * * *"`), `schedules[0].cron: "0 25 * * *" is no schedule of cron`},
		"never due":   {schedules(`cron: "0 0 30 2 *"`), `schedules[0].cron: "0 0 30 2 *" is never due`},
		"no cron":     {schedules(`timezone: UTC`), `schedules[0].cron`},
		"zone":        {schedules(`cron: "@daily"`, `timezone: Mars/Olympus`), `unknown time zone "Mars/Olympus"`},
		"not allowed": {"recipients: ['@example.com']\n" + schedules(`cron: "@daily"`, `to: [eve@evil.com]`),
			`"eve@evil.com" may not get mail: add the address, or its domain, to recipients`},
		"a domain that ends alike": {"recipients: ['@example.com']\n" + schedules(`to: [eve@notexample.com]`),
			`may not get mail`},
		"no address": {schedules(`to: [eve]`), `"eve" is no address`},
		"no server":  {"recipients: [a@b.com]\n" + schedules(`to: [a@b.com]`), `there is no server that takes mail`},
		"nobody":     {schedules(`cron: "@daily"`), `nobody gets the report`},
		"report":     {schedules(`report: wekly`), `weekly`},
		"format":     {schedules(`attach: [word]`), `word`},
		"directory":  {schedules(`directory: /nowhere/at/all`), `"/nowhere/at/all" is no directory`},
		"secret file": {schedules(`slack_url_file: /nowhere/slack`),
			`schedules[0].slack_url_file: open /nowhere/slack`},
		"twice": {schedules("cron: '@daily'") + "  - {name: mine, report: daily}\n",
			`there are two schedules mine`},
		"password": {"mail: {host: mail.example.com, from: a@b.com, tls: none, username: u, password_file: /dev/null}",
			`none would send the password in the clear`},
		"half a login": {"mail: {host: h, from: a@b.com, username: u}", `set both username and password_file`},
		"no sender":    {"mail: {host: h}", `mail.from`},
		"own report":   {"reports: [{name: weekly, title: x, period: week, sections: [totals]}]", `"weekly" is taken`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("reports.yaml", []byte(c.text), formats)
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(),
				"reports.yaml:") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// schedules returns a file with one schedule.
func schedules(lines ...string) string {
	text := "schedules:\n  - name: mine\n"
	if !strings.Contains(strings.Join(lines, "\n"), "report:") {
		text += "    report: weekly\n"
	}
	for _, l := range lines {
		text += "    " + l + "\n"
	}
	return text
}
