package alertmanager

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"belfry/rules"
	"belfry/rules/settings"
)

// expected holds the receivers by team and severity. Other teams have those of default.
var expected = map[string]map[settings.Severity]string{
	"default": {settings.Emergency: "pager", settings.Critical: "chat pager", settings.Warning: "chat",
		settings.Info: "digest"},
	"delivery": {settings.Emergency: "pager", settings.Critical: "chat delivery-pager", settings.Warning: "mail",
		settings.Info: "digest"},
	"platform": {settings.Emergency: "hook pager", settings.Critical: "chat pager", settings.Warning: "room",
		settings.Info: "room"},
}

// mutedWarnings holds the mute times of each team's warnings.
var mutedWarnings = map[string][]string{"delivery": {"nights", "weekends"}, "product": {"weekends"}}

// routed describes an alert, its receivers, and its mute times.
type routed struct {
	labels    labelSet
	receivers string
	muted     []string
}

// routedAlerts returns every alert with every severity, the installation's own rules,
// and foreign alerts.
func routedAlerts() []routed {
	var all []routed
	seen := map[string]bool{}
	for _, a := range rules.Alerts() {
		for _, p := range paces {
			// A warning is inhibited by its critical sister only on the same instance.
			l := with(alert(a), "severity", string(p.severity), "instance", string(p.severity))
			if seen[fmt.Sprint(l)] {
				continue
			}
			seen[fmt.Sprint(l)] = true
			by := expected[a.Team]
			if by == nil {
				by = expected["default"]
			}
			r := routed{labels: l, receivers: by[p.severity]}
			if p.severity == settings.Warning {
				r.muted = mutedWarnings[a.Team]
			}
			if a.Name == rules.Watchdog.Name {
				r = routed{labels: l, receivers: "watchdog"}
			}
			all = append(all, r)
		}
	}
	custom := func(id, name, level, team, receivers string, muted []string, pairs ...string) routed {
		return routed{with(labelSet{"alertname": name, "rule": id, "severity": level, "team": team}, pairs...),
			receivers, muted}
	}
	return append(all,
		custom("sms-failures", "SmsFailuresHigh", "critical", "delivery", "chat delivery-pager", nil, "cooldown",
			"30m"),
		custom("push-slow", "PushSlow", "warning", "product", "chat", mutedWarnings["product"], "cooldown", "4h"),
		custom("quota", "QuotaLow", "critical", "finance", "chat pager", nil, "cooldown", "1h30m"),
		custom("email-lost", "EmailLost", "critical", "delivery", "mail room", nil, "cooldown", "1h30m"),
		custom("email-late", "EmailLate", "critical", "platform", "mail room", nil, "cooldown", "1h30m"),
		custom("sms-cost", "SmsCost", "warning", "delivery", "hook", mutedWarnings["delivery"]),
		// Pushed to Prometheus later, with a cooldown that is in use or not.
		custom("sms-later", "SmsLater", "critical", "delivery", "chat delivery-pager", nil, "cooldown", "30m"),
		custom("sms-newest", "SmsNewest", "critical", "delivery", "chat delivery-pager", nil, "cooldown", "7m"),
		custom("unused", "Unused", "critical", "ops", "chat pager", nil, "cooldown", "5m"),
		routed{labelSet{"alertname": "Foreign"}, "chat", nil},
		routed{labelSet{"alertname": "Misspelt", "severity": "crtical", "team": "delivery"}, "chat", nil},
	)
}

// Every alert with every severity, within mute times and outside, reaches its
// receivers and no others, on the real server. Mute times are chosen around the
// present: somewhere it is night now.
func TestEveryAlertReachesItsReceivers(t *testing.T) {
	now := time.Now().UTC()
	// localHour returns a zone in which it is that hour now. The signs in Etc zones are
	// inverted.
	localHour := func(hour int) string {
		offset := ((hour-now.Hour())%24 + 24) % 24
		if offset > 12 {
			return fmt.Sprintf("Etc/GMT+%d", 24-offset)
		}
		return fmt.Sprintf("Etc/GMT-%d", offset)
	}
	day := func(days int) string { return strings.ToLower(now.AddDate(0, 0, days).Weekday().String()) }
	nights := func(location string) []settings.TimeInterval {
		return []settings.TimeInterval{{Times: []settings.TimeRange{{Start: "00:00", End: "06:00"},
			{Start: "22:00", End: "24:00"}}, Location: location}}
	}
	weekends := func(days ...string) []settings.TimeInterval { return []settings.TimeInterval{{Weekdays: days}} }
	for name, c := range map[string]struct {
		times  map[string][]settings.TimeInterval
		active []string
	}{
		"by day": {map[string][]settings.TimeInterval{"nights": nights(localHour(14)),
			"weekends": weekends(day(3), day(4))}, nil},
		"by night": {map[string][]settings.TimeInterval{"nights": nights(localHour(3)),
			"weekends": weekends(day(3), day(4))}, []string{"nights"}},
		"at weekends": {
			map[string][]settings.TimeInterval{"nights": nights(localHour(14)), "weekends": weekends(day(0), day(1))},
			[]string{"weekends"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			people := newPeople(t)
			s := toWebhooks(everything(), people.URL)
			s.MuteTimes = c.times
			config := sooner(t, configuration(t, s), 1000, "group_wait")
			server := start(t, writeConfiguration(t, s.Site, config))
			reaches(t, server, people, c.active)
		})
	}
}

func reaches(t *testing.T, server server, people *people, active []string) {
	cases := routedAlerts()
	var alerts []labelSet
	want, muted := map[string]bool{}, map[string][]string{}
	for _, c := range cases {
		alerts = append(alerts, c.labels)
		by := slices.DeleteFunc(slices.Clone(c.muted), func(m string) bool { return !slices.Contains(active, m) })
		if len(by) > 0 {
			muted[key(c.labels)] = by
			continue
		}
		for _, receiver := range strings.Fields(c.receivers) {
			want["/"+receiver+" "+key(c.labels)] = true
		}
	}
	server.fire(t, alerts...)

	eventually(t, func() string {
		got := map[string][]string{}
		for _, g := range server.groups(t) {
			for _, a := range g.Alerts {
				if len(a.Status.MutedBy) > 0 {
					got[key(a.Labels)] = slices.SortedFunc(slices.Values(a.Status.MutedBy), cmp.Compare[string])
				}
			}
		}
		return gocmp.Diff(muted, got)
	})
	heard := map[string]bool{}
	people.await(t, "all notifications", func(received map[string][]message) bool {
		for path, messages := range received {
			for _, m := range messages {
				for _, a := range m.Alerts {
					heard[path+" "+key(a)] = true
				}
			}
		}
		return len(heard) >= len(want)
	})
	if diff := gocmp.Diff(want, heard); diff != "" {
		t.Errorf("(-expected +notified)\n%s", diff)
	}
}

func key(l labelSet) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(l)) {
		pairs = append(pairs, name+"="+l[name])
	}
	return strings.Join(pairs, ",")
}
