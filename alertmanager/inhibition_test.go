package alertmanager

import (
	"fmt"
	"slices"
	"testing"

	"belfry/rules"
	"belfry/rules/settings"
)

// inhibitionCase describes an alert, and the one that hides it; nil is visible.
type inhibitionCase struct {
	what   string
	alert  labelSet
	hidden labelSet
}

func own(id, level string, pairs ...string) labelSet {
	return with(labelSet{"alertname": "Own", "rule": id, "severity": level, "team": "delivery"}, pairs...)
}

func exporterDownCases() []inhibitionCase {
	exporter := alert(rules.ExporterDown, "job", "eu", "instance", "a:1")
	gone := alert(rules.ExporterDown, "job", "lost") // Prometheus has no target at all
	return []inhibitionCase{
		{"an exporter that is down", exporter, nil},
		{"another exporter of the job", alert(rules.ExporterDown, "job", "eu", "instance", "b:1"), nil},
		{"computed from the dead exporter", alert(rules.ChannelDown, "job", "eu", "channel", "push"), exporter},
		{"an own rule computed from it", own("x", "critical", "job", "eu", "channel", "push"), exporter},
		{"what the dead exporter said of itself", own("lag", "warning", "job", "eu", "instance", "a:1"), exporter},
		{"what a living exporter says of itself", own("lag", "warning", "job", "eu", "instance", "c:1"), nil},
		{"of another job", alert(rules.EventStreamStalled, "job", "us"), nil},
		{"of no job", own("x", "critical", "channel", "push"), nil},
		{"an emergency of the job", own("x", "emergency", "job", "eu"), nil},
		{"the watchdog", alert(rules.Watchdog, "job", "eu"), nil},
		{"somebody else's alert", labelSet{"alertname": "NodeDown", "severity": "critical", "job": "eu"}, nil},
		{"a job without targets", gone, nil},
		{"computed from it", alert(rules.EventStreamStalled, "job", "lost"), gone},
	}
}

// queueStuck returns a shipped critical alert that does not follow from another.
func queueStuck() rules.Alert {
	i := slices.IndexFunc(rules.Alerts(), func(a rules.Alert) bool { return a.Name == settings.Prefix+"QueueStuck" })
	return rules.Alerts()[i]
}

func channelDownCases() []inhibitionCase {
	channel := alert(rules.ChannelDown, "job", "c", "channel", "sms")
	return []inhibitionCase{
		{"the channel that is down", channel, nil},
		{"its provider", alert(rules.ProviderDown, "job", "c", "channel", "sms", "provider", "twilio"), channel},
		{"its error budget", alert(rules.ErrorBudgetBurn, "severity", "critical", "job", "c", "channel", "sms"),
			channel},
		{"its error rate", alert(rules.ErrorRateHigh, "job", "c", "channel", "sms"), channel},
		{"its queue, which may be why", alert(queueStuck(), "job", "c", "channel", "sms"), nil},
		{"its warnings", own("x", "warning", "channel", "sms", "job", "c"), channel},
		{"its critical rule of the installation's own", own("x", "critical", "channel", "sms", "job", "c"), nil},
		{"its unacknowledged page", own("x", "emergency", "channel", "sms", "job", "c", "alertname", "Page"), nil},
		{"its information", own("x", "info", "channel", "sms"), nil},
		{"a provider of another channel", alert(rules.ProviderDown, "job", "c", "channel", "voice", "provider",
			"twilio"), nil},
		{"a warning of another channel", own("x", "warning", "channel", "fax"), nil},
		{"a warning of no channel", own("x", "warning"), nil},
	}
}

func providerDownCases() []inhibitionCase {
	provider := alert(rules.ProviderDown, "job", "p", "channel", "email", "provider", "ses")
	return []inhibitionCase{
		{"the provider that is down", provider, nil},
		{"its warnings", own("y", "warning", "channel", "email", "provider", "ses", "job", "p"), provider},
		{"its critical alerts", own("y", "critical", "channel", "email", "provider", "ses", "alertname", "Quota"), nil},
		{"another provider's warning", own("y", "warning", "channel", "email", "provider", "smtp"), nil},
		{"its warning on another channel", own("y", "warning", "channel", "webhook", "provider", "ses"), nil},
		{"its channel's warning", own("y", "warning", "channel", "email"), nil},
	}
}

func explainedCases() []inhibitionCase {
	low := alert(rules.VolumeLow, "job", "v", "channel", "rcs")
	odd := alert(rules.AnomalyDetected, "job", "belfry-insights", "channel", "rcs", "series", "delivery_ratio")
	return []inhibitionCase{
		{"a low volume", low, nil},
		{"an anomaly on the channel", odd, low},
		{"an anomaly on another channel", with(odd, "channel", "chat"), nil},
	}
}

func moreUrgentCases() []inhibitionCase {
	lost := own("lost-1", "critical", "alertname", "Lost", "job", "u", "channel", "in_app")
	stuck := own("stuck-1", "critical", "alertname", "Stuck")
	burnt := own("burnt-1", "emergency", "alertname", "Burnt", "queue", "bulk")
	spring := own("campaign-1", "critical", "alertname", "CampaignFailing", "campaign", "spring")
	return []inhibitionCase{
		{"a critical alert", lost, nil},
		{"the same as warning", with(lost, "severity", "warning", "rule", "lost-2"), lost},
		{"the same on another channel", with(lost, "severity", "warning", "channel", "webhook"), nil},
		{"the same of no channel", own("lost-3", "warning", "alertname", "Lost"), nil},
		{"the same as information", with(lost, "severity", "info", "rule", "lost-4"), lost},
		{"other information", with(lost, "severity", "info", "alertname", "Later"), nil},
		{"another warning there", with(lost, "severity", "warning", "alertname", "Late"), nil},
		{"a critical alert without a channel", stuck, nil},
		{"the same as warning", with(stuck, "severity", "warning"), stuck},
		{"an emergency", burnt, nil},
		{"the same as warning", with(burnt, "severity", "warning"), burnt},
		{"a warning of another queue", with(burnt, "severity", "warning", "queue", "fast"), nil},
		{"the same as critical alert", with(burnt, "severity", "critical", "rule", "burnt-2"), burnt},
		{"a campaign", spring, nil},
		{"its warning", with(spring, "severity", "warning", "rule", "campaign-2"), spring},
		{"another campaign's warning", with(spring, "severity", "warning", "campaign", "autumn"), nil},
	}
}

// Each inhibition on the real server, from both sides: what it hides, and similar
// alerts that stay visible. All alerts fire at once.
func TestInhibition(t *testing.T) {
	t.Parallel()
	s := settings.Default()
	s.Receivers = Webhooks(newPeople(t).URL)
	server := start(t, write(t, s, ""))
	var alerts []labelSet
	var cases []inhibitionCase
	for _, some := range [][]inhibitionCase{exporterDownCases(), channelDownCases(), providerDownCases(),
		explainedCases(), moreUrgentCases()} {
		for _, c := range some {
			cases, alerts = append(cases, c), append(alerts, c.alert)
		}
	}
	server.fire(t, alerts...)
	eventually(t, func() string {
		byLabels, byFingerprint := map[string]known{}, map[string]known{}
		for _, a := range server.alerts(t) {
			byLabels[key(a.Labels)], byFingerprint[a.Fingerprint] = a, a
		}
		if len(byLabels) != len(cases) {
			return fmt.Sprintf("there are %d alerts, want %d: do two cases have the same labels?", len(byLabels),
				len(cases))
		}
		for _, c := range cases {
			by := byLabels[key(c.alert)].Status.InhibitedBy
			if (c.hidden == nil) != (len(by) == 0) || c.hidden != nil &&
				byFingerprint[by[0]].Labels["alertname"] != c.hidden["alertname"] {
				return fmt.Sprintf("%s: %v is hidden by %v, want %v", c.what, c.alert, by, c.hidden)
			}
		}
		return ""
	})
}
