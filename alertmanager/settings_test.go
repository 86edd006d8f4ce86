package alertmanager

import (
	"path"

	"belfry/rules"
)

// everything is a rules file that uses all there is: each kind of receiver, a
// team that is told otherwise than the default one, one that only sleeps longer,
// mute times, and rules with cooldowns and receivers of their own.
func everything() *rules.Settings {
	s := rules.DefaultSettings()
	s.Site = rules.Site{Grafana: "https://grafana.example", Alertmanager: "https://alerts.example/am"}
	s.Receivers["delivery-pager"] = rules.Receiver{PagerDuty: []rules.PagerDuty{{RoutingKeyFile: "/run/secrets/delivery"}}}
	s.Receivers["mail"] = rules.Receiver{Email: []rules.Email{{
		To: "delivery@example.com", From: "belfry@example.com", Smarthost: "smtp.example.com:587", Username: "belfry", PasswordFile: "/run/secrets/smtp",
	}}}
	s.Receivers["room"] = rules.Receiver{Teams: []rules.MSTeams{{WebhookURLFile: "/run/secrets/teams"}}}
	s.Receivers["hook"] = rules.Receiver{Webhook: []rules.Webhook{{URL: "http://hook.example/"}, {URLFile: "/run/secrets/hook"}}}
	s.MuteTimes = map[string][]rules.TimeInterval{
		"nights": {
			{Times: []rules.TimeRange{{Start: "00:00", End: "07:00"}, {Start: "21:30", End: "24:00"}}, Location: "Europe/Berlin"},
		},
		"weekends": {{Weekdays: []string{"saturday", "sunday"}, Location: "Europe/Berlin"}},
	}
	s.Teams["delivery"] = rules.Team{
		Receivers: map[rules.Severity][]string{
			rules.Critical: {"delivery-pager", "chat"}, rules.Warning: {"mail"},
		},
		Mute: map[rules.Severity][]string{rules.Warning: {"weekends", "nights"}},
	}
	s.Teams["product"] = rules.Team{Mute: map[rules.Severity][]string{rules.Warning: {"weekends"}}}
	s.Teams["platform"] = rules.Team{Receivers: map[rules.Severity][]string{
		rules.Emergency: {"hook", "pager"}, rules.Critical: {"chat", "pager", "pager"}, rules.Warning: {"room"}, rules.Info: {"room"},
	}}
	off := false
	s.Alerts = []rules.CustomAlert{
		{ID: "sms-failures", Name: "SmsFailuresHigh", Severity: rules.Critical, Team: "delivery", CooldownPeriod: 30},
		{ID: "push-slow", Name: "PushSlow", Severity: rules.Warning, Team: "product", CooldownPeriod: 240},
		{ID: "quota", Name: "QuotaLow", Severity: rules.Critical, Team: "finance", CooldownPeriod: 90},
		{ID: "email-lost", Name: "EmailLost", Severity: rules.Critical, Team: "delivery", Channels: []string{"room", "mail"}, CooldownPeriod: 90},
		{ID: "email-late", Name: "EmailLate", Severity: rules.Critical, Team: "platform", Channels: []string{"mail", "room"}, CooldownPeriod: 90},
		{ID: "sms-cost", Name: "SmsCost", Severity: rules.Warning, Team: "delivery", Channels: []string{"hook"}},
		{ID: "unused", Name: "Unused", Severity: rules.Critical, Channels: []string{"hook"}, CooldownPeriod: 5, Enabled: &off},
	}
	return s
}

// toWebhooks replaces each receiver by one webhook: base with its name behind it.
func toWebhooks(s *rules.Settings, base string) *rules.Settings {
	for name := range s.Receivers {
		s.Receivers[name] = rules.Receiver{Webhook: []rules.Webhook{{URL: base + path.Join("/", name)}}}
	}
	return s
}
