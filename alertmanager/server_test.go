package alertmanager

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/rules"
	"belfry/rules/settings"
)

// The real Alertmanager with the shipped routes and times, and a web server in place
// of people: a fault pages within seconds, in a group of its own; what follows from a
// dead exporter or is silenced does not; and the end notifies as well.
func TestRealAlertmanager(t *testing.T) {
	t.Parallel()
	people := newPeople(t)
	s := settings.Default()
	s.Receivers = Webhooks(people.URL)
	server := start(t, write(t, s, ""))

	exporter := alert(rules.ExporterDown, "job", "eu", "instance", "a:9095")
	other := alert(rules.ExporterDown, "job", "eu", "instance", "b:9095")
	ses := alert(rules.ProviderDown, "job", "us", "channel", "email", "provider", "ses")
	twilio := alert(rules.ProviderDown, "job", "us", "channel", "sms", "provider", "twilio")
	hidden := alert(rules.ChannelDown, "job", "eu", "channel", "push")
	silenced := alert(rules.EventStreamStalled, "job", "us")
	endSilence := server.silence(t, "alertname", rules.EventStreamStalled.Name)
	began := time.Now()
	server.fire(t, exporter, other, ses, twilio, hidden, silenced, alert(rules.Watchdog))

	t.Run("the watchdog goes to its switch at once", func(t *testing.T) {
		want := message{"firing", []labelSet{alert(rules.Watchdog)}}
		if diff := cmp.Diff(want, people.next(t, "/watchdog")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})

	t.Run("each fault is one page and one message in chat", func(t *testing.T) {
		want := []message{
			{"firing", []labelSet{exporter, other}}, {"firing", []labelSet{ses}}, {"firing", []labelSet{twilio}},
		}
		for _, path := range []string{"/pager", "/chat"} {
			if diff := cmp.Diff(want, people.sorted(t, path, len(want))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		}
		if took := time.Since(began); took < 4*time.Second || took > 15*time.Second {
			t.Errorf("pages took %s, want the group's wait of 5 s", took)
		}
	})

	// hidden and silenced arrived with the alerts above and would have paged with them.
	t.Run("who hides an alert is known", func(t *testing.T) {
		for _, a := range server.alerts(t) {
			inhibited, quiet := a.Labels["channel"] == "push", a.Labels["alertname"] == rules.EventStreamStalled.Name
			if (len(a.Status.InhibitedBy) > 0) != inhibited || (len(a.Status.SilencedBy) > 0) != quiet {
				t.Errorf("%v: %+v", a.Labels, a.Status)
			}
		}
		for _, path := range []string{"/pager", "/chat"} {
			if n := people.unread(path); n != 0 {
				t.Errorf("%d more messages were sent to %s", n, path)
			}
		}
	})

	t.Run("the end notifies, and so does what is no longer silenced", func(t *testing.T) {
		endSilence()
		server.resolve(t, ses)
		want := []message{{"firing", []labelSet{silenced}}, {"resolved", []labelSet{ses}}}
		for _, path := range []string{"/pager", "/chat"} {
			if diff := cmp.Diff(want, people.sorted(t, path, len(want))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
			if n := people.unread(path); n != 0 {
				t.Errorf("%d more messages were sent to %s", n, path)
			}
		}
	})
}

// Alertmanager starts with the generated file before any secret is in place.
func TestShippedConfigurationStarts(t *testing.T) {
	t.Parallel()
	start(t, write(t, settings.Default(), ""))
}
