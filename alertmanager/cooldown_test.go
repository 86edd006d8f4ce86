package alertmanager

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/rules/settings"
)

// speed says how much faster than real time the test runs: a minute takes 100 ms.
const speed = 600

// evaluation and resend hold intervals of Prometheus: how often it evaluates a rule,
// and how often it sends a firing alert again.
const (
	evaluation = 10 * time.Second
	resend     = time.Minute
)

// rule describes Prometheus's side of an alert: when its condition holds, and how long it
// keeps firing afterwards. It follows rules/alerting.go and rules/manager.go of
// Prometheus.
type rule struct {
	labels        labelSet
	holds         func(at time.Duration) bool
	keepFiringFor time.Duration

	firing   bool
	since    time.Duration // when it began
	absent   time.Duration // when its condition was first missed, or -1
	sentLast time.Duration
}

// evaluate evaluates the rule at a time of the story, and returns what Prometheus
// sends then, if anything.
func (r *rule) evaluate(at time.Duration, began time.Time) (posted, bool) {
	real := func(at time.Duration) time.Time { return began.Add(at / speed) }
	switch holds := r.holds(at); {
	case holds && !r.firing:
		r.firing, r.since, r.absent, r.sentLast = true, at, -1, -resend
	case holds:
		r.absent = -1
	case r.firing:
		if r.absent < 0 {
			r.absent = at
		}
		if at-r.absent >= r.keepFiringFor {
			r.firing = false
			return posted{Labels: r.labels, StartsAt: real(r.since), EndsAt: real(at)}, true
		}
	}
	if !r.firing || at < r.sentLast+resend {
		return posted{}, false
	}
	r.sentLast = at
	// Expires unless it is sent again. Not scaled, so that a busy machine does not
	// expire it.
	return posted{Labels: r.labels, StartsAt: real(r.since), EndsAt: time.Now().Add(4 * resend)}, true
}

// flaps stays a minute on and a minute off for 20 minutes from each of the times.
func flaps(from ...time.Duration) func(time.Duration) bool {
	return func(at time.Duration) bool {
		for _, f := range from {
			if at >= f && at < f+20*time.Minute {
				return (at-f)/time.Minute%2 == 0
			}
		}
		return false
	}
}

func during(length time.Duration) func(time.Duration) bool {
	return func(at time.Duration) bool { return at < length }
}

// The real server with the routes of the cooldowns, 600 times as fast as real time.
// The test plays Prometheus.
func TestCooldown(t *testing.T) {
	t.Parallel()
	people := newPeople(t)
	s := settings.Default()
	s.Receivers = Webhooks(people.URL)
	critical := func(id string, minutes int) settings.Alert {
		return settings.Alert{ID: id, Name: id, Severity: settings.Critical, Team: "delivery", CooldownPeriod: minutes}
	}
	s.Alerts = []settings.Alert{critical("flapping", 30), critical("single", 60)}
	config := sooner(t, configuration(t, s), speed, "group_wait", "group_interval", "repeat_interval")
	server := start(t, writeConfiguration(t, s.Site, config))

	label := func(id string, pairs ...string) labelSet {
		return with(labelSet{"alertname": id, "rule": id, "severity": "critical", "team": "delivery", "channel": "sms"},
			pairs...)
	}
	story := []*rule{
		{labels: label("flapping", "cooldown", "30m"), holds: flaps(0, time.Hour), keepFiringFor: 30 * time.Minute},
		{labels: label("single", "cooldown", "1h"), holds: during(10 * time.Minute), keepFiringFor: time.Hour},
		// For comparison: without a cooldown each flap pages, and with one that has no
		// route a fault pages when it is long over.
		{labels: label("unbridged"), holds: flaps(0)},
		{labels: label("unknown"), holds: during(10 * time.Minute), keepFiringFor: time.Hour},
	}
	play(t, server, story, 112*time.Minute)

	once := []string{"firing", "resolved"}
	for _, path := range []string{"/pager", "/chat"} {
		var heard []message
		people.await(t, "the last alert's end", func(received map[string][]message) bool {
			heard = slices.Clone(received[path])
			return len(statuses(heard, "flapping")) >= 4
		})
		for id, want := range map[string][]string{
			"flapping": append(once, once...), // two bouts, each one page
			"single":   once,
			"unknown":  {"firing", "firing", "resolved"},
		} {
			if diff := cmp.Diff(want, statuses(heard, id)); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", path, id, diff)
			}
		}
		if n := len(statuses(heard, "unbridged")); n < 8 {
			t.Errorf("%s: without a cooldown ten flaps gave only %d messages: the test does not see them", path, n)
		}
	}
}

// play evaluates the rules until the story is over. It reads the clock, so that a
// busy machine skips evaluations instead of making the story longer.
func play(t *testing.T, server server, story []*rule, until time.Duration) {
	t.Helper()
	began := time.Now()
	tick := time.NewTicker(evaluation / speed)
	defer tick.Stop()
	for at := time.Duration(0); at < until; at = time.Since(began) * speed {
		var sent []posted
		for _, r := range story {
			if firing, ok := r.evaluate(at, began); ok {
				sent = append(sent, firing)
			}
		}
		if len(sent) > 0 {
			server.post(t, sent...)
		}
		<-tick.C
	}
}

// statuses returns the statuses of the messages about one alert.
func statuses(received []message, name string) []string {
	var all []string
	for _, m := range received {
		if m.Alerts[0]["alertname"] == name {
			all = append(all, m.Status)
		}
	}
	return all
}
