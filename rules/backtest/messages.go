package backtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Message is one that Alertmanager would have sent because something fires.
// That it is over is told as well, and not counted here.
type Message struct {
	At       time.Time
	Receiver string
	// Group are the labels that the alerts of the message share.
	Group map[string]string
	// Again means that nothing is new, but repeat_interval is over.
	Again bool
}

// Messages are those about the alerts of a result, in order. No other alert is
// thought of: what others inhibit, or share a group with, is told as if it
// stood alone.
func (r *Routes) Messages(result *Result) []Message {
	type key struct{ way, group string }
	groups := map[key]*group{}
	for i, a := range result.Alerts {
		for _, way := range r.Ways(a.Labels) {
			g := group{way: way, labels: way.group(a.Labels)}
			k := key{fmt.Sprint(way), fmt.Sprint(g.labels)}
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

// group are the labels by which the way groups an alert.
func (w Way) group(alert map[string]string) map[string]string {
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

// group is what is told together.
type group struct {
	way    Way
	labels map[string]string
	firing []firing
}

// firing is one alert's time of firing, by the alert's number.
type firing struct {
	alert    int
	from, to time.Time
}

// messages goes through the group's life as Alertmanager does: it is looked at
// after group_wait and then every group_interval until nothing in it fires, and
// told of when something new fires, when something is over, and when
// repeat_interval has passed since it was last told of.
func (r *Routes) messages(g *group) []Message {
	slices.SortFunc(g.firing, func(a, b firing) int { return a.from.Compare(b.from) })
	var all []Message
	var told map[int]bool // what the last message said fires
	var toldAt time.Time
	for i := 0; i < len(g.firing); {
		at := g.firing[i].from.Add(g.way.Wait)
		for ; ; at = at.Add(g.way.Interval) {
			now := g.at(at)
			if !r.muted(g.way, at) {
				isNew := slices.ContainsFunc(slices.Collect(maps.Keys(now)), func(alert int) bool { return !told[alert] })
				again := len(now) > 0 && at.Sub(toldAt) > g.way.Repeat
				if isNew || again {
					all = append(all, Message{At: at, Receiver: g.way.Receiver, Group: g.labels, Again: !isNew})
				}
				if isNew || again || len(now) < len(told) {
					told, toldAt = now, at
				}
			}
			if len(now) == 0 {
				break
			}
		}
		// What began and ended between two looks is never told.
		for i < len(g.firing) && !g.firing[i].from.After(at) {
			i++
		}
	}
	return all
}

// at is what fires at a moment.
func (g *group) at(at time.Time) map[int]bool {
	now := map[int]bool{}
	for _, f := range g.firing {
		if !f.from.After(at) && at.Before(f.to) {
			now[f.alert] = true
		}
	}
	return now
}
