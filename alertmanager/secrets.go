package alertmanager

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"belfry/rules/settings"
)

// secret is a file that the operator must write.
type secret struct{ path, what string }

func secretsOf(name string, r settings.Receiver) []secret {
	var all []secret
	for _, p := range r.PagerDuty {
		all = append(all, secret{p.RoutingKeyFile, "integration key of a PagerDuty service (Events API v2)"})
	}
	for _, s := range r.Slack {
		all = append(all, secret{s.APIURLFile, "URL of a Slack incoming webhook"})
	}
	for _, t := range r.Teams {
		all = append(all, secret{t.WebhookURLFile, "URL of a Microsoft Teams workflow that posts to a channel"})
	}
	for _, e := range r.Email {
		all = append(all, secret{e.PasswordFile, "password of " + e.Username + " at " + e.Smarthost})
	}
	for _, w := range r.Webhook {
		what := "URL that accepts Alertmanager's JSON"
		if name == settings.WatchdogReceiver {
			what = "URL of a dead man's switch, which gets a message every minute while alerting works"
		}
		all = append(all, secret{w.URLFile, what}, secret{w.TokenFile, "bearer token that the webhook's server expects"})
	}
	for _, f := range r.SecretFiles() {
		all = append(all, secret{f.Path, f.What})
	}
	return slices.DeleteFunc(all, func(s secret) bool { return s.path == "" })
}

// secretsHelp returns a comment that lists the files to write.
func secretsHelp(s *settings.Settings) string {
	var lines []string
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(s.Receivers)) {
		for _, needed := range secretsOf(name, s.Receivers[name]) {
			if !seen[needed.path] {
				seen[needed.path] = true
				lines = append(lines, fmt.Sprintf("#   %s: %s\n", needed.path, needed.what))
			}
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return "#\n# Alertmanager starts with this file as it is. To get notifications, write these files,\n" +
		"# readable only by Alertmanager:\n#\n" + strings.Join(lines, "")
}
