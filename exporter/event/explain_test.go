package event_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// An explanation of every kind of fault names the field, or the message, and the
// remedy, in the same words each time.
func TestExplain(t *testing.T) {
	const anyID = "1 to 512 bytes of printable characters, or a whole number of at most 39 digits"
	const json = "one JSON object in UTF-8, each field once, nested at most 32 deep"
	opened := notification("opened", "")
	for _, tt := range []struct{ msg, want string }{
		{`{"userId":"secret`, "message: found JSON that breaks off after byte 17, send " + json},
		{`{"userId":"secret"}}`, "message: found text that stops being JSON at byte 20, send " + json},
		{`{"userId":secret}`, "message: found text that stops being JSON at byte 11, send " + json},
		{"{\"userId\":\"ü\xff\"}", "message: found a byte that is not UTF-8 at 14, send " + json},
		{`[` + opened + `]`, "message: found a list, send " + json},
		{`"secret"`, "message: found a string, send " + json}, {"null", "message: found null, send " + json},
		{" ", "message: found nothing, send " + json},
		{strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40),
			"message: found an object that is nested too deeply, send " + json},
		{strings.Repeat(" ", event.MaxSize+1),
			"message: found more than 65536 bytes, send a message of at most 65536 bytes"},
		{notification("opened", `"provider":"secret","provider":"secret"`),
			"data.provider: found the field twice, send " + json},
		{strings.Replace(opened, "notification.opened", "secret", 1),
			"eventType: found another event type, send an event type of the contract, such as notification.sent"},
		{notification("sent", ""), "data.channel: missing, send the field: events of this type need it"},
		{notification("opened", `"sentAt":"secret"`),
			"data.sentAt: found a string that is not such a time, send a time with its offset, " +
				"such as 2026-11-23T02:58:53Z, or Unix seconds or milliseconds"},
		{notification("opened", `"cost":{"amount":"secret"}`),
			"data.cost.amount: found a string that is not such a number, send an amount below 1000000000"},
		{strings.Replace(opened, `"userId":"u1"`, `"userId":["secret"]`, 1), "userId: found a list, send " + anyID},
		{notification("bounced", `"delivery":{"bounceType":"secret"}`),
			"data.delivery.bounceType: found another value, send one of hard, soft"},
	} {
		var e event.Event
		r := event.NewDecoder(nil).Decode([]byte(tt.msg), &e)
		if r == nil {
			t.Errorf("accepted: %s", tt.msg)
		} else if got := r.Explain([]byte(tt.msg)); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestExplainTimesOutsideTheWindow(t *testing.T) {
	w := event.Window{MaxAge: 14 * 24 * time.Hour, MaxLead: 5 * time.Minute}
	for ahead, want := range map[time.Duration]string{
		5*time.Minute + 1500*time.Millisecond: "timestamp: found a time 5m1s ahead of the stream's time",
		400*24*time.Hour + 90*time.Second:     "timestamp: found a time 400d1m ahead of the stream's time",
		-20 * 24 * time.Hour:                  "timestamp: found a time 20d before the stream's time",
		-14*24*time.Hour - 1:                  "timestamp: found a time 2w before the stream's time",
	} {
		e := event.Event{Time: int64(1000*24*time.Hour + ahead)}
		r := w.Check(&e, int64(1000*24*time.Hour))
		if r == nil {
			t.Errorf("%s: accepted", ahead)
		} else if got, _, _ := strings.Cut(r.Explain(nil), ", send "); got != want {
			t.Errorf("%s: %s, want %s", ahead, got, want)
		}
	}
}

var complete = regexp.MustCompile(`^[A-Za-z.]+: (missing|found \S.*), send \S.*$`)

// Whatever the bytes, an explanation is one complete line that no value can be in: it
// is the same for a message with other letters and digits in its values.
func FuzzExplain(f *testing.F) {
	f.Add([]byte(`{"userId":"secret`))
	f.Add([]byte(notification("failed", `"retryCount":-4711,"provider":["secret"]`)))
	inString := regexp.MustCompile(`:"[a-zA-Z ]+"`)
	d := event.NewDecoder(nil)
	f.Fuzz(func(t *testing.T, msg []byte) {
		var e event.Event
		r := d.Decode(msg, &e)
		if r == nil || len(msg) == 0 {
			return
		}
		text := r.Explain(msg)
		if !complete.MatchString(text) {
			t.Fatalf("%q", text)
		}
		other := inString.ReplaceAllFunc(msg, func(value []byte) []byte {
			return []byte(`:"` + strings.Repeat("y", len(value)-3) + `"`)
		})
		if again := d.Decode(other, &e); again != nil && again.Reason == r.Reason && again.Field == r.Field &&
			again.Found == r.Found && again.Explain(other) != text {
			t.Fatalf("%q and %q", text, again.Explain(other))
		}
	})
}

// Every rejected case of the corpus is explained, and by its reason.
func TestCorpusIsExplained(t *testing.T) {
	d := event.NewDecoder(nil)
	var e event.Event
	for _, c := range readCorpus(t) {
		r := d.Decode(c.message(), &e)
		if r == nil {
			continue
		}
		text := r.Explain(c.message())
		if !complete.MatchString(text) || strings.Contains(text, "found ,") {
			t.Errorf("%s: %s: %q", c.verdict, c.Name, text)
		}
		if whole := strings.HasPrefix(text, "message: "); whole && r.Reason > catalog.ReasonTooLarge {
			t.Errorf("%s: %s names no field: %q", c.verdict, c.Name, text)
		}
	}
}
