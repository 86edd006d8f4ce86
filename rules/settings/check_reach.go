package settings

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"belfry/rules/calendar"
)

// reach adds mistakes for routes that reach nobody: receivers without an
// integration, lists without a receiver, and mute times without an end.
func (c *check) reach(own *Settings) {
	for name, r := range own.Receivers {
		if path := "receivers." + name; !r.reaches() && !c.Mistaken(path) {
			c.silentReceiver(path, name)
		}
	}
	for name, team := range own.Teams {
		for severity, receivers := range team.Receivers {
			path := fmt.Sprintf("teams.%s.receivers.%s", name, severity)
			c.silentTeam(path, name, severity, receivers)
		}
		for severity, mute := range team.Mute {
			c.silentMute(fmt.Sprintf("teams.%s.mute.%s", name, severity), name, severity, mute)
		}
	}
	for i, a := range own.Alerts {
		path := fmt.Sprintf("alerts[%d].channels", i)
		switch {
		case c.Has(path) && len(a.Channels) == 0:
			c.Wrong(path, "lists no receiver: leave it out to notify the receivers of the team %s", a.Team)
		case onlyWatchdog(a.Channels):
			c.Wrong(path, "%s, so the alert %q would go nowhere: name another receiver", noPeople, a.ID)
		}
	}
}

// noPeople says what is wrong with the watchdog as the only receiver.
const noPeople = WatchdogReceiver + " is read by a dead man's switch and not by people"

func onlyWatchdog(receivers []string) bool {
	return slices.Equal(slices.Compact(slices.Clone(receivers)), []string{WatchdogReceiver})
}

// entries maps integrations to what an entry of their list looks like.
var entries = map[string]string{
	"pagerduty": "{routing_key_file: /…}", "slack": `{api_url_file: /…, channel: "#…"}`,
	"msteams": "{webhook_url_file: /…}", "email": "{to: …, from: …, smarthost: …}",
	"webhook":  "{url: https://…}",
	"opsgenie": "{api_key_file: /…}", "victorops": "{api_key_file: /…, routing_key: …}",
	"incidentio": "{url: https://…, alert_source_token_file: /…}",
	"pushover":   "{user_key_file: /…, token_file: /…}", "telegram": "{bot_token_file: /…, chat_id: …}",
	"discord": "{webhook_url_file: /…}", "mattermost": "{webhook_url_file: /…}",
	"webex":      "{room_id: …, http_config: {authorization: {credentials_file: /…}}}",
	"rocketchat": "{token_id_file: /…, token_file: /…, channel: …}", "wechat": "{api_secret_file: /…, corp_id: …}",
	"sns": "{topic_arn: …, sigv4: {region: …}}",
	"jira": "{api_url: https://…, project: …, issue_type: …, " +
		"http_config: {basic_auth: {username: …, password_file: /…}}}",
}

func (c *check) silentReceiver(path, name string) {
	lost := c.lost(name)
	if len(lost) > 0 {
		lost = ", so " + lost + " would go nowhere"
	}
	for _, kind := range slices.Concat(commonIntegrations, slices.Sorted(maps.Keys(entries))) {
		if own := path + "." + kind; c.Has(own) || c.Empty(own) {
			c.Wrong(own, "is empty: the receiver %s notifies nobody%s: add an entry such as %s", name, lost, entries[kind])
			return
		}
	}
	c.WrongKey(path, "notifies nobody%s: add one of %s", lost, strings.Join(commonIntegrations, ", "))
}

// lost says which alerts a receiver leaves without anybody to notify, or nothing.
func (c *check) lost(name string) string {
	var all []string
	for _, team := range slices.Sorted(maps.Keys(c.merged.Teams)) {
		var which []string
		for _, severity := range slices.Backward(severities) {
			if receivers := c.merged.Teams[team].Receivers[Severity(severity)]; c.silent(receivers, name) {
				which = append(which, severity)
			}
		}
		switch {
		case len(which) == 0:
		case team == DefaultTeam:
			all = append(all, join(which)+" alerts")
		default:
			all = append(all, join(which)+" alerts of the team "+team)
		}
	}
	if name == WatchdogReceiver {
		all = append(all, "the messages that show that alerting works")
	}
	for _, a := range c.merged.Alerts {
		if c.silent(a.Channels, name) {
			all = append(all, fmt.Sprintf("the alert %q", a.ID))
		}
	}
	return join(all)
}

// silent reports whether a list has the receiver, and none that notifies people.
func (c *check) silent(receivers []string, name string) bool {
	return slices.Contains(receivers, name) && !slices.ContainsFunc(receivers, func(other string) bool {
		return c.merged.Receivers[other].reaches()
	})
}

// join lists words: a, b and c.
func join(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

func (c *check) silentTeam(path, team string, severity Severity, receivers []string) {
	isDefault := team == DefaultTeam
	switch {
	case !slices.Contains(severities, string(severity)) || c.Mistaken(path):
	case onlyWatchdog(receivers):
		c.Wrong(path, "%s, so %s alerts would go nowhere: name another receiver", noPeople, severity)
	case len(receivers) > 0:
	case isDefault:
		c.Wrong(path, "lists no receiver, so %s alerts would go nowhere: name one of %s", severity,
			strings.Join(c.people(), ", "))
	case c.Has(path):
		c.Wrong(path, "lists no receiver: leave it out to notify the receivers of the team %s", DefaultTeam)
	}
}

// people returns the receivers that notify people.
func (c *check) people() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(c.merged.Receivers)), func(name string) bool {
		return name == WatchdogReceiver || !c.merged.Receivers[name].reaches()
	})
}

func (c *check) silentMute(path, team string, severity Severity, names []string) {
	var intervals []TimeInterval
	for _, name := range names {
		if c.Mistaken("mute_times." + name) {
			return
		}
		intervals = append(intervals, c.merged.MuteTimes[name]...)
	}
	if !c.Mistaken(path) && calendar.Always(intervals) {
		c.Wrong(path, "%s mute at all times, so %s alerts of the team %s would go nowhere: leave some time of the week",
			join(names), severity, team)
	}
}
