package truth

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// start is a Monday.
var start = time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)

func at(d time.Duration) int64 { return start.Add(d).UnixNano() }

// story counts hand-written events of one user, of one notification where they
// name none, and returns what came of them, as lines of the families that are
// asked for. An event is received when it happens unless it says otherwise.
func story(events []event.Event, families ...catalog.Metric) []string {
	t := New(Options{Faults: map[string]string{"throttled": "provider"}})
	for i, e := range events {
		e.ID = cmp.Or(e.ID, fmt.Sprint("e", i))
		e.NotificationID, e.UserID = cmp.Or(e.NotificationID, "n1"), "u1"
		t.Add(&e, cmp.Or(e.ReceivedAt, e.Time))
	}
	return t.lines(families...)
}

// lines writes families as an exposition does, histograms and summaries by their sums.
func (t *Truth) lines(families ...catalog.Metric) []string {
	var lines []string
	all := t.books()
	for _, m := range families {
		c := comparison{family: m.Desc()}
		for _, set := range all.sets(m.Desc()) {
			f := all[m.Desc().Index()][set]
			lines = append(lines, fmt.Sprintf("%s%s %g", strings.TrimPrefix(m.Desc().Name, "notification_"), c.braces(set), f.value+f.sum))
		}
	}
	return lines
}
