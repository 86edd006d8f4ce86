package alertmanager

import (
	"path"

	"belfry/rules/settings"
)

// everything returns settings that use all features: each kind of receiver, a team
// with other receivers than the default one, a team with other mute times, and rules
// with cooldowns and receivers of their own.
func everything() *settings.Settings {
	s := settings.Default()
	s.Site = settings.Site{Grafana: "https://grafana.example", Alertmanager: "https://alerts.example/am"}
	s.Receivers["delivery-pager"] = settings.Receiver{
		PagerDuty: []settings.PagerDuty{{RoutingKeyFile: "/run/secrets/delivery"}},
	}
	s.Receivers["mail"] = settings.Receiver{Email: []settings.Email{{
		To: "delivery@example.com", From: "belfry@example.com", Smarthost: "smtp.example.com:587", Username: "belfry",
		PasswordFile: "/run/secrets/smtp",
	}}}
	s.Receivers["room"] = settings.Receiver{Teams: []settings.MSTeams{{WebhookURLFile: "/run/secrets/teams"}}}
	s.Receivers["hook"] = settings.Receiver{Webhook: []settings.Webhook{{URL: "http://hook.example/"},
		{URLFile: "/run/secrets/hook"}}}
	s.MuteTimes = map[string][]settings.TimeInterval{
		"nights": {
			{Times: []settings.TimeRange{{Start: "00:00", End: "07:00"}, {Start: "21:30", End: "24:00"}},
				Location: "Europe/Berlin"},
		},
		"weekends": {{Weekdays: []string{"saturday", "sunday"}, Location: "Europe/Berlin"}},
		"holidays": {
			{Dates: []string{"2026-12-24:2027-01-02", "05-01", "12-31:01-01"}, Location: "Europe/Berlin"},
			{Weekdays: []string{"Fri-mon"}, Months: []string{"nov-feb", "7"}, DaysOfMonth: []string{"1:5", "-1", "28:2"},
				Years: []string{"2026", "2028:2030"}, Times: []settings.TimeRange{{Start: "12:00", End: "13:00"}}},
		},
	}
	s.Teams["delivery"] = settings.Team{
		Receivers: map[settings.Severity][]string{
			settings.Critical: {"delivery-pager", "chat"}, settings.Warning: {"mail"},
		},
		Mute: map[settings.Severity][]string{settings.Warning: {"weekends", "nights"}},
	}
	s.Teams["product"] = settings.Team{Mute: map[settings.Severity][]string{settings.Warning: {"weekends"}}}
	s.Teams["platform"] = settings.Team{Receivers: map[settings.Severity][]string{
		settings.Emergency: {"hook", "pager"}, settings.Critical: {"chat", "pager", "pager"},
		settings.Warning: {"room"}, settings.Info: {"room"},
	}}
	off := false
	s.Alerts = []settings.Alert{
		{ID: "sms-failures", Name: "SmsFailuresHigh", Severity: settings.Critical, Team: "delivery",
			CooldownPeriod: 30},
		{ID: "push-slow", Name: "PushSlow", Severity: settings.Warning, Team: "product", CooldownPeriod: 240},
		{ID: "quota", Name: "QuotaLow", Severity: settings.Critical, Team: "finance", CooldownPeriod: 90},
		{ID: "email-lost", Name: "EmailLost", Severity: settings.Critical, Team: "delivery",
			Channels: []string{"room", "mail"}, CooldownPeriod: 90},
		{ID: "email-late", Name: "EmailLate", Severity: settings.Critical, Team: "platform",
			Channels: []string{"mail", "room"}, CooldownPeriod: 90},
		{ID: "sms-cost", Name: "SmsCost", Severity: settings.Warning, Team: "delivery", Channels: []string{"hook"}},
		{ID: "unused", Name: "Unused", Severity: settings.Critical, Channels: []string{"hook"}, CooldownPeriod: 5,
			Enabled: &off},
	}
	return s
}

// toWebhooks replaces each receiver by a webhook to the server, with its name as path.
func toWebhooks(s *settings.Settings, server string) *settings.Settings {
	for name := range s.Receivers {
		s.Receivers[name] = settings.Receiver{Webhook: []settings.Webhook{{URL: server + path.Join("/", name)}}}
	}
	return s
}
