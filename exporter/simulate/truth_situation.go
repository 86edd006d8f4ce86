package simulate

import (
	"time"
	_ "time/tzdata" // the same zones on every machine

	"belfry/exporter/catalog"
)

// frequencyWindow is how far back a user's sends count as recent.
const frequencyWindow = 7 * 24 * hour

// situation is how a notification found its user when it was sent.
type situation struct {
	// hour and weekday are those of the user's clock; Sunday is 0.
	hour, weekday uint8
	// recent is how many sends there were before, at most 11.
	recent uint8
}

// situations count the notifications of one channel that reached a stage.
type situations struct {
	byTime   [catalog.NumStages][7][24]float64
	byRecent [catalog.NumStages][len(person{}.sends) + 1]float64
}

// enterSituation has a sent event fix the situation. Stages that the
// notification reached before are booked in it now.
func (t *Truth) enterSituation(n *entry) {
	r := n.of
	if n.Type != catalog.EventSent || r.has(catalog.StageSent) {
		return
	}
	local := time.Unix(0, r.sentAt).In(t.zone(n.Timezone))
	r.situation = situation{uint8(local.Hour()), uint8(local.Weekday()), r.user.send(r.sentAt)}
	for stage := range catalog.Stage(catalog.NumStages) {
		if r.has(stage) {
			t.enterSituated(stage, n)
		}
	}
}

// enterSituated books a stage in the situation of its notification, once sent
// has told it.
func (t *Truth) enterSituated(stage catalog.Stage, n *entry) {
	if !n.of.sentSeen {
		return
	}
	channel := label(n.labels.channel)
	s := t.situations[channel]
	if s == nil {
		s = &situations{}
		t.situations[channel] = s
	}
	found := &n.of.situation
	s.byTime[stage][found.weekday][found.hour]++
	s.byRecent[stage][found.recent]++
}

// zone finds a time zone; it is UTC where there is none of that name.
func (t *Truth) zone(name string) *time.Location {
	location := t.zones[name]
	if location == nil {
		var err error
		if location, err = time.LoadLocation(name); err != nil {
			location = time.UTC
		}
		t.zones[name] = location
	}
	return location
}

// send remembers that the user is sent something, and returns how many of the
// sends before are not older than the window, as far as that is remembered.
func (u *person) send(at int64) (recent uint8) {
	oldest := 0
	for i, sent := range u.sends {
		if sent >= at-frequencyWindow {
			recent++
		}
		if sent < u.sends[oldest] {
			oldest = i
		}
	}
	u.sends[oldest] = max(u.sends[oldest], at)
	return recent
}

// enter books the situations of a channel.
func (s *situations) enter(b books, channel string) {
	for stage := range catalog.Stage(catalog.NumStages) {
		for recent, notifications := range s.byRecent[stage] {
			b.add(catalog.FrequencyStages, notifications, stage.String(), channel, frequencyClass(recent))
		}
		switch stage {
		case catalog.StageSent, catalog.StageDelivered, catalog.StageEngaged, catalog.StageConverted:
		default:
			continue
		}
		for day, hours := range s.byTime[stage] {
			for hour, notifications := range hours {
				b.add(catalog.SendHourStages, notifications, stage.String(), channel, catalog.Hours[hour], weekdays[day])
			}
		}
	}
}

// weekdays are the names of the days from Sunday, as in situation.
var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func frequencyClass(recent int) string {
	switch {
	case recent == 0:
		return "0"
	case recent <= 2:
		return "1-2"
	case recent <= 5:
		return "3-5"
	case recent <= 10:
		return "6-10"
	default:
		return "11+"
	}
}
