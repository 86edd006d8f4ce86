package history

import (
	"strings"
	"testing"
	"time"
)

// A cause comes before what it inhibits, however long that has fired, and an alert
// before its escalation.
func TestCausesFirst(t *testing.T) {
	start := time.Date(2026, time.March, 2, 3, 0, 0, 0, time.UTC)
	alert := func(id string, minutes int, labels string, inhibitedBy ...string) *Alert {
		a := &Alert{
			Fingerprint: id, State: Active, Began: start.Add(time.Duration(minutes) * time.Minute),
			InhibitedBy: inhibitedBy, Labels: map[string]string{},
		}
		for _, pair := range strings.Fields(labels) {
			name, value, _ := strings.Cut(pair, "=")
			a.Labels[name] = value
		}
		return a
	}
	var got []string
	for _, a := range CausesFirst([]*Alert{
		alert("info", 0, "severity=info alertname=NotificationWatchdog"),
		alert("odd", 0, "alertname=Else"),
		alert("errors", 1, "severity=warning alertname=NotificationProviderErrorsHigh channel=sms", "provider"),
		alert("self", 1, "severity=critical alertname=Self", "self", "circle"),
		alert("circle", 2, "severity=critical alertname=Circle", "self"),
		alert("queue", 3, "severity=critical alertname=NotificationQueueStuck"),
		alert("provider", 2, "severity=critical alertname=NotificationProviderDown channel=sms", "channel"),
		alert("channel", 5, "severity=critical alertname=NotificationChannelDown rule=NotificationChannelDown channel=sms"),
		alert("unacknowledged", 20,
			"severity=emergency alertname=NotificationAlertUnacknowledged rule=NotificationChannelDown channel=sms"),
		alert("gone", 0, "severity=warning alertname=Gone", "resolved"),
	}) {
		got = append(got, a.Fingerprint)
	}
	want := "queue channel unacknowledged provider errors gone info odd self circle"
	if said := strings.Join(got, " "); said != want {
		t.Errorf("got  %s\nwant %s", said, want)
	}
}
