package backtest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/rules/backtest"
)

const config = `
route:
  receiver: chat
  group_by: [alertname, channel]
  routes:
    - matchers: ['severity="critical"']
      receiver: pager
      group_wait: 5s
      group_interval: 10s
      repeat_interval: 1h
      continue: true
    - matchers: ['severity="critical"', 'cooldown="30m"']
      receiver: cool
      group_wait: 5s
      group_interval: 10s
      repeat_interval: 1h
    - matchers: ['severity=~"critical|warning"', 'team!="x"']
      receiver: chat
      group_by: [alertname]
      group_wait: 30s
      group_interval: 5m
      repeat_interval: 30m
      routes:
        - {matchers: ['team="night"'], mute_time_intervals: [nights]}
time_intervals:
  - name: nights
    time_intervals:
      - {times: [{start_time: "00:00", end_time: "07:00"}]}
      - weekdays: ["saturday", "monday:tuesday"]
        times: [{start_time: "20:00", end_time: "24:00"}]
        location: Europe/Paris
`

func TestRoutes(t *testing.T) {
	routes, err := backtest.ReadRoutes([]byte(config))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		labels map[string]string
		want   []backtest.Route
	}{
		{
			map[string]string{"severity": "info"},
			[]backtest.Route{{Receiver: "chat", GroupBy: []string{"alertname", "channel"}, Wait: 30 * time.Second,
				Interval: 5 * time.Minute, Repeat: 4 * time.Hour}},
		}, {
			map[string]string{"severity": "critical", "cooldown": "30m"},
			[]backtest.Route{
				{Receiver: "pager", GroupBy: []string{"alertname", "channel"}, Wait: 5 * time.Second,
					Interval: 10 * time.Second, Repeat: time.Hour},
				{Receiver: "cool", GroupBy: []string{"alertname", "channel"}, Wait: 5 * time.Second,
					Interval: 10 * time.Second, Repeat: time.Hour},
			},
		}, {
			map[string]string{"severity": "warning", "team": "night"},
			[]backtest.Route{{Receiver: "chat", GroupBy: []string{"alertname"}, Wait: 30 * time.Second,
				Interval: 5 * time.Minute, Repeat: 30 * time.Minute, Mute: []string{"nights"}}},
		},
	} {
		if diff := cmp.Diff(c.want, routes.Match(c.labels)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c.labels, diff)
		}
	}
	for _, broken := range []string{"route: [", "route: {routes: [{matchers: ['=']}]}", "route: {matchers: ['a']}"} {
		if _, err := backtest.ReadRoutes([]byte(broken)); err == nil {
			t.Errorf("%q is accepted", broken)
		}
	}
}

// Times are minutes and seconds after noon, on a Wednesday.
func clock(text string) time.Time {
	d, err := time.ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC).Add(d)
}

func fires(labels map[string]string, ends ...string) backtest.Alert {
	a := backtest.Alert{Labels: labels}
	for i := 0; i < len(ends); i += 2 {
		s := backtest.Span{State: backtest.Firing, From: clock(ends[i])}
		if ends[i+1] != "" {
			s.To = clock(ends[i+1])
		}
		a.Spans = append(a.Spans, s)
	}
	return a
}

func TestMessages(t *testing.T) {
	routes, err := backtest.ReadRoutes([]byte(config))
	if err != nil {
		t.Fatal(err)
	}
	critical := func(channel string) map[string]string {
		return map[string]string{"alertname": "A", "severity": "critical", "team": "x", "channel": channel}
	}
	warning := func(team, channel string) map[string]string {
		return map[string]string{"alertname": "A", "severity": "warning", "team": team, "channel": channel}
	}
	for _, c := range []struct {
		name   string
		alerts []backtest.Alert
		want   []string
	}{
		{"one alert is one page after group_wait", []backtest.Alert{fires(critical("sms"), "1m", "9m")},
			[]string{"1m5s pager"}},
		{"one that ends within group_wait is not notified",
			[]backtest.Alert{fires(critical("sms"), "1m", "1m4s", "2m", "2m6s")}, []string{"2m5s pager"}},
		{"one that comes back pages again", []backtest.Alert{fires(critical("sms"), "1m", "2m", "3m", "4m")},
			[]string{"1m5s pager", "3m5s pager"}},
		{"one that ends and returns between two flushes does not",
			[]backtest.Alert{fires(critical("sms"), "1m", "1m6s", "1m14s", "4m")}, []string{"1m5s pager"}},
		{"one that stays is notified again after repeat_interval", []backtest.Alert{fires(critical("sms"), "1m", "")},
			[]string{"1m5s pager", "1h1m15s pager again"}},
		{"channels are separate groups",
			[]backtest.Alert{fires(critical("sms"), "1m", "9m"), fires(critical("push"), "1m", "9m")},
			[]string{"1m5s pager", "1m5s pager"}},
		{
			"an alert that joins a group is notified at the next flush, " +
				"one that leaves it restarts repeat_interval without a message",
			[]backtest.Alert{fires(warning("a", "sms"), "1m", "60m"), fires(warning("a", "push"), "3m", "20m")},
			[]string{"1m30s chat", "6m30s chat", "56m30s chat again"},
		},
		{"a muted alert is notified when the mute time ends",
			[]backtest.Alert{fires(warning("night", "sms"), "11h55m", "20h")}, []string{
				"11h55m30s chat", "19h0m30s chat again", "19h35m30s chat again",
			}},
		{"and not if it has ended by then", []backtest.Alert{fires(warning("night", "sms"), "13h", "14h")}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, m := range routes.Messages(&backtest.Result{From: clock("0m"), To: clock("2h"), Alerts: c.alerts}) {
				text := fmt.Sprint(m.At.Sub(clock("0m")), " ", m.Receiver)
				if m.Again {
					text += " again"
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
