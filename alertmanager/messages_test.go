package alertmanager

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"
	"golang.org/x/net/html"

	"belfry/rules"
	"belfry/rules/settings"
)

// night says when the faults in the messages began.
var night = time.Date(2026, time.March, 2, 3, 0, 0, 0, time.UTC)

func annotated(l labelSet, summary, description string) posted {
	return posted{Labels: l, StartsAt: night, Annotations: labelSet{
		"summary": summary, "description": description, "runbook_url": "https://runbooks.example/" + l["rule"] + ".md",
		"dashboard_uid": rules.Operations, "panel_id": "1777291101",
	}}
}

// mean holds a provider's name with characters that are special to every medium, and with
// some that nobody sees, which no message shows.
const (
	mean   = `<script>alert("ses & co")</script> [x](http://evil.example) <!channel> "` + unseen
	unseen = "\u202e\u200b\x1b\u00ad"
)

// messageCases holds groups of alerts by the name of their goldens. An alert with an
// end is resolved.
func messageCases() map[string][]posted {
	provider := annotated(alert(rules.ProviderDown, "job", "belfry-exporter", "channel", "email", "provider", "ses"),
		"Provider ses is down on email",
		"97% of what ses should have delivered on email in the last 30 s failed or is unanswered (threshold 50%). "+
			"Recipients' faults do not count.")
	hostile := annotated(alert(rules.ErrorRateHigh, "job", "belfry-exporter", "channel", "email", "provider", mean),
		"Provider "+mean+" errs", "12% of what "+mean+" took was lost (threshold 10%).")
	provider.Annotations["first_step"] = rules.ProviderDown.First
	hostile.Annotations["first_step"] = "Call " + mean + "\nnow"
	exporter := func(instance string) posted {
		// In a job of its own, so that it does not inhibit the others.
		return annotated(alert(rules.ExporterDown, "job", "belfry-exporter-eu", "instance", instance),
			"Belfry exporter "+instance+" is down", instance+" does not answer scrapes.")
	}
	over := exporter("b:9095")
	over.EndsAt = night.Add(7*time.Minute + 10*time.Second)
	cooled := annotated(own("sms-failures", "warning", "alertname", "SmsFailuresHigh", "cooldown", "30m", "channel",
		"sms"),
		"SMS failures above 3%", "4.1% of what was sent on sms failed (threshold 3%).")
	cooled.EndsAt = night.Add(45 * time.Minute)
	decided := annotated(with(alert(rules.Watchdog), "alertname", "NotificationExperimentDecided", "rule",
		"NotificationExperimentDecided", "experiment", "greeting"),
		"Experiment greeting is decided", "Variant b converts 3% more.")
	bare := posted{Labels: labelSet{"alertname": "NodeDown", "severity": "critical"}, StartsAt: night}
	return map[string][]posted{
		"firing": {provider}, "hostile": {hostile}, "group": {exporter("a:9095"), over, exporter("c:9095")},
		"resolved": {cooled}, "info": {decided}, "bare": {bare},
	}
}

// Every message as its receiver gets it from the real server.
func TestMessages(t *testing.T) {
	t.Parallel()
	in := newInboxes(t)
	s := settings.Default()
	s.Site = settings.Site{
		Grafana: "https://grafana.example", Alertmanager: "https://alerts.example/am", NATS: "nats://nats_1.example:4222",
	}
	s.Receivers["every+body"] = in.everybody(t) // + has a meaning in a regular expression
	for _, p := range paces {
		s.Teams[settings.DefaultTeam].Receivers[p.severity] = []string{"every+body"}
	}
	config := sooner(t, configuration(t, s), 300, "group_wait")
	config = regexp.MustCompile(`group_interval: \w+`).ReplaceAllString(config, "group_interval: 300ms")
	server := start(t, writeConfiguration(t, s.Site, in.global()+config))

	for name, alerts := range messageCases() {
		t.Run(name, func(t *testing.T) {
			got := in.send(t, server, alerts)
			for _, kind := range []string{"slack", "pagerduty", "teams", "webhook"} {
				golden(t, "messages/"+name+"/"+kind+".json", readable(t, got[kind]))
			}
			text, page := readMail(t, got["mail"])
			golden(t, "messages/"+name+"/email.txt", text)
			golden(t, "messages/"+name+"/email.html", page)
			checkPage(t, page, alerts)
			for medium, message := range got {
				if shown := regexp.MustCompile(`(?i)\\u(202e|200b|001b|00ad)`); medium != "webhook" &&
					(strings.ContainsAny(message, unseen) || shown.MatchString(message)) {
					t.Errorf("%s shows characters that nobody sees: %q", medium, message)
				}
			}
			if strings.Contains(got["slack"], "<!channel>") || strings.Contains(got["slack"], `\u003c!channel\u003e`) {
				t.Error("a label calls everybody in Slack")
			}
			if strings.Contains(got["teams"], "[x](") {
				t.Error("a label makes a link in Teams")
			}
		})
	}
}

// send sends a group in one message, and returns what arrived. All alerts fire first,
// then those with an end resolve. A silence holds the group back meanwhile:
// Alertmanager notifies about old alerts as soon as it has one.
func (in *inboxes) send(t *testing.T, server server, alerts []posted) map[string]string {
	t.Helper()
	name := alerts[0].Labels["alertname"]
	end := server.silence(t, "alertname", name)
	firing := append([]posted(nil), alerts...)
	resolved := false
	for i, a := range firing {
		resolved = resolved || !a.EndsAt.IsZero()
		firing[i].EndsAt = time.Now().Add(time.Hour)
	}
	server.post(t, firing...)
	eventually(t, func() string {
		for _, g := range server.groups(t) {
			if len(g.Alerts) == len(alerts) && g.Alerts[0].Labels["alertname"] == name &&
				len(g.Alerts[0].Status.SilencedBy) > 0 {
				return ""
			}
		}
		return "the group is not gathered"
	})
	end()
	got := in.next(t)
	if resolved {
		for i := range firing {
			if !alerts[i].EndsAt.IsZero() {
				firing[i] = alerts[i]
			}
		}
		server.post(t, firing...)
		got = in.next(t)
	}
	for kind, message := range got {
		got[kind] = strings.ReplaceAll(message, server.URL, "http://alertmanager:9093")
	}
	return got
}

// next awaits a message in each inbox.
func (in *inboxes) next(t *testing.T) map[string]string {
	t.Helper()
	got := map[string]string{}
	for kind, inbox := range in.got {
		select {
		case got[kind] = <-inbox:
		case <-time.After(20 * time.Second):
			t.Fatalf("nothing was sent to %s", kind)
		}
	}
	return got
}

// checkPage parses an HTML message as a mail program does: labels must not add
// elements, and links must only lead to our own sites.
func checkPage(t *testing.T, page string, alerts []posted) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	links := map[string]int{}
	for node := range root.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		if node.Data == "script" || node.Data == "img" {
			t.Errorf("the page has an element %s", node.Data)
		}
		for _, a := range node.Attr {
			if a.Key != "href" {
				continue
			}
			u, err := url.Parse(a.Val)
			if err != nil {
				t.Errorf("a link to %q: %v", a.Val, err)
				continue
			}
			links[u.Host]++
			if filter, found := strings.CutPrefix(u.EscapedFragment(), "/silences/new?filter="); found {
				checkSilence(t, filter, alerts)
			}
		}
	}
	n := len(alerts)
	want := map[string]int{"alerts.example": n + 1, "grafana.example": n, "runbooks.example": n}
	if len(alerts[0].Annotations) == 0 {
		want = map[string]int{"alerts.example": n + 1}
	}
	if fmt.Sprint(links) != fmt.Sprint(want) {
		t.Errorf("links to %v, want %v", links, want)
	}
}

// checkSilence parses the filter of the silence form as Alertmanager's pages do: it
// must match one of the alerts, whatever its labels contain.
func checkSilence(t *testing.T, filter string, alerts []posted) {
	t.Helper()
	decoded, err := url.PathUnescape(filter) // which keeps +
	if err != nil {
		t.Fatal(err)
	}
	matchers, err := labels.ParseMatchers(decoded)
	if err != nil {
		t.Fatalf("the silence %s: %v", decoded, err)
	}
	for _, a := range alerts {
		fits := true
		for _, m := range matchers {
			fits = fits && m.Matches(a.Labels[m.Name])
		}
		if fits {
			return
		}
	}
	t.Errorf("the silence %s fits none of the alerts", decoded)
}
