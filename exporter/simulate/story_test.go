package simulate

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// story books hand-written events of one user, of one notification where they
// name none, and returns what came of them, as lines of the families that are
// asked for.
func story(events []event.Event, families ...catalog.Metric) []string {
	truth := newTruth(Config{Start: DefaultStart, Partitions: 1})
	records := map[string]*record{}
	for _, e := range events {
		e.NotificationID, e.UserID = cmp.Or(e.NotificationID, "n1"), "u1"
		if records[e.NotificationID] == nil {
			records[e.NotificationID] = &record{}
		}
		truth.enter(&e, records[e.NotificationID], false, cmp.Or(e.ReceivedAt, e.Time))
	}
	var told []string
	books := truth.books()
	for _, m := range families {
		c := comparison{family: m.Desc()}
		for _, set := range books.sets(m.Desc()) {
			f := books[m.Desc().Index()][set]
			told = append(told, fmt.Sprintf("%s%s %g", strings.TrimPrefix(m.Desc().Name, "notification_"), c.braces(set), f.value+f.sum))
		}
	}
	return told
}

func at(d time.Duration) int64 { return DefaultStart.Add(d).UnixNano() }
