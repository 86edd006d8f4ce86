package truth

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// The stories start on a Monday.
var start = time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)

func at(d time.Duration) int64 { return start.Add(d).UnixNano() }

// story counts hand-written events of one user, of one notification unless they
// name another, and returns the lines of some families. Events are received when
// they happen unless they say otherwise.
func story(events []event.Event, families ...catalog.Metric) []string {
	t := New(Options{Faults: map[string]string{"throttled": "provider"}})
	for i, e := range events {
		e.ID = cmp.Or(e.ID, fmt.Sprint("e", i))
		e.NotificationID, e.UserID = cmp.Or(e.NotificationID, "n1"), "u1"
		received := cmp.Or(e.ReceivedAt, e.Time)
		t.pass(received)
		t.Add(&e, received)
	}
	return t.lines(families...)
}

// pass lets the time pass until shortly before a message, as other events would.
func (t *Truth) pass(to int64) {
	for _, p := range t.partitions {
		for p.now != 0 && p.now+int64(maxStep) < to {
			p.agrees(p.now+int64(maxStep), maxStep)
		}
	}
}

// lines writes families as an exposition does, histograms and summaries by their sums.
func (t *Truth) lines(families ...catalog.Metric) []string {
	var lines []string
	all := t.books()
	for _, m := range families {
		c := comparison{family: m.Desc()}
		for _, set := range all.sets(m.Desc()) {
			f, name := all[m.Desc().Index()][set], strings.TrimPrefix(m.Desc().Name, "notification_")
			lines = append(lines, fmt.Sprintf("%s%s %g", name, c.braces(set), f.value+f.sum))
		}
	}
	return lines
}
