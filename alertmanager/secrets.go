package alertmanager

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"belfry/rules/settings"
)

// secretsOf returns the files that a receiver needs.
func secretsOf(name string, r settings.Receiver) []settings.SecretFile {
	var all []settings.SecretFile
	add := func(path, what string) {
		if path != "" {
			all = append(all, settings.SecretFile{Path: path, What: what})
		}
	}
	for _, p := range r.PagerDuty {
		add(p.RoutingKeyFile, "integration key of a PagerDuty service (Events API v2)")
	}
	for _, s := range r.Slack {
		add(s.APIURLFile, "URL of a Slack incoming webhook")
	}
	for _, t := range r.Teams {
		add(t.WebhookURLFile, "URL of a Microsoft Teams workflow that posts to a channel")
	}
	for _, e := range r.Email {
		add(e.PasswordFile, "password of "+e.Username+" at "+e.Smarthost)
	}
	for _, w := range r.Webhook {
		what := "URL that accepts Alertmanager's JSON"
		if name == settings.WatchdogReceiver {
			what = "URL of a dead man's switch, which gets a message every minute while alerting works"
		}
		add(w.URLFile, what)
		add(w.TokenFile, "bearer token that the webhook's server expects")
	}
	return append(all, r.SecretFiles()...)
}

// secretsHelp returns a comment that lists the files to write.
func secretsHelp(s *settings.Settings) string {
	var lines []string
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(s.Receivers)) {
		for _, needed := range secretsOf(name, s.Receivers[name]) {
			if !seen[needed.Path] {
				seen[needed.Path] = true
				lines = append(lines, fmt.Sprintf("#   %s: %s\n", needed.Path, needed.What))
			}
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return "#\n# Alertmanager starts with this file as it is. To get notifications, write these files,\n" +
		"# readable only by Alertmanager:\n#\n" + strings.Join(lines, "")
}
