package backtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Message is a message that Alertmanager would have sent about firing alerts.
// Messages about resolved alerts are not listed.
type Message struct {
	At       time.Time
	Receiver string
	// Group has the labels that the alerts of the message share.
	Group map[string]string
	// Again means that nothing is new, but repeat_interval has passed.
	Again bool
}

// Messages returns the messages about the alerts of a result, in order. Other
// alerts are ignored, even if they would inhibit these or share a group with them.
func (r *Routes) Messages(result *Result) []Message {
	type key struct{ route, group string }
	groups := map[key]*group{}
	for i, a := range result.Alerts {
		for _, to := range r.Match(a.Labels) {
			g := group{route: to, labels: to.group(a.Labels)}
			k := key{fmt.Sprint(to), fmt.Sprint(g.labels)}
			if groups[k] == nil {
				groups[k] = &g
			}
			for _, s := range a.Spans {
				if s.State == Firing {
					groups[k].firing = append(groups[k].firing, firing{i, s.From, s.From.Add(s.Lasted(result.To))})
				}
			}
		}
	}
	var all []Message
	for _, g := range groups {
		all = append(all, r.messages(g)...)
	}
	slices.SortFunc(all, func(a, b Message) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.Receiver+fmt.Sprint(a.Group), b.Receiver+fmt.Sprint(b.Group))
	})
	return slices.DeleteFunc(all, func(m Message) bool { return m.At.Before(result.From) })
}

// group returns the labels by which the route groups an alert.
func (w Route) group(alert map[string]string) map[string]string {
	if slices.Contains(w.GroupBy, "...") {
		return alert
	}
	by := map[string]string{}
	for _, name := range w.GroupBy {
		if value, ok := alert[name]; ok {
			by[name] = value
		}
	}
	return by
}

// group collects the alerts that one message is about.
type group struct {
	route  Route
	labels map[string]string
	firing []firing
}

// firing says when an alert fired, by the index of the alert.
type firing struct {
	alert    int
	from, to time.Time
}

// messages returns the messages about a group. Like Alertmanager, it flushes the
// group after group_wait and then every group_interval until nothing fires. A
// flush sends a message if an alert is new or resolved, or if repeat_interval has
// passed since the last message.
func (r *Routes) messages(g *group) []Message {
	slices.SortFunc(g.firing, func(a, b firing) int { return a.from.Compare(b.from) })
	var all []Message
	var notified map[int]bool // the alerts of the last message
	var notifiedAt time.Time
	for i := 0; i < len(g.firing); {
		at := g.firing[i].from.Add(g.route.Wait)
		for ; ; at = at.Add(g.route.Interval) {
			now := g.at(at)
			if !r.muted(g.route, at) {
				isNew := slices.ContainsFunc(slices.Collect(maps.Keys(now)),
					func(alert int) bool { return !notified[alert] })
				again := len(now) > 0 && at.Sub(notifiedAt) > g.route.Repeat
				if isNew || again {
					all = append(all, Message{At: at, Receiver: g.route.Receiver, Group: g.labels, Again: !isNew})
				}
				if isNew || again || len(now) < len(notified) {
					notified, notifiedAt = now, at
				}
			}
			if len(now) == 0 {
				break
			}
		}
		// Skip alerts that fired only between two flushes.
		for i < len(g.firing) && !g.firing[i].from.After(at) {
			i++
		}
	}
	return all
}

// at returns the alerts that fire at a time.
func (g *group) at(at time.Time) map[int]bool {
	now := map[int]bool{}
	for _, f := range g.firing {
		if !f.from.After(at) && at.Before(f.to) {
			now[f.alert] = true
		}
	}
	return now
}
