package alertmanager

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"belfry/rules/settings"
)

// beyondLimits says why the service would refuse or cut a message.
//
// Sources: Slack, "Changing limits for block kit" and "Attachments" (a section of 3,000
// characters, 50 blocks, 100 attachments); Microsoft, "Limits and specifications for
// Teams" (28 kB for an incoming webhook); PagerDuty, "Send an alert event" (512 kB, and
// 1,024 characters of summary).
func beyondLimits(kind string, body []byte) string {
	if !utf8.Valid(body) {
		return "it is not UTF-8"
	}
	switch kind {
	case "teams":
		if len(body) > 28_000 {
			return fmt.Sprintf("%d bytes", len(body))
		}
	case "slack":
		var m slackMessage
		if err := json.Unmarshal(body, &m); err != nil || len(m.Attachments) > 50 {
			return fmt.Sprintf("%d attachments, %v", len(m.Attachments), err)
		}
		for _, a := range m.Attachments {
			if n, of := utf8.RuneCountInString(a.Text), utf8.RuneCountInString(a.Title); n > 3000 || of > 1024 {
				return fmt.Sprintf("%d characters below a title of %d", n, of)
			}
		}
	case "pagerduty":
		var m pagerDutyEvent
		if err := json.Unmarshal(body, &m); err != nil || len(body) > 512_000 {
			return fmt.Sprintf("%d bytes, %v", len(body), err)
		}
		if n := utf8.RuneCountInString(m.Payload.Summary); n > 1024 {
			return fmt.Sprintf("a summary of %d characters", n)
		}
	}
	return ""
}

type slackMessage struct {
	Attachments []struct{ Title, Text string }
}

type teamsMessage struct {
	Attachments []struct {
		Content struct{ Body []struct{ Text string } }
	}
}

type pagerDutyEvent struct {
	Payload struct {
		Summary string
		Details map[string]any `json:"custom_details"`
	}
}

// stormTexts holds what makes labels and descriptions long: in each medium some of them
// are escaped, and some take several bytes a character.
var stormTexts = map[string]string{
	"long":    "a provider in the second data center ",
	"wide":    "配信の障害が発生しました。",
	"emoji":   "🔥👩‍🚒",
	"escaped": `<&>"\[*_]` + "`",
	"control": "\u2028\t\x01\u00ad",
	"links":   "https://status.example/incidents/1234567890?a=(b)|c ",
}

// storm returns a group of alerts that begin now, the worst last, with long labels and
// descriptions.
func storm(kind string, n int) []posted {
	var all []posted
	text, now := stormTexts[kind], time.Now()
	for i := range n {
		place := n - 1 - i
		l := labelSet{
			"alertname": fmt.Sprint(kind, n), "severity": "critical", "team": "delivery", "rule": kind,
			"channel": strings.Repeat(text, 1+200/len(text)), "provider": strings.Repeat(text, 1+500/len(text)),
			"instance": strconv.Itoa(i),
		}
		a := annotated(l, fmt.Sprintf("#%d %s: %s", place, kind, strings.Repeat(text, 1+400/len(text))),
			strings.Repeat(text, 1+3000/len(text)))
		a.StartsAt, a.EndsAt = now.Add(time.Duration(place)*time.Millisecond), now.Add(time.Hour)
		all = append(all, a)
	}
	return all
}

// startForStorms starts a server that tells everybody about everything.
func startForStorms(t *testing.T, in *inboxes, interval time.Duration) server {
	t.Helper()
	s := settings.Default()
	s.Site = settings.Site{Grafana: "https://grafana.example", Alertmanager: "https://alerts.example/am"}
	s.Receivers["everybody"] = in.everybody(t)
	s.Teams[settings.DefaultTeam].Receivers[settings.Critical] = []string{"everybody"}
	config := regexp.MustCompile(`group_wait: \w+`).ReplaceAllString(configuration(t, s), "group_wait: 2s")
	config = regexp.MustCompile(`group_interval: \w+`).ReplaceAllString(config, "group_interval: "+interval.String())
	return start(t, writeConfiguration(t, s.Site, in.global()+config))
}

var (
	headline = regexp.MustCompile(`(CRITICAL|RESOLVED)(?:, was)?: #\d+ (\w+): `)
	others   = regexp.MustCompile(`\(and (\d+) more\)`)
)

// anyNumber of alerts will do.
const anyNumber = 0

// collect awaits a message in every inbox about all n alerts of each of the kinds of
// storms, and returns them by kind and inbox. A slow server may send a part of a storm
// before it has all of it.
func (in *inboxes) collect(t *testing.T, status string, kinds []string, n int) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	for _, kind := range kinds {
		all[kind] = map[string]string{}
	}
	for name, inbox := range in.got {
		for missing := len(kinds); missing > 0; {
			select {
			case message := <-inbox:
				text := message
				if name == "mail" {
					text, _ = readMail(t, message)
				}
				if name == "webhook" {
					text = strings.Replace(text, `"summary":"#`, webhookStatus(text)+": #", 1)
				}
				found := headline.FindStringSubmatch(text)
				if found == nil {
					t.Fatalf("%s: no headline: %.300s", name, text)
				}
				if found[1] != status || n != anyNumber && countOf(name, text) != n {
					continue
				}
				all[found[2]][name] = message
				missing--
			case <-time.After(90 * time.Second):
				t.Fatalf("%s: %d of %v are missing", name, missing, kinds)
			}
		}
	}
	return all
}

// webhookStatus returns what the headline of a webhook's message would begin with.
func webhookStatus(text string) string {
	if strings.Contains(text, `"status":"firing","alerts":`) {
		return "CRITICAL"
	}
	return "RESOLVED"
}

// countOf returns how many alerts a message is about.
func countOf(inbox, text string) int {
	if inbox == "webhook" {
		return strings.Count(text, `"fingerprint":`)
	}
	if found := others.FindStringSubmatch(text); found != nil {
		n, _ := strconv.Atoi(found[1])
		return n + 1
	}
	return 1
}

// A storm arrives in every medium, whatever the labels hold and however many alerts
// there are: the worst first, then how many more there are, and all markup whole.
func TestStorm(t *testing.T) {
	t.Parallel()
	in := newInboxes(t)
	server := startForStorms(t, in, 5*time.Second)
	for n, kinds := range map[int][]string{
		1: slices.Collect(maps.Keys(stormTexts)), 50: slices.Collect(maps.Keys(stormTexts)),
		2000: {"long", "escaped"},
	} {
		for _, kind := range kinds {
			server.post(t, storm(kind, n)...)
		}
		for kind, got := range in.collect(t, "CRITICAL", kinds, n) {
			t.Run(fmt.Sprintf("%d %s", n, kind), func(t *testing.T) { checkStorm(t, got, n) })
		}
	}
}

// The end of a storm is told like its beginning.
func TestStormResolves(t *testing.T) {
	t.Parallel()
	in := newInboxes(t)
	server := startForStorms(t, in, 5*time.Second)
	alerts := storm("escaped", 500)
	server.post(t, alerts...)
	in.collect(t, "CRITICAL", []string{"escaped"}, len(alerts))
	for i := range alerts {
		alerts[i].EndsAt = time.Now()
	}
	server.post(t, alerts...)
	// A slow server may tell of some beforehand, among those that still fire.
	got := in.collect(t, "RESOLVED", []string{"escaped"}, anyNumber)["escaped"]
	checkStorm(t, got, countOf("webhook", got["webhook"]))
}

// checkStorm holds the messages about n alerts to what they must tell.
func checkStorm(t *testing.T, got map[string]string, n int) {
	t.Helper()
	var slack slackMessage
	var teams teamsMessage
	var page pagerDutyEvent
	for kind, into := range map[string]any{"slack": &slack, "teams": &teams, "pagerduty": &page} {
		if err := json.Unmarshal([]byte(got[kind]), into); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
	}
	if _, cut := page.Payload.Details["error"]; cut {
		t.Errorf("the details of the page are left out: %v", page.Payload.Details)
	}
	card := teams.Attachments[0].Content.Body
	mail, html := readMail(t, got["mail"])
	firing, _ := page.Payload.Details["firing"].(string) // null when it is empty
	resolved, _ := page.Payload.Details["resolved"].(string)
	for kind, m := range map[string]struct{ title, text string }{
		"slack": {slack.Attachments[0].Title, slack.Attachments[0].Text}, "teams": {card[0].Text, card[1].Text},
		"pagerduty": {page.Payload.Summary, firing + resolved}, "mail": {mail, mail}, "html": {html, html},
	} {
		checkOrder(t, kind, m.title, m.text, n)
	}
	checkMarkup(t, "slack", slack.Attachments[0].Text, regexp.MustCompile(`<https?://[^|<>\s]+\|[\w ]+>`), `[<>]`)
	checkMarkup(t, "teams", card[1].Text, regexp.MustCompile(`\[[\w ]+\]\(https?://[^\s()]+\)`), `(^|[^\\])(\\\\)*[][]`)
	if len(got["webhook"]) < n*100 {
		t.Errorf("the webhook has no limit, but got %d bytes about %d alerts", len(got["webhook"]), n)
	}
}

var (
	place = regexp.MustCompile(`(?m)(?:^|\*|>|[:>] )#(\d+) \w+: `)
	rest  = regexp.MustCompile(`and (\d+) more: `)
)

// checkOrder demands that the alerts which are told are the worst ones in order, and
// that the others are counted.
func checkOrder(t *testing.T, kind, title, text string, n int) {
	t.Helper()
	if !strings.Contains(title, ": #0 ") {
		t.Errorf("%s: the headline is not of the worst alert: %.200s", kind, title)
	}
	var told []string
	for _, found := range place.FindAllStringSubmatch(text, -1) {
		if len(told) == 0 || told[len(told)-1] != found[1] { // headlines of mails are told twice
			told = append(told, found[1])
		}
	}
	if n == 1 {
		told = []string{"0"} // the headline is above the text
	}
	for i, found := range told {
		if found != strconv.Itoa(i) {
			t.Fatalf("%s: alerts %v", kind, told)
		}
	}
	more := 0
	if found := rest.FindStringSubmatch(text); found != nil {
		more, _ = strconv.Atoi(found[1])
	}
	if len(told) < min(n, 2) || len(told)+more != n {
		t.Errorf("%s: tells %d of %d alerts and counts %d", kind, len(told), n, more)
	}
	if strings.ContainsRune(text, utf8.RuneError) {
		t.Errorf("%s: a character is cut", kind)
	}
}

// checkMarkup demands that nothing but whole links is markup.
func checkMarkup(t *testing.T, kind, text string, link *regexp.Regexp, special string) {
	t.Helper()
	text = link.ReplaceAllString(text, "")
	if at := regexp.MustCompile(special).FindStringIndex(text); at != nil {
		t.Errorf("%s: markup is cut: %q", kind, text[max(0, at[0]-60):min(len(text), at[1]+60)])
	}
}

// Alerts of several severities are told by severity, then by their beginning, and those
// that are over at last.
func TestWorstFirst(t *testing.T) {
	t.Parallel()
	in := newInboxes(t)
	s := settings.Default()
	s.Receivers["everybody"] = in.everybody(t)
	config := configuration(t, s)
	before, _, _ := strings.Cut(config, "route:\n")
	_, after, _ := strings.Cut(config, "time_intervals:\n")
	config = before + "route: {receiver: everybody, group_by: [alertname], group_wait: 300ms, group_interval: 300ms}\n" +
		"time_intervals:\n" + after
	server := start(t, writeConfiguration(t, s.Site, in.global()+config))
	var alerts []posted
	want := []string{"emergency", "critical", "critical", "warning", "urgent", "info", "over"}
	for i, severity := range want {
		a := annotated(labelSet{"alertname": "Mixed", "severity": severity, "rule": "Mixed", "instance": strconv.Itoa(i)},
			fmt.Sprintf("#%d mixed: %s", i, severity), "")
		a.StartsAt = night.Add(time.Duration(i) * time.Second)
		if severity == "over" {
			a.Labels["severity"], a.EndsAt = string(settings.Emergency), night.Add(time.Hour)
		}
		alerts = append(alerts, a)
	}
	slices.Reverse(alerts)
	got := in.send(t, server, alerts)
	var slack slackMessage
	if err := json.Unmarshal([]byte(got["slack"]), &slack); err != nil {
		t.Fatal(err)
	}
	text := slack.Attachments[0].Text
	if title := slack.Attachments[0].Title; title != "EMERGENCY: #0 mixed: emergency (and 5 more)" {
		t.Errorf("headline %q", title)
	}
	for i, found := range place.FindAllStringSubmatch(text, -1) {
		if found[1] != strconv.Itoa(i) {
			t.Errorf("alert %d is told as number %s:\n%s", i, found[1], text)
		}
	}
}
