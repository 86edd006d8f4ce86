package exporter_test

import (
	"fmt"
	"html"
	"strings"
	"testing"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/nats"
)

// publishAt publishes an event with the time at which the stream received it.
func (in *installation) publishAt(received time.Time, event, body string) {
	in.t.Helper()
	m := natsgo.NewMsg("notify.0." + event)
	m.Header.Set("Belfry-Received-At", received.Format(time.RFC3339Nano))
	m.Data = []byte(body)
	if _, err := in.stream().PublishMsg(m); err != nil {
		in.t.Fatal(err)
	}
}

// eventAt returns an event of a notification with its own timestamp.
func eventAt(at time.Time, kind, id, notification string) string {
	return fmt.Sprintf(`{"eventId":%q,"eventType":"notification.%s","timestamp":%q,"notificationId":%q,"userId":"u1",`+
		`"data":{"channel":"email","category":"c","priority":"low","templateId":"t","provider":"ses"}}`,
		id, kind, at.Format(time.RFC3339Nano), notification)
}

var noon = time.Date(2026, time.March, 10, 12, 0, 0, 0, time.UTC)

// trusting returns options with which the test sets the stream time.
func trusting() exporter.Options { return exporter.Options{TrustReceivedAt: true} }

// Poison message: it is rejected, counted by reason and logged. The fold
// continues, also after a restart.
func TestFaultPoisonMessage(t *testing.T) {
	in := install(t, 1)
	r := in.run(exporter.Options{})
	r.awaitReady()
	r.healthy()
	r.stop()
	in.publish(0, "sent", `{"eventId":"x","eventType":"notification.sent",`+"\x00\xff")
	in.send(1, 2)
	log := ""
	for round := range 2 {
		r := in.run(exporter.Options{})
		r.awaitSent(2)
		r.shows(1, catalog.EventsRejected)
		r.shows(1, catalog.EventsRejected, "reason", "malformed_json")
		r.shows(3, catalog.StreamProcessedSequence)
		if round == 0 {
			r.proves("a message is not JSON")
		}
		log += r.log.String()
		r.stop()
	}
	if n := strings.Count(log, "event rejected"); n != 1 || !strings.Contains(log, "sequence=1 reason=malformed_json") {
		t.Errorf("%d log lines about the poison message, want 1:\n%s", n, log)
	}
}

// Clock jump of a day ahead and back: the stream time jumps ahead and then
// stands still until the clock catches up. Every event counts once, and none
// counts as late, early or orphaned.
func TestFaultClockJumps(t *testing.T) {
	in := install(t, 1)
	day := 24 * time.Hour
	clock := []time.Time{
		noon, noon.Add(time.Second), noon.Add(2*time.Second + day), noon.Add(3*time.Second + day),
		noon.Add(4 * time.Second), noon.Add(5*time.Second - day),
		noon.Add(6*time.Second - day), noon.Add(7 * time.Second),
	}
	for i, now := range clock {
		n := fmt.Sprint("n", i)
		in.publishAt(now, "sent", eventAt(now, "sent", fmt.Sprint("s", i), n))
		in.publishAt(now, "delivered", eventAt(now.Add(time.Second), "delivered", fmt.Sprint("d", i), n))
		in.publishAt(now, "sent", eventAt(now, "sent", fmt.Sprint("s", i), n))
	}
	r := in.run(trusting())
	defer r.stop()
	n := float64(len(clock))
	r.awaitSent(n)
	r.shows(n, catalog.Stages, "stage", "delivered")
	r.shows(n, catalog.EventsDuplicate)
	r.shows(n, catalog.DeliveryLatency)
	for _, m := range []catalog.Metric{
		catalog.EventsRejected, catalog.EventsLate, catalog.EventsOrphan, catalog.EventsClockSkew,
	} {
		r.shows(0, m)
	}
	r.proves("the clock of the NATS server jumps a day ahead and back")
}

// Future-dated event: it is rejected as a bad timestamp and logged, and the
// stream time does not follow it. A few minutes ahead are allowed.
func TestFaultFutureDatedEvent(t *testing.T) {
	in := install(t, 1)
	in.publishAt(noon, "sent", eventAt(noon, "sent", "s1", "n1"))
	in.publishAt(noon.Add(time.Second), "sent", eventAt(noon.Add(48*time.Hour), "sent", "s2", "n2"))
	in.publishAt(noon.Add(2*time.Second), "sent", eventAt(noon.Add(4*time.Minute), "sent", "s3", "n3"))
	in.publishAt(noon.Add(3*time.Second), "sent", eventAt(noon.Add(3*time.Second), "sent", "s4", "n4"))
	r := in.run(trusting())
	defer r.stop()
	r.awaitSent(3)
	r.shows(1, catalog.EventsRejected, "reason", "bad_timestamp")
	r.shows(1, catalog.EventsRejected)
	r.said("event rejected", "sequence=2", "reason=bad_timestamp", "field=timestamp")
	r.proves("an event is dated two days ahead")
}

// Duplicate 29 hours later, after a restart: it is recognized, whether it
// belongs to a notification or not.
func TestFaultDuplicate29HoursLater(t *testing.T) {
	in := install(t, 1)
	late := noon.Add(29 * time.Hour)
	change := fmt.Sprintf(`{"eventId":"c1","eventType":"user.preference_changed","timestamp":%q,"userId":"u1",`+
		`"data":{"channel":"email","change":"opt_in"}}`, noon.Format(time.RFC3339))
	in.publishAt(noon, "sent", eventAt(noon, "sent", "s1", "n1"))
	in.publishAt(noon, "delivered", eventAt(noon, "delivered", "d1", "n1"))
	in.publishAt(noon, "preference_changed", change)
	r := in.run(trusting())
	r.awaitSent(1)
	r.healthy()
	r.stop()
	in.publishAt(late, "delivered", eventAt(noon, "delivered", "d1", "n1"))
	in.publishAt(late, "preference_changed", change)
	in.publishAt(late, "sent", eventAt(late, "sent", "s2", "n2"))
	r = in.run(trusting())
	defer r.stop()
	r.awaitSent(2)
	r.shows(2, catalog.EventsDuplicate)
	r.shows(1, catalog.Stages, "stage", "delivered")
	r.shows(1, catalog.PreferenceChangesTotal)
	r.proves("an event comes again 29 hours later, after a restart")
}

// Stream time a month ahead, in one message: it is counted and logged. Every event counts,
// records do not expire, and neither does a restart change that.
func TestFaultStreamTimeAMonthAhead(t *testing.T) {
	for name, own := range map[string]time.Duration{"of the stream": 0, "of the producer too": 30 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			in := install(t, 1)
			in.publishAt(noon, "sent", eventAt(noon, "sent", "s1", "n1"))
			in.publishAt(noon.Add(30*24*time.Hour), "sent", eventAt(noon.Add(own), "sent", "s2", "n2"))
			in.publishAt(noon.Add(time.Second), "sent", eventAt(noon.Add(time.Second), "sent", "s3", "n3"))
			r := in.run(trusting())
			r.awaitSent(3)
			r.said("the stream's time is in doubt", "stream_time=2026-03-10T12:00:0")
			r.proves("one message says that it is a month later")
			r.stop()
			in.publishAt(noon.Add(2*time.Second), "sent", eventAt(noon, "sent", "s1", "n1"))
			in.publishAt(noon.Add(3*time.Second), "sent", eventAt(noon.Add(3*time.Second), "sent", "s4", "n4"))
			r = in.run(trusting())
			defer r.stop()
			r.awaitSent(4)
			r.shows(1, catalog.EventsTimeDoubted)
			r.shows(1, catalog.EventsDuplicate)
			r.shows(0, catalog.EventsRejected)
		})
	}
}

// A producer that has no ids writes the same for all, and one that computes partitions
// otherwise puts events where they do not belong: both are counted, logged and named on the
// landing page, also after a restart. /-/ready does not mind.
func TestFaultProducersWithWrongIDs(t *testing.T) {
	in := install(t, 2)
	var misplaced, home string // users of partitions 1 and 0
	for i := 0; misplaced == "" || home == ""; i++ {
		if user := fmt.Sprint("u", i); nats.Partition(user, 2) == 1 {
			misplaced = user
		} else {
			home = user
		}
	}
	sentTo := func(user, notification string, n int) {
		event := eventAt(noon, "sent", fmt.Sprint("s", n, user), notification)
		in.publishAt(noon, "sent", strings.Replace(event, `"userId":"u1"`, fmt.Sprintf(`"userId":%q`, user), 1))
	}
	sentTo(misplaced, "n1", 0)
	for i := range 260 {
		sentTo(home, "undefined", i)
	}
	says := func(r *running) {
		r.await("all events", func() bool { return r.value(catalog.StreamProcessedSequence) == 261 })
		_, landing := r.get("/", "")
		for _, line := range []string{
			"partition 0: 1 event lies in another partition than its key's",
			`partition 0: 260 events have "undefined" as notificationId: ` +
				"the producer of these sent events on channel email",
			"partition 0: 4 event ids are forgotten of notifications with more than 256",
		} {
			if !strings.Contains(html.UnescapeString(landing), line) {
				t.Errorf("the landing page does not say %s:\n%s", line, landing)
			}
		}
		r.awaitReady()
		r.shows(1, catalog.EventsMisrouted)
		r.shows(260, catalog.PlaceholderIDs, "field", "notificationId", "event", "sent", "channel", "email")
		r.shows(4, catalog.EventIDsForgotten)
		r.shows(2, catalog.Stages, "stage", "sent")
	}
	r := in.run(trusting())
	says(r)
	r.said("an event lies in another partition than its key's", "sequence=1", "belongs_in=1", "partition=0")
	r.said("an id is a placeholder",
		"sequence=2", "field=notificationId", "id=undefined", "event=sent", "channel=email")
	r.said("a notification has too many events", "sequence=258", "remembered=256")
	r.proves("a producer puts an event into another partition than its user's")
	r.proves("a producer sends undefined as id of all notifications")
	r.proves("a notification has more than 256 events")
	r.stop()
	r = in.run(trusting())
	defer r.stop()
	says(r)
}
