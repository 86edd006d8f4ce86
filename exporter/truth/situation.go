package truth

import (
	"cmp"
	"strconv"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/zone"
)

// recentWindow limits how far back a user's sends count as recent.
const recentWindow = 7 * day

// situation describes the user's side when a notification was sent: the local
// time, and how many others came before.
type situation struct{ hour, weekday, recent string }

// situate returns the situation of a sent event and remembers the send. who is nil
// if nothing may be remembered of the user.
func (p *partition) situate(x *entry, who *user) situation {
	sent := cmp.Or(x.SentAt, x.Time)
	local := time.Unix(0, sent).In(p.zoneOf(x.Timezone))
	s := situation{hour: strconv.Itoa(local.Hour()), weekday: weekdays[local.Weekday()], recent: recentClass(0)}
	if who != nil {
		s.recent = recentClass(who.send(sent))
	}
	return s
}

// weekdays names the days from Sunday.
var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// zoneOf returns the time zone of a name, UTC if there is none.
func (t *Truth) zoneOf(name string) *time.Location {
	if location := t.zones[name]; location != nil {
		return location
	}
	location, known := zone.Find(name)
	if !known {
		return time.UTC
	}
	t.zones[name] = location
	return location
}

// recentClass returns the value of catalog.LabelRecent for a number of sends.
func recentClass(sends int) string {
	switch {
	case sends == 0:
		return "0"
	case sends <= 2:
		return "1-2"
	case sends <= 5:
		return "3-5"
	case sends <= 10:
		return "6-10"
	default:
		return "11+"
	}
}

// countSituated counts a stage in the situation of its notification.
func (p *partition) countSituated(n *notification, stage catalog.Stage, channel string) {
	p.add(catalog.FrequencyStages, 1, stage.String(), channel, n.situation.recent)
	switch stage {
	case catalog.StageSent, catalog.StageDelivered, catalog.StageEngaged, catalog.StageConverted:
		p.add(catalog.SendHourStages, 1, stage.String(), channel, n.situation.hour, n.situation.weekday)
	}
}
